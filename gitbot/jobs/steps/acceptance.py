"""Track a command from its acceptance until its result is reported. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Ports
from gitbot.model.commands import Accepted, AppliesWhat, Command, CommandRef, CommandStatus, Source

UNANSWERED_S = 600.0
"""A command that is open for longer than this may have lost its job: wake it again."""


def is_open(ports: Ports, ref: CommandRef) -> bool:
    """Whether the command still waits for its answer."""
    command = ports.records.commands.get(ref)
    return command is not None and command.status.open


def accept(ports: Ports, command: Command, accepted: Accepted) -> None:
    """Record that the command passed its checks.

    They are not made again, because the command may change what they look at. The command stays
    open until its job has reported, so the sweep can wake the job again if it is lost.
    """
    ports.records.commands.accept(command.ref, accepted)
    ports.records.journal.audit(
        at=ports.clock.now(),
        actor=command.author,
        action="command accepted",
        subject=f"{command.repository}#{command.number}",
        detail={
            "verb": command.verb,
            "command": str(command.ref),
            "environment": accepted.environment,
        },
    )


def audit_decision(ports: Ports, command: Command, status: CommandStatus, answer: str) -> None:
    """Write into the audit what was decided about a command that no job carries out."""
    ports.records.journal.audit(
        at=ports.clock.now(),
        actor=command.author,
        action=f"command {status}",
        subject=f"{command.repository}#{command.number}",
        detail={"line": command.line, "command": str(command.ref), "answer": answer},
    )


def end(ports: Ports, ref: CommandRef, error: str = "") -> None:
    """Close the command after its job has reported. Idempotent.

    ``error`` is kept for who asked the server itself; others have read it on GitHub.
    """
    answer = error if ref.source is Source.API and error else None
    ports.records.commands.close(ref, CommandStatus.DONE, answer)


def end_releases(ports: Ports, ref: CommandRef, environment: str) -> None:
    """Close all commands of the text that asked for this apply of the tip. Idempotent.

    The one that the job was woken with is closed last, so that a job that dies here runs again.
    """
    for command in accepted_with(ports, ref, environment):
        if command.ref != ref:
            end(ports, command.ref)
    end(ports, ref)


def accepted_with(ports: Ports, ref: CommandRef, environment: str) -> tuple[Command, ...]:
    """The commands of the same text that were accepted for an apply of the tip there."""
    return tuple(
        command
        for command in ports.records.commands.of_comment(ref.source, ref.comment)
        if command.ref.text_at == ref.text_at
        and command.accepted is not None
        and command.accepted.what is AppliesWhat.TIP
        and command.accepted.environment == environment
    )


def again(ports: Ports, command: Command) -> str:
    """How often the command has waited for ``UNANSWERED_S``, for its job's id; empty at first."""
    waited_s = (ports.forges.now() - command.written_at).total_seconds()
    times = int(waited_s // UNANSWERED_S)
    return str(times) if times > 0 else ""
