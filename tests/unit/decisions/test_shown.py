"""Which plan stood on a pull request when it was merged, or when /apply was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gitbot.decisions.shown import ShownFacts, ShownPlan, agreed_plan, at_merge, names
from gitbot.errors import RefusedError
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
    ("at_second", "second_later", "reviewed"),
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
    at_second: Run | None, second_later: Run | None, reviewed: str | None
) -> None:
    found = at_merge((at_second, second_later), HEAD)
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
    ("said", "digest", "expected"),
    [
        pytest.param(None, "abcd", True, id="a command without a digest speaks of all"),
        pytest.param("ab", "abcd", True, id="the first digits are enough"),
        pytest.param("abcd", "abcd", True, id="all of them too"),
        pytest.param("cd", "abcd", False, id="other digits are not"),
        pytest.param("ab", None, False, id="what has no digest cannot be named"),
        pytest.param("abcde", "abcd", False, id="more digits than there are"),
    ],
)
def test_whether_a_command_speaks_of_a_plan(
    said: str | None, digest: str | None, expected: bool
) -> None:
    assert names(a_command(**({"digest": said} if said else {})), digest) is expected
