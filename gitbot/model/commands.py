"""Commands that people write in comments, reviews and issues. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """Where a command was written. A comment and a review can have the same id.

    ``API``: nowhere on GitHub. Somebody asked the server itself, which made the id, and asks it for
    the answer.
    """

    COMMENT = "comment"
    REVIEW = "review"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CommandRef:
    """The identity of a command: its comment, the time of the comment's text, and its line.

    ``line`` counts the command lines of the text from 0. ``text_at`` is GitHub's time of the text,
    in whole seconds. It is part of the identity so that editing a comment cannot change a command.
    """

    source: Source
    comment: int
    text_at: datetime
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.comment}:{int(self.text_at.timestamp())}:{self.line}"


class CommandStatus(StrEnum):
    """The status of a command. ``ACCEPTED``: it passed its checks; its job has not reported yet."""

    HEARD = "heard"
    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"

    @property
    def open(self) -> bool:
        """Whether somebody still waits for an answer."""
        return self in (CommandStatus.HEARD, CommandStatus.ACCEPTED)


class AppliesWhat(StrEnum):
    """What an accepted ``/apply`` applies."""

    PULL_REQUEST = "pull-request"
    TIP = "tip"
    DRIFT = "drift"
    """It undoes drift that an issue shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What a command was accepted for.

    The checks are not made again, because the command may have begun to change what they look at.
    ``runs`` are the ids of the held runs that it releases. ``digest`` is the whole digest of the
    plan that it names, or the fingerprint of the drift that was shown. ``stack`` is the stack whose
    drift it undoes.
    """

    what: AppliesWhat
    environment: str
    runs: tuple[str, ...] = ()
    digest: str | None = None
    stack: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line of a text that asks gitbot for something. It is stored for ever.

    ``number`` is that of the pull request, or of the issue when ``on_pull_request`` is False.
    ``verb`` is as typed, so that gitbot can answer an unknown one. ``arguments`` are valid values,
    by their names in the command table. ``written_at`` is GitHub's time of the text: that of the
    comment, or of the edit. ``answer`` is set from the start when the line itself has a problem.
    ``author_id`` is the id of the author's account.
    """

    ref: CommandRef
    repository: str
    number: int
    on_pull_request: bool = True
    author: str
    author_id: int | None = None
    verb: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    written_at: datetime
    status: CommandStatus = CommandStatus.HEARD
    accepted: Accepted | None = None
    answer: str | None = None

    @property
    def environment(self) -> str | None:
        """The environment that it names."""
        return self.arguments.get("environment")

    @property
    def stack(self) -> str | None:
        """The stack of ``environment`` that it names."""
        return self.arguments.get("stack")

    @property
    def digest(self) -> str | None:
        """The digits of a digest as written, in lower case; ``Accepted`` has the whole digest."""
        return self.arguments.get("digest")

    @property
    def form(self) -> str | None:
        """The word behind the verb, of a verb that has several forms: ``adopt``."""
        return self.arguments.get("form")

    @property
    def duration(self) -> str | None:
        """The duration, such as ``3h``."""
        return self.arguments.get("duration")

    @property
    def resource(self) -> str | None:
        """The address of the resource that it names."""
        return self.arguments.get("resource")

    @property
    def path(self) -> str | None:
        """The path of the property that it names, such as ``/Tags/owner``."""
        return self.arguments.get("path")

    @property
    def until(self) -> str | None:
        """The date, or the date and time, in ISO 8601. Without an offset it is local."""
        return self.arguments.get("until")

    @property
    def because(self) -> str | None:
        """The reason. It is free text."""
        return self.arguments.get("because")

    @property
    def line(self) -> str:
        """The command in a standard form: ``apply dev/trainer 1a2b3c4d5e6f7a8b``."""
        place = "/".join(filter(None, [self.environment, self.stack]))
        words = [self.form, place, self.digest, self.duration, self.resource, self.path]
        phrases = [f"{name} {getattr(self, name)}" for name in _PHRASES if getattr(self, name)]
        return " ".join(filter(None, [self.verb, *words, *phrases]))


_PHRASES = ("until", "because")
