"""Commands whose checks have passed and whose job has not told yet. Shell."""

from __future__ import annotations

from collections.abc import Iterable

from gitbot.jobs.world import World
from gitbot.model.jobs import JobName
from gitbot.model.run import Command, CommandStatus

_JOBS = (JobName.APPLY_PULL_REQUEST, JobName.APPLY_ENVIRONMENT)


def accept(world: World, command: Command, job: JobName, environment: str) -> None:
    """The command's checks are not made again after it has begun to change what they look at.

    It stays open until its job has told, so that the sweep wakes that job again if it is lost.
    """
    slot = _slot(command, job, environment)
    world.runs.put_slot(command.repository, command.pull_request, slot, command.comment, "")
    world.runs.audit(
        at=world.clock.now(),
        actor=command.author,
        action="command accepted",
        subject=f"{command.repository}#{command.pull_request}",
        detail={"verb": command.verb, "comment": command.comment, "environment": environment},
    )


def accepted(
    world: World, command: Command, environments: Iterable[str]
) -> tuple[JobName, str] | None:
    """The job and the environment that the command was accepted for, if it was."""
    for environment in [command.environment] if command.environment else sorted(environments):
        for job in _JOBS:
            slot = _slot(command, job, environment)
            if world.runs.slot(command.repository, command.pull_request, slot) is not None:
                return job, environment
    return None


def is_open(world: World, comment: int, line: int) -> bool:
    """Whether nobody has been told yet what became of the command."""
    return any(
        command.line == line and command.status is CommandStatus.HEARD
        for command in world.runs.commands_of_comment(comment)
    )


def end(world: World, comment: int, line: int) -> None:
    """Its job has told; ending it twice does nothing."""
    world.runs.answer_command(comment, line, CommandStatus.DONE, None)


def _slot(command: Command, job: JobName, environment: str) -> str:
    return f"accepted:{job}:{environment}:{command.comment}:{command.line}"
