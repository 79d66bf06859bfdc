"""What gitbot keeps on GitHub: which comment says what, and since when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitbot.model.names import Sha


class TopicKind(StrEnum):
    """What a comment is about."""

    PLAN = "plan"
    APPLY = "apply"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One comment that gitbot keeps on a pull request or issue.

    ``subject`` tells comments of one kind apart: the environment and run of a result, the command
    of an answer, nothing for the plan.
    """

    kind: TopicKind
    subject: str = ""

    @property
    def marker(self) -> str:
        """The hidden line by which the comment is found when its id is lost."""
        return f"{self.opening} -->"

    @property
    def opening(self) -> str:
        """How the markers begin of this topic and of those whose subject starts with this one."""
        return f"<!-- gitbot:{self}"

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}" if self.subject else str(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidComment:
    """A comment of ours: its id on GitHub and the hex SHA-256 of what it says."""

    comment: int
    body_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkHead:
    """A fork's commit: since when gitbot has told of it, and the command that let it be planned."""

    head: Sha
    told_at: datetime
    leave: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StackMark:
    """What the shown plan of one stack depends on, but for the cloud and the environment's rules.

    ``desired_hash`` is the one that the tip gives the stack; None: the tip does not have it.
    ``claimed_by`` is the pull request that holds it.
    """

    serial: int
    desired_hash: str | None = None
    claimed_by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMark:
    """What the shown plan of a pull request depends on, but for the cloud.

    ``environments`` maps each environment that it touches to a hash of what counts of it at the
    tip: its rules, or all its specs where the pull request changes files that several stacks share.
    ``stacks`` maps each stack that it changes (``env/name``) to its mark. ``tip`` is set where the
    exact tip counts, as for a conflict.
    """

    head: Sha
    base_ref: str
    leave: bool = False
    tip: Sha | None = None
    environments: Mapping[str, str] = field(default_factory=dict)
    stacks: Mapping[str, StackMark] = field(default_factory=dict)
