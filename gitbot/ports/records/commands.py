"""The port to the commands of people. Pure."""

from __future__ import annotations

from typing import Protocol

from gitbot.model.commands import Accepted, Command, CommandRef, CommandStatus, Source


class Commands(Protocol):
    """The commands of people. A command is never deleted, and what it asks never changes."""

    def hear(self, command: Command) -> bool:
        """Record a command. Returns False when it was known already."""

    def get(self, ref: CommandRef) -> Command | None:
        """The command with its present status; None when it is not known."""

    def of_comment(self, source: Source, comment: int) -> tuple[Command, ...]:
        """The commands of all texts of the comment, in the order of text and line."""

    def done(self, repository: str, number: int, verb: str) -> tuple[Command, ...]:
        """The commands of this verb that were carried out on the pull request or issue, oldest first."""

    def open(self, repository: str) -> tuple[Command, ...]:
        """The commands that wait for an answer (heard or accepted), oldest first."""

    def first_account(self, repository: str, author: str) -> int | None:
        """The id of the account that gave the first command under this login; None: not known."""

    def accept(self, ref: CommandRef, accepted: Accepted) -> None:
        """Set a heard command to accepted. Does nothing when it has another status."""

    def close(self, ref: CommandRef, status: CommandStatus, answer: str | None) -> None:
        """Set an open command to done or refused. Only the first answer of a command counts."""
