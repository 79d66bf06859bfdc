"""Read the row that a command about drift is about. Shell."""

from __future__ import annotations

from gitbot.decisions.drift.commands import drifted
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.drift import DriftRow, Finding
from gitbot.model.names import StackId


def drift_here(ports: Ports, seen: Look, stack: StackId, number: int) -> DriftRow:
    """The row of the stack, for a command on the issue of this number.

    Raises:
        RefusedError: nothing of the stack differs, or the issue is about something else.
    """
    rows = ports.records.drift
    here = rows.of_issue(seen.repository.id, number)
    return drifted(stack, rows.of_stack(stack, Finding.DRIFT), here)
