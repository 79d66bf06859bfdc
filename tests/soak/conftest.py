"""Say at the end what the long runs found."""

from __future__ import annotations

import pytest

FIGURES = "figures"
"""The property under which a test records its figures."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            if name == FIGURES:
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {value}")
