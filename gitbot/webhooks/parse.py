"""Turns GitHub's webhook payloads into events. Pure.

Payloads: https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeAlias

from gitbot.errors import UserError
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

Payload: TypeAlias = Mapping[str, object]

_MOST = 2**63 - 1  # the largest number that a database stores
_SHA = re.compile(r"[0-9a-f]{40}")
_NEW_HEAD = frozenset({"opened", "synchronize"})
_MOST_COMMITS = 250  # GitHub lists no more commits of a pull request


class MalformedDeliveryError(UserError):
    """The payload is not as GitHub documents it. The message names the wrong path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A verified delivery. ``id`` is GitHub's GUID; a redelivery has the same one."""

    id: str
    event_name: str
    event: Event


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
        action = _text(payload, "action")
        if action not in actions:
            return Ignored(why=f"gitbot does not act on {event_name} {action!r}")
    return reader(payload)


def _pull_request(payload: Payload) -> Event:
    action = _text(payload, "action")
    changes = payload.get("changes")
    if action == "edited" and isinstance(changes, dict) and "base" not in changes:
        return Ignored(why="only the text of a pull request was edited")
    if action == "unlabeled" and _text(payload, "label", "name") != NEEDS_DECISION:
        return Ignored(why="gitbot does not act on pull_request 'unlabeled' of another label")
    announced = action in _NEW_HEAD and _from_fork(payload)
    return PullRequestChanged(
        repository=_repository(payload),
        number=_number(payload, "pull_request", "number"),
        head=_sha(payload, "pull_request", "head", "sha"),
        action=action,
        pushed_by=_text(payload, "sender", "login") if announced else None,
    )


def _from_fork(payload: Payload) -> bool:
    """Whether the head is in another repository. GitHub sends null for one that was deleted."""
    there = _value(payload, "pull_request", "head", "repo")
    return not isinstance(there, dict) or there.get("id") != _value(payload, "repository", "id")


def _comment(payload: Payload) -> Event:
    action, author = _text(payload, "action"), _text(payload, "comment", "user", "login")
    if action == "created":
        return _comment_text(payload)
    sender = _text(payload, "sender", "login")
    text = None
    if action == "edited":
        text = replace(
            _comment_text(payload),
            text_at=_instant(payload, "comment", "updated_at"),
            edited=True,
            by_author=sender == author,
        )
    return CommentChanged(
        repository=_repository(payload),
        number=_number(payload, "issue", "number"),
        comment=_number(payload, "comment", "id"),
        author=author,
        sender=sender,
        text=text,
    )


def _issue(payload: Payload) -> Event:
    return IssueChanged(
        repository=_repository(payload),
        number=_number(payload, "issue", "number"),
        sender=_text(payload, "sender", "login"),
    )


def _comment_text(payload: Payload) -> TextWritten:
    issue = _value(payload, "issue")
    written_at = _instant(payload, "comment", "created_at")
    return TextWritten(
        repository=_repository(payload),
        number=_number(payload, "issue", "number"),
        on_pull_request=isinstance(issue, dict) and issue.get("pull_request") is not None,
        source=Source.COMMENT,
        id=_number(payload, "comment", "id"),
        author=_text(payload, "comment", "user", "login"),
        author_id=_number(payload, "comment", "user", "id"),
        body=_body(payload, "comment"),
        written_at=written_at,
        text_at=written_at,
    )


def _push(payload: Payload) -> Event:
    ref = _text(payload, "ref")
    if not ref.startswith("refs/heads/"):
        return Ignored(why=f"{ref!r} is not a branch")
    if _value(payload, "deleted") is True:
        return Ignored(why=f"the branch {ref!r} was deleted")
    return Pushed(
        repository=_repository(payload),
        ref=ref,
        after=_sha(payload, "after"),
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
    ids = [_sha(each, "id") for each in commits if isinstance(each, dict)]
    return tuple(dict.fromkeys([*ids[-_MOST_COMMITS:], _sha(payload, "after")]))


def _pushers(payload: Payload) -> tuple[str, ...]:
    """Who pushed. For a push with a deploy key, GitHub names its owner as the sender."""
    logins = (_text(payload, "sender", "login"), _text(payload, "pusher", "name"))
    return tuple(dict.fromkeys(logins))


def _review(payload: Payload) -> Event:
    submitted = _text(payload, "action") == "submitted"
    return ReviewSubmitted(
        repository=_repository(payload),
        number=_number(payload, "pull_request", "number"),
        text=_review_text(payload) if submitted else None,
    )


def _review_text(payload: Payload) -> TextWritten:
    written_at = _instant(payload, "review", "submitted_at")
    return TextWritten(
        repository=_repository(payload),
        number=_number(payload, "pull_request", "number"),
        on_pull_request=True,
        source=Source.REVIEW,
        id=_number(payload, "review", "id"),
        author=_text(payload, "review", "user", "login"),
        author_id=_number(payload, "review", "user", "id"),
        body=_body(payload, "review"),
        written_at=written_at,
        text_at=written_at,
    )


def _body(payload: Payload, kind: str) -> str:
    """The text. GitHub sends null for an empty text."""
    body = _value(payload, kind, "body")
    return "" if body is None else _string(body, f"{kind}.body")


def _check(kind: str) -> Callable[[Payload], Event]:
    def read(payload: Payload) -> Event:
        return CheckRerequested(
            repository=_repository(payload),
            head=_sha(payload, kind, "head_sha"),
            by=_text(payload, "sender", "login"),
            check=_text(payload, kind, "name") if kind == "check_run" else "",
            branch=_branch(payload, kind),
        )

    return read


def _branch(payload: Payload, kind: str) -> str:
    """The branch of the suite; GitHub sends null for a fork's."""
    path = ("check_run", "check_suite") if kind == "check_run" else ("check_suite",)
    found = _value(payload, *path, "head_branch")
    return "" if found is None else _string(found, f"{'.'.join(path)}.head_branch")


def _merge_group(payload: Payload) -> Event:
    return MergeGroupMade(
        repository=_repository(payload),
        head=_sha(payload, "merge_group", "head_sha"),
        branch=_text(payload, "merge_group", "head_ref").removeprefix("refs/heads/"),
    )


def _repository(payload: Payload) -> str:
    return str(_number(payload, "repository", "id"))


def _value(payload: Payload, *path: str) -> object:
    value: object = payload
    for depth, name in enumerate(path):
        if not isinstance(value, dict) or name not in value:
            raise MalformedDeliveryError(f"{'.'.join(path[: depth + 1])} is missing")
        value = value[name]
    return value


def _text(payload: Payload, *path: str) -> str:
    where = ".".join(path)
    value = _string(_value(payload, *path), where)
    if not value:
        raise MalformedDeliveryError(f"{where} is empty")
    return value


def _string(value: object, where: str) -> str:
    """The value, checked to be valid text: JSON can also hold single surrogates."""
    if not isinstance(value, str):
        raise MalformedDeliveryError(f"{where} is not text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise MalformedDeliveryError(f"{where} holds half a character (a surrogate)") from error
    return value


def _number(payload: Payload, *path: str) -> int:
    value = _value(payload, *path)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST:
        raise MalformedDeliveryError(f"{'.'.join(path)} is not a positive number of 63 bits")
    return value


def _instant(payload: Payload, *path: str) -> datetime:
    value = _text(payload, *path)
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise MalformedDeliveryError(f"{'.'.join(path)} has no time zone")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedDeliveryError(f"{'.'.join(path)} is not a time") from error


def _sha(payload: Payload, *path: str) -> Sha:
    value = _text(payload, *path)
    if not _SHA.fullmatch(value):
        raise MalformedDeliveryError(f"{'.'.join(path)} is not a full commit id")
    return Sha(value)


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
