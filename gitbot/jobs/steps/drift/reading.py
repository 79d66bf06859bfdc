"""Read what the cloud shows of the stacks of an environment, and of objects that no state knows. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gitbot.decisions.drift.sights import Scanned
from gitbot.errors import CloudError, UserError
from gitbot.jobs.steps.drift.checks import failing_checks
from gitbot.jobs.steps.drift.newer import what_is_newer
from gitbot.jobs.steps.drift.strays import find_strays
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.observing import Seen, observe_apart
from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.drift import Difference
from gitbot.model.names import StackId
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.drift import differences


def opened(ports: Ports, rules: Environment) -> tuple[Cloud | None, str]:
    """A connection that delays no plan beside it; or why there is none."""
    try:
        return ports.engine.clouds.open(rules, Purpose.SCAN), ""
    except UserError as error:
        return None, ports.engine.hide(str(error))


def strays(
    ports: Ports,
    seen: Look,
    rules: Environment,
    cloud: Cloud | None,
    states: Sequence[RecordedStack],
) -> tuple[Mapping[StackId, tuple[Difference, ...]], str]:
    """The objects that no state knows, by stack; and why they are not known, or empty."""
    if cloud is None:
        return {}, ""
    place, wanted = seen.stack_id(rules, ""), seen.wanted(rules.name)
    found: dict[StackId, tuple[Difference, ...]] = {}
    try:
        for region in sorted({place.region, *(state.id.region for state in states)}):
            here = find_strays(ports.engine, cloud.at(region), place, states, wanted.stacks)
            found |= {stack: some for stack, some in here.items() if stack.region == region}
        return found, ""
    except CloudError as error:
        return {}, ports.engine.hide(str(error))


def looked(
    ports: Ports,
    cloud: Cloud | None,
    refusal: str,
    due: Sequence[RecordedStack],
    desired: Mapping[str, DesiredStack],
    known: Mapping[StackId, Scanned],
) -> list[Scanned]:
    """The stacks with what the cloud shows of them."""
    engine = ports.engine
    if cloud is None or not due:
        return [replace(known[each.id], refusal=refusal) for each in due]
    looks = observe_apart(engine, cloud, [(None, each) for each in due])
    return [
        replace(known[each.id], refusal=engine.hide(str(look)))
        if isinstance(look, CloudError)
        else replace(
            known[each.id],
            differences=_differences(ports, each, look, desired.get(each.id.name)),
            unmet=failing_checks(engine, desired.get(each.id.name), each, look),
            newer=what_is_newer(engine, cloud, desired.get(each.id.name), each, look),
        )
        for each, look in zip(due, looks, strict=True)
    ]


def _differences(
    ports: Ports, recorded: RecordedStack, seen: Seen, desired: DesiredStack | None
) -> tuple[Difference, ...]:
    engine = ports.engine
    resources = {} if desired is None else desired.resources
    return differences(
        recorded,
        seen.observed,
        engine.clouds.schemas,
        engine.redactor,
        ignored={address: one.lifecycle.untold for address, one in resources.items()},
    )
