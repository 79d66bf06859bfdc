"""What a pull request is planned for: which environments, which stacks, or why nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from gitbot.decisions.scope import Scope, ScopeFacts, conflict, scope, unplannable
from gitbot.decisions.wanted import NO_FACTS, wanted
from gitbot.model.desired import DesiredResource, DesiredStack, LoadedTree
from gitbot.model.diagnostic import Severity
from gitbot.model.forge import PullRequest
from gitbot.model.hours import MachineRules, OffHours
from gitbot.model.names import Address
from gitbot.model.recorded import StackHeader
from gitbot.model.rule_changes import RuleChange
from tests.unit.decisions.facts_by_hand import (
    DEV,
    NOW,
    PROD,
    a_header,
    a_problem,
    a_pull_request,
    a_stack,
    a_tree,
)


@pytest.mark.parametrize(
    ("pull_request", "leave", "words"),
    [
        pytest.param(a_pull_request(), False, "", id="to the tracked branch"),
        pytest.param(
            a_pull_request(base_ref="release"),
            False,
            "against `release`, not against the tracked branch `main`",
            id="to another branch",
        ),
        pytest.param(
            a_pull_request(from_fork=True), False, "can have this commit planned", id="from a fork"
        ),
        pytest.param(
            a_pull_request(from_fork=True), True, "", id="from a fork that may be planned"
        ),
        pytest.param(
            a_pull_request(from_fork=True, base_ref="release"),
            True,
            "against `release`",
            id="from a fork that may be planned, to another branch",
        ),
    ],
)
def test_why_a_pull_request_is_only_validated(
    pull_request: PullRequest, leave: bool, words: str
) -> None:
    found = unplannable(pull_request, "main", leave=leave)
    assert words in found
    assert bool(found) is bool(words)


def facts(
    tip: LoadedTree, merged: LoadedTree, recorded: Sequence[StackHeader] = (), note: str = ""
) -> ScopeFacts:
    return ScopeFacts(
        environment="dev",
        tip=tip,
        merged=merged,
        tip_wanted=wanted(tip, "dev", NO_FACTS, NOW),
        merged_wanted=wanted(merged, "dev", NO_FACTS, NOW),
        recorded=recorded,
        note=note,
    )


WEB = a_stack("web")
TIP = a_tree(WEB)
CHANGED = a_tree(a_stack("web", "h2"))
WARNING = a_problem("dev", Severity.WARNING)
BROKEN = a_tree(WEB, diagnostics=[a_problem()])
OTHER = replace(a_problem(), file="specs/dev/other.yaml")
PLANNED = Scope(environment="dev", stacks=("web",), rules=DEV)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(facts(TIP, TIP), None, id="it changes nothing here"),
        pytest.param(
            facts(a_tree(WEB, environments=(DEV, PROD)), a_tree(WEB, environments=(DEV,))),
            None,
            id="it changes another environment",
        ),
        pytest.param(
            facts(TIP, a_tree(WEB, diagnostics=[a_problem("prod"), a_problem(None)])),
            None,
            id="it breaks another environment",
        ),
        pytest.param(facts(TIP, CHANGED), PLANNED, id="it changes a stack"),
        pytest.param(facts(TIP, a_tree()), PLANNED, id="it removes a stack"),
        pytest.param(
            facts(TIP, CHANGED, note="a fork"),
            replace(PLANNED, validated_only="a fork", rules=None),
            id="it is only validated as a whole",
        ),
        pytest.param(
            facts(TIP, a_tree(a_stack("web", "h2"), diagnostics=[WARNING])),
            replace(PLANNED, diagnostics=(WARNING,)),
            id="a warning is said beside the plan",
        ),
        pytest.param(
            facts(TIP, a_tree(diagnostics=[a_problem()])),
            Scope(environment="dev", diagnostics=(a_problem(),), rules=DEV),
            id="a broken file does not remove its stack",
        ),
        pytest.param(
            facts(BROKEN, replace(BROKEN, diagnostics=(a_problem(line=9),))),
            None,
            id="the tip is broken here and it touches another environment",
        ),
        pytest.param(
            facts(BROKEN, a_tree(a_stack("web", "h2"), diagnostics=[a_problem(line=9), OTHER])),
            replace(PLANNED, diagnostics=(OTHER,), known=(a_problem(line=9),)),
            id="only what it brings counts as its own, on whatever line the other one stands",
        ),
        pytest.param(
            facts(BROKEN, a_tree(WEB, diagnostics=[a_problem(), a_problem(line=9)])),
            replace(PLANNED, stacks=(), diagnostics=(a_problem(line=9),), known=(a_problem(),)),
            id="the same problem a second time is its own",
        ),
        pytest.param(
            facts(a_tree(WEB), a_tree(WEB, environments=[replace(DEV, tags={"a": "b"})])),
            replace(PLANNED, stacks=(), rule_changes=(RuleChange(rule="tags.a", after="b"),)),
            id="rules that no plan reads are shown",
        ),
    ],
)
def test_what_is_said_of_an_environment(given: ScopeFacts, expected: Scope | None) -> None:
    assert scope(given) == expected


def test_the_rules_are_those_of_the_tip_whatever_the_pull_request_makes_of_them() -> None:
    looser = replace(DEV, requirements=frozenset())
    found = scope(facts(TIP, a_tree(a_stack("web", "h2"), environments=[looser])))
    assert found is not None
    assert found.rules is DEV


@pytest.mark.parametrize(
    ("tip", "merged", "reason"),
    [
        pytest.param(
            a_tree(environments=()), TIP, "adds the environment", id="it adds the environment"
        ),
        pytest.param(
            TIP,
            a_tree(WEB, environments=[replace(DEV, account="2")]),
            "changes the environment's account",
            id="it moves the environment, and no stack",
        ),
    ],
)
def test_an_environment_s_place_counts_once_merged(
    tip: LoadedTree, merged: LoadedTree, reason: str
) -> None:
    found = scope(facts(tip, merged))
    assert found is not None
    assert reason in found.validated_only
    assert found.rules is None


@pytest.mark.parametrize(
    ("merged", "code"),
    [
        pytest.param(a_tree(environments=()), "environment-removed", id="gone"),
        pytest.param(
            a_tree(WEB, environments=[replace(DEV, region="us-east-1")]),
            "environment-region-changed",
            id="moved",
        ),
    ],
)
def test_an_environment_with_resources_that_goes_or_moves_is_not_planned(
    merged: LoadedTree, code: str
) -> None:
    found = scope(facts(TIP, merged, [a_header()]))
    assert found is not None
    assert [each.code for each in found.diagnostics] == [code]
    assert found.rules is None


def test_an_environment_that_is_gone_at_the_tip_already_is_nobody_s_fault() -> None:
    gone = a_tree(environments=())
    assert scope(facts(gone, gone, [a_header()])) is None


def test_an_empty_environment_may_go() -> None:
    gone = a_tree(environments=())
    assert scope(facts(a_tree(), gone)) is None
    assert scope(facts(a_tree(), gone, [a_header(left=0, places=frozenset())])) is None


def test_a_new_environment_that_is_broken_has_no_rules_to_plan_by() -> None:
    none = a_tree(environments=())
    broken = a_tree(environments=(), diagnostics=[a_problem()])
    expected = Scope(environment="dev", diagnostics=(a_problem(),))
    assert scope(facts(none, broken)) == expected


def test_a_changed_calendar_is_shown_under_the_rules_of_the_environments_that_use_it() -> None:
    hours = OffHours(text="skip=ours")
    days = {day: date(2026, 12, day) for day in (24, 25, 31)}
    tip = replace(
        a_tree(WEB), calendars={"ours": frozenset({days[24], days[25]}), "other": frozenset()}
    )
    merged = replace(tip, calendars={"ours": frozenset({days[25], days[31]})})
    assert scope(facts(tip, merged)) is None
    users = [
        {"environments": {"dev": replace(DEV, off_hours=hours)}},
        {"stacks": (sleeping(hours),)},
    ]
    for user in users:
        found = scope(facts(replace(tip, **user), replace(merged, **user)))
        assert found is not None
        assert found.rule_changes == (
            RuleChange(rule="calendars/ours.yaml", before=["2026-12-24"], after=["2026-12-31"]),
        )
        gone = scope(facts(replace(tip, **user), replace(merged, calendars={}, **user)))
        assert gone is not None
        assert gone.rule_changes[0].after is None
        assert scope(facts(replace(tip, **user), replace(tip, **user))) is None


def test_a_conflict_is_told_with_what_to_do_about_it() -> None:
    assert "Merge `main` into it (or rebase it) and push." in conflict("main")


def sleeping(hours: OffHours) -> DesiredStack:
    box = DesiredResource(
        address=Address("box"),
        type="Test::Machine",
        properties={},
        machine=MachineRules(off_hours=hours),
        source=WEB.source,
    )
    return replace(WEB, resources={box.address: box})
