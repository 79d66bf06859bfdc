"""Merge the pull request of a promotion by itself, where every gate is open. Shell."""

from __future__ import annotations

from datetime import timedelta

from gitbot.decisions.promotion.merge_gate import (
    FREE,
    Blocked,
    blocks,
    method_of,
    unreadable,
    verdicts,
)
from gitbot.decisions.rights import at_least
from gitbot.errors import MissingRightError
from gitbot.jobs.steps.promotion.told import tell_merged
from gitbot.jobs.steps.promotion.world import World
from gitbot.model.desired import Permission
from gitbot.model.forge import CheckState, MergeMethod, MergeRules, PullRequest
from gitbot.model.names import Sha
from gitbot.render.promotion_gates import CHECK


def blocked_by(world: World, head: PullRequest, *, merges: bool, waited: timedelta) -> Blocked:
    """What the rules of the branch ask for and the pull request does not have.

    Where a person merges it, only checks that are required and have not passed are named. ``waited``
    is how long its newest commit is known.
    """
    forge = world.seen.forge
    try:
        rules = forge.merge_rules(world.seen.repository.tracked_branch)
    except MissingRightError as error:
        return unreadable(str(error)) if merges else FREE
    if not merges:
        rules = MergeRules(methods=tuple(MergeMethod), required_checks=rules.required_checks)
    own = world.ports.records.proposals.of_branch(world.seen.repository.id, head.head_ref)
    # ``/promote rebuild`` takes what stands there for ours, so that it can be written to.
    rebuilds = any(
        r.rebuild and r.live and r.live.number == head.number for r in world.rows.values()
    )
    approved, against = verdicts(forge.reviews(head.number) if merges else (), head.head)
    return blocks(
        rules,
        _checks(world, head.head) if rules.required_checks else {},
        others=merges and (own is None or own.head != head.head or rebuilds),
        approvals=len(approved),
        against=[who for who in against if at_least(forge.permission(who), Permission.WRITE)],
        waited=waited,
    )


def _checks(world: World, head: Sha) -> dict[str, bool | None]:
    """Whether each check on the commit has passed. The one that this job sets does not count."""
    found: dict[str, bool | None] = {
        one.name: one.passed for one in world.seen.forge.other_checks(head)
    }
    said = world.ports.records.said.checks(world.seen.repository.id, head)
    passed = (f"{CheckState.SUCCESS}:", f"{CheckState.NEUTRAL}:")
    for name, known in said.items():
        waits = known.startswith(f"{CheckState.PENDING}:")
        found[name] = None if waits else known.startswith(passed)
    return {**found, CHECK: True}


def merge(world: World, head: PullRequest) -> None:
    """Merge it, and say so.

    Raises:
        RefusedError: a rule of the branch forbids it; GitHub's words say which.
        StaleError: somebody has pushed meanwhile.
    """
    forge = world.seen.forge
    rules = forge.merge_rules(world.seen.repository.tracked_branch)
    forge.merge_pull_request(head.number, head.head, method_of(rules))
    world.ports.records.journal.audit(
        at=world.ports.clock.now(),
        actor=forge.login,
        action="promotion merged",
        subject=f"{world.seen.repository.id}#{head.number}",
        detail={"head": head.head, "target": world.target.name},
    )
    tell_merged(world, head)
