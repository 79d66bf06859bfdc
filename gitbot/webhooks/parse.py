"""Turns GitHub's webhook payloads into events. Pure.

Payloads: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

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
from gitbot.model.names import Sha
from gitbot.model.promotion import NEEDS_DECISION
from gitbot.webhooks.payloads import (
    MalformedDeliveryError,
    Payload,
    checked_text,
    instant_at,
    number_at,
    sha_at,
    text_at,
    value_at,
)

_NEW_HEAD = frozenset({"opened", "synchronize"})
_MOST_COMMITS = 250  # GitHub lists no more commits of a pull request


def parse(event_name: str, payload: object) -> Event:
    """The event of a delivery. ``Ignored`` says why gitbot does not act on it.

    Raises:
        MalformedDeliveryError: a value that GitHub always sends is missing, has the wrong type or is
            out of range.
    """
    reader = _READERS.get(event_name)
    if reader is None:
        return Ignored(why=f"gitbot does not act on the event {event_name!r}")
    if not isinstance(payload, dict):
        raise MalformedDeliveryError("the payload is not a JSON object")
    if event_name == "ping":
        return Ping()
    actions = _ACTIONS.get(event_name)
    if actions is not None:
        action = text_at(payload, "action")
        if action not in actions:
            return Ignored(why=f"gitbot does not act on {event_name} {action!r}")
    return reader(payload)


def _pull_request(payload: Payload) -> Event:
    action = text_at(payload, "action")
    changes = payload.get("changes")
    if action == "edited" and isinstance(changes, dict) and "base" not in changes:
        return Ignored(why="only the text of a pull request was edited")
    if action == "unlabeled" and text_at(payload, "label", "name") != NEEDS_DECISION:
        return Ignored(why="gitbot does not act on pull_request 'unlabeled' of another label")
    announced = action in _NEW_HEAD and _from_fork(payload)
    return PullRequestChanged(
        repository=_repository(payload),
        number=number_at(payload, "pull_request", "number"),
        head=sha_at(payload, "pull_request", "head", "sha"),
        action=action,
        pushed_by=text_at(payload, "sender", "login") if announced else None,
    )


def _from_fork(payload: Payload) -> bool:
    """Whether the head is in another repository. GitHub sends null for one that was deleted."""
    there = value_at(payload, "pull_request", "head", "repo")
    return not isinstance(there, dict) or there.get("id") != value_at(payload, "repository", "id")


def _comment(payload: Payload) -> Event:
    action, author = text_at(payload, "action"), text_at(payload, "comment", "user", "login")
    if action == "created":
        return _comment_text(payload)
    sender = text_at(payload, "sender", "login")
    text = None
    if action == "edited":
        text = replace(
            _comment_text(payload),
            text_at=instant_at(payload, "comment", "updated_at"),
            edited=True,
            by_author=sender == author,
        )
    return CommentChanged(
        repository=_repository(payload),
        number=number_at(payload, "issue", "number"),
        comment=number_at(payload, "comment", "id"),
        author=author,
        sender=sender,
        text=text,
    )


def _issue(payload: Payload) -> Event:
    return IssueChanged(
        repository=_repository(payload),
        number=number_at(payload, "issue", "number"),
        sender=text_at(payload, "sender", "login"),
    )


def _comment_text(payload: Payload) -> TextWritten:
    issue = value_at(payload, "issue")
    written_at = instant_at(payload, "comment", "created_at")
    return TextWritten(
        repository=_repository(payload),
        number=number_at(payload, "issue", "number"),
        on_pull_request=isinstance(issue, dict) and issue.get("pull_request") is not None,
        source=Source.COMMENT,
        id=number_at(payload, "comment", "id"),
        author=text_at(payload, "comment", "user", "login"),
        author_id=number_at(payload, "comment", "user", "id"),
        body=_body(payload, "comment"),
        written_at=written_at,
        text_at=written_at,
    )


def _push(payload: Payload) -> Event:
    ref = text_at(payload, "ref")
    if not ref.startswith("refs/heads/"):
        return Ignored(why=f"{ref!r} is not a branch")
    if value_at(payload, "deleted") is True:
        return Ignored(why=f"the branch {ref!r} was deleted")
    return Pushed(
        repository=_repository(payload),
        ref=ref,
        after=sha_at(payload, "after"),
        default_branch=_default_branch(payload),
        commits=_pushed_commits(payload),
        pushers=_pushers(payload),
    )


def _default_branch(payload: Payload) -> str:
    repository = payload.get("repository")
    found = repository.get("default_branch") if isinstance(repository, dict) else None
    return found if isinstance(found, str) else ""


def _pushed_commits(payload: Payload) -> tuple[Sha, ...]:
    """The newest commits that the push brought, ``after`` among them."""
    listed = payload.get("commits")
    commits = listed if isinstance(listed, list) else []
    ids = [sha_at(each, "id") for each in commits if isinstance(each, dict)]
    return tuple(dict.fromkeys([*ids[-_MOST_COMMITS:], sha_at(payload, "after")]))


def _pushers(payload: Payload) -> tuple[str, ...]:
    """Who pushed. For a push with a deploy key, GitHub names its owner as the sender."""
    logins = (text_at(payload, "sender", "login"), text_at(payload, "pusher", "name"))
    return tuple(dict.fromkeys(logins))


def _review(payload: Payload) -> Event:
    submitted = text_at(payload, "action") == "submitted"
    return ReviewSubmitted(
        repository=_repository(payload),
        number=number_at(payload, "pull_request", "number"),
        text=_review_text(payload) if submitted else None,
    )


def _review_text(payload: Payload) -> TextWritten:
    written_at = instant_at(payload, "review", "submitted_at")
    return TextWritten(
        repository=_repository(payload),
        number=number_at(payload, "pull_request", "number"),
        on_pull_request=True,
        source=Source.REVIEW,
        id=number_at(payload, "review", "id"),
        author=text_at(payload, "review", "user", "login"),
        author_id=number_at(payload, "review", "user", "id"),
        body=_body(payload, "review"),
        written_at=written_at,
        text_at=written_at,
    )


def _body(payload: Payload, kind: str) -> str:
    """The text. GitHub sends null for an empty text."""
    body = value_at(payload, kind, "body")
    return "" if body is None else checked_text(body, f"{kind}.body")


def _check(kind: str) -> Callable[[Payload], Event]:
    def read(payload: Payload) -> Event:
        return CheckRerequested(
            repository=_repository(payload),
            head=sha_at(payload, kind, "head_sha"),
            by=text_at(payload, "sender", "login"),
            check=text_at(payload, kind, "name") if kind == "check_run" else "",
            branch=_branch(payload, kind),
        )

    return read


def _branch(payload: Payload, kind: str) -> str:
    """The branch of the suite; GitHub sends null for a fork's."""
    path = ("check_run", "check_suite") if kind == "check_run" else ("check_suite",)
    found = value_at(payload, *path, "head_branch")
    return "" if found is None else checked_text(found, f"{'.'.join(path)}.head_branch")


def _merge_group(payload: Payload) -> Event:
    return MergeGroupMade(
        repository=_repository(payload),
        head=sha_at(payload, "merge_group", "head_sha"),
        branch=text_at(payload, "merge_group", "head_ref").removeprefix("refs/heads/"),
    )


def _repository(payload: Payload) -> str:
    return str(number_at(payload, "repository", "id"))


_ACTIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "pull_request": frozenset(
            {
                "opened",
                "edited",
                "synchronize",
                "reopened",
                "ready_for_review",
                "unlabeled",
                "closed",
                # The plan could not be written while the conversation was locked.
                "unlocked",
            }
        ),
        "issue_comment": frozenset({"created", "edited", "deleted"}),
        "issues": frozenset({"closed", "reopened", "deleted", "transferred"}),
        "pull_request_review": frozenset({"submitted", "edited", "dismissed"}),
        "check_run": frozenset({"rerequested"}),
        "check_suite": frozenset({"rerequested"}),
        "merge_group": frozenset({"checks_requested"}),
    }
)
_READERS: Mapping[str, Callable[[Payload], Event]] = MappingProxyType(
    {
        "ping": lambda payload: Ping(),
        "pull_request": _pull_request,
        "issue_comment": _comment,
        "issues": _issue,
        "push": _push,
        "pull_request_review": _review,
        "check_run": _check("check_run"),
        "check_suite": _check("check_suite"),
        "merge_group": _merge_group,
    }
)

HEARD = frozenset(_READERS) - {"ping"}
"""The events that the App must be told of."""
