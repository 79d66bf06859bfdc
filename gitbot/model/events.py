"""Webhook deliveries as closed domain types: what happened, no more than gitbot reads. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChanged:
    """Opened, edited, synchronized, reopened, ready for review or closed.

    ``pushed_by`` is set on the actions that bring a new head (opened, synchronize).
    """

    repository: str
    number: int
    head: Sha
    action: str
    pushed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCreated:
    """Somebody wrote a comment on an issue or a pull request.

    ``edited``: the text is not the one that it was written with (see ``forge.Comment``).
    """

    repository: str
    number: int
    comment: int
    author: str
    body: str
    on_pull_request: bool
    written_at: datetime
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A branch moved."""

    repository: str
    ref: str
    after: Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSubmitted:
    """A review was submitted, edited or dismissed."""

    repository: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRerequested:
    """Somebody pressed "Re-run" on one of our checks."""

    repository: str
    head: Sha
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """The webhook was set up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A delivery that gitbot does not act on; ``why`` is answered to the sender."""

    why: str


Event: TypeAlias = (
    PullRequestChanged
    | CommentCreated
    | Pushed
    | ReviewSubmitted
    | CheckRerequested
    | Ping
    | Ignored
)
