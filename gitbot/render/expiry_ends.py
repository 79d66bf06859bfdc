"""Renders what becomes of stacks whose time is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gitbot.model.durations import duration_words
from gitbot.model.expiry import Expiry, ExpiryRules
from gitbot.render.escape import code
from gitbot.render.instants import instant_words


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """A stack whose time is over, once a freeze ends.

    ``held`` says what still keeps it. ``runs``: its machines are not stopped yet. ``reminded``:
    people are told once more before. ``until`` is when it is destroyed; None for at once.
    """

    expiry: Expiry
    held: tuple[str, ...] = ()
    runs: bool = False
    reminded: bool = False
    until: datetime | None = None


def let_go_words(one: LetGo, rules: ExpiryRules, timezone: str) -> str:
    """What becomes of the stack, as a clause."""
    label = code(one.expiry.stack.label)
    if one.held:
        return f"{label} still waits to be destroyed: {'; '.join(one.held)}"
    if one.runs:
        grace = duration_words(rules.grace)
        return f"the machines of {label} are stopped first, and it is destroyed {grace} after that"
    if one.reminded:
        notice = duration_words(rules.notice)
        return f"people are told once more of {label}, and it is destroyed {notice} after that"
    if one.until is not None:
        return f"{label} is destroyed on {instant_words(one.until, timezone)}, not before"
    return f"{label} is destroyed now"


def no_expiry_words(label: str, *, merged: bool, proposed: bool) -> str:
    """Why a command finds no expiry of the stack, and what to do.

    ``merged``: the tip gives it one. ``proposed``: the command stands on an open pull request.
    """
    if merged:
        return (
            f"{code(label)} does not expire yet: what gives it an expiry was not applied, so its time "
            "has not begun. To give it more time, write a longer `ttl` in a pull request"
        )
    if proposed:
        return (
            f"{code(label)} does not expire by what is applied. If this pull request gives it an expiry, "
            "that was not applied yet, so its time has not begun: until then, write the `ttl` that it "
            "is to have in its spec here"
        )
    return f"{code(label)} does not expire: nothing ends it by itself. To end it, remove its file"
