"""The keys of the jobs that plan. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from gitbot.model.commands import CommandRef
from gitbot.model.keys.base import Lane, OneByOne


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPullRequest:
    """Plan an open pull request. ``reason`` says what woke it; the same reason wakes it once.

    ``fork``: it comes from a fork. All plans of forks take one worker at most, so that people
    without any right cannot keep others waiting. ``command`` asked
    for it, and is answered when the plan comment does not change.
    """

    lane: ClassVar[Lane] = Lane.PLANS

    repository: str
    number: int
    reason: str
    fork: bool = False
    command: CommandRef | None = None
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``plan:<repository>:<number>:<reason>``, and ``:fork`` for a fork's."""
        return f"{self.supersedes}{self.reason}{':fork' if self.fork else ''}"

    @property
    def partition(self) -> str:
        """One pull request at a time: two plans would write one comment twice. Of forks, one of
        all repositories."""
        if self.fork:
            return "plan:forks"
        return f"plan:{self.repository}:{self.number}"

    @property
    def supersedes(self) -> str:
        """A newer plan replaces the queued plans of the pull request."""
        return f"plan:{self.repository}:{self.number}:"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMergeGroup(OneByOne):
    """Plan the commit of a merge queue at the head of ``branch``, and answer with the check.

    Each commit has a job: the queue waits for its check.
    """

    lane: ClassVar[Lane] = Lane.PLANS

    head: str
    branch: str

    @property
    def partition(self) -> str:
        """One at a time per commit."""
        return f"group:{self.repository}:{self.head}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCommit(OneByOne):
    """Plan a commit for somebody who waits for the answer. ``reason`` is the id of the ``AskedPlan``.

    ``login`` asked for it. ``again`` is set when the first job may be lost.
    """

    lane: ClassVar[Lane] = Lane.PLANS

    login: str
    again: str = ""

    @property
    def id(self) -> str:
        """``<partition>:<reason>``, and ``again``."""
        return f"{self.partition}:{self.reason}{f':{self.again}' if self.again else ''}"

    @property
    def partition(self) -> str:
        """One at a time per person, so that nobody keeps the others waiting."""
        return f"asked:{self.repository}:{self.login}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptDrift:
    """Open a pull request that writes what the cloud has into a spec file, for a command.

    ``number`` is that of the issue.
    """

    lane: ClassVar[Lane] = Lane.PLANS

    repository: str
    environment: str
    stack: str
    number: int
    command: CommandRef
    again: str = ""
    not_before: datetime | None = None

    @property
    def id(self) -> str:
        """``adopt:<environment>/<stack>:<command>``."""
        again = f":{self.again}" if self.again else ""
        return f"{self.partition}:{self.command}{again}"

    @property
    def partition(self) -> str:
        """One at a time per stack: they share a branch."""
        return f"adopt:{self.repository}:{self.environment}/{self.stack}"

    @property
    def supersedes(self) -> None:
        """None: every command is answered."""
        return None
