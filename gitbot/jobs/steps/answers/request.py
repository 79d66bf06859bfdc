"""The argument of the functions that carry out commands. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from gitbot.errors import RefusedError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.commands import Command
from gitbot.model.desired import Environment
from gitbot.model.forge import PullRequest
from gitbot.model.keys import JobKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command, and what was read for it. ``written_on`` is None for a command on an issue.

    ``later`` takes the jobs that are woken once all commands of the comment are decided.
    """

    ports: Ports
    seen: Look
    command: Command
    written_on: PullRequest | None
    later: list[JobKey] = field(default_factory=list)

    @property
    def pull_request(self) -> PullRequest:
        """The pull request that the command was written on.

        Raises:
            RefusedError: it was written on an issue.
        """
        if self.written_on is None:
            raise RefusedError("this is an issue: write it on the pull request that it is about")
        return self.written_on

    def environments(self) -> tuple[Environment, ...]:
        """The environment that the command names, or all environments of the tip."""
        named = self.command.environment
        names = [named] if named else sorted(self.seen.at_tip.environments)
        return tuple(self.seen.rules(name) for name in names)


Answer: TypeAlias = Callable[[Request], str | None]
"""Carries out a command and returns the text of the answer.

Empty: the plan comment is the answer. None: another job was woken; it answers and closes the
command. Raises UserError when the command is refused.
"""
