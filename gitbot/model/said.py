"""What gitbot has shown on GitHub: comments, forks' heads, and what shown plans depend on. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitbot.model.names import EnvironmentKey, Sha, StackId


class TopicKind(StrEnum):
    """What a comment is about."""

    PLAN = "plan"
    APPLY = "apply"
    ANSWER = "answer"
    WAITING = "waiting"
    EXPIRY = "expiry"
    DRIFT = "drift"
    FREEZE = "freeze"
    HOURS = "hours"
    PROMOTION = "promotion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The topic of a comment. A pull request or issue has one comment for each topic.

    ``subject`` is the environment and run of a result, the command of an answer, or the environment
    of what waits in the issue. It is empty for the plan. Of an issue it begins with the repository
    (``issue_topic``). Of drift it names the stack, the finding and which issue about it this is, and
    of a comment its number.
    """

    kind: TopicKind
    subject: str = ""

    @property
    def marker(self) -> str:
        """The hidden line in the comment. It identifies the comment when its id is lost."""
        return f"{self.opening} -->"

    @property
    def opening(self) -> str:
        """The beginning of the marker, shared by all topics whose subject starts with this one."""
        return f"<!-- gitbot:{self}"

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}" if self.subject else str(self.kind)


_MARKER = re.compile(r"<!-- gitbot:([a-z]+)(?::(.*?))? -->\r?\n")


def topic_in(text: str) -> Topic | None:
    """The topic that the marker of a comment of ours names; None for a text without one."""
    found = _MARKER.match(text)
    if found is None or found[1] not in set(TopicKind):
        return None
    return Topic(kind=TopicKind(found[1]), subject=found[2] or "")


def issue_topic(kind: TopicKind, about: EnvironmentKey | StackId | str, more: str = "") -> Topic:
    """The topic of an issue of ours, by whose marker it is known again when its number was lost.

    ``about`` names the repository, by its id, and what in it: whoever transfers or copies an issue
    takes the marker along.
    """
    return Topic(kind=kind, subject=f"{about}{more}")


PLAN = Topic(kind=TopicKind.PLAN)
"""The topic of the comment that shows the plans of a pull request."""

DOUBTED = ""
"""Takes the place of the hash of a comment of ours that somebody changed or deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidComment:
    """A comment of ours: its id on GitHub and the hex SHA-256 of its text.

    ``restored_at`` is GitHub's time at which we last wrote it again after somebody had changed or
    deleted it: nobody can have relied on what stood there before.
    """

    comment: int
    body_hash: str
    restored_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDigest:
    """The digest of a plan that a comment of ours shows, and GitHub's time of that comment.

    ``shown_at`` is the first time that the pull request showed this digest of the stack, in the
    comment about ``topic``; None when an earlier version showed it.
    """

    stack: StackId
    digest: str
    shown_at: datetime
    topic: Topic | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What the plan comment of a pull request is about to show.

    ``pages`` are the hex SHA-256 of the texts of its pages, and ``runs`` the ids of the plan runs that
    count as shown when all pages stand; those of ``partly`` not whole.
    """

    pages: tuple[str, ...]
    runs: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkHead:
    """A fork's head: when gitbot first showed it, and the command that allowed planning it."""

    head: Sha
    told_at: datetime
    leave: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StackMark:
    """What the shown plan of one stack depends on, apart from the cloud and the rules.

    ``desired_hash`` is that of the stack at the tip; None when the tip does not have the stack.
    ``claimed_by`` is the pull request that holds the stack.
    """

    serial: int
    desired_hash: str | None = None
    claimed_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMark:
    """What the shown plan of a pull request depends on, apart from the cloud.

    ``environments`` maps each environment that it touches to a hash of the environment's rules at
    the tip; or of all its specs, when the pull request changes files that several stacks share.
    ``stacks`` maps each stack that it changes (``env/name``) to its mark. ``tip`` is set when the
    plan depends on the exact tip, as a conflict does. ``frozen`` maps each environment that was frozen by
    hand to the command that froze it.
    """

    head: Sha
    base_ref: str
    leave: bool = False
    tip: Sha | None = None
    environments: Mapping[str, str] = field(default_factory=dict)
    stacks: Mapping[str, StackMark] = field(default_factory=dict)
    frozen: Mapping[str, str] = field(default_factory=dict)
