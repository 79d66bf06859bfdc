"""Payloads become events, and events become the keys of jobs."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.model.commands import Source
from gitbot.model.events import (
    CheckRerequested,
    CommentChanged,
    Event,
    Ignored,
    IssueChanged,
    MergeGroupMade,
    Ping,
    PullRequestChanged,
    Pushed,
    ReviewSubmitted,
    TextWritten,
)
from gitbot.model.keys import (
    AnswerComment,
    ClosePullRequest,
    DetectDrift,
    FollowTip,
    JobKey,
    OpenWindows,
    PlanMergeGroup,
    PlanPullRequest,
    RerunChecks,
    RestoreComment,
)
from gitbot.model.names import Sha
from gitbot.webhooks import MalformedDeliveryError, parse, route

HEAD, EARLIER = Sha("ab" * 20), Sha("cd" * 20)
REPOSITORY = {"id": 42, "full_name": "acme/infra"}
WRITTEN = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)


def pull_request(action: str, **changes: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "action": action,
        "repository": REPOSITORY,
        "sender": {"login": "ada"},
        "pull_request": {"number": 7, "head": {"sha": HEAD, "repo": {"id": 42}}},
    }
    return payload | changes


def from_fork(action: str, repo: object, **changes: Any) -> dict[str, Any]:
    return pull_request(
        action,
        pull_request={"number": 7, "head": {"sha": HEAD, "repo": repo}},
        **changes,
    )


def push(**changes: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "ref": "refs/heads/bucket",
        "after": HEAD,
        "deleted": False,
        "commits": [{"id": EARLIER}, {"id": HEAD}],
        "pusher": {"name": "mallory", "email": "m@example.com"},
        "sender": {"login": "mallory"},
        "repository": REPOSITORY,
    }
    return payload | changes


def comment(body: str | None = "/plan", *, on_pull_request: bool = True) -> dict[str, Any]:
    return {
        "action": "created",
        "repository": REPOSITORY,
        "issue": {"number": 7} | ({"pull_request": {"url": "x"}} if on_pull_request else {}),
        "comment": {
            "id": 99,
            "body": body,
            "user": {"login": "ada", "id": 3},
            "created_at": "2026-05-01T10:00:00Z",
        },
    }


def changed(action: str, sender: str = "ada") -> dict[str, Any]:
    payload = comment()
    payload["comment"]["updated_at"] = "2026-05-01T10:01:00Z"
    return payload | {"action": action, "sender": {"login": sender}}


EDITED = WRITTEN + timedelta(minutes=1)


QUEUE = f"gh-readonly-queue/main/pr-7-{'c' * 40}"


def check(**changes: Any) -> dict[str, Any]:
    # GitHub lists no pull request of a fork, and the App can be null.
    suite = {"head_sha": HEAD, "head_branch": None, "pull_requests": []}
    inner = {"head_sha": HEAD, "name": "gitbot/dev", "app": None, "check_suite": suite} | changes
    sender = {"login": "ada"}
    return {
        "action": "rerequested",
        "repository": REPOSITORY,
        "sender": sender,
        "check_run": inner,
        "check_suite": suite,
    }


def commented(**changes: Any) -> TextWritten:
    fields: dict[str, Any] = {
        "repository": "42",
        "number": 7,
        "on_pull_request": True,
        "source": Source.COMMENT,
        "id": 99,
        "author": "ada",
        "author_id": 3,
        "body": "/plan",
        "written_at": WRITTEN,
        "text_at": WRITTEN,
    }
    return TextWritten(**(fields | changes))


def review(action: str = "submitted", **changes: Any) -> dict[str, Any]:
    inner = {
        "id": 5,
        "body": "/plan",
        "user": {"login": "ada", "id": 3},
        "submitted_at": "2026-05-01T12:00:00+02:00",
    }
    return pull_request(action, review=inner | changes)


@pytest.mark.parametrize(
    ("name", "payload", "event"),
    [
        (
            "pull_request",
            pull_request("synchronize"),
            PullRequestChanged(repository="42", number=7, head=HEAD, action="synchronize"),
        ),
        (
            "pull_request",
            from_fork("synchronize", {"id": 43}),
            PullRequestChanged(
                repository="42", number=7, head=HEAD, action="synchronize", pushed_by="ada"
            ),
        ),
        (
            "pull_request",
            from_fork("opened", None),
            PullRequestChanged(
                repository="42", number=7, head=HEAD, action="opened", pushed_by="ada"
            ),
        ),
        (
            "pull_request",
            from_fork("reopened", {"id": 43}),
            PullRequestChanged(repository="42", number=7, head=HEAD, action="reopened"),
        ),
        (
            "pull_request",
            pull_request("edited", changes={"base": {"ref": {"from": "main"}}}),
            PullRequestChanged(repository="42", number=7, head=HEAD, action="edited"),
        ),
        (
            "pull_request",
            pull_request("unlabeled", label={"name": "needs decision"}),
            PullRequestChanged(repository="42", number=7, head=HEAD, action="unlabeled"),
        ),
        (
            "pull_request",
            pull_request("closed"),
            PullRequestChanged(repository="42", number=7, head=HEAD, action="closed"),
        ),
        ("issue_comment", comment(), commented()),
        ("issue_comment", comment(None), commented(body="")),
        ("issue_comment", comment(on_pull_request=False), commented(on_pull_request=False)),
        (
            "issue_comment",
            changed("edited"),
            CommentChanged(
                repository="42",
                number=7,
                comment=99,
                author="ada",
                sender="ada",
                text=commented(text_at=EDITED, edited=True, by_author=True),
            ),
        ),
        (
            "issue_comment",
            changed("edited", "bob"),
            CommentChanged(
                repository="42",
                number=7,
                comment=99,
                author="ada",
                sender="bob",
                text=commented(text_at=EDITED, edited=True),
            ),
        ),
        (
            "issue_comment",
            changed("deleted", "bob"),
            CommentChanged(repository="42", number=7, comment=99, author="ada", sender="bob"),
        ),
        (
            "push",
            push(),
            Pushed(
                repository="42",
                ref="refs/heads/bucket",
                after=HEAD,
                commits=(EARLIER, HEAD),
                pushers=("mallory",),
            ),
        ),
        (
            "push",
            push(commits=[], sender={"login": "ada"}),
            Pushed(
                repository="42",
                ref="refs/heads/bucket",
                after=HEAD,
                commits=(HEAD,),
                pushers=("ada", "mallory"),
            ),
        ),
        (
            "pull_request_review",
            review("dismissed"),
            ReviewSubmitted(repository="42", number=7),
        ),
        (
            "pull_request_review",
            review(),
            ReviewSubmitted(repository="42", number=7, text=commented(source=Source.REVIEW, id=5)),
        ),
        (
            "pull_request_review",
            review(body=None),
            ReviewSubmitted(
                repository="42", number=7, text=commented(source=Source.REVIEW, id=5, body="")
            ),
        ),
        (
            "check_run",
            check(),
            CheckRerequested(repository="42", head=HEAD, by="ada", check="gitbot/dev"),
        ),
        ("check_suite", check(), CheckRerequested(repository="42", head=HEAD, by="ada")),
        (
            "merge_group",
            {
                "action": "checks_requested",
                "repository": REPOSITORY,
                "merge_group": {"head_sha": HEAD, "head_ref": f"refs/heads/{QUEUE}"},
            },
            MergeGroupMade(repository="42", head=HEAD, branch=QUEUE),
        ),
        *(
            (
                "issues",
                {
                    "action": action,
                    "repository": REPOSITORY,
                    "issue": {"number": 7},
                    "sender": {"login": "ada"},
                },
                IssueChanged(repository="42", number=7, sender="ada"),
            )
            for action in ("closed", "reopened", "deleted", "transferred")
        ),
        ("ping", {"zen": "x", "hook_id": 1}, Ping()),
    ],
)
def test_each_event_is_read(name: str, payload: object, event: Event) -> None:
    assert parse(name, payload) == event


@pytest.mark.parametrize(
    ("name", "payload", "why"),
    [
        ("star", {}, "'star'"),
        ("projects_v2_item", {"action": "edited"}, "'projects_v2_item'"),
        ("installation", None, "'installation'"),
        ("pull_request", pull_request("labeled"), "pull_request 'labeled'"),
        ("pull_request", pull_request("unlabeled", label={"name": "bug"}), "another label"),
        ("pull_request", pull_request("edited", changes={"body": {"from": "x"}}), "only the text"),
        ("issue_comment", comment() | {"action": "pinned"}, "issue_comment 'pinned'"),
        ("issues", {"action": "edited"}, "issues 'edited'"),
        (
            "push",
            {"ref": "refs/tags/v1", "after": HEAD, "deleted": False, "repository": REPOSITORY},
            "not a branch",
        ),
        (
            "push",
            {
                "ref": "refs/heads/x",
                "after": "0" * 40,
                "deleted": True,
                "repository": REPOSITORY,
            },
            "was deleted",
        ),
    ],
)
def test_what_is_not_acted_on_says_why(name: str, payload: object, why: str) -> None:
    event = parse(name, payload)
    assert isinstance(event, Ignored)
    assert why in event.why


@pytest.mark.parametrize(
    ("name", "payload", "path"),
    [
        ("pull_request", [], "JSON object"),
        ("pull_request", {}, "action"),
        ("pull_request", pull_request("opened", repository=None), "repository.id"),
        ("pull_request", pull_request("opened", repository={"id": "42"}), "repository.id"),
        ("pull_request", pull_request("opened", repository={"id": True}), "repository.id"),
        ("pull_request", from_fork("opened", None, sender={}), "sender.login"),
        (
            "pull_request",
            pull_request("edited", pull_request={"number": 7, "head": {"sha": "main"}}),
            "pull_request.head.sha",
        ),
        ("issue_comment", comment(3), "comment.body"),  # type: ignore[arg-type]
        ("issue_comment", comment() | {"comment": "x"}, "comment.user"),
        ("issue_comment", comment("half \ud83d"), "comment.body holds half"),
        ("pull_request_review", pull_request("submitted"), "review"),
        ("pull_request_review", review(submitted_at=None), "review.submitted_at"),
        ("pull_request_review", review(id=2**63), "review.id"),
        ("pull_request", pull_request("opened", repository={"id": 0}), "repository.id"),
        ("pull_request", pull_request("opened", repository={"id": 10**400}), "repository.id"),
        ("pull_request", from_fork("opened", None, sender={"login": "\ud800"}), "sender.login"),
        ("pull_request", from_fork("opened", None, sender={"login": ""}), "sender.login is empty"),
        ("push", {"ref": 3}, "ref"),
        ("push", push(commits=[{"id": "x"}]), "id is not a full commit id"),
        ("push", push(pusher={}), "pusher.name"),
        ("check_run", check(head_sha=None), "check_run.head_sha"),
        ("check_run", check(name=""), "check_run.name is empty"),
        ("check_suite", check() | {"check_suite": None}, "check_suite"),
    ],
)
def test_a_payload_that_is_not_github_s_names_the_wrong_path(
    name: str, payload: object, path: str
) -> None:
    with pytest.raises(MalformedDeliveryError, match=path):
        parse(name, payload)


@pytest.mark.parametrize("when", ["yesterday", "2026-05-01T10:00:00", "0001-01-01T00:00:00+23:59"])
def test_a_comment_without_a_clear_time_is_malformed(when: str) -> None:
    payload = comment()
    payload["comment"]["created_at"] = when
    with pytest.raises(MalformedDeliveryError, match="created_at"):
        parse("issue_comment", payload)


def plan(number: int) -> PlanPullRequest:
    return PlanPullRequest(repository="42", number=number, reason="d1")


@pytest.mark.parametrize(
    ("event", "keys"),
    [
        (PullRequestChanged(repository="42", number=7, head=HEAD, action="opened"), [plan(7)]),
        (ReviewSubmitted(repository="42", number=7), [plan(7)]),
        (ReviewSubmitted(repository="42", number=7, text=commented()), [plan(7)]),
        (
            CheckRerequested(repository="42", head=HEAD, by="ada", check="gitbot"),
            [RerunChecks(repository="42", head=HEAD, check="gitbot", by="ada", reason="d1")],
        ),
        (
            MergeGroupMade(repository="42", head=HEAD, branch=QUEUE),
            [PlanMergeGroup(repository="42", head=HEAD, branch=QUEUE, reason="d1")],
        ),
        (
            CheckRerequested(repository="42", head=HEAD, by="ada", branch=QUEUE),
            [PlanMergeGroup(repository="42", head=HEAD, branch=QUEUE, reason="d1")],
        ),
        (
            PullRequestChanged(repository="42", number=7, head=HEAD, action="closed"),
            [ClosePullRequest(repository="42", number=7, reason="d1")],
        ),
        (
            commented(source=Source.REVIEW),
            [AnswerComment(repository="42", number=7, source=Source.REVIEW, comment=99)],
        ),
        (
            Pushed(repository="42", ref="refs/heads/main", after=HEAD),
            [FollowTip(repository="42", reason="d1")],
        ),
        (
            commented(edited=True, text_at=EDITED),
            [
                AnswerComment(
                    repository="42",
                    number=7,
                    source=Source.COMMENT,
                    comment=99,
                    again=f"edit:{int(EDITED.timestamp())}",
                )
            ],
        ),
        (
            CommentChanged(repository="42", number=7, comment=99, author="gitbot", sender="bob"),
            [RestoreComment(repository="42", number=7, comment=99, reason="d1")],
        ),
        (IssueChanged(repository="42", number=7, sender="ada"), []),
        (
            IssueChanged(repository="42", number=7, sender="ada", environment="dev"),
            [DetectDrift(repository="42", environment="dev", reason="d1")],
        ),
        (
            IssueChanged(repository="42", number=7, sender="ada", frozen="dev"),
            [OpenWindows(repository="42", environment="dev", reason="d1")],
        ),
        (Ping(), []),
        (Ignored(why="x"), []),
    ],
)
def test_each_event_wakes_its_jobs(event: Event, keys: list[JobKey]) -> None:
    assert list(route(event, "d1")) == keys


@pytest.mark.parametrize(
    ("ref", "default", "branch", "wakes"),
    [
        ("main", "main", "", True),
        ("feature", "main", "", False),
        ("release", "main", "release", True),
        ("main", "main", "release", False),
        ("main-2", "main", "", False),
        ("main", "", "", True),
    ],
)
def test_only_a_push_that_can_move_the_tip_wakes_something(
    ref: str, default: str, branch: str, wakes: bool
) -> None:
    """Kind: work for events that change nothing we look at."""
    event = Pushed(repository="42", ref=f"refs/heads/{ref}", after=HEAD, default_branch=default)
    assert bool(route(event, "d1", branch=branch)) is wakes


NAMES = st.sampled_from(["action", "repository", "id", "pull_request", "head", "sha", "number"])
LEAF = st.none() | st.booleans() | st.integers() | st.text(max_size=5)


def nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return inner | st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)


JSON = nested(nested(nested(LEAF)))


@given(
    st.sampled_from(["pull_request", "issue_comment", "push", "check_run", "ping"]),
    JSON,
    st.sampled_from(["opened", "created", "rerequested", None]),
)
def test_any_json_is_an_event_or_malformed(name: str, payload: object, action: object) -> None:
    if isinstance(payload, dict) and action:
        payload["action"] = action
    with suppress(MalformedDeliveryError):
        for key in route(parse(name, payload), "d1"):
            assert key.id.endswith("d1")
