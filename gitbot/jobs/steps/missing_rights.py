"""Tell which parts are off because gitbot's GitHub App lacks a right. Shell."""

from __future__ import annotations

from gitbot.decisions.missing_rights import cannot_propose, what_is_off
from gitbot.errors import MissingRightError
from gitbot.jobs.steps.look import Glance, Ports
from gitbot.jobs.steps.publish import set_checks
from gitbot.model.forge import Check, CheckState


def tell_missing_rights(ports: Ports, seen: Glance) -> None:
    """Say it on the tip, once; nothing when no right is missing."""
    words = what_is_off(seen.forge.missing_rights())
    if words:
        check = Check(
            name="gitbot/rights",
            state=CheckState.NEUTRAL,
            title="parts of gitbot are off: its GitHub App lacks rights",
            summary=words,
        )
        set_checks(ports, seen, seen.tip, [check], "")


def require_proposing(seen: Glance) -> None:
    """Return when gitbot may open pull requests of its own, as far as GitHub says.

    Raises:
        MissingRightError: it may not; says which right is missing. The part that wanted it is off.
    """
    if why := cannot_propose(seen.forge.missing_rights()):
        raise MissingRightError(why)
