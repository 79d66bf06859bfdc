"""Whether people agreed to exactly what an apply would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gitbot.decisions.consent import (
    Consent,
    ConsentFacts,
    consent,
    continues,
    unfinished_run,
)
from gitbot.model.desired import ChangedPlan
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.plan import Action, Change, Guard, GuardHit, PathChange, Plan
from gitbot.model.runs import Run, RunKind, RunStatus

STACK = StackId(repository="1", environment="dev", name="x", region="eu-west-1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def change(address: str, action: Action, *paths: str) -> Change:
    return Change(
        address=Address(address),
        type="AWS::S3::Bucket",
        action=action,
        paths=tuple(PathChange(path=path, after=1) for path in paths),
    )


def plan(*changes: Change, digest: str = "d1", desired: str = "want", guards: int = 0) -> Plan:
    hit = GuardHit(guard=Guard.STATEFUL_DELETE, detail="a bucket would be deleted")
    return Plan(
        stack=STACK,
        account="1",
        commit=None,
        serial=1,
        lineage="l",
        desired_hash=desired,
        changes=changes,
        digest=digest,
        guards=(hit,) * guards,
    )


def run(status: RunStatus, of: Plan, kind: RunKind = RunKind.APPLY, actor: str = "ada") -> Run:
    return Run(
        id="r",
        kind=kind,
        stack=STACK,
        commit=Sha("c" * 40),
        head=None,
        tip=Sha("c" * 40),
        pull_request=7,
        status=status,
        digest=of.digest,
        does=True,
        actor=actor,
        started_at=NOW,
    )


Told = tuple[Run, Plan]
"""A run and its plan."""


def did(status: RunStatus, of: Plan, actor: str = "ada") -> Told:
    return run(status, of, actor=actor), of


def ask(it: Plan, reviewed: Run | None = None, *history: Told, apply: bool = False) -> Consent:
    began = unfinished_run([one for one, _ in history])
    facts = ConsentFacts(
        reviewed=reviewed,
        history=[one for one, _ in history],
        unfinished=next((of for one, of in history if one is began), None),
        changed_plan=ChangedPlan.APPLY if apply else ChangedPlan.HOLD,
    )
    return consent(it, facts)


CREATE = plan(change("a", Action.CREATE, "/X"))


def test_the_reviewed_digest_is_applied() -> None:
    assert ask(CREATE, run(RunStatus.PLANNED, CREATE, RunKind.PLAN)).given == "reviewed"


def test_another_digest_than_the_reviewed_one_is_held_with_both() -> None:
    reviewed = run(RunStatus.PLANNED, replace(CREATE, digest="d0"), RunKind.PLAN)
    held = ask(CREATE, reviewed)
    assert held.given == ""
    assert "d0 was reviewed" in held.why


def test_a_plan_that_nobody_saw_is_held() -> None:
    assert "no pull request showed" in ask(CREATE).why


def test_an_environment_may_apply_changed_plans_but_never_guarded_ones() -> None:
    assert ask(CREATE, apply=True).given
    assert not ask(replace(plan(guards=1), digest="d1"), apply=True).given


def test_a_guard_holds_even_what_was_reviewed() -> None:
    guarded = plan(change("a", Action.DELETE), guards=1)
    held = ask(guarded, run(RunStatus.PLANNED, guarded, RunKind.PLAN))
    assert held.why == "a bucket would be deleted"


def test_a_release_counts_for_its_digest_alone() -> None:
    guarded = plan(change("a", Action.DELETE), guards=1)
    answer = ask(guarded, None, did(RunStatus.RELEASED, guarded, actor="bob"))
    assert answer.released_by == "bob"
    assert not ask(guarded, None, did(RunStatus.RELEASED, replace(guarded, digest="d2"))).given


def test_a_release_is_spent_by_the_apply_after_it() -> None:
    guarded = plan(change("a", Action.DELETE), guards=1)
    history = (did(RunStatus.APPLIED, guarded), did(RunStatus.RELEASED, guarded))
    assert not ask(guarded, None, *history).given


def test_what_blocks_cannot_be_released() -> None:
    hit = GuardHit(guard=Guard.DIAGNOSTICS_BLOCK_DELETE, detail="broken specs", blocks=True)
    blocked = replace(CREATE, guards=(hit,))
    assert ask(blocked, None, did(RunStatus.RELEASED, blocked)).why == "broken specs"


def test_the_rest_of_an_apply_that_died_goes_on_though_its_digest_differs() -> None:
    agreed = plan(change("a", Action.CREATE), change("b", Action.CREATE))
    rest = plan(change("a", Action.NOOP), change("b", Action.CREATE), digest="d2")
    assert ask(rest, None, did(RunStatus.RUNNING, agreed)).given
    assert ask(rest, None, did(RunStatus.FAILED, agreed)).given
    assert not ask(rest, None, did(RunStatus.HELD, agreed)).given


@pytest.mark.parametrize(
    ("agreed", "now", "expected"),
    [
        (plan(change("a", Action.CREATE)), plan(change("a", Action.REPLACE)), True),
        (plan(change("a", Action.CREATE)), plan(change("b", Action.CREATE)), False),
        (plan(change("a", Action.UPDATE, "/X")), plan(change("a", Action.UPDATE, "/X")), True),
        (plan(change("a", Action.UPDATE, "/X")), plan(change("a", Action.UPDATE, "/Y")), False),
        (plan(change("a", Action.UPDATE, "/X")), plan(change("a", Action.REPLACE, "/X")), False),
        (plan(change("a", Action.REPLACE)), plan(change("a", Action.DELETE)), True),
        (plan(change("a", Action.NOOP)), plan(change("a", Action.UPDATE, "/X")), False),
        (plan(change("a", Action.DELETE), desired="p"), plan(change("a", Action.DELETE)), False),
    ],
)
def test_what_is_a_rest_of_what_was_agreed(agreed: Plan, now: Plan, expected: bool) -> None:
    assert continues(agreed, now) is expected


def test_a_guard_that_only_the_rest_meets_holds_it() -> None:
    agreed = plan(change("a", Action.CREATE))
    rest = plan(change("a", Action.REPLACE), digest="d2", guards=1)
    assert not ask(rest, None, did(RunStatus.FAILED, agreed)).given
    assert ask(rest, None, did(RunStatus.FAILED, replace(agreed, guards=rest.guards))).given
