"""The keys of the jobs that answer people. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from gitbot.model.keys.base import Lane, NewestOnly


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerComment:
    """Answer the commands of one comment or review.

    ``source`` and ``comment`` are those of the ``CommandRef``. ``number`` is that of the pull
    request or issue. ``again`` is set when the first job was lost.
    """

    lane: ClassVar[Lane] = Lane.ANSWERS

    repository: str
    number: int
    source: str
    comment: int
    again: str = ""
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``answer:<source>:<comment>``: a redelivery does not answer twice."""
        again = f":{self.again}" if self.again else ""
        return f"answer:{self.source}:{self.comment}{again}"

    @property
    def partition(self) -> str:
        """One answer at a time in a conversation, so that each job can answer what came before."""
        return f"answer:{self.repository}:{self.number}"

    @property
    def supersedes(self) -> None:
        """None: every comment is answered."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreComment(NewestOnly):
    """Write a comment of ours again that somebody changed or deleted."""

    lane: ClassVar[Lane] = Lane.ANSWERS

    number: int
    comment: int

    @property
    def partition(self) -> str:
        """One at a time per comment."""
        return f"restore:{self.repository}:{self.comment}"
