"""Where a command stands between being heard and being told of. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Ports
from gitbot.model.commands import Accepted, Command, CommandRef, CommandStatus

UNANSWERED_S = 600.0
"""A command that is still open after this many seconds may have lost its job: it is woken again."""


def is_open(ports: Ports, ref: CommandRef) -> bool:
    """Whether nobody has been told yet what became of the command."""
    command = ports.records.commands.get(ref)
    return command is not None and command.status.open


def accept(ports: Ports, command: Command, accepted: Accepted) -> None:
    """Accept the command: its checks have passed and are not made again, since it may have begun
    to change what they look at.

    It stays open until its job has told, so that the sweep wakes that job again if it is lost.
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


def end(ports: Ports, ref: CommandRef) -> None:
    """Close the command: its job has told. Ending it twice does nothing."""
    ports.records.commands.close(ref, CommandStatus.DONE, None)


def again(ports: Ports, command: Command) -> str:
    """Names the job of a command anew after each time within which it should have told."""
    waited_s = (ports.clock.now() - command.written_at).total_seconds()
    times = int(waited_s // UNANSWERED_S)
    return str(times) if times > 0 else ""
