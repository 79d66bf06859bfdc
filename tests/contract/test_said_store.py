"""Tests for the stores of comments and checks, pull requests and the journal, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.tables import journal as tables
from gitbot.errors import InvariantError
from gitbot.model.said import (
    DOUBTED,
    ForkHead,
    PlannedMark,
    SaidComment,
    Showing,
    ShownDigest,
    StackMark,
    Topic,
    TopicKind,
)
from gitbot.ports.records import Journal, PullRequests, Records, Said
from tests.contract.records_world import DEV, HEAD, NOON, SECOND, STACK, TIP

PLAN = Topic(kind=TopicKind.PLAN)
RESULT = Topic(kind=TopicKind.APPLY, subject="dev:run-1")


@pytest.fixture
def said(records: Records) -> Said:
    return records.said


@pytest.fixture
def pull_requests(records: Records) -> PullRequests:
    return records.pull_requests


@pytest.fixture
def journal(records: Records) -> Journal:
    return records.journal


# --- said ------------------------------------------------------------------------------------------


def test_a_comment_is_found_by_place_and_topic(said: Said) -> None:
    assert said.comment("7", 5, PLAN) is None
    first = SaidComment(comment=2**40, body_hash="hash-1")
    result = SaidComment(comment=2, body_hash="hash-2")
    said.put_comment("7", 5, PLAN, first, "one")
    said.put_comment("7", 5, RESULT, result, "result")
    assert said.comment("7", 5, PLAN) == first

    second = SaidComment(comment=3, body_hash="hash-3", restored_at=NOON)
    said.put_comment("7", 5, PLAN, second, "two")

    assert said.comment("7", 5, PLAN) == second
    assert said.comment("7", 5, RESULT) == result
    assert said.comments("7", 5, TopicKind.PLAN) == {PLAN: second}
    assert said.body("7", 5, PLAN) == "two"
    assert said.body("7", 6, PLAN) is None
    assert said.comment("7", 5, replace(RESULT, subject="dev:run-2")) is None
    assert said.comment("7", 5, replace(RESULT, kind=TopicKind.ANSWER)) is None
    assert said.comment("7", 6, PLAN) is None
    assert said.comment("8", 5, PLAN) is None


def test_a_comment_that_somebody_changed_is_ours_but_says_nothing_for_sure(said: Said) -> None:
    said.put_comment("7", 5, RESULT, SaidComment(comment=2, body_hash="hash-2"), "text")
    assert said.topic_of("7", 2) == RESULT
    assert said.topic_of("7", 3) is None
    assert said.topic_of("8", 2) is None

    said.doubt("7", 2)

    assert said.comment("7", 5, RESULT) == SaidComment(comment=2, body_hash=DOUBTED)


def test_checks_are_found_by_commit_and_name(said: Said) -> None:
    said.put_check("7", HEAD, "gitbot/plan", "hash-1")
    said.put_check("7", HEAD, "gitbot/apply: dev", "hash-2")
    said.put_check("7", HEAD, "gitbot/plan", "hash-3")
    said.put_check("7", TIP, "gitbot/plan", "hash-4")

    assert said.checks("7", HEAD) == {"gitbot/plan": "hash-3", "gitbot/apply: dev": "hash-2"}
    assert said.checks("8", HEAD) == {}


def test_pull_requests_are_told_once_of_an_occasion(said: Said) -> None:
    for number in (5, 6, 5):
        said.put_told("7", number, "dev", "tip:1")
    said.put_told("7", 7, "dev", "tip:2")
    said.put_told("7", 8, "prod", "tip:1")
    said.put_told("8", 9, "dev", "tip:1")

    assert said.told("7", "dev", "tip:1") == {5, 6}
    assert said.told("7", "dev", "tip:3") == frozenset()


# --- pull requests ---------------------------------------------------------------------------------


def test_everybody_who_pushed_a_commit_is_kept(pull_requests: PullRequests) -> None:
    assert pull_requests.pushers("7", [HEAD]) == {}
    pull_requests.note_push("7", [HEAD, TIP], ["ana"])
    pull_requests.note_push("7", [HEAD], ["bob", "ana"])
    pull_requests.note_push("8", [HEAD], ["eve"])

    assert pull_requests.pushers("7", [HEAD]) == {HEAD: {"ana", "bob"}}
    assert pull_requests.pushers("7", [HEAD, TIP]) == {HEAD: {"ana", "bob"}, TIP: {"ana"}}


def test_a_digest_is_shown_since_the_first_time(pull_requests: PullRequests) -> None:
    first = ShownDigest(stack=STACK, digest="d1", shown_at=NOON)
    later = replace(first, digest="d2", shown_at=NOON + SECOND, topic=RESULT)
    elsewhere = replace(later, stack=replace(STACK, name="other"))
    pull_requests.note_shown(5, [later, first, elsewhere])
    pull_requests.note_shown(5, [replace(first, shown_at=NOON + 5 * SECOND)])
    pull_requests.note_shown(6, [replace(first, digest="d3")])

    assert set(pull_requests.shown_digests("7", 5)) == {first, later, elsewhere}
    assert pull_requests.shown_digests("7", 5)[0] == first
    assert pull_requests.shown_digests("8", 5) == ()


def test_a_forks_head_is_recorded_once_and_may_get_leave(pull_requests: PullRequests) -> None:
    assert pull_requests.fork_head("7", 5, HEAD) is None
    pull_requests.tell_fork_head("7", 5, HEAD, NOON)
    pull_requests.tell_fork_head("7", 5, TIP, NOON)
    assert pull_requests.fork_head("7", 5, HEAD) == ForkHead(head=HEAD, told_at=NOON)

    pull_requests.give_leave("7", 5, HEAD, "comment:100:0:0")
    pull_requests.tell_fork_head("7", 5, HEAD, NOON + SECOND)

    leave = ForkHead(head=HEAD, told_at=NOON, leave="comment:100:0:0")
    assert pull_requests.fork_head("7", 5, HEAD) == leave
    assert pull_requests.fork_head("7", 5, TIP) == ForkHead(head=TIP, told_at=NOON)
    assert pull_requests.fork_head("7", 6, HEAD) is None


def test_leave_for_a_head_that_was_not_recorded_is_a_bug(pull_requests: PullRequests) -> None:
    pull_requests.tell_fork_head("7", 5, HEAD, NOON)

    with pytest.raises(InvariantError, match="nobody was told"):
        pull_requests.give_leave("7", 5, TIP, "comment:100:0:0")


def test_the_marks_of_many_pull_requests_are_read_at_once(pull_requests: PullRequests) -> None:
    mark = PlannedMark(
        head=HEAD,
        tip=TIP,
        base_ref="main",
        leave=True,
        environments={"dev": "hash"},
        stacks={
            "dev/trainer": StackMark(serial=3, desired_hash="h", claimed_by=6),
            "dev/gone": StackMark(serial=0),
        },
    )
    bare = PlannedMark(head=HEAD, tip=TIP, base_ref="main", environments={}, stacks={})
    pull_requests.put_planned("7", 5, bare)
    pull_requests.put_planned("7", 5, mark)
    pull_requests.put_planned("7", 6, bare)
    pull_requests.put_planned("7", 7, bare)
    pull_requests.put_planned("8", 5, bare)

    assert pull_requests.planned("7", [5, 6, 99]) == {5: mark, 6: bare}
    assert pull_requests.planned("7", []) == {}


def test_what_a_comment_is_about_to_show_is_kept_until_it_is_recorded_that_it_does(
    pull_requests: PullRequests,
) -> None:
    first, second = Showing(pages=("a",), runs=("r1",)), Showing(pages=("b", "c"), partly=("r2",))
    pull_requests.put_showing("7", 5, first)
    pull_requests.put_showing("7", 5, second)
    pull_requests.put_showing("7", 6, first)
    pull_requests.put_showing("8", 5, first)

    pull_requests.end_showing("7", 5, first)  # it was replaced: the newer one stays
    assert pull_requests.showings("7") == {5: second, 6: first}
    pull_requests.end_showing("7", 5, second)
    assert pull_requests.showings("7") == {6: first}
    assert pull_requests.showings("9") == {}


# --- journal ---------------------------------------------------------------------------------------


def test_the_applied_tip_of_an_environment_is_the_last_one(journal: Journal) -> None:
    assert journal.applied_tip(DEV) is None
    journal.put_applied_tip(DEV, HEAD)
    journal.put_applied_tip(DEV, TIP)

    assert journal.applied_tip(DEV) == TIP
    assert journal.applied_tip(replace(DEV, environment="prod")) is None


def test_a_tip_that_is_applied_again_differs_from_its_first_time(journal: Journal) -> None:
    """A branch that was forced from A to B, to A and to B again waited for the sweep at B."""
    seen = [(journal.applied_tip(DEV), journal.applied_times(DEV))]
    for tip in (HEAD, TIP, HEAD, TIP):
        journal.put_applied_tip(DEV, tip)
        seen.append((journal.applied_tip(DEV), journal.applied_times(DEV)))

    assert seen == [(None, 0), (HEAD, 1), (TIP, 2), (HEAD, 3), (TIP, 4)]
    assert journal.applied_times(replace(DEV, environment="prod")) == 0


def test_a_repository_is_found_by_its_present_name(journal: Journal) -> None:
    journal.note_repository("7", "Acme/Cloud")
    assert journal.repository_id("acme/cloud") == "7"

    journal.note_repository("7", "acme/sky")
    assert journal.repository_id("acme/cloud") is None
    assert journal.repository_id("acme/sky") == "7"

    journal.note_repository("8", "acme/sky")
    assert journal.repository_id("acme/sky") == "8"


def test_audit_rows_are_only_ever_added(journal: Journal, engine: Engine) -> None:
    for actor in ("ana", "ana", "bob"):
        journal.audit(
            at=NOON, actor=actor, action="apply", subject="dev/trainer", detail={"run": "1"}
        )

    with engine.connect() as connection:
        found = connection.execute(sa.select(tables.audit).order_by("sequence")).all()
    assert [(row.actor, row.action, row.subject) for row in found] == [
        ("ana", "apply", "dev/trainer"),
        ("ana", "apply", "dev/trainer"),
        ("bob", "apply", "dev/trainer"),
    ]
    assert json.loads(found[0].detail) == {"run": "1"}
    assert found[0].at == NOON
