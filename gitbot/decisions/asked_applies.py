"""Decides how an apply stands that somebody asked a server for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
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


def not_offered(
    number: int, digest: str | None, labels: Sequence[str], applies: Iterable[Run]
) -> str:
    """Why a plan cannot be applied that the pull request has shown: it was applied before, or another one is shown.

    ``labels`` name its stacks, ``applies`` are the newest apply of each.
    """
    which = ", ".join(labels)
    return ended_before(number, digest, applies) or (
        f"#{number} shows another plan of {which} by now: read it, and name its digest"
    )


def ended_before(number: int, digest: str | None, applies: Iterable[Run]) -> str:
    """How the plan's first apply ended, of stacks with these newest applies; "" where there was none.

    So who lost the connection, or the reply, and asks for the same again is told of the first time.
    """
    before = [run for run in applies if _is_of(run, digest) and run.pull_request == number]
    which = ", ".join(dict.fromkeys(run.stack.label for run in before))
    if before and all(run.status is RunStatus.APPLIED for run in before):
        who = " and ".join(sorted({f"`{run.actor}`" for run in before}))
        ends = [run.finished_at for run in before if run.finished_at is not None]
        at = f" at {max(ends).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if ends else ""
        return f"this plan of {which} was applied{at}, asked for by {who}: nothing was done again"
    failed = [run for run in before if run.status is RunStatus.FAILED]
    if failed:
        why = "; ".join(_unfinished(failed))
        return f"this plan of {which} was begun before ({why}): read on #{number} what is left to do, and name its digest"
    return ""


def _is_of(run: Run, digest: str | None) -> bool:
    """Whether the run applied that plan, or before the merge the rest of it, which has a digest of its own."""
    return digest in (run.digest, run.reviewed_digest if run.head is not None else run.digest)


def newest_of_each(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The last run of each stack, of runs that are given oldest first.

    An apply that went on after its process had died has several runs of one stack.
    """
    return tuple({run.stack: run for run in runs}.values())
