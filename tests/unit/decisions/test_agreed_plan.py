"""Which plan stood on a pull request when it was merged, or when /apply was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.decisions.agreed_plan import ShownFacts, ShownPlan, agreed_plan, at_merge, moments
from gitbot.errors import RefusedError
from gitbot.model.commands import Source
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Guard
from gitbot.model.runs import Run, RunKind, RunStatus
from tests.unit.decisions.facts_by_hand import a_command

STACK = StackId(repository="7", environment="dev", name="x", region="eu-west-1")
HEAD, OTHER = Sha("a" * 40), Sha("b" * 40)
NOW = datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC)


def plan_run(digest: str = "d1", head: Sha = HEAD) -> Run:
    return Run(
        id=digest,
        kind=RunKind.PLAN,
        stack=STACK,
        commit=HEAD,
        head=head,
        tip=OTHER,
        pull_request=3,
        status=RunStatus.PLANNED,
        digest=digest,
        does=True,
        actor="ada",
        started_at=NOW,
    )


def shown(digest: str = "d1", *guards: Guard, head: Sha = HEAD) -> ShownPlan:
    return ShownPlan(run=plan_run(digest, head), guards=frozenset(guards))


@pytest.mark.parametrize(
    ("second_before", "at_second", "reviewed"),
    [
        (plan_run("seen"), plan_run("late"), "seen"),
        (plan_run("old head", OTHER), plan_run("seen"), "seen"),
        (plan_run("old head", OTHER), plan_run("old head", OTHER), None),
        (None, plan_run("within the second"), "within the second"),
        (None, None, None),
    ],
    ids=["shown before", "github tells whole seconds", "another head", "same second", "never"],
)
def test_what_was_reviewed_when_it_was_merged(
    second_before: Run | None, at_second: Run | None, reviewed: str | None
) -> None:
    found = at_merge((second_before, at_second), HEAD)
    assert (found.id if found else None) == reviewed


FACTS = ShownFacts(label="dev/x", head=HEAD, newest=shown(), read=shown(), before=shown())


@pytest.mark.parametrize(
    "facts",
    [FACTS, replace(FACTS, before=None), replace(FACTS, read=shown("d1", Guard.MASS_DELETE))],
    ids=["the same all the time", "shown in the second of the comment", "a guard fell away"],
)
def test_the_plan_that_was_read_is_agreed_to(facts: ShownFacts) -> None:
    assert agreed_plan(facts).digest == "d1"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(FACTS, newest=None), "no plan of dev/x had been shown"),
        (replace(FACTS, read=None), "no plan of dev/x had been shown"),
        (replace(FACTS, read=shown(head=OTHER)), "pull request is at aaaaaaaa now"),
        (replace(FACTS, newest=shown(head=OTHER)), "pull request is at aaaaaaaa now"),
        (replace(FACTS, moved="dev/x was applied"), "dev/x was applied: it is planned again"),
        (replace(FACTS, newest=shown("d2")), "changed around the time"),
        (replace(FACTS, before=shown("d0")), "changed around the time"),
        (replace(FACTS, newest=shown("d1", Guard.MASS_DELETE)), "changed around the time"),
    ],
    ids=[
        "none yet",
        "none before the comment",
        "read of another head",
        "newest of another head",
        "something moved",
        "another plan since",
        "another plan in that second",
        "a new guard",
    ],
)
def test_a_plan_that_was_not_read_is_not_agreed_to(facts: ShownFacts, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        agreed_plan(facts)


@pytest.mark.parametrize(
    ("comment", "plan_comment", "read_s"),
    [(5, 4, 0), (5, None, 0), (4, 5, -1)],
    ids=["after the plan comment", "the plan comment is lost", "before it in the same second"],
)
def test_what_was_shown_before_a_comment_goes_by_githubs_times_and_ids(
    comment: int, plan_comment: int | None, read_s: int
) -> None:
    """The kind: two clocks decided. A comment in the plan's second counts when its id is larger."""
    command = replace(a_command(), written_at=NOW)
    command = replace(command, ref=replace(command.ref, comment=comment))
    second = timedelta(seconds=1)
    assert moments(command, plan_comment) == (None, NOW + read_s * second, NOW - second)


def test_a_review_has_ids_of_its_own() -> None:
    command = replace(a_command(), written_at=NOW)
    command = replace(command, ref=replace(command.ref, source=Source.REVIEW, comment=1))
    assert moments(command, 5)[1] == NOW
