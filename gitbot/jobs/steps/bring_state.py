"""Find state that was lost or is in another store, and take it over. Shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gitbot.decisions.state_import import Offer, offer_by_tags
from gitbot.errors import UserError
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.observing import unrefreshed
from gitbot.jobs.steps.planning import plan_stack
from gitbot.jobs.steps.target import Target
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Sha, StackId, region_of
from gitbot.model.observed import Lookup
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.ports.records import Records
from gitbot.reconciler.lookups import lookups_of


def find_by_tags(
    engine: Engine, target: Target, cloud: Cloud, lineage: str | None
) -> tuple[Offer, ...]:
    """The states that live objects name, for those stacks of the target of which this store has
    none.

    Raises:
        UserError: a named stack is not in the specs or has state here, or objects of several states
            carry its name.
        SpecError: the specs have errors.
    """
    rules = target.rules()
    wanted = engine.wanted(target.tree, target.key).stacks
    if unknown := sorted(set(target.only) - set(wanted)):
        raise UserError(f"the specs of {target.environment} have no stack {', '.join(unknown)}")
    offers: list[Offer] = []
    for name in sorted(target.only or wanted):
        stack = StackId(
            repository=target.repository,
            environment=rules.name,
            name=name,
            region=region_of(name, rules.region),
        )
        if engine.state.read(stack).empty:
            lookups = _lookups(engine, cloud, stack, wanted[name], target.commit)
            offer = offer_by_tags(stack, lookups, cloud.look(lookups), lineage)
            offers += [] if offer is None else [offer]
        elif target.only:
            raise UserError(f"this store has state of {stack.label} already")
    return tuple(offers)


def _lookups(
    engine: Engine, cloud: Cloud, stack: StackId, desired: DesiredStack, commit: Sha | None
) -> tuple[Lookup, ...]:
    """The lookups for what the stack would make if nothing of it were there."""
    recorded = RecordedStack(id=stack, lineage="")
    plan = plan_stack(
        engine,
        cloud,
        stack=stack,
        desired=desired,
        recorded=recorded,
        commit=commit,
        reviewed=True,
        seen=unrefreshed(engine, desired, recorded),
    )
    return lookups_of(plan, recorded, engine.clouds.schemas)


def bring(
    engine: Engine,
    records: Records,
    lease: Callable[[], Lease],
    offers: Sequence[Offer],
    *,
    actor: str,
    source: str,
) -> None:
    """Take over the offered states, each with a row in the audit trail. ``source`` says from where.

    Raises:
        ConflictError: this store has state of a stack by now; those before it were taken over.
    """
    for offer in offers:
        taken = engine.state.bring(lease(), offer.state)
        records.journal.audit(
            at=engine.clock.now(),
            actor=actor,
            action="state import",
            subject=str(taken.id),
            detail={
                "source": source,
                "lineage": taken.lineage,
                "objects": {address: remote_id for address, _, remote_id in offer.objects},
            },
        )
