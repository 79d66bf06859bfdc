"""Words that answer ``/promote``. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitbot.model.promotion import PromotionRow
from gitbot.render.escape import sentence

_REBUILT = "Whoever commands that counts as an author of it: your approval does not count there."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What becomes of a promotion after a command: ``waits`` and ``nothing`` say why nothing comes now,
    as clauses. With both empty its pull request is opened or written to."""

    row: PromotionRow
    waits: str = ""
    nothing: str = ""


def approved(rows: Sequence[PromotionRow]) -> str:
    """The outcome of ``/promote approve``."""
    names = ", ".join(map(_name, rows))
    return (
        f"the promotion to {names} needs no verification and no soak any more; everything else is still "
        "asked."
    )


def resumed(outlooks: Sequence[Outlook]) -> str:
    """The outcome of ``/promote resume``: what comes now, or what it waits for."""
    return " ".join(map(_resumed, outlooks))


def rebuilt(outlooks: Sequence[Outlook]) -> str:
    """The outcome of ``/promote rebuild``: the same, and who counts as an author."""
    return " ".join([*map(_rebuilt, outlooks), _REBUILT])


def _resumed(each: Outlook) -> str:
    name = f"the promotion to {_name(each.row)}"
    if each.waits:
        return f"{name} goes on, and waits: {sentence(each.waits)}."
    if each.nothing:
        return f"{name} is held no more, and brings nothing now: {sentence(each.nothing)}."
    if each.row.live is not None:
        return f"{name} goes on in #{each.row.live.number}."
    return f"{name} goes on: its pull request comes now."


def _rebuilt(each: Outlook) -> str:
    name = f"the promotion to {_name(each.row)}"
    if each.waits:
        return (
            f"{name} gets its branch anew once nothing is in the way. It waits: {sentence(each.waits)}. Until then "
            "the branch stays as it is, and gitbot does not merge it."
        )
    if each.nothing:
        return f"{name} is closed, as it brings nothing now: {sentence(each.nothing)}."
    return f"{name} gets its branch anew now, from the tracked branch."


def _name(row: PromotionRow) -> str:
    return f"`{row.target.environment}/{row.stack}`"
