"""Of what waits, the newest of each subject becomes a job, so many a second; answers go at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from gitbot.decisions.deliveries import choose
from gitbot.model.commands import Source
from gitbot.model.keys import AnswerComment, ClosePullRequest, FollowTip, JobKey, PlanPullRequest


def plan(number: int, reason: str) -> JobKey:
    return PlanPullRequest(repository="7", number=number, reason=reason)


def tip(reason: str) -> JobKey:
    return FollowTip(repository="7", reason=reason)


def closed(number: int) -> JobKey:
    return ClosePullRequest(repository="7", number=number, reason="c")


def answer(comment: int) -> JobKey:
    return AnswerComment(repository="7", number=1, source=Source.COMMENT, comment=comment)


@dataclass(frozen=True, kw_only=True)
class Case:
    waiting: Sequence[tuple[str, Sequence[JobKey]]]
    room: int = 5
    keys: Sequence[JobKey] = ()
    woke: str = ""
    settled: str = ""


CASES = {
    "nothing waits": Case(waiting=()),
    "a push becomes a job": Case(waiting=[("a", [plan(1, "a")])], keys=[plan(1, "a")], woke="a"),
    "the newest of a subject stands for the others": Case(
        waiting=[("a", [plan(1, "a")]), ("b", [plan(1, "b")]), ("c", [plan(1, "c")])],
        keys=[plan(1, "c")],
        woke="c",
        settled="ab",
    ),
    "other subjects have jobs of their own": Case(
        waiting=[("a", [plan(1, "a")]), ("b", [plan(12, "b")]), ("c", [tip("c")])],
        keys=[plan(1, "a"), plan(12, "b"), tip("c")],
        woke="abc",
    ),
    "without room a subject waits with its oldest and its newest delivery": Case(
        waiting=[(name, [plan(1, name)]) for name in "abcd"],
        room=0,
        settled="bc",
    ),
    "more room was used than there is": Case(waiting=[("a", [tip("a")])], room=-2),
    "the subject that has waited longest goes first": Case(
        waiting=[("a", [plan(1, "a")]), ("b", [plan(2, "b")]), ("c", [plan(1, "c")])],
        room=1,
        keys=[plan(1, "c")],
        woke="c",
        settled="a",
    ),
    "what must run by itself takes no room, and goes first": Case(
        waiting=[("a", [tip("a")]), ("b", [answer(1)]), ("c", [closed(1)]), ("d", [answer(2)])],
        room=0,
        keys=[answer(1), closed(1), answer(2)],
        settled="bcd",
    ),
    "two answers in one conversation are two jobs": Case(
        waiting=[("a", [answer(1)]), ("b", [answer(2)])],
        keys=[answer(1), answer(2)],
        settled="ab",
    ),
    "a review with a command is answered while its plan waits": Case(
        waiting=[("a", [plan(1, "a"), answer(1)])], room=0, keys=[answer(1)]
    ),
    "a delivery that wakes nothing is settled": Case(waiting=[("a", [])], settled="a"),
    "a delivery of two subjects waits for the later one": Case(
        waiting=[("a", [plan(1, "a"), plan(2, "a")])], room=1, keys=[plan(1, "a")]
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_choose(case: Case) -> None:
    chosen = choose(case.waiting, case.room)

    assert chosen.keys == tuple(case.keys)
    assert chosen.woke == frozenset(case.woke)
    assert chosen.settled == frozenset(case.settled)
