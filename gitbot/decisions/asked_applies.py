"""Decides how an apply stands that somebody asked a server for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gitbot.model.commands import Command, CommandStatus, Source
from gitbot.model.runs import Run, RunStatus


class ApplyStatus(StrEnum):
    """How far an apply is. The last three are final; ``REFUSED``: nothing was begun."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def ended(self) -> bool:
        """Whether nothing changes any more."""
        return self not in (ApplyStatus.WAITING, ApplyStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an apply stands, and why in words, where it did not go through."""

    status: ApplyStatus
    why: str = ""


def same_request(
    commands: Iterable[Command], author: str, number: int, environment: str, digest: str
) -> Command | None:
    """The open command that asks the server for the same already; None when there is none.

    So a person whose connection broke asks again, and nothing is done twice.
    """
    for command in commands:
        asks = (command.author, command.number, command.environment, command.digest)
        if command.ref.source is Source.API and asks == (author, number, environment, digest):
            return command
    return None


def standing(command: Command, runs: Sequence[Run]) -> Standing:
    """How the apply stands that the command asked for, by the newest run of each of its stacks."""
    match command.status:
        case CommandStatus.HEARD:
            return Standing(status=ApplyStatus.WAITING)
        case CommandStatus.ACCEPTED:
            begun = any(run.status is RunStatus.RUNNING for run in runs)
            return Standing(status=ApplyStatus.RUNNING if begun else ApplyStatus.WAITING)
        case CommandStatus.REFUSED:
            return Standing(status=ApplyStatus.REFUSED, why=command.answer or "it was refused")
    failed = _unfinished(runs)
    if command.answer is None and runs and not failed:
        return Standing(status=ApplyStatus.DONE)
    told = f"the comment of gitbot on #{command.number} says why"
    why = command.answer or ("; ".join(failed) if runs else f"nothing was applied: {told}")
    return Standing(status=ApplyStatus.FAILED, why=why)


def _unfinished(runs: Iterable[Run]) -> list[str]:
    """A sentence for each run that did not apply its plan."""
    return [
        f"{run.stack.label} is {run.status}{f': {run.error}' if run.error else ''}"
        for run in runs
        if run.status is not RunStatus.APPLIED
    ]


def newest_of_each(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The last run of each stack, of runs that are given oldest first.

    An apply that went on after its process had died has several runs of one stack.
    """
    return tuple({run.stack: run for run in runs}.values())
