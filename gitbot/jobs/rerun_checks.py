"""The job that answers "Re-run" on gitbot's checks. Shell."""

from __future__ import annotations

from gitbot.decisions.reruns import applies_of, checks_to_rerun
from gitbot.errors import UserError
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.publish import set_checks
from gitbot.jobs.steps.rights import require_right
from gitbot.model.forge import Check, CheckState
from gitbot.model.keys import ApplyEnvironment, PlanPullRequest, RerunChecks
from gitbot.model.names import Sha


def rerun_checks(ports: Ports, key: RerunChecks) -> None:
    """Plan or apply again what the checks of the commit are about, and write them again.

    GitHub keeps the whole suite queued until a check run is written, also where nothing changed.
    """
    seen, head = look(ports, key.repository), Sha(key.head)
    said, repository = ports.records.said, seen.repository.id
    names = checks_to_rerun(key.check, said.checks(repository, head))
    said.forget_checks(repository, head, names)
    woken = [each for each in seen.forge.open_pull_requests() if each.head == head]
    for each in woken:
        ports.queue.enqueue(
            PlanPullRequest(repository=repository, number=each.number, reason=key.reason)
        )
    applies = applies_of(names)
    for environment in applies:
        set_checks(ports, seen, head, [_apply_again(ports, seen, key, environment)], "")
    left = names - {f"gitbot/{environment}/apply" for environment in applies}
    if not woken and left:
        title = "nothing to do again: no open pull request has this commit as its head"
        checks = [Check(name=n, state=CheckState.NEUTRAL, title=title) for n in sorted(left)]
        set_checks(ports, seen, head, checks, "")


def _apply_again(ports: Ports, seen: Look, key: RerunChecks, environment: str) -> Check:
    """Wake the apply; the check stands until it reports."""
    name = f"gitbot/{environment}/apply"
    if key.head != seen.tip:
        title = f"superseded: {seen.repository.tracked_branch} is at {seen.tip[:8]}"
        return Check(name=name, state=CheckState.NEUTRAL, title=title)
    try:
        require_right(ports, seen, seen.rules(environment), "apply", key.by)
    except UserError as error:
        title = f"not applied again: {error}"
        return Check(name=name, state=CheckState.ACTION_REQUIRED, title=title)
    ports.queue.enqueue(
        ApplyEnvironment(
            repository=seen.repository.id,
            environment=environment,
            tip=seen.tip,
            why=f"rerun:{key.reason}",
            actor=key.by,
        )
    )
    return Check(
        name=name, state=CheckState.PENDING, title=f"applying again, asked for by {key.by}"
    )
