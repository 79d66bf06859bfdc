"""Read the gates of the stacks that a promotion changes by new modules alone. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gitbot.decisions.promotion.gates import GateFacts, gates
from gitbot.decisions.promotion.merge_gate import Blocked
from gitbot.decisions.promotion.soak import looks_every, weakest
from gitbot.jobs.steps.obstacles import may_now
from gitbot.jobs.steps.promotion.beside import beside_in, drift_in, proofs_of, unapplied_in
from gitbot.jobs.steps.promotion.others import others_of
from gitbot.jobs.steps.promotion.shown import lacks, shown_plan, unplanned
from gitbot.jobs.steps.promotion.world import World
from gitbot.jobs.steps.proposal import propose
from gitbot.model.forge import PullRequest
from gitbot.model.freeze import Act
from gitbot.model.names import written_name
from gitbot.model.pins import Beside
from gitbot.model.promotion import Gate, GateState, PromotionRow


def beside_gates(
    world: World,
    head: PullRequest,
    rows: Sequence[PromotionRow],
    blocked: Blocked,
    now: datetime,
) -> tuple[tuple[str, Sequence[GateState]], ...]:
    """The gates of each stack that the pull request changes and that is none of the ``rows``.

    Empty when it moves no commit of modules, or when its head was not fetched yet.
    """
    moves = any(row.live and row.live.pin_before != row.live.pin_after for row in rows)
    if not moves or not world.seen.mirror.has(head.head):
        return ()
    proposal = propose(world.ports, world.seen, head)
    if proposal is None:
        return ()
    after = proposal.wanted(world.target.name)
    if after.errors:
        # A stack that the new modules break is missing there, and must not be forgotten.
        why = f"specs of {world.target.name} would have errors: the plan names them"
        return (("what its modules change", (GateState(gate=Gate.PLANNED, open=False, why=why),)),)
    found = beside_in(world, after, {row.stack for row in rows})
    return tuple(
        (f"{one.stack} (by its modules alone)", gates(_facts(world, one, head, blocked), now))
        for one in found
    )


def _facts(world: World, one: Beside, head: PullRequest, blocked: Blocked) -> GateFacts:
    proofs = proofs_of(world, one)
    soak, waived_by = weakest(proofs, now=world.ports.engine.calendar.now(), needs=world.rules.soak)
    run = shown_plan(world, one.stack, head)
    unmet, missing = lacks(world, [run], head)
    target = world.seen.stack_id(world.target, one.stack)
    open_ = tuple(world.seen.forge.open_pull_requests())
    other = others_of(world, open_, written_name(one.stack))
    return GateFacts(
        source=world.source.name,
        unapplied=unapplied_in(world, proofs),
        soak=soak,
        needs=world.rules.soak,
        every=looks_every(world.source.drift),
        drifted=drift_in(world, proofs),
        window=may_now(world.ports, world.seen, world.target, target, Act.PROMOTE),
        others=f"#{other.number} of {other.author} changes it in {world.target.name}"
        if other is not None
        else "",
        unplanned=unplanned(world, run),
        missing=missing,
        unmet=unmet,
        blocked=blocked,
        waived_by=waived_by,
    )
