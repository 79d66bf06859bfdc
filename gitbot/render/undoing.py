"""Renders what ``/drift apply`` did, or would do and does not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitbot.model.plan import Plan, WalkResult, short_digest
from gitbot.render.applies import result_blocks
from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    Heading,
    Paragraph,
    Rank,
    Spans,
    Strong,
    Words,
)
from gitbot.render.pages import Pages, Part, pages
from gitbot.render.plans import plan_blocks, plan_fold


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneView:
    """What became of a ``/drift apply`` of ``stack`` (``dev/web``) by ``actor``.

    Without a ``result`` it was not applied, for the reasons ``held_by``. ``concealed``: parts of
    the plan are not shown, so nobody can agree to it here.
    """

    stack: str
    actor: str
    plan: Plan
    result: WalkResult | None = None
    held_by: Sequence[str] = ()
    concealed: bool = False


def undone_comment(view: UndoneView) -> Pages:
    """The comments with the result, or with the plan that waits for its digest."""
    first, *rest = _done(view) if view.result is not None else _held(view)
    return pages("plan", (first,), tuple(Part(block, of=view.stack) for block in rest))


def _done(view: UndoneView) -> Iterator[Block]:
    result = view.result or WalkResult()
    yield Heading(level=2, spans=(Words("Drift of "), Code(view.stack)))
    if view.plan.empty:
        words = "Nothing differs any more, so there was nothing to do."
        yield Paragraph(spans=(Strong("✓ As it was applied"), Words(f": {words}")), rank=Rank.VITAL)
        return
    mark = "✓ Put back" if result.ok else "✗ Not all of it was put back"
    spans = (Strong(mark), Words(", as "), Code(view.actor), Words(" asked."))
    yield Paragraph(spans=spans, tone="good" if result.ok else "error", rank=Rank.VITAL)
    yield from result_blocks(view.plan, result)
    yield plan_fold(view.plan, "that undid the drift")
    if not result.ok:
        words = "What was done is recorded. Remove the cause, then write the command again."
        yield Paragraph(spans=(Words(words),), rank=Rank.VITAL)


def _held(view: UndoneView) -> Iterator[Block]:
    yield Heading(level=2, spans=(Words("Drift of "), Code(view.stack)))
    words = ": to undo the drift alone is not possible, and nothing was changed."
    spans: Spans = (Strong("⏸ Held until somebody says so"), Words(words))
    yield Paragraph(spans=spans, tone="warning", rank=Rank.VITAL)
    yield Bullets(items=tuple((Words(why),) for why in view.held_by), rank=Rank.VITAL)
    digest = short_digest(view.plan.digest)
    spans = (Strong("What would be done"), Words(", digest "), Code(digest), Words(":"))
    yield Paragraph(spans=spans, rank=Rank.VITAL)
    yield from plan_blocks(view.plan)
    if view.concealed:
        words = (
            "The plan repeats a sensitive value, which is hidden here, so nobody can agree to it. "
            "Apply it by a pull request."
        )
        yield Paragraph(spans=(Words(words),), tone="warning", rank=Rank.VITAL)
        return
    command = Code(f"/drift apply {view.stack} {digest}")
    yield Paragraph(
        spans=(Words("To do exactly this, comment "), command, Words(" here.")), rank=Rank.VITAL
    )
