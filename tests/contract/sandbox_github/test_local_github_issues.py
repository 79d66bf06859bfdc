"""Tests for the local GitHub's issues, labels, locks, reviews and Git database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from github import GithubException, InputGitTreeElement
from github.Repository import Repository

from gitbot_sandbox.github.courier import by_event
from tests.contract.sandbox_github.house import REPO, House, house, listener


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("issues") / "github") as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For what is only refused."""
    with house(tmp_path_factory.mktemp("refused") / "github") as made:
        yield made


def _told(world: House, act: Callable[[], object]) -> list[tuple[str, Any]]:
    """Names and payloads of the deliveries that an act causes."""
    with listener() as heard:
        hook = world.local.set_webhook(REPO, heard.url, "s")
        act()
        assert world.local.courier.wait_idle()
        world.local.remove_webhook(hook)
    sent = [d for d in world.local.courier.deliveries() if d.event != "ping"]
    return [(next(iter(by_event([d]))), d.json()) for d in sent]


def test_a_new_issue_sends_one_event_for_each_label_and_assignee(world: House) -> None:
    bob = world.repo("bob")
    told = _told(
        world, lambda: bob.create_issue("Drift", "moved", labels=["a", "b"], assignees=["carol"])
    )
    assert [name for name, _ in told] == [
        "issues.opened",
        "issues.labeled",
        "issues.labeled",
        "issues.assigned",
    ]
    assert told[0][1]["issue"]["body"] == "moved"
    assert [payload["label"]["name"] for _, payload in told[1:3]] == ["a", "b"]
    assert told[3][1]["assignee"]["login"] == "carol"
    assert {payload["sender"]["login"] for _, payload in told} == {"bob"}


def test_every_change_of_an_issue_sends_an_event_and_a_no_op_sends_none(world: House) -> None:
    issue = world.repo("bob").create_issue("Drift", "moved", labels=["a"])

    def act() -> None:
        issue.edit(title="Drift", body="moved")
        issue.edit(body="moved on")
        issue.edit(state="closed", state_reason="not_planned")
        issue.edit(state="closed")
        issue.edit(state="open")
        issue.add_to_labels("A")
        issue.create_comment("/drift dev")

    told = _told(world, act)
    assert [name for name, _ in told] == [
        "issues.edited",
        "issues.closed",
        "issues.reopened",
        "issue_comment.created",
    ]
    assert told[0][1]["changes"] == {"body": {"from": "moved"}}
    assert told[1][1]["issue"]["state_reason"] == "not_planned"
    assert "pull_request" not in told[3][1]["issue"]
    assert told[3][1]["comment"]["body"] == "/drift dev"


def test_a_label_on_a_pull_request_sends_a_pull_request_event(world: House) -> None:
    number = world.pull_request()
    told = _told(world, lambda: world.repo("bob").get_issue(number).add_to_labels("promotion"))
    assert [name for name, _ in told] == ["pull_request.labeled"]
    assert [x["name"] for x in told[0][1]["pull_request"]["labels"]] == ["promotion"]


def test_a_review_sends_events_when_submitted_edited_and_dismissed(world: House) -> None:
    number = world.pull_request()
    pull = world.repo("alice").get_pull(number)

    def act() -> None:
        review = pull.create_review(body="/apply dev", event="APPROVE")
        review.edit("/apply prod")
        review.dismiss("too soon")

    told = _told(world, act)
    assert [
        (name, payload["review"]["body"], payload["review"]["state"]) for name, payload in told
    ] == [
        ("pull_request_review.submitted", "/apply dev", "approved"),
        ("pull_request_review.edited", "/apply prod", "approved"),
        ("pull_request_review.dismissed", "/apply prod", "dismissed"),
    ]
    assert told[1][1]["changes"] == {"body": {"from": "/apply dev"}}
    submitted = {payload["review"]["submitted_at"] for _, payload in told}
    assert len(submitted) == 1


def test_a_reader_opens_issues_but_sets_no_labels_or_assignees(world: House) -> None:
    made = world.repo("carol").create_issue("Hm", labels=["drift"], assignees=["bob"])
    assert (made.labels, made.assignees) == ([], [])
    made.edit(labels=["drift"], assignees=["bob"])
    assert (made.labels, made.assignees) == ([], [])
    assert world.repo("bob").get_issue(made.number).title == "Hm"


def test_writers_can_comment_on_a_locked_conversation(world: House) -> None:
    issue = world.repo("bob").create_issue("Heated")
    issue.lock("too heated")
    shown = world.repo("carol").get_issue(issue.number)
    assert (shown.locked, shown.active_lock_reason) == (True, "too heated")
    _refuses(403, "is locked", lambda: shown.create_comment("but"))
    _refuses(
        403,
        "is locked",
        lambda: world.app_client().get_repo(REPO).get_issue(issue.number).create_comment("but"),
    )
    assert issue.create_comment("still here").body == "still here"


def _refuses(status: int, words: str, call: Callable[[], object]) -> None:
    with pytest.raises(GithubException) as caught:
        call()
    assert (caught.value.status, words in str(caught.value)) == (status, True), caught.value


def test_issues_that_are_switched_off_or_deleted_answer_410(world: House) -> None:
    bob, number = world.repo("bob"), world.pull_request()
    issue = bob.create_issue("Drift")
    world.local.delete_issue(REPO, issue.number, "alice")
    _refuses(410, "deleted", lambda: bob.get_issue(issue.number))
    bob.create_issue("Other")
    world.local.switch_issues(REPO, on=False)
    _refuses(410, "disabled", lambda: bob.create_issue("More"))
    assert [each.number for each in bob.get_issues()] == [number]
    assert not world.repo("bob").has_issues


@pytest.mark.parametrize(
    ("status", "words", "call"),
    [
        (422, "too long", lambda repo: repo.create_issue("t" * 257)),
        (422, "too long", lambda repo: repo.create_issue("t", "b" * 65_537)),
        (422, "assignees", lambda repo: repo.create_issue("t", assignees=["mallory"])),
        (422, "state_reason", lambda repo: _edit(repo, state="closed", state_reason="bored")),
        (422, "missing_field", lambda repo: repo.create_issue("")),
        (404, "does not exist", lambda repo: repo.create_issue("t").remove_from_labels("x")),
    ],
)
def test_what_github_refuses_of_an_issue_is_refused(
    shared: House, status: int, words: str, call: Callable[[Repository], object]
) -> None:
    _refuses(status, words, lambda: call(shared.repo("bob")))


def _edit(repo: Repository, **changes: str) -> None:
    repo.create_issue("t").edit(**changes)  # type: ignore[arg-type]


def _file(path: str = "a.yaml", mode: str = "100644", **what: str | None) -> InputGitTreeElement:
    return InputGitTreeElement(path, mode, "blob", **(what or {"content": "x"}))


@pytest.mark.parametrize(
    ("words", "element"),
    [
        ("BadObjectState", _file("never.yaml", sha=None)),
        ("malformed path", _file("../up.yaml")),
        ("malformed path", _file("a/.git/config")),
        ("tree.mode", _file(mode="777")),
        ("not a valid blob", _file(sha="1" * 40)),
    ],
)
def test_what_github_refuses_of_a_tree_is_refused(
    shared: House, words: str, element: InputGitTreeElement
) -> None:
    bob = shared.repo("bob")
    base = bob.get_git_commit(bob.get_branch("main").commit.sha).tree
    _refuses(422, words, lambda: bob.create_git_tree([element], base))


def test_a_git_database_commit_moves_no_branch_and_a_ref_moves_only_forward(world: House) -> None:
    bob = world.repo("bob")
    base = bob.get_git_commit(bob.get_branch("main").commit.sha)
    tree = bob.create_git_tree([_file()], base.tree)
    made = bob.create_git_commit("Add", tree, [base])
    assert bob.get_branch("main").commit.sha == base.sha
    assert [parent.sha for parent in made.parents] == [base.sha]
    apart = bob.create_git_commit("Apart", tree, [])
    ref = bob.create_git_ref("refs/heads/new", made.sha)
    _refuses(422, "not a fast forward", lambda: ref.edit(apart.sha))
    _refuses(422, "already exists", lambda: bob.create_git_ref("refs/heads/new", base.sha))
    _refuses(422, "does not exist", lambda: bob.create_git_ref("refs/heads/x", "1" * 40))
    _refuses(403, "", lambda: world.repo("carol").create_git_commit("x", tree, [base]))


def test_pull_requests_are_found_by_head_only_if_it_names_its_owner(world: House) -> None:
    world.pull_request("one")
    world.change("two", "kind: Stack\nname: zwei\n")
    world.local.open_pull_request(REPO, author="bob", head="two", title="Two")
    bob = world.repo("bob")
    assert [pull.title for pull in bob.get_pulls(head="acme:two")] == ["Two"]
    assert len(list(bob.get_pulls(head="two"))) == 2
