"""Decides what people are told of a machine that is not as its off-hours say. Pure."""

from __future__ import annotations

from gitbot.decisions.hours.working import NOTICE
from gitbot.model.hours import MachineRow
from gitbot.render.instants import instant_words


def pre_stop_words(why: str) -> str:
    """That the command before a stop failed, in Markdown."""
    return (
        f"its `preStop` failed ({why.rstrip('.')}). It was stopped all the same: look whether "
        "anything is missing that the command should have saved."
    )


def trouble_of(row: MachineRow, timezone: str) -> str:
    """What to tell of the machine, in Markdown; empty when all is well or nothing can be done.

    What a freeze or another apply forbids for a while is no trouble: nobody has to do anything.
    """
    if row.failure:
        why = row.failure.rstrip(".")
        return f"{why}. gitbot tries it again every few minutes." if row.allowed else ""
    if row.noticed_at is None:
        return pre_stop_words(row.pre_stop) if row.pre_stop else ""
    at = instant_words(row.noticed_at + NOTICE, timezone)
    return (
        f"it still works, or nobody knows whether it does, and its `busy.atMost` is over: it will be "
        f"stopped at {at}, in {NOTICE.seconds // 60} minutes. "
        "To keep it running, comment `/wake <environment>/<stack> <how long>` here."
    )
