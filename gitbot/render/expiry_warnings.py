"""Renders the warnings that a stack expires, that it is stopped, and what holds its end. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gitbot.model.durations import duration_words
from gitbot.model.expiry import Expiry, Outlook, Use
from gitbot.render.escape import code, plain, sentence
from gitbot.render.expiry import listed, ways_out
from gitbot.render.instants import instant_words

_MOST_USERS = 5
_SOON = timedelta(minutes=15)
"""A stop that is no later than this counts as one at the expiry."""
NOBODY = (
    "It is not destroyed: gitbot knows nobody to tell who can read this. Give it the label `owner` with "
    "somebody's login."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningView:
    """What a warning says.

    ``outlook`` is what is ahead. ``mentioned`` are logins and teams that were checked: they are
    mentioned. ``kept`` and ``users`` are what stays and who still uses the stack. ``loses`` says what a stop erases, or is empty.
    ``again``: people were warned long ago, and something has put the end off since.
    """

    expiry: Expiry
    outlook: Outlook
    timezone: str
    mentioned: Sequence[str] = ()
    kept: Sequence[str] = ()
    users: Sequence[Use] = ()
    loses: Sequence[str] = field(default=())
    again: bool = False


def warning_comment(view: WarningView) -> str:
    """The warning that a stack expires: when, what happens, what stays, and how to put it off."""
    label = view.expiry.stack.label
    lines = [_mentions(view.mentioned) + _begins(view), _goes_on(view.outlook, view.timezone)]
    if view.loses:
        lines.append(listed("A stop erases the local disks of", view.loses))
    lines.append(
        listed("It keeps what holds data", view.kept) if view.kept else "Nothing of it stays."
    )
    if view.users:
        lines.append(
            f"It is not destroyed while {users_words(view.users)}. "
            "Take these uses out first, or extend it."
        )
    return "\n\n".join([*lines, ways_out(label)])


def _begins(view: WarningView) -> str:
    expiry, stops = view.expiry, view.outlook.stops_at
    label, by = code(expiry.stack.label), plain(expiry.source)
    when = instant_words(expiry.expires_at, view.timezone)
    if view.again:
        return (
            f"**The time of {label} was over on {when}** ({by}), and something kept it from being "
            "destroyed for long. Nothing does by now, so you are told once more."
        )
    if stops is None:
        return (
            f"**The time of {label} was over on {when}** ({by}). Its machines are stopped, and nobody "
            "who can read this was warned before."
        )
    if stops > expiry.expires_at + _SOON:
        later = instant_words(stops, view.timezone)
        return (
            f"**The time of {label} is over on {when}** ({by}), but nobody was warned early enough. "
            f"So its machines are stopped on {later}, not before."
        )
    return f"**{label} expires on {when}** ({by}). Then its machines are stopped."


def _goes_on(ahead: Outlook, timezone: str) -> str:
    if ahead.ends_at is None:
        return NOBODY
    return f"It is destroyed on {instant_words(ahead.ends_at, timezone)}, not before."


def users_words(users: Sequence[Use]) -> str:
    """Who uses a stack, as a clause: which resource of which stack names what."""
    shown = [
        f"{code(each.address)} of {code(each.stack.label)} uses {code(each.value)}"
        for each in users[:_MOST_USERS]
    ]
    more = len(users) - len(shown)
    return ", ".join([*shown, *([f"{more} more do"] if more > 0 else [])])


def stopped_comment(expiry: Expiry, ends_at: datetime | None, timezone: str) -> str:
    """The comment that the time of a stack is over, that it is stopped now, and when it ends."""
    label, ahead = expiry.stack.label, Outlook(stops_at=None, ends_at=ends_at)
    return (
        f"**The time of {code(label)} is over.** gitbot stops its machines now. "
        f"{_goes_on(ahead, timezone)}\n\n{ways_out(label)}"
    )


def not_stopped_comment(expiry: Expiry, why: str, grace: timedelta) -> str:
    """The comment that the time of a stack is over, and what keeps its machines from being stopped."""
    label = expiry.stack.label
    return (
        f"**The time of {code(label)} is over.** Its machines are not stopped yet: "
        f"{sentence(why.rstrip('.'))}. gitbot stops them when that is over, and destroys the stack "
        f"{duration_words(grace)} after that, not before.\n\n{ways_out(label)}"
    )


def held_comment(expiry: Expiry, why: Sequence[str]) -> str:
    """The comment that a destruction waits, and for what."""
    reasons = "\n".join(f"- {_sentence(each)}" for each in why)
    return (
        f"**{code(expiry.stack.label)} is due to be destroyed, and waits:**\n\n{reasons}\n\n"
        "gitbot looks again by itself."
    )


def _mentions(people: Sequence[str]) -> str:
    # They were checked to be logins and teams; anything else from a spec never mentions anybody.
    return "".join(f"@{each} " for each in people)


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:].rstrip(".") + "."
