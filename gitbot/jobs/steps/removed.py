"""Report environments that a merge removed although state has resources in them. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.merges import contained, merge_of, merged_into_tip
from gitbot.jobs.steps.report_apply import Ended, report_apply
from gitbot.jobs.steps.runs import close_left_running
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha
from gitbot.reconciler.affected import environment_errors


def report_removed(ports: Ports, seen: Look, environment: str) -> bool:
    """Whether the environment was removed from the tip although state has resources in it.

    If so, fail the check of the tip, and tell the pull request whose merge removed it, once.
    """
    if environment in seen.at_tip.environments:
        return False
    key = seen.key(environment)
    headers = ports.engine.state.headers(key.repository, environment)
    found = environment_errors(seen.at_tip, headers)
    if not found:
        return False
    close_left_running(ports, key, ())
    applied = ports.records.journal.applied_tip(key)
    remover = _remover(ports, seen, found[0].file, applied)
    report_apply(
        ports,
        seen,
        Ended(
            environment=environment,
            actor=f"a push to {seen.repository.tracked_branch}",
            occasion=f"removed:{applied}",
            also=None if remover is None else remover.number,
            error=" ".join(filter(None, [found[0].detail, found[0].fix])),
        ),
    ).end()
    return True


def _remover(ports: Ports, seen: Look, file: str, applied: Sha | None) -> PullRequest | None:
    """The first merge since the environment's last apply whose tree lacks the file."""
    if applied is None:
        return None
    for each in reversed(merged_into_tip(ports, seen)):
        commit = merge_of(each)
        since = not contained(seen, commit, applied)
        if since and file not in seen.mirror.specs(commit).entries:
            return each
    return None
