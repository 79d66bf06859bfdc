"""Webhook deliveries as closed domain types: what happened, and no more of it than gitbot reads. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from gitbot.model.commands import Source
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
class TextWritten:
    """Somebody wrote a comment or a review; its lines may be commands.

    ``id`` is the comment's or the review's, as ``source`` says. ``number`` is the issue's or the
    pull request's. ``written_at`` is GitHub's time of the comment or review, ``text_at`` its time
    of this text. ``edited``: the text is not the one that it was written with, and whoever may
    write to the repository can have changed it; otherwise ``text_at`` is ``written_at``.
    """

    repository: str
    number: int
    on_pull_request: bool
    source: Source
    id: int
    author: str
    body: str
    written_at: datetime
    text_at: datetime
    edited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A branch moved."""

    repository: str
    ref: str
    after: Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSubmitted:
    """A review was submitted, edited or dismissed. ``text`` is set on the submitted ones."""

    repository: str
    number: int
    text: TextWritten | None = None


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
    PullRequestChanged | TextWritten | Pushed | ReviewSubmitted | CheckRerequested | Ping | Ignored
)
