"""Say at the end how many boundaries the kill matrix tried."""

from __future__ import annotations

import pytest

BOUNDARIES = "boundaries"
"""The property under which a test records how many it tried."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            if name == BOUNDARIES:
                test = report.nodeid.rpartition("::")[2]
                terminalreporter.write_line(f"kill matrix: {test}: killed at {value} boundaries")
