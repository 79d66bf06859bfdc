"""Renders the plan of a pull request on as many comments as it needs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gitbot.model.diagnostic import Diagnostic, Severity
from gitbot.model.plan import Plan
from gitbot.render.blocks import (
    Block,
    Bullets,
    Code,
    Heading,
    Paragraph,
    Plain,
    Rank,
    Spans,
    Strong,
    Words,
)
from gitbot.render.diagnostics import count_words, diagnostic_blocks, known_blocks
from gitbot.render.equal_plans import equal_plans, group_blocks
from gitbot.render.pages import Pages, Part, pages
from gitbot.render.plan_words import count_changes, hides_access, unplanned
from gitbot.render.plans import plan_blocks, plan_urgency
from gitbot.render.rules import expiry_blocks, rule_blocks, team_blocks
from gitbot.render.views import EnvironmentPlanView, Excerpts, PlanCommentView, StackPlanView

_MOST_LOSSES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTexts:
    """The plan of a pull request, on as many comments as it needs.

    ``partly`` are the stacks (``dev/web``) whose plan people cannot read whole: some of it found no
    room, or hides who may do what. A merge does not agree to these.
    """

    pages: tuple[str, ...]
    partly: frozenset[str]


def plan_comment(view: PlanCommentView) -> PlanTexts:
    """The plan comment: what a merge or ``/apply`` would do, or why that is not known.

    Each page leaves room for a marker of up to 500 characters.
    """
    found = _pages(view)
    if any(found.left_out):
        # A command that gives no digest would be refused there.
        left_out = {name.partition("/")[0] for name in found.left_out}
        environments = tuple(
            replace(each, offers=()) if each.name in left_out else each
            for each in view.environments
        )
        found = _pages(replace(view, environments=environments))
    # What is left out of a plan that stands for several is left out of all of them.
    members = _members(view) if found.left_out else {}
    partly = frozenset(
        each for name in found.left_out if name for each in members.get(name, [name])
    )
    return PlanTexts(pages=found.texts, partly=partly | _unread(view))


def _pages(view: PlanCommentView) -> Pages:
    return pages("plan", tuple(_lead(view)), tuple(_parts(view)))


def _members(view: PlanCommentView) -> dict[str, list[str]]:
    """The stacks whose plan stands under the name of each."""
    return {
        f"{each.name}/{group[0].name}": [f"{each.name}/{stack.name}" for stack in group]
        for each in view.environments
        for group in equal_plans(each.stacks)
    }


def _unread(view: PlanCommentView) -> frozenset[str]:
    """The stacks whose plan hides who may do what, or what runs."""
    plans = (stack.plan for each in view.environments for stack in each.stacks)
    return frozenset(plan.stack.label for plan in plans if plan is not None and hides_access(plan))


def _lead(view: PlanCommentView) -> Iterator[Block]:
    yield Heading(level=2, spans=(Words("gitbot plan"),))
    yield Paragraph(
        spans=(
            Words("Commit "),
            Code(view.head[:8]),
            Words(" merged with "),
            Code(view.tracked_branch),
            Words(" at "),
            Code(view.tip[:8]),
            Words("."),
        ),
        rank=Rank.VITAL,
    )
    for note in view.notes:
        yield Paragraph(spans=(Words(note),), tone="warning", rank=Rank.VITAL)
    for words in view.behind:
        yield Paragraph(spans=(Words(words),), rank=Rank.VITAL)
    yield from _totals(view)


def _totals(view: PlanCommentView) -> Iterator[Block]:
    """What the plans of all environments do together, and what is lost; nothing for one stack."""
    plans = {each.name: _plans(each) for each in view.environments}
    together = [plan for found in plans.values() for plan in found]
    if len(together) < 2:
        return
    each = "; ".join(f"{name}: {count_changes(found)}" for name, found in plans.items() if found)
    all_ = f"In all: {count_changes(together)}{unplanned(view)}."
    spans = (Strong(all_), Words(f" By environment: {each}."))
    yield Paragraph(spans=spans if len(plans) > 1 else spans[:1], rank=Rank.VITAL)
    lost = [
        (Strong("⚠"), Words(" "), Code(f"{plan.stack.label}: {change.address}"), Words(loss))
        for plan in together
        for change in plan.effective
        if (loss := change.loses and f" ({change.action.value}): {change.loses}.")
    ]
    more = len(lost) - _MOST_LOSSES
    items = (*lost[:_MOST_LOSSES], *([(Words(f"and {more} more"),)] if more > 0 else ()))
    if items:
        yield Bullets(items=items, rank=Rank.VITAL)


def _plans(environment: EnvironmentPlanView) -> tuple[Plan, ...]:
    return tuple(stack.plan for stack in environment.stacks if stack.plan is not None)


def _parts(view: PlanCommentView) -> Iterator[Part]:
    yield from map(Part, diagnostic_blocks(view.diagnostics, view.excerpts))
    for environment in view.environments:
        yield from _environment(environment, view.excerpts)
    if not (view.environments or view.diagnostics or view.notes or view.behind):
        words = "No stack changes: every stack is as this pull request has it."
        yield Part(Paragraph(spans=(Words(words),), rank=Rank.VITAL))


def _environment(environment: EnvironmentPlanView, excerpts: Excerpts) -> Iterator[Part]:
    yield from map(Part, _environment_blocks(environment, excerpts))
    if environment.validated_only and not environment.diagnostics:
        return
    for group in equal_plans(sorted(environment.stacks, key=_urgency)):
        label = f"{environment.name}/{group[0].name}"
        one = _stack(label, group[0], excerpts)
        blocks = one if len(group) == 1 else group_blocks(environment.name, group)
        yield from (Part(block, label) for block in blocks)
    for words in environment.frozen:
        spans = (Strong("⏳ Frozen now"), Words(f": {words}"))
        yield Part(Paragraph(spans=spans, tone="warning", rank=Rank.VITAL))
    ready = [stack for stack in environment.stacks if stack.plan is not None and not stack.blocked]
    if any(not stack.plan.empty for stack in ready if stack.plan is not None):
        yield Part(_how_to_apply(environment))


def _urgency(stack: StackPlanView) -> int:
    return plan_urgency(stack.plan) if stack.plan is not None else 0


def _environment_blocks(environment: EnvironmentPlanView, excerpts: Excerpts) -> Iterator[Block]:
    yield Heading(level=3, spans=(Plain(environment.name),))
    if environment.validated_only:
        spans = (Strong("Validated only"), Words(f": {environment.validated_only}"))
        yield Paragraph(spans=spans, tone="warning", rank=Rank.VITAL)
    if environment.diagnostics:
        counted = count_words(environment.diagnostics)
        yield Paragraph(spans=(Strong(f"The specs have {counted}."),), rank=Rank.VITAL)
        yield from diagnostic_blocks(environment.diagnostics, excerpts)
    yield from known_blocks(environment.known)
    yield from rule_blocks(environment.rules)
    yield from team_blocks(environment.unseen_teams)
    yield from expiry_blocks(environment.expiries)
    if environment.validated_only and environment.stacks and not environment.diagnostics:
        names = ", ".join(f"`{stack.name}`" for stack in environment.stacks)
        yield Paragraph(spans=(Words(f"The specs are valid. Stacks that change: {names}."),))


def _stack(label: str, stack: StackPlanView, excerpts: Excerpts) -> Iterator[Block]:
    yield Heading(level=4, spans=(Code(label),))
    if stack.blocked:
        yield Paragraph(
            spans=(Strong("⚠ Blocked"), Words(f": {stack.blocked}")),
            tone="warning",
            rank=Rank.VITAL,
        )
    for words in stack.drift:
        yield Paragraph(spans=(Words(words),), tone="warning", rank=Rank.VITAL)
    yield from diagnostic_blocks(stack.problems, excerpts)
    if stack.plan is not None:
        yield from plan_blocks(stack.plan)
    if stack.hours:
        yield Bullets(items=tuple((Words(words),) for words in stack.hours))


def _how_to_apply(environment: EnvironmentPlanView) -> Paragraph:
    if _has_errors(environment.diagnostics):
        spans: Spans = (Words("To apply it: correct the errors first."),)
        return Paragraph(spans=spans, rank=Rank.VITAL)
    if _has_errors(environment.known) and environment.applies_on_merge:
        words = (
            "To apply it: merge this pull request. A comment cannot apply it while the tracked branch "
            "has errors in this environment."
        )
        return Paragraph(spans=(Words(words),), rank=Rank.VITAL)
    merge, comment = environment.applies_on_merge, _comment_spans(environment)
    if merge and comment and _asks(environment):
        spans = (
            Words("To apply it: "),
            *comment,
            Words(". After a merge, what is marked ⚠ waits until somebody says so."),
        )
    elif merge and comment:
        spans = (Words("To apply it: merge this pull request, or "), *comment, Words("."))
    elif merge:
        waits = " Then what is marked ⚠ waits until somebody says so." * _asks(environment)
        spans = (Words(f"To apply it: merge this pull request.{waits}"),)
    elif comment:
        spans = (Words("To apply it: "), *comment, Words(". A merge does not apply it."))
    else:
        why = f": {'; '.join(environment.unoffered)}" if environment.unoffered else ""
        spans = (Words(f"Neither a merge nor a comment applies it here now{why}."),)
    if environment.missing:
        missing = "; ".join(environment.missing)
        spans += (Words(f" Before the merge a comment can apply it once this holds: {missing}."),)
    return Paragraph(spans=spans, rank=Rank.VITAL)


def _has_errors(found: Sequence[Diagnostic]) -> bool:
    return any(each.severity is Severity.ERROR for each in found)


def _asks(environment: EnvironmentPlanView) -> bool:
    """Whether a merge alone would not apply everything: a guard asks, or nobody can read what would be agreed to."""
    plans = (stack.plan for stack in environment.stacks)
    return any(plan is not None and (plan.guards or hides_access(plan)) for plan in plans)


def _comment_spans(environment: EnvironmentPlanView) -> Spans:
    """The commands that would be accepted, and under which conditions; none when there are none."""
    if not environment.offers:
        return ()
    spans: Spans = (Words("comment "),)
    for number, command in enumerate(environment.offers):
        spans += (Words(" or "),) * bool(number) + (Code(command),)
    if environment.conditions:
        spans += (Words(f" (once {environment.conditions})"),)
    return spans
