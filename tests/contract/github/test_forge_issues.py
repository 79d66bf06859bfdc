"""The forge reads and writes issues, also when answers are lost or writing is refused. Shell."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Literal

import pytest

from gitbot.errors import ConversationClosedError, TransientError
from gitbot.model.forge import CloseReason, NewIssue
from gitbot_sandbox.github import Fault
from tests.contract.github.github_world import REPOSITORY, ForgeWorld

_subjects = itertools.count()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def new_issue(**changes: object) -> NewIssue:
    """An issue with a marker of its own."""
    given = {"title": "Drift in dev", "body": f"{marker()}\nIt moved."}
    return NewIssue(**{**given, **changes})  # type: ignore[arg-type]


def marker() -> str:
    return f"<!-- gitbot:drift:{next(_subjects)} -->"


def test_an_issue_is_opened_with_labels_and_assignees(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    new = new_issue(labels=("drift", "Dev"), assignees=("bob", "nobody-at-all", "eve", "mia"))
    made = forge.create_issue(new)
    assert (made.title, made.body, made.author) == (new.title, new.body, forge.login)
    assert (made.open, made.reason, made.locked, made.closed_at) == (True, None, False, None)
    assert made.labels == {"drift", "Dev"}
    assert made.assignees == {"bob", "mia"}  # eve was never let in
    assert made.url == f"{world.hub.url}/{REPOSITORY}/issues/{made.number}"
    assert forge.issue(made.number) == made


def test_people_who_are_refused_together_are_assigned_each_alone(world: ForgeWorld) -> None:
    refuse = Fault(kind="server_error", status=422, method="POST", path="*/assignees", times=2)
    world.hub.faults.add(refuse)
    made = world.forge().create_issue(new_issue(assignees=("eve", "bob", "mia")))
    assert made.assignees == {"bob", "mia"}


def test_a_title_that_is_too_long_for_github_is_cut(world: ForgeWorld) -> None:
    made = world.forge().create_issue(new_issue(title="t" * 300))
    assert made.title == "t" * 255 + "…"
    world.forge().edit_issue(made.number, title="u" * 300)
    assert world.hub.issue(REPOSITORY, made.number).title == "u" * 255 + "…"


def test_an_issue_whose_answer_is_lost_is_opened_once(world: ForgeWorld, way: str) -> None:
    new = new_issue()
    world.hub.faults.add(Fault(kind="lost_reply", method="POST", path="*/issues"))
    made = world.forge(way).create_issue(new)
    assert [each.number for each in world.forge(way).find_own_issues(new.body[:20])] == [
        made.number
    ]


@pytest.mark.parametrize("kind", ["lost_reply", "lost_request"])
def test_an_older_issue_does_not_count_as_the_one_whose_answer_was_lost(
    world: ForgeWorld, kind: Literal["lost_reply", "lost_request"]
) -> None:
    forge, new = world.forge(), new_issue()
    older = forge.create_issue(new)
    world.hub.faults.add(Fault(kind=kind, method="POST", path="*/issues"))
    assert forge.create_issue(new).number > older.number
    assert len(forge.find_own_issues(new.body.partition("\n")[0])) == 2


def test_an_issue_whose_request_is_lost_is_opened_again(world: ForgeWorld) -> None:
    new = new_issue()
    world.hub.faults.add(Fault(kind="lost_request", method="POST", path="*/issues"))
    world.forge().create_issue(new)
    assert len(world.forge().find_own_issues(new.body.partition("\n")[0])) == 1


def test_own_issues_are_found_open_and_closed_over_many_pages(world: ForgeWorld, way: str) -> None:
    forge, wanted = world.forge(way), marker()
    first = forge.create_issue(new_issue(body=f"{wanted}\none"))
    forge.close_issue(first.number, CloseReason.COMPLETED)
    for _ in range(101):
        world.hub.create_issue(REPOSITORY, forge.login, "Something else", "no marker")
    world.hub.create_issue(REPOSITORY, "eve", "Forged", f"{wanted}\nforged")
    second = forge.create_issue(new_issue(body=f"{wanted}\ntwo"))
    found = forge.find_own_issues(wanted)
    assert [(each.number, each.open) for each in found] == [
        (second.number, True),
        (first.number, False),
    ]


def test_a_pull_request_is_not_read_as_an_issue(world: ForgeWorld, way: str) -> None:
    forge, wanted = world.forge(way), marker()
    world.push(f"no-issue-{way}")
    number = world.hub.open_pull_request(
        REPOSITORY, author=forge.login, head=f"no-issue-{way}", title="x", body=wanted
    )
    assert forge.issue(number) is None
    assert forge.find_own_issues(wanted) == ()


def test_a_missing_or_deleted_issue_is_none(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    made = forge.create_issue(new_issue())
    assert forge.issue(99_999) is None
    world.hub.delete_issue(REPOSITORY, made.number, "bob")
    assert forge.issue(made.number) is None
    with pytest.raises(ConversationClosedError, match="deleted"):
        forge.create_comment(made.number, "hello")


def test_a_transferred_issue_is_none_where_it_was(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    made = forge.create_issue(new_issue())
    other = f"{REPOSITORY}-{way}"
    world.hub.create_repository("acme", other.removeprefix("acme/"))
    for login in ("bob", "robot"):
        world.hub.set_permission(other, login, "admin")
    moved = world.hub.transfer_issue(REPOSITORY, made.number, other, "bob")
    assert world.hub.issue(other, moved).body == made.body, "the marker went with it"
    assert forge.issue(made.number) is None


@pytest.mark.parametrize(("who", "person"), [("bob", True), ("stale[bot]", False), ("us", False)])
def test_who_closed_an_issue_is_told(world: ForgeWorld, way: str, who: str, person: bool) -> None:
    forge = world.forge(way)
    number = forge.create_issue(new_issue()).number
    if who == "us":
        forge.close_issue(number, CloseReason.NOT_PLANNED)
    else:
        if world.hub.hub.store.user(who) is None:
            world.hub.create_app("stale", "acme")
        world.hub.close(REPOSITORY, number, who, "not_planned")
    closed = forge.issue(number)
    assert closed is not None
    assert (closed.closed_by, closed.by_person) == (forge.login if who == "us" else who, person)
    forge.reopen_issue(number)
    again = forge.issue(number)
    assert again is not None
    assert (again.closed_by, again.by_person) == ("", False)


def test_an_issue_is_closed_with_a_reason_and_reopened(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    number = forge.create_issue(new_issue()).number
    for reason in CloseReason:
        forge.close_issue(number, reason)
        closed = forge.issue(number)
        assert closed is not None
        assert (closed.open, closed.reason) == (False, reason)
        assert closed.closed_at is not None
    forge.reopen_issue(number)
    again = forge.issue(number)
    assert again is not None
    assert (again.open, again.reason, again.closed_at) == (True, None, None)


def test_an_edit_that_changes_nothing_is_not_written(world: ForgeWorld, way: str) -> None:
    forge, new = world.forge(way), new_issue()
    number = forge.create_issue(new).number
    forge.edit_issue(number, body="other")
    forge.close_issue(number, CloseReason.NOT_PLANNED)
    world.hub.faults.forget_calls()
    forge.edit_issue(number, title=new.title, body="other")
    forge.close_issue(number, CloseReason.NOT_PLANNED)
    assert {call.method for call in world.hub.faults.calls()} == {"GET"}
    issue = world.hub.issue(REPOSITORY, number)
    assert (issue.title, issue.body) == (new.title, "other")
    forge.reopen_issue(number)
    world.hub.faults.forget_calls()
    forge.reopen_issue(number)
    assert {call.method for call in world.hub.faults.calls()} == {"GET"}


def test_labels_of_others_stay(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    number = world.hub.create_issue(REPOSITORY, "bob", "x", labels=["theirs", "Stale"]).number
    for _ in range(2):
        forge.label(number, add=("gitbot:drift",), remove=("stale", "never-there"))
    assert world.hub.issue(REPOSITORY, number).labels == ["theirs", "gitbot:drift"]


def test_an_issue_takes_comments_as_a_pull_request_does(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    number = forge.create_issue(new_issue()).number
    world.hub.comment(REPOSITORY, number, "bob", "/apply dev")
    answer = forge.create_comment(number, "<!-- gitbot:answer:1 -->\nNo.")
    assert forge.recent_comments(LONG_AGO)[number][0].body == "/apply dev"
    assert forge.find_own_comment(number, "<!-- gitbot:answer:1 -->") == answer.id


def test_no_issue_is_opened_while_issues_are_switched_off(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    world.hub.switch_issues(REPOSITORY, on=False)
    try:
        with pytest.raises(ConversationClosedError, match="disabled in this repository"):
            forge.create_issue(new_issue())
        assert forge.find_own_issues("<!-- gitbot:") == ()
    finally:
        world.hub.switch_issues(REPOSITORY, on=True)


def test_an_app_cannot_comment_on_a_locked_conversation(world: ForgeWorld) -> None:
    forge = world.forge("app")
    number = forge.create_issue(new_issue()).number
    world.hub.lock(REPOSITORY, number, "bob")
    with pytest.raises(ConversationClosedError, match="locked"):
        forge.create_comment(number, "hello")
    locked = forge.issue(number)
    assert locked is not None
    assert locked.locked
    assert world.forge("token").create_comment(number, "who may write goes on talking")
    world.hub.lock(REPOSITORY, number, "bob", locked=False)
    assert forge.create_comment(number, "hello")


def test_a_rate_limit_on_writing_issues_is_left_to_the_queue(world: ForgeWorld) -> None:
    world.hub.faults.add(
        Fault(kind="secondary_rate_limit", method="POST", path="*/issues", retry_after_s=60)
    )
    with pytest.raises(TransientError) as caught:
        world.forge().create_issue(new_issue())
    assert caught.value.retry_after_s == 60
