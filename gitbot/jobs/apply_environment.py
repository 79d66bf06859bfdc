"""The job that makes one environment equal to the tip of the tracked branch. Shell."""

from __future__ import annotations

from gitbot.errors import CloudError, TransientError, UnfinishedError, UserError
from gitbot.jobs.steps.acceptance import end_releases, is_open
from gitbot.jobs.steps.apply_stack import STOPPING
from gitbot.jobs.steps.apply_tip import apply_tip
from gitbot.jobs.steps.drift.wake import wake_drift
from gitbot.jobs.steps.expiry.wake import wake_expiry
from gitbot.jobs.steps.frozen_applies import end_waits, tell_waits_over
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.merges import merged_into_tip, merged_since
from gitbot.jobs.steps.promotion.waking import wake_promotions
from gitbot.jobs.steps.removed import report_removed
from gitbot.jobs.steps.report_apply import Ended, report_apply
from gitbot.jobs.steps.schedules import reschedule
from gitbot.jobs.steps.tip_facts import TipApply, read_tip_apply
from gitbot.jobs.steps.tip_stack import Log
from gitbot.jobs.steps.turns import end_turns, tell_turn
from gitbot.jobs.steps.waiting import wake_waiting
from gitbot.jobs.steps.wake import wake_stale, wake_users
from gitbot.model.keys import ApplyEnvironment
from gitbot.model.runs import RunStatus
from gitbot.model.time import Work


def apply_environment(ports: Ports, key: ApplyEnvironment) -> None:
    """Apply the tip to the environment.

    Safe to run twice, late or after a crash: it leaves alone what is equal already, and continues
    what an earlier apply did not finish.

    Raises:
        LeaseUnavailableError: another apply of the environment is running.
        UnfinishedError: something long is done in part and told; run the job again.
        TransientError: the server is stopping, or something has to be told again.
    """
    if key.command is not None and not is_open(ports, key.command):
        return
    done = _apply_newest(ports, key)
    if done is None:
        return
    seen, apply, log, ended = done
    if log.goes_on:  # the lease is free again: others have their turn
        raise UnfinishedError(_tell_turn(ports, seen, key, log, ended))
    _end_turns(ports, seen, key, log, ended)
    telling = report_apply(ports, seen, ended)
    if log.complete:
        tell_waits_over(apply, log.frozen, telling)
        if telling.whole:
            end_waits(apply, log.frozen)
    _wake_others(ports, seen, key, log)
    telling.end()
    if not log.unread:
        ports.records.journal.put_applied_tip(key.environment_key, seen.tip)
    if key.command is not None:
        end_releases(ports, key.command, key.environment)


def _apply_newest(ports: Ports, key: ApplyEnvironment) -> tuple[Look, TipApply, Log, Ended] | None:
    """Apply the tip under the lease. None if the environment is removed from it, which is told.

    Raises:
        TransientError: the server is stopping.
    """
    engine = ports.engine
    holder = engine.processes.name(f"apply of {key.environment}")
    look(ports, key.repository)  # what is loaded here need not be loaded while others wait
    with hold(
        engine.state, key.environment_key, holder, ttl=engine.lease_ttl, clock=ports.clock
    ) as lease:
        # The tip may have moved while we waited for the lease. Apply only the newest.
        seen = look(ports, key.repository)
        if key.command is None and report_removed(ports, seen, key.environment):
            return None
        apply = read_tip_apply(ports, seen, key, lease, merged_into_tip(ports, seen))
        log, error = Log(), ""
        try:
            apply_tip(apply, log)
        except (UserError, CloudError) as caught:
            error = str(caught)
    if log.stopped:
        raise TransientError(STOPPING)
    return seen, apply, log, _ended(ports, apply, key, log, error)


def _tell_turn(ports: Ports, seen: Look, key: ApplyEnvironment, log: Log, ended: Ended) -> str:
    """Tell what is done in part, where the apply is told of; returns the words."""
    newest = next((one.number for one in ended.merged), None)
    # A merge that was told as held is not told again: the release let its run go on.
    released = next((run.pull_request for run in log.touched if run.pull_request), None)
    text = " ".join(log.goes_on)
    tell_turn(ports, seen, key.pull_request or newest or released, key.environment, text)
    return text


def _end_turns(ports: Ports, seen: Look, key: ApplyEnvironment, log: Log, ended: Ended) -> None:
    """Take back what earlier turns have told: nothing is done in part now."""
    numbers = {key.pull_request, *(one.number for one in ended.merged)}
    for number in numbers | {run.pull_request for run in log.touched}:
        end_turns(ports, seen, number, key.environment)


def _wake_others(ports: Ports, seen: Look, key: ApplyEnvironment, log: Log) -> None:
    """Wake the jobs that look at what the apply may have changed, or that waited for its end."""
    environment = key.environment_key
    if log.touched:
        wake_stale(ports, seen)
        wake_users(ports, seen, key.environment)
        wake_drift(ports, environment, f"applied:{log.touched[-1].id}")
        reschedule(ports, seen, works=(Work.HOURS,), environment=key.environment)
    times = ports.records.journal.applied_times(environment)
    last = log.touched[-1].id if log.touched else ""
    wake_expiry(ports, seen, key.environment, f"applied:{seen.tip}:{times}:{last}")
    # What was applied may be promoted; an apply that failed stops the soak.
    wake_promotions(ports, seen, f"applied:{seen.tip}:{times}:{last}", source=key.environment)
    wake_waiting(ports, seen)


def _ended(ports: Ports, apply: TipApply, key: ApplyEnvironment, log: Log, error: str) -> Ended:
    applied = ports.records.journal.applied_tip(key.environment_key)
    return Ended(
        environment=key.environment,
        actor=apply.actor,
        # A command is answered once, even if the tip has moved when its job runs again.
        occasion=key.why if key.command else f"{apply.seen.tip}:{key.why if key.asked else 'tip'}",
        merged=merged_since(apply.seen, apply.merged, applied),
        also=None if key.command else key.pull_request,
        asked_on=_asked_on(ports, key, log),
        blocked=log.blocked,
        frozen=log.frozen,
        touched=log.touched,
        error=error,
        recheck=key.why.startswith(("rerun:", "unfrozen:")),
    )


def _asked_on(ports: Ports, key: ApplyEnvironment, log: Log) -> set[int]:
    """Where people wait for the result: of this job's command, and of what others released.

    Whichever job comes first carries out a release. A sweep that came before the job of the command
    would tell nobody, where no pull request showed the plan before its merge.
    """
    applied = {run.stack for run in log.touched if run.status is not RunStatus.HELD}
    found = {key.pull_request} if key.command and key.pull_request else set[int]()
    for command in ports.records.commands.open(key.repository):
        released = command.accepted.runs if command.accepted is not None else ()
        runs = (ports.records.runs.get(each) for each in released)
        if any(run is not None and run.stack in applied for run in runs):
            found.add(command.number)
    return found
