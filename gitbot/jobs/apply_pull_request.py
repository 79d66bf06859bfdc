"""The job that applies the shown plans of an open pull request to one environment. Shell."""

from __future__ import annotations

from gitbot.decisions.claims import never_used
from gitbot.errors import CloudError, UnfinishedError, UserError
from gitbot.jobs.steps.acceptance import end
from gitbot.jobs.steps.apply_head import apply_head
from gitbot.jobs.steps.head_plans import HeadApply
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.report_head import is_reported, mark_reported, report_head
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.shown_plans import settle_shown
from gitbot.jobs.steps.turns import tell_turn
from gitbot.jobs.steps.wake import wake_stale, wake_users
from gitbot.model.commands import Command
from gitbot.model.forge import PullRequest
from gitbot.model.keys import ApplyPullRequest
from gitbot.model.time import Work


def apply_pull_request(ports: Ports, key: ApplyPullRequest) -> None:
    """Apply the pull request to the environment, as the command asks.

    Under the lease, before the first mutation, check everything again that allowed the command.
    Continue runs of the command that did not finish. Once the result is reported, running this job
    again only closes the command.

    Raises:
        LeaseUnavailableError: another apply of the environment is running.
        UnfinishedError: something long is done in part and told; run the job again.
        TransientError: the server is stopping.
    """
    command = _command(ports, key)
    if not command.status.open:
        return
    seen = look(ports, key.repository, key.number)
    try:
        apply, error = _under_lease(ports, seen, key, command)
    except UnfinishedError as part:  # the lease is free again: others have their turn
        tell_turn(ports, seen, key.number, key.environment, str(part))
        raise
    mark_reported(apply)
    wake_stale(ports, apply.seen)
    wake_users(ports, apply.seen, key.environment)
    reschedule(ports, apply.seen, works=(Work.HOURS,), environment=key.environment)
    end(ports, key.command, error)


def _command(ports: Ports, key: ApplyPullRequest) -> Command:
    command = ports.records.commands.get(key.command)
    if command is None:
        raise UserError(f"the command {key.command} is not in the store any more")
    return command


def _under_lease(
    ports: Ports, seen: Look, key: ApplyPullRequest, command: Command
) -> tuple[HeadApply, str]:
    """The apply, and why nothing (more) was applied; empty where it went through.

    An apply that an earlier process has reported says no more than that.
    """
    engine, environment = ports.engine, seen.key(key.environment)
    holder = engine.processes.name(f"apply of {key.environment} for #{key.number}")
    with hold(engine.state, environment, holder, ttl=engine.lease_ttl, clock=ports.clock) as lease:
        seen = look(ports, key.repository, key.number)
        apply = HeadApply(
            ports=ports,
            seen=seen,
            environment=key.environment,
            lease=lease,
            pull_request=seen.forge.pull_request(key.number),
            command=command,
        )
        if is_reported(apply):
            return apply, ""
        settle_shown(ports, seen.forge, key.repository, [key.number])
        error = ""
        try:
            apply_head(apply)
        except (UserError, CloudError) as caught:
            error = str(caught)
            _give_back(ports, seen, key.environment, apply.pull_request)
    report_head(apply, error)
    return apply, ports.engine.hide(error)


def _give_back(ports: Ports, seen: Look, environment: str, pull_request: PullRequest) -> None:
    """Release the claims on stacks that the pull request has never changed."""
    repository, number = seen.repository.id, pull_request.number
    claims = ports.records.claims.of_pull_request(repository, number)
    applied = ports.records.runs.applied_by(repository, number)
    ports.records.claims.release(never_used(claims, environment, applied))
