"""Say on the check of the tip which stacks differ in the cloud from what was applied. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.publish import set_checks
from gitbot.model.drift import DriftRow
from gitbot.model.names import StackId
from gitbot.model.newer import Newer
from gitbot.render.drift_checks import drift_check


def tell_tip(
    ports: Ports,
    seen: Look,
    environment: str,
    rows: Sequence[DriftRow],
    remarks: Sequence[str],
    unmet: Sequence[str] = (),
    newer: Mapping[StackId, Sequence[Newer]] | None = None,
) -> None:
    """Set the check, if something differs or something was said there before.

    ``remarks`` are sentences about what cannot be done, because a right is missing. ``unmet`` are
    sentences about checks of stacks that do not hold. ``newer`` is what stacks use and do not manage
    that has moved on.
    """
    live = [row for row in rows if row.live]
    check = drift_check(environment, live, remarks, unmet, newer or {})
    known = ports.records.said.checks(seen.repository.id, seen.tip)
    if check.name in known or remarks or unmet or newer or live:
        set_checks(ports, seen, seen.tip, [check], "")


def tell_new_tip(ports: Ports, seen: Look) -> None:
    """Say on a new tip what the last scans have found. Asks nothing of the cloud."""
    for name in sorted(seen.at_tip.environments):
        rows = ports.records.drift.of_environment(seen.key(name))
        if any(row.live for row in rows):
            tell_tip(ports, seen, name, rows, ())
