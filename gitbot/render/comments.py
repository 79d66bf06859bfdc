"""Renders the comments that gitbot writes on pull requests. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitbot.model.diagnostic import Severity
from gitbot.model.said import Topic, TopicKind
from gitbot.render.applies import apply_blocks
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
from gitbot.render.checks import check_for_apply, check_for_plan
from gitbot.render.diagnostics import count_words, diagnostic_blocks, known_blocks
from gitbot.render.escape import code, sentence
from gitbot.render.markdown import LONGEST_COMMENT, markdown
from gitbot.render.plans import plan_blocks
from gitbot.render.rules import rule_blocks
from gitbot.render.views import (
    ApplyCommentView,
    EnvironmentPlanView,
    Excerpts,
    PlanCommentView,
    StackPlanView,
)

PLAN_MARKER = Topic(kind=TopicKind.PLAN).marker
_ROOM_FOR_MARKER = 512

__all__ = [
    "PLAN_MARKER",
    "apply_comment",
    "check_for_apply",
    "check_for_plan",
    "command_answer",
    "help_comment",
    "plan_comment",
    "refusal_comment",
    "turn_comment",
]


def plan_comment(view: PlanCommentView) -> str:
    """The plan comment: what a merge or ``/apply`` would do, or why that is not known.

    It begins with ``PLAN_MARKER`` and has at most 65,536 characters.
    """
    body = markdown(tuple(_plan_comment(view)), LONGEST_COMMENT - _ROOM_FOR_MARKER)
    return f"{PLAN_MARKER}\n{body}"


def apply_comment(view: ApplyCommentView) -> str:
    """The comment about an apply in one environment: what was done, and what to do next.

    It leaves room for a marker of up to 500 characters.
    """
    return markdown(tuple(apply_blocks(view)), LONGEST_COMMENT - _ROOM_FOR_MARKER)


def help_comment(commands: Sequence[tuple[str, str]], environments: Sequence[str]) -> str:
    """The list of commands, each with its usage and what it does, and of environments."""
    blocks: list[Block] = [
        Paragraph(spans=(Strong("Commands"), Words(", each on a line of its own:"))),
        Bullets(items=tuple((Code(usage), Words(f": {what}")) for usage, what in commands)),
    ]
    if environments:
        names = ", ".join(f"`{name}`" for name in environments)
        blocks.append(Paragraph(spans=(Words(f"Environments: {names}."),)))
    return markdown(blocks)


def refusal_comment(line: str, reason: str) -> str:
    """The answer to a command that was not done."""
    return f"{code(f'/{line}')} was not done: {sentence(reason)}"


def turn_comment(environment: str, text: str) -> str:
    """How far an apply is that takes several turns."""
    return (
        f"The apply of {code(environment)} is long and goes on in turns, by itself. Between two "
        f"turns other applies of {code(environment)} have theirs. {sentence(text)}"
    )


def command_answer(author: str, line: str, text: str) -> str:
    """The answer to a command. It names the author without a mention."""
    return f"{code(f'/{line}')} by {code(author)}: {sentence(text)}"


def _plan_comment(view: PlanCommentView) -> Iterator[Block]:
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
    yield from diagnostic_blocks(view.diagnostics, view.excerpts)
    for environment in view.environments:
        yield from _environment(environment, view.excerpts)
    if not view.environments and not view.diagnostics and not view.notes:
        yield Paragraph(
            spans=(Words("No stack changes: every stack is as this pull request has it."),),
            rank=Rank.VITAL,
        )


def _environment(environment: EnvironmentPlanView, excerpts: Excerpts) -> Iterator[Block]:
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
    if environment.validated_only and environment.stacks and not environment.diagnostics:
        names = ", ".join(f"`{stack.name}`" for stack in environment.stacks)
        yield Paragraph(spans=(Words(f"The specs are valid. Stacks that change: {names}."),))
        return
    for stack in environment.stacks:
        yield from _stack(environment, stack, excerpts)
    ready = [stack for stack in environment.stacks if stack.plan is not None and not stack.blocked]
    if any(not stack.plan.empty for stack in ready if stack.plan is not None):
        yield _how_to_apply(environment)


def _stack(
    environment: EnvironmentPlanView, stack: StackPlanView, excerpts: Excerpts
) -> Iterator[Block]:
    yield Heading(level=4, spans=(Code(f"{environment.name}/{stack.name}"),))
    if stack.blocked:
        yield Paragraph(
            spans=(Strong("⚠ Blocked"), Words(f": {stack.blocked}")),
            tone="warning",
            rank=Rank.VITAL,
        )
    yield from diagnostic_blocks(stack.problems, excerpts)
    if stack.plan is not None:
        yield from plan_blocks(stack.plan)


def _how_to_apply(environment: EnvironmentPlanView) -> Paragraph:
    problems = (*environment.diagnostics, *environment.known)
    if any(found.severity is Severity.ERROR for found in problems):
        spans: Spans = (Words("To apply it: correct the errors first."),)
        return Paragraph(spans=spans, rank=Rank.VITAL)
    merge, comment = environment.applies_on_merge, _comment_spans(environment)
    if merge and comment:
        spans = (Words("To apply it: merge this pull request, or "), *comment, Words("."))
    elif merge:
        spans = (Words("To apply it: merge this pull request."),)
    elif comment:
        spans = (Words("To apply it: "), *comment, Words(". A merge does not apply it."))
    else:
        spans = (Words("Neither a merge nor a comment applies it here now."),)
    if environment.missing:
        missing = "; ".join(environment.missing)
        spans += (Words(f" Before the merge a comment can apply it once this holds: {missing}."),)
    return Paragraph(spans=spans, rank=Rank.VITAL)


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
