"""Tests of one kind: gitbot advised what it then refused.

The tests take every command from the code spans of what gitbot writes and follow it. A command is
accepted, or it was not offered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from gitbot.decisions import apply_command as decide
from gitbot.decisions.advice import ChangedStack, OfferFacts, conditions, offers, without_offer
from gitbot.decisions.apply_report import ReportFacts, apply_report
from gitbot.decisions.commands.grammar import parse_commands
from gitbot.decisions.digests import named_digest
from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.desired import Requirement, Trigger
from gitbot.model.freeze import Act
from gitbot.model.plan import Action, Change, Guard, GuardHit, Plan, short_digest
from gitbot.model.runs import RunKind, RunStatus
from gitbot.model.said import ShownDigest
from gitbot.render.applies import apply_blocks
from gitbot.render.checks import check_for_apply
from gitbot.render.comments import apply_comment
from gitbot.render.markdown import markdown
from gitbot.render.plan_comments import plan_comment
from gitbot.render.views import (
    ApplyCommentView,
    EnvironmentPlanView,
    Outcome,
    PlanCommentView,
    StackApplyView,
    StackPlanView,
)
from tests.unit.decisions.facts_by_hand import DEV, HEAD, NOW, TIP, a_command, a_plan, a_run
from tests.unit.decisions.freeze.windows_by_hand import a_window
from tests.unit.render.plans_by_hand import without_words

COMMENT_ONLY = replace(DEV, triggers=frozenset({Trigger.COMMENT}))
MERGE_ONLY = replace(DEV, triggers=frozenset({Trigger.MERGE}))
APPROVAL = ("it needs an approval of its newest commit",)
GUARD = GuardHit(guard=Guard.STATEFUL_DELETE, detail="all data is lost")
WALL = replace(GUARD, guard=Guard.DIAGNOSTICS_BLOCK_DELETE, blocks=True)


def commands_in(text: str) -> list[str]:
    """The commands in the code spans of a text."""
    return re.findall(r"`(/[a-z][^`]*)`", text)


def written(line: str) -> Command:
    """The command that a person writes who follows the advice."""
    (parsed,) = parse_commands(line, "gitbot[bot]")
    assert parsed.problem is None, (line, parsed.problem)
    return replace(a_command(), verb=parsed.verb, arguments=parsed.arguments)


def does(name: str, digest: str, *guards: GuardHit) -> Plan:
    change = Change(address="a", type="T", action=Action.CREATE)  # type: ignore[arg-type]
    return replace(a_plan(name, digest=digest * 32), changes=(change,), guards=guards)


STACKS = {
    "ready": lambda name, digest: ChangedStack(name=name, plan=does(name, digest)),
    "empty": lambda name, digest: ChangedStack(name=name, plan=a_plan(name, digest=digest * 32)),
    "guarded": lambda name, digest: ChangedStack(name=name, plan=does(name, digest, GUARD)),
    "walled": lambda name, digest: ChangedStack(name=name, plan=does(name, digest, WALL)),
    "claimed": lambda name, digest: ChangedStack(name=name, plan=does(name, digest), blocked=True),
    "renamed": lambda name, digest: ChangedStack(name=name, plan=does(name, digest), renamed=True),
    "unplanned": lambda name, digest: ChangedStack(name=name),
    "frozen": lambda name, digest: ChangedStack(name=name, plan=does(name, digest), frozen=True),
    "hidden": lambda name, digest: ChangedStack(name=name, plan=does(name, digest), unread=True),
}
"""The kinds of stack that a pull request can change."""


def accept_head(line: str, facts: OfferFacts) -> None:
    """Follow the advice on the open pull request, through the decisions of ``/apply``.

    Raises:
        RefusedError: it is refused.
    """
    command, rules = written(line), facts.rules
    changed = {each.name: each for each in facts.stacks}
    if facts.errors or facts.missing or Trigger.COMMENT not in rules.triggers:
        raise RefusedError("not ready")
    assert decide.choose_environment(command, [rules.name]) == rules.name
    chosen = [changed[name] for name in decide.choose_stacks(command, rules.name, list(changed))]
    for each in chosen:
        if each.renamed:
            decide.refuse_new_name(each.name, "former")
        if each.frozen:
            raise RefusedError("a freeze")
        if each.blocked or each.plan is None:
            raise RefusedError("another pull request holds it, or no plan was shown")
    plans = {each.plan.digest: each.plan for each in chosen if each.plan is not None}
    read = {each.plan.digest for each in chosen if each.plan is not None and not each.unread}
    runs = [
        a_run(one, RunStatus.PLANNED, kind=RunKind.PLAN, digest=one, shown_whole=one in read)
        for one in plans
    ]
    shown = [ShownDigest(stack=run.stack, digest=run.digest, shown_at=NOW) for run in runs]
    chosen_runs = decide.choose_plans(named_digest(command, shown), runs)
    named = [plans[run.digest] for run in chosen_runs]
    decide.check_guards(command, rules.name, named)
    decide.check_readable(command, rules.name, chosen_runs)
    if any(hit.blocks for plan in named for hit in plan.guards):
        raise RefusedError("a guard that no consent releases")


def body_of(facts: OfferFacts) -> str:
    """The plan comment, as the job makes it from these facts."""
    view = EnvironmentPlanView(
        name=facts.rules.name,
        stacks=tuple(
            StackPlanView(
                name=each.name,
                plan=each.plan,
                blocked="held" if each.blocked else "",
                renamed=each.renamed,
            )
            for each in facts.stacks
        ),
        applies_on_merge=Trigger.MERGE in facts.rules.triggers,
        offers=offers(facts),
        conditions=conditions(facts.rules),
        missing=tuple(facts.missing),
    )
    (page,) = plan_comment(
        PlanCommentView(head=HEAD, tip=TIP, tracked_branch="main", environments=(view,))
    ).pages
    return without_words(page)


@pytest.mark.parametrize("rules", [DEV, COMMENT_ONLY, MERGE_ONLY], ids=["both", "comment", "merge"])
@pytest.mark.parametrize("missing", [(), APPROVAL], ids=["approved", "not approved"])
@pytest.mark.parametrize("errors", [False, True], ids=["whole", "broken"])
def test_what_a_plan_comment_offers_is_accepted(
    rules: object, missing: Sequence[str], errors: bool
) -> None:
    """`/apply staging` was offered although an approval was missing, or a stack was held."""
    followed = 0
    for first, second in product(STACKS, [*STACKS, ""]):
        stacks = [STACKS[first]("web", "a1")]
        stacks += [STACKS[second]("db", "b2")] if second else []
        facts = OfferFacts(rules=rules, stacks=stacks, missing=missing, errors=errors)  # type: ignore[arg-type]
        for line in commands_in(body_of(facts)):
            accept_head(line, facts)
            followed += 1
    open_to_comments = rules is not MERGE_ONLY and not missing and not errors
    assert bool(followed) is open_to_comments


@pytest.mark.parametrize("second", ["ready", "empty", "guarded"])
def test_what_a_refusal_for_a_guard_advises_is_accepted(second: str) -> None:
    stacks = [STACKS["guarded"]("web", "a1"), STACKS[second]("db", "b2")]
    facts = OfferFacts(rules=DEV, stacks=stacks)
    with pytest.raises(RefusedError, match="name the plan") as caught:
        accept_head("/apply dev", facts)
    lines = commands_in(str(caught.value))
    assert len(lines) == (2 if second == "guarded" else 1)
    for line in lines:
        accept_head(line, facts)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["ready"], ("/apply dev",)),
        (["ready", "empty"], ("/apply dev",)),
        (["empty", "empty"], ()),
        (["ready", "guarded"], ("/apply dev/web", f"/apply dev/db {short_digest('b2' * 32)}")),
        (["guarded"], (f"/apply dev/web {short_digest('a1' * 32)}",)),
        (["ready", "claimed"], ("/apply dev/web",)),
        (["renamed", "ready"], ("/apply dev/db",)),
        (["walled", "unplanned"], ()),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_one_command_is_offered_for_all_stacks_or_one_for_each_that_is_ready(
    kinds: list[str], expected: tuple[str, ...]
) -> None:
    stacks = [
        STACKS[kind](name, digest)
        for kind, (name, digest) in zip(kinds, (("web", "a1"), ("db", "b2")), strict=False)
    ]
    assert offers(OfferFacts(rules=DEV, stacks=stacks)) == expected


@pytest.mark.parametrize(
    ("kinds", "more", "expected"),
    [
        (("ready", "frozen"), {}, ()),
        (("empty", "unplanned"), {}, ()),
        (("frozen",), {"errors": True}, ()),
        (("frozen",), {"missing": APPROVAL}, ()),
        (("ready",), {"rules": MERGE_ONLY}, ("dev is applied by merges only (`apply.on`)",)),
        (("claimed",), {}, ("another pull request holds it",)),
        (("frozen", "empty"), {}, ("it is frozen",)),
        (("renamed",), {}, ("only a merge can rename a stack",)),
        (
            ("walled", "frozen"),
            {},
            ("it is frozen", "a guard stands that nobody can release"),
        ),
    ],
)
def test_where_no_command_is_offered_it_says_why(
    kinds: Sequence[str], more: dict[str, Any], expected: tuple[str, ...]
) -> None:
    stacks = [STACKS[kind](f"s{number}", f"a{number}") for number, kind in enumerate(kinds)]
    assert without_offer(OfferFacts(**{"rules": DEV, "stacks": stacks, **more})) == expected


def test_what_can_change_without_a_new_plan_is_said_as_a_condition() -> None:
    both = frozenset({Requirement.CHECKS, Requirement.UP_TO_DATE})
    rules = replace(DEV, requirements=both)
    facts = OfferFacts(rules=rules, stacks=[STACKS["ready"]("web", "a1")])
    assert body_of(facts).endswith(
        "or comment `/apply dev` (once the other checks have passed and the branch contains the "
        "newest commit of the tracked branch)."
    )
    assert conditions(DEV) == ""
    weekend = a_window("weekend", "deny", "0 17 * * FRI", 63)
    assert conditions(replace(DEV, freezes=(weekend,))) == "no window of `freeze` forbids it"
    healing = replace(weekend, acts=frozenset({Act.HEAL}))
    assert conditions(replace(DEV, freezes=(healing,))) == ""


HELD = (
    a_run("web", RunStatus.HELD, digest="a1" * 32, pull_request=7),
    a_run("db", RunStatus.HELD, digest="b2" * 32, pull_request=None),
)
"""Applies that wait for a release: one that #7 brought, and one of a direct push."""

SHOWN = [ShownDigest(stack=run.stack, digest=run.digest, shown_at=NOW) for run in HELD]


def report(**more: Any) -> ApplyCommentView:
    """The report of an apply in which both were held, and another stack has failed."""
    held = [
        StackApplyView(name=run.id, outcome=Outcome.HELD, plan=does(run.id, run.digest[:2]))
        for run in HELD
    ]
    failed = StackApplyView(name="cache", outcome=Outcome.FAILED, message="no capacity")
    return ApplyCommentView(
        environment="dev", commit=TIP, actor="ada", stacks=(*held, failed), **more
    )


def accept_tip(line: str, *, told: bool) -> None:
    """Follow the advice on a merged pull request, which was ``told`` of the held applies or not.

    Raises:
        RefusedError: it is refused.
    """
    command, shown = written(line), SHOWN if told else []
    named = named_digest(command, shown)
    assert decide.choose_environment(command, []) == "dev"
    chosen = decide.choose_held(command, named, decide.held_here(HELD, shown, NOW))
    assert [run.digest for run in chosen] == ([named] if named else [])


def test_what_a_report_advises_is_accepted_below_it() -> None:
    """`/apply dev` was refused because something else was held."""
    lines = commands_in("".join(apply_comment(report())))
    assert len(lines) == 3
    for line in lines:
        accept_tip(line, told=True)


def test_what_the_check_of_the_tip_advises_says_where_and_is_accepted_there() -> None:
    """A check stands on no pull request, and its advice did not say on which to follow it."""
    text = check_for_apply(report(elsewhere=True, told_on=7)).summary or ""
    followed = 0
    for line in commands_in(text):
        after = text[text.index(f"`{line}`") + len(line) + 2 :]
        assert after.startswith((" on #7.", " on a merged pull request to continue.")), line
        accept_tip(line, told=after.startswith(" on #7."))
        followed += 1
    assert followed == 3
    untold = check_for_apply(report(elsewhere=True)).summary or ""
    assert "on the pull request that shows this plan" in untold


def test_on_an_open_pull_request_the_plan_comment_says_how_to_go_on() -> None:
    """What is left may need a digest or another approval: only the new plan knows."""
    whole = report(before_merge=True)
    body = markdown(tuple(apply_blocks(replace(whole, stacks=whole.stacks[2:]))))
    assert commands_in(body) == []
    assert "the plan comment then says what is left" in body


def test_a_failed_deployment_names_a_command_that_is_accepted() -> None:
    failed = a_run("r", RunStatus.FAILED)
    facts = ReportFacts(
        environment="dev", tip=TIP, occasion="o", untold=(failed,), touched=(failed,)
    )
    (end,) = apply_report(facts).deployments
    (line,) = commands_in(end.words)
    accept_tip(line, told=False)
