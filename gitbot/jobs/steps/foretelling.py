"""Ask the cloud what there is already of what a plan makes, and what it would refuse of it. Shell."""

from __future__ import annotations

from gitbot.errors import CloudError, SpecError, TransientError
from gitbot.jobs.steps.look import Engine
from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.copies import lookups_of_copies, with_copies
from gitbot.reconciler.lookups import Proposal, claims_on, lookups_of, propose
from gitbot.reconciler.makings import deeds_of, refusals, with_remarks
from gitbot.reconciler.moves import moved
from gitbot.walk.ownership import owners_of

_UNANSWERED = (CloudError, TransientError)
"""What is wrong already is told, also where the cloud does not answer what else is."""


def look_first(
    engine: Engine, cloud: Cloud, plan: Plan, desired: DesiredStack, recorded: RecordedStack
) -> Proposal:
    """What becomes of the plan's creates, after a look at what is there.

    Raises:
        SpecError: one of them cannot be made; with what the cloud would refuse of the others.
    """
    proposal = _proposal(engine, cloud, plan, desired, recorded)
    if proposal.problems:
        more = _refused(engine, cloud, plan, desired, recorded)
        raise SpecError((*proposal.problems, *more))
    return proposal


def _proposal(
    engine: Engine, cloud: Cloud, plan: Plan, desired: DesiredStack, recorded: RecordedStack
) -> Proposal:
    schemas = engine.clouds.schemas
    lookups = lookups_of(plan, recorded, schemas)
    if not lookups:
        return Proposal()
    asked = claims_on(recorded, lookups, cloud.look(lookups))
    owners = owners_of(cloud, engine.state, schemas, [claimed for _, _, claimed in asked])
    return propose(desired, asked, owners, moved(desired, recorded).resources)


def telling_copies(cloud: Cloud, plan: Plan, recorded: RecordedStack) -> Plan:
    """The plan, which names what else carries the tags of resources that leave; as it is without an answer."""
    lookups = lookups_of_copies(plan, recorded)
    try:
        return with_copies(plan, recorded, cloud.look(lookups)) if lookups else plan
    except _UNANSWERED:
        return plan


def _refused(
    engine: Engine, cloud: Cloud, plan: Plan, desired: DesiredStack, recorded: RecordedStack
) -> tuple[Diagnostic, ...]:
    """What the cloud would refuse of the plan, too, or make something else of; nothing if it does not answer."""
    deeds = deeds_of(plan, desired, recorded, engine.clouds.schemas)
    try:
        return refusals(desired, cloud.objections(deeds)) if deeds else ()
    except _UNANSWERED:
        return ()


def wrong_besides(
    engine: Engine, cloud: Cloud, plan: Plan, desired: DesiredStack, recorded: RecordedStack
) -> tuple[Diagnostic, ...]:
    """What the cloud says of a plan that cannot be carried out: people correct all at once."""
    try:
        taken = _proposal(engine, cloud, plan, desired, recorded).problems
    except _UNANSWERED:
        taken = ()
    return (*taken, *_refused(engine, cloud, plan, desired, recorded))


def foretold(
    engine: Engine,
    cloud: Cloud,
    plan: Plan,
    desired: DesiredStack | None,
    recorded: RecordedStack,
) -> Plan:
    """The plan with what the cloud will refuse of it. A plan that does nothing asks nothing.

    Raises:
        SpecError: something would become other than its spec means, or be refused for what it says.
    """
    deeds = deeds_of(plan, desired, recorded, engine.clouds.schemas)
    objections = cloud.objections(deeds) if deeds else ()
    if desired is not None and (problems := refusals(desired, objections)):
        raise SpecError(problems)
    return with_remarks(plan, objections)
