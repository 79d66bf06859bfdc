"""The job that runs when a pull request was merged or closed. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Ports, look
from gitbot.jobs.steps.promotion.waking import wake_promotion_of
from gitbot.model.keys import ApplyEnvironment, ClosePullRequest, FollowTip


def close_pull_request(ports: Ports, key: ClosePullRequest) -> None:
    """Wake the applies that follow from a merge, or the way back after a close without a merge.

    After a close without a merge, the tip is planned for the stacks that the pull request claimed.
    Those applies are held until somebody releases them on it.
    """
    repository, number = key.repository, key.number
    forge = ports.forges.open(repository)
    pull_request = forge.pull_request(number)
    if pull_request.open:
        return
    if pull_request.merged and pull_request.base_ref == forge.repository().tracked_branch:
        reason = f"merged:{number}:{key.reason}"
        ports.queue.enqueue(FollowTip(repository=repository, reason=reason))
        return
    ports.records.claims.close(repository, number)
    wake_promotion_of(ports, repository, number, f"closed:{number}:{key.reason}")
    _give_back(ports, repository, number)


def _give_back(ports: Ports, repository: str, number: int) -> None:
    claims = ports.records.claims.of_pull_request(repository, number)
    if not claims:
        return
    seen = look(ports, repository)
    # The time of the claim makes the job new: a pull request can be reopened and closed again.
    newest = max(claim.claimed_at for claim in claims).isoformat()
    for environment in sorted({claim.stack.environment for claim in claims}):
        ports.queue.enqueue(
            ApplyEnvironment(
                repository=repository,
                environment=environment,
                tip=seen.tip,
                why=f"closed:{number}:{newest}",
                actor=f"#{number} closed unmerged",
                pull_request=number,
            )
        )
