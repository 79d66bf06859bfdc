"""Give tests a local AWS and processes to kill, and say at the end what was killed and survived."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.fault.kill_world import Killer

BOUNDARIES = "boundaries"
"""The property under which a test records how many it tried, and how many were survived."""
MET_FAULTS = "met faults"
"""The property under which a test records how many requests met a fault, and were told no untruth."""
TOOK = "took"
"""The property under which a test records how many seconds after a death its work was done."""


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="module")
def killer(local_aws: LocalAws) -> Iterator[Killer]:
    killer = Killer(local_aws)
    yield killer
    killer.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stats = terminalreporter.stats
    faults = 0
    for report in (*stats.get("passed", ()), *stats.get("failed", ())):
        for name, value in report.user_properties:
            test = report.nodeid.rpartition("::")[2]
            if name == BOUNDARIES:
                terminalreporter.write_line(f"kill matrix: {test}: killed at {value}")
            if name == MET_FAULTS:
                faults += value
            if name == TOOK:
                terminalreporter.write_line(f"{test}: done {value} s after the death")
    if faults:
        terminalreporter.write_line(f"a bucket: {faults} requests met a fault, no untruth was told")
