"""Say at the end how many boundaries the kill matrix tried, and how soon a dead server was replaced."""

from __future__ import annotations

import pytest

BOUNDARIES = "boundaries"
"""The property under which a test records how many it tried."""
TOOK = "took"
"""The property under which a test records how many seconds after a death its work was done."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            test = report.nodeid.rpartition("::")[2]
            if name == BOUNDARIES:
                terminalreporter.write_line(f"kill matrix: {test}: killed at {value} boundaries")
            if name == TOOK:
                terminalreporter.write_line(f"{test}: done {value} s after the death")
