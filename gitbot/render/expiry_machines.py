"""Renders what people are told about the machines of stacks that expire. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gitbot.model.expiry import Expiry, Stage
from gitbot.model.names import Address
from gitbot.model.tags import EXPIRES_TAG
from gitbot.render.escape import code, sentence
from gitbot.render.instants import instant_words

_MOST = 20


def not_switched_comment(expiry: Expiry, failed: Sequence[str]) -> str:
    """The comment that machines could not be stopped, or started again."""
    verb = "stopped" if expiry.stage is Stage.EXPIRED else "started again"
    return (
        f"These machines of {code(expiry.stack.label)} could not be {verb}; gitbot tries again:"
        f"\n\n{_lines(failed)}"
    )


def untagged_comment(expiry: Expiry) -> str:
    """The comment that objects do not carry the tag about their end, or that by now all do."""
    tag, label = code(EXPIRES_TAG), code(expiry.stack.label)
    if not expiry.untagged:
        return f"By now every object of {label} carries the tag {tag}."
    return (
        f"AWS did not take the tag {tag} on these objects of {label}, so the console does not say "
        f"when they end. gitbot tries again, later each time:\n\n{_lines(expiry.untagged)}"
    )


def pre_stop_comment(expiry: Expiry) -> str:
    """The comment that commands before a stop failed, which kept nothing from being stopped."""
    return (
        f"The `preStop` of these machines of {code(expiry.stack.label)} failed. They were stopped all "
        "the same: look whether anything is missing that the command should have saved.\n\n"
        f"{_lines(expiry.pre_stop)}"
    )


def works_comment(
    expiry: Expiry, machines: Sequence[Address], until: datetime, timezone: str
) -> str:
    """The notice that machines are stopped, or destroyed, although they work."""
    names = ", ".join(code(each) for each in machines[:_MOST])
    end = "stopped" if expiry.put_off_at is None else "destroyed with their stack"
    label = expiry.stack.label
    return (
        f"These machines of {code(label)} still work, or nobody knows whether they do: {names}. "
        f"Their `busy.atMost` is over: they are {end} on {instant_words(until, timezone)}, not "
        f"before. To keep them running, write {code(f'/extend {label} 3d')}."
    )


def _lines(failed: Sequence[str]) -> str:
    return "\n".join(f"- {sentence(each)}" for each in failed[:_MOST])
