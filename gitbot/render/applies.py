"""Renders the result of an apply as blocks: what was done, what not, and what to do next. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from gitbot.model.plan import Action, Plan, ResourceFailure, WalkResult, short_digest
from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    Heading,
    Paragraph,
    Plain,
    Rank,
    Span,
    Spans,
    Strong,
    Words,
)
from gitbot.render.conditions import result_items
from gitbot.render.diagnostics import diagnostic_blocks
from gitbot.render.plan_words import plan_summary
from gitbot.render.plans import SYMBOLS, plan_blocks, plan_fold
from gitbot.render.values import SENSITIVE, value_words
from gitbot.render.views import ApplyCommentView, Outcome, StackApplyView

_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.ADOPT: "adopted",
    Action.FORGET: "taken out of state",
    Action.NOOP: "left as it is",
}
_TONES = {
    Outcome.APPLIED: "good",
    Outcome.NOTHING: "good",
    Outcome.HELD: "warning",
    Outcome.FAILED: "error",
    Outcome.BLOCKED: "warning",
    Outcome.WAITS: "warning",
}
WAITS = "⏳ Waits: frozen"
"""Begins what is said of a stack whose apply waits for the end of a freeze."""

_MARKS = {
    Outcome.APPLIED: "✓ Applied",
    Outcome.NOTHING: "✓ Nothing to do",
    Outcome.HELD: "⏸ Held until somebody says so",
    Outcome.FAILED: "✗ Failed",
    Outcome.BLOCKED: "⚠ Not applied",
    Outcome.WAITS: WAITS,
}

_BRIEFLY = {
    Outcome.APPLIED: "was applied",
    Outcome.NOTHING: "has nothing to do",
    Outcome.HELD: "is held until somebody says so",
    Outcome.FAILED: "failed",
    Outcome.BLOCKED: "was not applied",
}


def apply_blocks(view: ApplyCommentView) -> Iterator[Block]:
    """The blocks about an apply in one environment."""
    yield Heading(level=2, spans=(Words("gitbot apply: "), Plain(view.environment)))
    when = " before the merge" if view.before_merge else ""
    yield Paragraph(
        spans=(
            Words("Commit "),
            Code(view.commit[:8]),
            Words(f"{when}, asked for by "),
            Code(view.actor),
            Words("."),
        ),
        rank=Rank.VITAL,
    )
    if view.error:
        spans = (Strong("✗ The apply could not begin"), Words(f": {view.error}"))
        yield Paragraph(spans=spans, tone="error", rank=Rank.VITAL)
    yield from diagnostic_blocks(view.diagnostics)
    for stack in view.stacks:
        yield from stack_blocks(view, stack)
    if not view.stacks and not view.error and not view.diagnostics:
        which = "every other stack" if view.waiting or view.others else "every stack"
        words = f"Nothing to do: {which} of this environment is as the specs say."
        yield Paragraph(spans=(Words(words),), tone="good", rank=Rank.VITAL)
    if view.claim:
        yield Paragraph(spans=(Words(view.claim),), rank=Rank.VITAL)
    if view.others:
        yield _others(view)
    if view.waiting:
        yield _still_held(view)
    if advice := _advice(view):
        yield Paragraph(spans=(Words(advice), *_how_to_go_on(view)), rank=Rank.VITAL)


def _others(view: ApplyCommentView) -> Block:
    """One line about what the same apply did for other pull requests: theirs tell it whole."""
    did = "; ".join(
        f"`{view.environment}/{name}` {_BRIEFLY[outcome]} (see #{number})"
        for name, outcome, number in view.others
    )
    spans = (Words(f"For other pull requests, in the same apply: {did}."),)
    return Paragraph(spans=spans, rank=Rank.VITAL)


def _still_held(view: ApplyCommentView) -> Block:
    """One line about what an earlier apply held and told: nobody has to read its plan again."""
    names = ", ".join(
        f"`{view.environment}/{name}` (`/apply {view.environment} {short_digest(digest)}` "
        f"{f'on #{number}' if number else 'in the issue about what waits'})"
        for name, number, digest in sorted(view.waiting)
    )
    spans = (Strong("⏸ Still held until somebody says so"), Words(f": {names}."))
    return Paragraph(spans=spans, tone="warning", rank=Rank.VITAL)


def _advice(view: ApplyCommentView) -> str:
    """What stands after something was not done; empty: nothing has to be gone on with."""
    outcomes = {stack.outcome for stack in view.stacks}
    if Outcome.FAILED in outcomes:
        return "What was done is recorded and is not done again. "
    if Outcome.BLOCKED in outcomes or view.error:
        return "Nothing was changed there. "
    return ""


def _how_to_go_on(view: ApplyCommentView) -> Spans:
    """How to go on, in a way that will be accepted.

    On an open pull request that depends on what is left: the new plan comment offers the command.
    """
    if view.before_merge:
        return (
            Words(
                "Remove the cause; the plan comment then says what is left, and how to apply it."
            ),
        )
    place = " on a merged pull request" if view.elsewhere else ""
    command = Code(f"/apply {view.environment}")
    return (Words("Remove the cause, then comment "), command, Words(f"{place} to continue."))


def stack_blocks(view: ApplyCommentView, stack: StackApplyView) -> Iterator[Block]:
    """The blocks about one stack of an apply."""
    yield Heading(level=3, spans=(Code(f"{view.environment}/{stack.name}"),))
    yield Paragraph(spans=_headline(stack), tone=_TONES[stack.outcome], rank=Rank.VITAL)
    if stack.outcome is Outcome.HELD:
        yield from _held(view, stack)
    elif stack.result is not None:
        yield from result_blocks(stack.plan, stack.result)
        if stack.plan is not None and not stack.plan.empty:
            digest = short_digest(stack.plan.digest)
            yield plan_fold(stack.plan, f"that was agreed to, digest {digest}")


def _headline(stack: StackApplyView) -> tuple[Span, ...]:
    outcome = _outcome(stack)
    mark = "✓ Destroyed" if _is_destroyed(stack) else _MARKS[outcome]
    spans: tuple[Span, ...] = (Strong(mark),)
    if outcome is Outcome.APPLIED and stack.plan is not None:
        spans += (Words(f": {_done_words(stack)}."),)
    if stack.message:
        spans += (Words(f": {stack.message}"),)
    elif outcome is not Outcome.APPLIED:
        spans += (Words("."),)
    return spans


def _outcome(stack: StackApplyView) -> Outcome:
    """The outcome; ``NOTHING`` when the apply had nothing to do."""
    idle = stack.plan is not None and stack.plan.empty
    did = stack.result is not None and bool(stack.result.done)
    if stack.outcome is Outcome.APPLIED and idle and not did:
        return Outcome.NOTHING
    return stack.outcome


def _is_destroyed(stack: StackApplyView) -> bool:
    return _outcome(stack) is Outcome.APPLIED and stack.plan is not None and stack.plan.destroys


def _done_words(stack: StackApplyView) -> str:
    started = stack.plan.starts if stack.plan else 0
    moved = len(stack.result.moved) if stack.result else 0
    if stack.result is None or not (stack.result.done or started or moved):
        return plan_summary(stack.plan) if stack.plan else "done"
    counts: dict[Action, int] = {}
    for _, action in stack.result.done:
        counts[action] = counts.get(action, 0) + 1
    words = [f"{number} {_PAST[action]}" for action, number in counts.items()]
    if started:
        words.append(f"{started} started")
    if moved:
        words.append(f"{moved} renamed in state")
    return ", ".join(words)


def _held(view: ApplyCommentView, stack: StackApplyView) -> Iterator[Block]:
    if stack.plan is None:
        return
    if stack.reviewed is not None and stack.reviewed.digest != stack.plan.digest:
        spans: tuple[Span, ...] = (Strong("What was reviewed"), Words(", digest "))
        spans += (Code(short_digest(stack.reviewed.digest)), Words(":"))
        yield Paragraph(spans=spans, rank=Rank.VITAL)
        yield from plan_blocks(stack.reviewed)
    spans = (Strong("What would be done now"), Words(", digest "))
    spans += (Code(short_digest(stack.plan.digest)), Words(":"))
    yield Paragraph(spans=spans, rank=Rank.VITAL)
    yield from plan_blocks(stack.plan)
    if any(hit.blocks for hit in stack.plan.guards):
        words = "No consent can release this: remove the reasons above first."
        yield Paragraph(spans=(Words(words),), tone="warning", rank=Rank.VITAL)
        return
    yield Paragraph(
        spans=(
            Words("To do exactly this, comment "),
            Code(f"/apply {view.environment} {short_digest(stack.plan.digest)}"),
            Words(f"{_where(view)}."),
        ),
        rank=Rank.VITAL,
    )


def _where(view: ApplyCommentView) -> str:
    """Where to write the command, if not below the comment that says so."""
    if not view.elsewhere:
        return ""
    return f" on #{view.told_on}" if view.told_on else " on the pull request that shows this plan"


def result_blocks(plan: Plan | None, result: WalkResult) -> Iterator[Block]:
    """The blocks about a walk: what was done, what failed, what was not begun, and the outputs."""
    if result.interrupted:
        spans: tuple[Span, ...] = (
            Strong("⚠ It was interrupted"),
            Words("; changes that were running have finished."),
        )
        yield Paragraph(spans=spans, tone="warning", rank=Rank.VITAL)
    failed = tuple(each for each in result.failures if not each.skipped)
    if failed:
        yield Bullets(items=tuple(_failure(each) for each in failed), rank=Rank.VITAL)
    if result.done:
        yield Bullets(items=tuple(_done(address, action) for address, action in result.done))
    if result.moved:
        yield Bullets(items=tuple(_moved(before, after) for before, after in result.moved))
    if result.kept:
        yield Bullets(items=tuple((Words(f"{words}."),) for words in result.kept), rank=Rank.VITAL)
    skipped = tuple(each for each in result.failures if each.skipped)
    if skipped:
        yield Bullets(items=tuple(_skipped(each) for each in skipped))
    missing = _not_reached(plan, result)
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        yield Paragraph(spans=(Words(f"Not begun: {names}."),), tone="warning")
    if result.unmet:
        yield Bullets(items=result_items(result.unmet), rank=Rank.VITAL)
    outputs = _outputs(plan, result)
    if outputs:
        yield Paragraph(spans=(Strong("Outputs"),), rank=Rank.VITAL)
        yield Bullets(items=outputs, rank=Rank.VITAL)


def _done(address: str, action: Action) -> tuple[Span, ...]:
    return Code(address), Words(f" {_PAST[action]}")


def _moved(before: str, after: str) -> tuple[Span, ...]:
    return Code(before), Words(" renamed in state to "), Code(after)


def _failure(failure: ResourceFailure) -> tuple[Span, ...]:
    return (
        Strong(f"✗ {SYMBOLS[failure.action]}"),
        Words(" "),
        Code(failure.address),
        Words(" failed: "),
        Words(failure.message),
    )


def _skipped(failure: ResourceFailure) -> tuple[Span, ...]:
    tried = (
        " has its new object, and the old one was not deleted: "
        if failure.made
        else " was not tried: "
    )
    return Code(failure.address), Words(tried), Words(failure.message)


def _not_reached(plan: Plan | None, result: WalkResult) -> tuple[str, ...]:
    if plan is None:
        return ()
    touched = {address for address, _ in result.done}
    touched |= {failure.address for failure in result.failures}
    return tuple(change.address for change in plan.effective if change.address not in touched)


def _outputs(plan: Plan | None, result: WalkResult) -> tuple[tuple[Span, ...], ...]:
    hidden = {output.name for output in plan.outputs if output.sensitive} if plan else set()
    return tuple(
        (Code(name), Words(" = "), Code(SENSITIVE if name in hidden else value_words(value)))
        for name, value in sorted(result.outputs.items())
    )
