"""Renders what the check of the tip and a plan say about drift. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitbot.model.drift import DriftRow, Finding, Phase
from gitbot.model.forge import Check, CheckState
from gitbot.render.blocks import Block, Bullets, Code, Paragraph, Spans, Words
from gitbot.render.markdown import markdown

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


def drift_check(environment: str, rows: Sequence[DriftRow], remarks: Sequence[str]) -> Check:
    """The check of the tip that lists the rows. It never fails: the tip itself is not wrong."""
    stacks = sorted({row.stack.label for row in rows if row.finding is not Finding.ROLL_UP})
    names = ", ".join(stacks[:3]) + ("" if len(stacks) <= 3 else f" and {len(stacks) - 3} more")
    return Check(
        name=f"gitbot/{environment}/drift",
        state=CheckState.NEUTRAL if rows else CheckState.SUCCESS,
        title=f"Drift: {names}" if rows else "The cloud is as it was applied",
        summary=markdown(tuple(_blocks(rows, remarks))),
    )


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
