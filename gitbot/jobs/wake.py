"""Enqueue the jobs that other jobs make necessary. Shell."""

from __future__ import annotations

from datetime import timedelta

from gitbot.jobs.freshness import world_mark
from gitbot.jobs.world import Look, World
from gitbot.model.jobs import JobName, JobRequest
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.run import Command

UNANSWERED = timedelta(minutes=10)
"""A command that is still open after this may have lost its job: it is woken again."""


def wake_plan(world: World, repository: str, number: int, reason: str) -> None:
    """Have a pull request planned again; the same reason wakes once."""
    prefix = f"plan:{repository}:{number}:"
    world.queue.enqueue(
        JobRequest(
            job=JobName.PLAN_PULL_REQUEST,
            key={"repository": repository, "number": number},
            id=f"{prefix}{reason}",
            partition=prefix,
            supersedes=prefix,
        )
    )


def wake_open_pull_requests(world: World, seen: Look) -> None:
    """Have every open pull request planned again whose shown plan is stale by now."""
    repository = seen.repository.id
    for pull_request in seen.forge.open_pull_requests():
        mark = world_mark(world, seen, pull_request)
        if world.runs.pull_request_mark(repository, pull_request.number) != mark:
            wake_plan(world, repository, pull_request.number, f"{mark}:{_minute(world)}")


def wake_apply(
    world: World,
    environment: EnvironmentKey,
    tip: Sha,
    *,
    why: str,
    actor: str = "",
    pull_request: int | None = None,
) -> None:
    """Have the tip applied to an environment. Queued applies of the environment coalesce."""
    # Those that a person asked for are answered one by one; the others coalesce.
    prefix = f"apply-for:{environment}:" if pull_request else f"apply:{environment}:"
    world.queue.enqueue(
        JobRequest(
            job=JobName.APPLY_ENVIRONMENT,
            key={
                "repository": environment.repository,
                "environment": environment.environment,
                "actor": actor,
                "pull_request": pull_request,
                "why": why if pull_request else None,
            },
            id=f"{prefix}{tip}:{why}",
            partition=str(environment),
            supersedes=None if pull_request else prefix,
        )
    )


def wake_asked_apply(world: World, environment: EnvironmentKey, tip: Sha, command: Command) -> None:
    """Have the tip applied to an environment for a command; answered one by one, not coalesced."""
    world.queue.enqueue(
        JobRequest(
            job=JobName.APPLY_ENVIRONMENT,
            key={
                "repository": environment.repository,
                "environment": environment.environment,
                "actor": command.author,
                "pull_request": command.pull_request,
                "why": f"comment:{command.comment}:{command.line}",
                "comment": command.comment,
                "line": command.line,
            },
            id=f"apply-for:{environment}:{tip}:{_asked(world, command)}",
            partition=str(environment),
        )
    )


def wake_close(world: World, repository: str, number: int) -> None:
    """Have a closed pull request settled."""
    world.queue.enqueue(
        JobRequest(
            job=JobName.CLOSE_PULL_REQUEST,
            key={"repository": repository, "number": number},
            id=f"close:{repository}:{number}:{_minute(world)}",
        )
    )


def wake_answer(world: World, repository: str, number: int, comment: int) -> None:
    """Have a comment answered whose job was lost."""
    world.queue.enqueue(
        JobRequest(
            job=JobName.ANSWER_COMMENT,
            key={"repository": repository, "number": number, "comment": comment},
            id=f"answer:{comment}:{_minute(world)}",
            partition=f"answer:{comment}",
        )
    )


def wake_apply_pull_request(world: World, seen: Look, environment: str, command: Command) -> None:
    """Have an open pull request applied to one environment, as its shown plans say."""
    key = seen.key(environment)
    world.queue.enqueue(
        JobRequest(
            job=JobName.APPLY_PULL_REQUEST,
            key={
                "repository": key.repository,
                "environment": environment,
                "number": command.pull_request,
                "comment": command.comment,
                "line": command.line,
            },
            id=f"apply-pr:{key}:{command.pull_request}:{_asked(world, command)}",
            partition=str(key),
        )
    )


def _asked(world: World, command: Command) -> str:
    """Names a command, anew after each time within which its job should have told."""
    times = (world.clock.now() - command.written_at) // UNANSWERED
    again = f":{times}" if times > 0 else ""
    return f"comment:{command.comment}:{command.line}{again}"


def _minute(world: World) -> str:
    """Part of ids that must be new when a job was lost or gave up, and the same within a burst."""
    return world.clock.now().isoformat(timespec="minutes")
