"""Renders what the check of the tip and a plan say about drift. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gitbot.model.conditions import OpenCondition
from gitbot.model.drift import DriftRow, Finding, Phase
from gitbot.model.forge import Check, CheckState
from gitbot.model.names import StackId
from gitbot.model.newer import Newer
from gitbot.render.blocks import Block, Bullets, Code, Paragraph, Spans, Words
from gitbot.render.markdown import markdown
from gitbot.render.newer import newer_blocks

_MOST = 100
_WORDS = {
    Finding.DRIFT: "differs in the cloud from what was applied",
    Finding.ERROR: "cannot be compared with the cloud",
    Finding.UNMANAGED: "has objects in the cloud that gitbot does not know",
    Finding.ROLL_UP: "has many stacks that differ",
}


def remarks_on(refusal: str, without: str) -> tuple[str, ...]:
    """What cannot be done, as sentences: why GitHub takes no issue, and why objects that no state
    knows are not looked for; each empty if it can."""
    issues = f"No issue tells of drift here, because GitHub takes none: {refusal}"
    tags = f"Objects in the cloud that no state knows are not looked for: {without}"
    return (*((issues,) if refusal else ()), *((tags,) if without else ()))


def checks_in_words(
    found: Iterable[tuple[StackId, Sequence[OpenCondition]]],
) -> tuple[str, ...]:
    """A sentence for each check of a stack that does not hold."""
    return tuple(
        f"A check of {stack.label} does not hold, {one.address}: {one.says}."
        for stack, unmet in found
        for one in unmet
    )


def drift_check(
    environment: str,
    rows: Sequence[DriftRow],
    remarks: Sequence[str],
    unmet: Sequence[str] = (),
    newer: Mapping[StackId, Sequence[Newer]] | None = None,
) -> Check:
    """The check of the tip that lists the rows, the checks of stacks that do not hold, and what is
    newer in the cloud.

    It never fails: the tip itself is not wrong. What is newer is a remark, and changes no color.
    """
    newer = newer or {}
    stacks = sorted({row.stack.label for row in rows if row.finding is not Finding.ROLL_UP})
    names = ", ".join(stacks[:3]) + ("" if len(stacks) <= 3 else f" and {len(stacks) - 3} more")
    return Check(
        name=f"gitbot/{environment}/drift",
        state=CheckState.NEUTRAL if rows or unmet else CheckState.SUCCESS,
        title=_title(names, len(unmet), len(newer)),
        summary=markdown((*_blocks(rows, (*unmet, *remarks)), *newer_blocks(newer))),
    )


def _title(names: str, unmet: int, newer: int) -> str:
    if names:
        return f"Drift: {names}"
    if unmet:
        return "A check does not hold" if unmet == 1 else f"{unmet} checks do not hold"
    if newer:
        stacks = "one stack uses" if newer == 1 else f"{newer} stacks use"
        return f"The cloud is as it was applied; {stacks} something that has a newer version"
    return "The cloud is as it was applied"


def drift_note(row: DriftRow) -> str:
    """One sentence about the row, for a plan of the stack."""
    number = f" (#{row.issue})" if row.issue is not None else ""
    known = ", and somebody has acknowledged it" if row.phase is Phase.ACKNOWLEDGED else ""
    return f"This stack {_WORDS[row.finding]}{number}{known}."


def _blocks(rows: Sequence[DriftRow], remarks: Sequence[str]) -> Iterator[Block]:
    if not rows:
        yield Paragraph(spans=(Words("Nothing differs now of what gitbot has looked at."),))
    else:
        yield Bullets(items=tuple(_item(row) for row in rows[:_MOST]))
    if len(rows) > _MOST:
        yield Paragraph(spans=(Words(f"And {len(rows) - _MOST} more."),))
    for words in remarks:
        yield Paragraph(spans=(Words(words),))


def _item(row: DriftRow) -> Spans:
    place = row.stack.environment if row.finding is Finding.ROLL_UP else row.stack.label
    number = f" (#{row.issue})" if row.issue is not None else ""
    return (Code(place), Words(f" {_WORDS[row.finding]}{number}"))
