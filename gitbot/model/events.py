"""The events that webhook deliveries report, with only the facts that gitbot uses. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from gitbot.model.commands import Source
from gitbot.model.names import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestChanged:
    """A pull request was opened, edited, synchronized, reopened, ready for review or closed.

    ``pushed_by`` is set for a head from a fork that was opened or synchronized: pushes to a fork
    are not announced here, so this is all that is heard of who pushed. The sender of another action
    has pushed nothing.
    """

    repository: str
    number: int
    head: Sha
    action: str
    pushed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextWritten:
    """Somebody wrote a comment or a review. Its lines may be commands.

    ``id`` is that of the comment or the review, as ``source`` says. ``number`` is that of the issue
    or the pull request. ``written_at`` is GitHub's time of the comment or review, ``text_at`` that
    of this text. ``edited``: the text was changed since, and anybody with write access may have
    changed it; ``by_author``: a delivery says that it was the author. Not edited: the two times are
    equal. ``author_id`` is the id of the author's account, which stays when the login changes.
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
    by_author: bool = False
    author_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentChanged:
    """A comment was edited or deleted by ``sender``. ``text`` is the new text of an edited one."""

    repository: str
    number: int
    comment: int
    author: str
    sender: str
    text: TextWritten | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A branch moved. ``pushers`` pushed ``commits``, of which ``after`` is the newest.

    ``default_branch`` is the repository's, without ``refs/heads/``; empty where GitHub names none.
    """

    repository: str
    ref: str
    after: Sha
    default_branch: str = ""
    commits: tuple[Sha, ...] = ()
    pushers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSubmitted:
    """A review was submitted, edited or dismissed. ``text`` is set when it was submitted."""

    repository: str
    number: int
    text: TextWritten | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRerequested:
    """Somebody pressed "Re-run" on one of our checks, or on all of them (``check`` empty).

    GitHub lists no pull request of a fork with it: the head tells which ones are meant. ``branch``
    is set when the commit is at the head of a branch of this repository.
    """

    repository: str
    head: Sha
    by: str
    check: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeGroupMade:
    """GitHub's merge queue made a commit of queued pull requests, and waits for its checks.

    ``branch`` is the branch that holds it; its name says the base and the last pull request.
    """

    repository: str
    head: Sha
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueChanged:
    """``sender`` closed, reopened, deleted or transferred an issue.

    ``environment`` is that of the drift which the issue tells of, and ``frozen`` that of the freeze,
    as the listener finds them; empty for any other issue.
    """

    repository: str
    number: int
    sender: str
    environment: str = ""
    frozen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """The webhook was set up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A delivery that gitbot does not act on. ``why`` is the answer to the sender."""

    why: str


Event: TypeAlias = (
    PullRequestChanged
    | TextWritten
    | CommentChanged
    | Pushed
    | ReviewSubmitted
    | CheckRerequested
    | MergeGroupMade
    | IssueChanged
    | Ping
    | Ignored
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A verified delivery. ``id`` is GitHub's GUID; a redelivery has the same one."""

    id: str
    event_name: str
    event: Event
