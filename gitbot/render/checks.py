"""Renders the checks that gitbot puts on commits: one for all, and one for each environment. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from gitbot.model.diagnostic import Diagnostic, Severity
from gitbot.model.forge import Annotation, Check, CheckState
from gitbot.render.applies import apply_blocks
from gitbot.render.blocks import Block, Code, Heading, Paragraph, Rank, Words
from gitbot.render.diagnostics import (
    NO_EXCERPTS,
    count_words,
    diagnostic_blocks,
    ends_of,
    known_blocks,
)
from gitbot.render.escape import clean, sentence
from gitbot.render.pages import Part, pages
from gitbot.render.plan_words import count_changes, plan_headline, what_opens
from gitbot.render.plans import plan_blocks
from gitbot.render.rules import expiry_blocks, loosens, rule_blocks, rule_title, team_blocks
from gitbot.render.views import (
    ApplyCommentView,
    EnvironmentPlanView,
    Excerpts,
    Outcome,
    PlanCommentView,
)

LONGEST_SUMMARY = 65_000
"""Of 65,535, as GitHub may count some characters twice: https://docs.github.com/en/rest/checks/runs"""

WHOLE = "gitbot"
"""The name of the check that stands on every head, whatever it touches: the one to require."""

NOTHING_CHANGES = "nothing changes here"
MERGED = "merged: the result of its apply is told in a comment and on the commit of the merge"

NEW_ENVIRONMENTS = "gitbot/new environments"

_LONGEST_TITLE = 140
_MOST_ANNOTATIONS = 50
"""More would take another call: https://docs.github.com/en/rest/checks/runs"""
_LOCKED = "the conversation is locked, so the plans could not be shown there: unlock it first"


def check_for_plan(
    environment: EnvironmentPlanView,
    excerpts: Excerpts = NO_EXCERPTS,
    partly: Collection[str] = (),
) -> Check:
    """The check of one environment on a pull request's head.

    It fails when the specs have errors, and asks for action when an apply would be blocked or held;
    a plan of one of the stacks ``partly`` (``dev/web``), which people cannot read whole, would be.
    It is neutral when something is lost (docs/adr/0019), and succeeds otherwise. Each diagnostic is
    an annotation on its line.
    """
    problems = _problems(environment)
    errors = [each for each in problems if each.severity is Severity.ERROR]
    if errors:
        state, title = CheckState.FAILURE, count_words(problems)
    elif environment.validated_only:
        state, title = CheckState.NEUTRAL, f"validated only: {environment.validated_only}"
    elif _needs_somebody(environment, partly):
        state, title = CheckState.ACTION_REQUIRED, f"{_counts(environment)}; {_wants(environment)}"
    elif _loses(environment):
        state, title = CheckState.NEUTRAL, _losses(environment)
    else:
        loose = loosens(environment.rules)
        state, title = CheckState.NEUTRAL if loose else CheckState.SUCCESS, _counts(environment)
    if environment.rules:
        rules = rule_title(environment.rules)
        more = environment.stacks or problems or environment.validated_only
        title = f"{rules}; {title}" if more else rules
    return Check(
        name=f"gitbot/{environment.name}",
        state=state,
        title=_title(title),
        summary=_summary("plan", _plan_blocks(environment, excerpts)),
        annotations=tuple(_annotation(each) for each in problems),
    )


def checks_for_plans(view: PlanCommentView, partly: Collection[str] = ()) -> list[Check]:
    """The checks of the environments: one for each that the tracked branch has, one for all others.

    Anybody can open a pull request with a hundred new environments, and every check costs calls.
    ``partly``: see ``check_for_plan``.
    """
    known = [each for each in view.environments if not each.new]
    checks = [check_for_plan(each, view.excerpts, partly) for each in known]
    new = [each for each in view.environments if each.new]
    if len(new) == 1:
        checks.append(check_for_plan(new[0], view.excerpts, partly))
    elif new:
        checks.append(_check_for_new(new, view.excerpts))
    return checks


def _check_for_new(environments: Sequence[EnvironmentPlanView], excerpts: Excerpts) -> Check:
    problems = [problem for each in environments for problem in _problems(each)]
    failed = any(each.severity is Severity.ERROR for each in problems)
    blocks: list[Block] = []
    for each in environments:
        blocks += [Heading(level=3, spans=(Code(each.name),)), *_plan_blocks(each, excerpts)]
    names = ", ".join(each.name for each in environments)
    title = f"{len(environments)} new environments: {names}"
    return Check(
        name=NEW_ENVIRONMENTS,
        state=CheckState.FAILURE if failed else CheckState.NEUTRAL,
        title=_title(f"{count_words(problems)} in {title}" if failed else title),
        summary=_summary("plan", blocks),
        annotations=tuple(_annotation(each) for each in problems[:_MOST_ANNOTATIONS]),
    )


def check_for_pull_request(view: PlanCommentView, environments: Sequence[Check]) -> Check:
    """The check of the whole pull request, which stands on every head.

    It is what a branch rule can require, so it never waits for what can only come after the merge:
    it fails for errors and conflicts, asks for action when a merge would apply nothing, and passes
    when the merge or a release is all that is missing. ``environments`` are the checks of the
    environments that the pull request touches.
    """
    state, title = _whole(view, environments)
    lines = [f"- {sentence(each.name)}: {sentence(each.title)}" for each in environments]
    summary = "\n".join([*(sentence(note) for note in view.notes), *lines])
    return Check(name=WHOLE, state=state, title=_title(title), summary=summary or title)


def _whole(view: PlanCommentView, environments: Sequence[Check]) -> tuple[CheckState, str]:
    failed = [each for each in environments if each.state is CheckState.FAILURE]
    if any(each.is_error for each in view.diagnostics) or failed:
        words = [f"{each.name.partition('/')[2]}: {each.title}" for each in failed]
        return CheckState.FAILURE, "; ".join(words) or "the specs have problems"
    if view.notes:
        state = CheckState.NEUTRAL if view.environments else CheckState.FAILURE
        return state, view.notes[0].split(". ")[0]
    if view.untold:
        return CheckState.ACTION_REQUIRED, _LOCKED
    return _by_environments(view, environments)


def _by_environments(
    view: PlanCommentView, environments: Sequence[Check]
) -> tuple[CheckState, str]:
    words = "; ".join(f"{each.name.partition('/')[2]}: {each.title}" for each in environments)
    if any(_is_blocked(each) for each in view.environments):
        return CheckState.ACTION_REQUIRED, words
    if any(each.state is not CheckState.SUCCESS for each in environments):
        return CheckState.NEUTRAL, words
    return CheckState.SUCCESS, words or NOTHING_CHANGES


def check_for_group(
    view: PlanCommentView, environments: Sequence[Check], not_reviewed: Sequence[str]
) -> Check:
    """The check of a merge queue's commit: that of a pull request, and that it was reviewed.

    ``not_reviewed`` are the stacks for which the queued commit does something that no pull request
    shows. The queue then gives the pull requests back, to be updated and reviewed again.
    """
    check = check_for_pull_request(view, environments)
    if not not_reviewed or check.state is CheckState.FAILURE:
        return check
    names = ", ".join(not_reviewed)
    title = f"not as reviewed: {names}; update the pull request from its base, and queue it again"
    return replace(check, state=CheckState.FAILURE, title=_title(title))


def check_left_over(name: str, view: PlanCommentView, whole: Check) -> Check:
    """The check of an environment that this head was planned for before, and is not any more.

    Where the pull request cannot be planned now (a conflict, broken specs), nobody knows what it would
    do there, so the check is not green. ``whole`` is the check of the pull request.
    """
    if not view.environments and (view.notes or view.diagnostics):
        return Check(
            name=name, state=CheckState.NEUTRAL, title=_title(f"not planned: {whole.title}")
        )
    return Check(name=name, state=CheckState.SUCCESS, title=NOTHING_CHANGES)


def nothing_check() -> Check:
    """The check of a commit that changes nothing here."""
    return Check(name=WHOLE, state=CheckState.SUCCESS, title=NOTHING_CHANGES)


def failure_check(name: str, reason: str) -> Check:
    """The check that reports that gitbot itself failed, and why."""
    return Check(
        name=name,
        state=CheckState.FAILURE,
        title=_title(f"gitbot failed: {reason}"),
        summary=sentence(reason),
    )


def works_again(name: str) -> Check:
    """The check that ends a ``failure_check``."""
    return Check(name=name, state=CheckState.SUCCESS, title="gitbot works here again")


def check_for_apply(view: ApplyCommentView) -> Check:
    """The check of one environment's apply on the commit that was applied."""
    outcomes = {stack.outcome for stack in view.stacks}
    if view.error or Outcome.FAILED in outcomes:
        state, title = CheckState.FAILURE, "the apply failed"
    elif view.diagnostics:
        state, title = CheckState.FAILURE, "the specs have problems"
    elif Outcome.HELD in outcomes:
        state, title = CheckState.ACTION_REQUIRED, "held: it waits until somebody says so"
    elif Outcome.BLOCKED in outcomes:
        state, title = CheckState.ACTION_REQUIRED, "not everything could be applied"
    elif Outcome.WAITS in outcomes:
        state, title = CheckState.ACTION_REQUIRED, _frozen_title(view)
    elif Outcome.APPLIED in outcomes:
        state, title = CheckState.SUCCESS, "applied"
    else:
        state, title = CheckState.SUCCESS, "nothing to do"
    return Check(
        name=f"gitbot/{view.environment}/apply",
        state=state,
        title=title,
        summary=_summary("apply", apply_blocks(view)),
    )


def _frozen_title(view: ApplyCommentView) -> str:
    (first, *_) = (stack for stack in view.stacks if stack.outcome is Outcome.WAITS)
    return _title(f"frozen: {first.message.partition('. ')[0]}")


def _problems(environment: EnvironmentPlanView) -> tuple[Diagnostic, ...]:
    inside = (each for stack in environment.stacks for each in stack.problems)
    return tuple(dict.fromkeys((*environment.diagnostics, *inside)))


def _summary(name: str, blocks: Iterable[Block]) -> str:
    """The text of a check. It has one page; what finds no room there is in the comments."""
    parts = tuple(map(Part, blocks))
    (text,) = pages(name, (), parts, longest=LONGEST_SUMMARY, most=1).texts
    return text


def _needs_somebody(environment: EnvironmentPlanView, partly: Collection[str]) -> bool:
    return any(
        stack.blocked
        or (stack.plan is not None and (stack.plan.guards or stack.plan.stack.label in partly))
        for stack in environment.stacks
    )


def _loses(environment: EnvironmentPlanView) -> bool:
    plans = (stack.plan for stack in environment.stacks)
    return any(change.loses for plan in plans if plan is not None for change in plan.effective)


def _wants(environment: EnvironmentPlanView) -> str:
    return "blocked" if _is_blocked(environment) else "needs consent"


def _is_blocked(environment: EnvironmentPlanView) -> bool:
    """Whether no consent can make an apply of some stack go on."""
    plans = [stack.plan for stack in environment.stacks if stack.plan is not None]
    hard = any(hit.blocks for plan in plans for hit in plan.guards)
    return hard or any(stack.blocked for stack in environment.stacks)


def _counts(environment: EnvironmentPlanView) -> str:
    plans = [stack.plan for stack in environment.stacks if stack.plan is not None]
    if not plans:
        return "not planned"
    return "; ".join(filter(None, (count_changes(plans), what_opens(plans))))


def _losses(environment: EnvironmentPlanView) -> str:
    """What is lost, in short: whole sentences are in the comment."""
    plans = [stack.plan for stack in environment.stacks if stack.plan is not None]
    if len(plans) == 1:
        return plan_headline(plans[0])
    lost = sum(bool(change.loses) for plan in plans for change in plan.effective)
    return f"{count_changes(plans)}; something is lost with {lost}"


def _plan_blocks(environment: EnvironmentPlanView, excerpts: Excerpts) -> Iterator[Block]:
    if environment.validated_only:
        spans = (Words(f"Validated only: {environment.validated_only}"),)
        yield Paragraph(spans=spans, rank=Rank.VITAL)
    yield from diagnostic_blocks(environment.diagnostics, excerpts)
    yield from known_blocks(environment.known)
    yield from rule_blocks(environment.rules)
    yield from team_blocks(environment.unseen_teams)
    yield from expiry_blocks(environment.expiries)
    for stack in environment.stacks:
        yield Heading(level=3, spans=(Code(f"{environment.name}/{stack.name}"),))
        if stack.blocked:
            yield Paragraph(spans=(Words(f"Blocked: {stack.blocked}"),), rank=Rank.VITAL)
        yield from diagnostic_blocks(stack.problems, excerpts)
        if stack.plan is not None:
            yield from plan_blocks(stack.plan)


def _annotation(found: Diagnostic) -> Annotation:
    return Annotation(
        file=found.file,
        line=found.line,
        title=clean(found.summary, _LONGEST_TITLE),
        message=clean("\n".join((found.detail, found.fix, *_uses(found)))),
        warning=found.severity is Severity.WARNING,
    )


def _uses(found: Diagnostic) -> Iterator[str]:
    """The line that uses the module which the problem is in, and that of the stack that leads there."""
    if found.used_at:
        yield f"The module is used at {', which is used at '.join(map(str, ends_of(found)))}."


def _title(text: str) -> str:
    return clean(" ".join(text.split()), _LONGEST_TITLE)
