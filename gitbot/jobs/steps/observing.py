"""Read what state has of stacks, and what the cloud shows of them. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from gitbot.errors import CloudError, GitbotError, TransientError
from gitbot.jobs.steps.look import Engine
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, StackId
from gitbot.model.observed import Observation, ReadRequest, Unread
from gitbot.model.ownership import Owner
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.leases import refuse_moved
from gitbot.reconciler.ownership import claims_of
from gitbot.reconciler.reading import read_requests
from gitbot.reconciler.taking_back import taken_back
from gitbot.walk.ownership import owners_of

T = TypeVar("T")
Source: TypeAlias = tuple[DesiredStack | None, RecordedStack]
"""A stack as it is wanted, and as it was applied last."""


def read_state(engine: Engine, stack: StackId, desired: DesiredStack | None) -> RecordedStack:
    """The state to plan from: with the old objects that the spec wants back, which an apply records.

    Raises:
        UserError: the state is kept in another store by now.
    """
    recorded = recorded_state(engine, stack, desired)
    return taken_back(recorded, desired, engine.clouds.schemas, engine.redactor)


def recorded_state(engine: Engine, stack: StackId, desired: DesiredStack | None) -> RecordedStack:
    """The state of the stack, or of its former name (``metadata.moved``) before it is renamed.

    Raises:
        UserError: the state is kept in another store by now.
    """
    recorded = engine.state.read(stack)
    refuse_moved(recorded)
    if desired is None or desired.moved_from is None or not recorded.empty:
        return recorded
    former = engine.state.read(replace(stack, name=desired.moved_from))
    return recorded if former.empty else former


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The observed objects of one stack by address, and whose they are.

    ``read`` False: the cloud was not asked, and is not asked for anything else. ``looks_first`` False:
    nobody looks whether a create would make what is there already.
    """

    observed: Mapping[Address, Observation]
    owners: Mapping[Address, Owner]
    read: bool = True
    looks_first: bool = True


def observe(engine: Engine, cloud: Cloud, stacks: Sequence[Source]) -> tuple[Seen, ...]:
    """What the cloud shows of each stack.

    All stacks of a region are read together, so listing calls are made once and not once per stack.

    Raises:
        CloudError, TransientError: the cloud could not be read.
    """
    found: dict[int, Seen] = {}
    for region in sorted({recorded.id.region for _, recorded in stacks}):
        here = [n for n, (_, recorded) in enumerate(stacks) if recorded.id.region == region]
        seen = _observe(engine, cloud.at(region), [stacks[number] for number in here])
        found.update(zip(here, seen, strict=True))
    return tuple(found[number] for number in range(len(stacks)))


def _observe(engine: Engine, cloud: Cloud, stacks: Sequence[Source]) -> tuple[Seen, ...]:
    """The same for stacks of one region, which the connection leads to."""
    wanted = [read_requests(*stack, engine.clouds.schemas) for stack in stacks]
    # Two stacks may use the same address, so number the addresses while reading.
    together = [
        replace(request, address=_room(number, request.address))
        for number, requests in enumerate(wanted)
        for request in requests
    ]
    seen = cloud.read(together) if together else {}
    observed = [
        {
            request.address: seen[_room(number, request.address)]
            for request in requests
            if _room(number, request.address) in seen
        }
        for number, requests in enumerate(wanted)
    ]
    return _with_owners(engine, cloud, [state for _, state in stacks], wanted, observed)


def observe_apart(
    engine: Engine, cloud: Cloud, stacks: Sequence[Source]
) -> Sequence[Seen | CloudError]:
    """Like ``observe``; a refusal stands in place of what the cloud shows of a stack.

    After a refusal each stack is read alone.
    """
    try:
        return observe(engine, cloud, stacks)
    except CloudError as error:
        if len(stacks) == 1:
            return [error]
    return [observe_apart(engine, cloud, [stack])[0] for stack in stacks]


def look_together(
    engine: Engine, cloud: Cloud, sources: Mapping[str, Source | GitbotError]
) -> Mapping[str, Seen | GitbotError]:
    """What the cloud shows of each stack by its name, from one read of all; or why nothing is known of it.

    An error among ``sources`` stays where it is.
    """
    asked = {name: each for name, each in sources.items() if not isinstance(each, GitbotError)}
    told: Sequence[Seen | GitbotError]
    try:
        told = observe_apart(engine, cloud, [*asked.values()]) if asked else ()
    except TransientError as error:
        told = [error] * len(asked)
    refused = {name: each for name, each in sources.items() if isinstance(each, GitbotError)}
    return {**refused, **dict(zip(asked, told, strict=True))}


def known(answer: T | GitbotError) -> T:
    """The answer.

    Raises:
        GitbotError: that stands in its place.
    """
    if isinstance(answer, GitbotError):
        raise answer
    return answer


def _with_owners(
    engine: Engine,
    cloud: Cloud,
    states: Sequence[RecordedStack],
    requests: Sequence[Sequence[ReadRequest]],
    observed: Sequence[Mapping[Address, Observation]],
) -> tuple[Seen, ...]:
    """The observations with the owners, asked for all stacks together."""
    claims = [claims_of(*each) for each in zip(states, requests, observed, strict=True)]
    asked = [claimed for some in claims for claimed in some.values()]
    read = {
        (request.type, request.remote_id): seen[request.address]
        for some, seen in zip(requests, observed, strict=True)
        for request in some
        if request.address in seen
    }
    owners = iter(owners_of(cloud, engine.state, engine.clouds.schemas, asked, read))
    return tuple(
        Seen(observed=seen, owners={address: next(owners) for address in some})
        for some, seen in zip(claims, observed, strict=True)
    )


def _room(number: int, address: Address) -> Address:
    return Address(f"{number}/{address}")


def unrefreshed(engine: Engine, desired: DesiredStack | None, recorded: RecordedStack) -> Seen:
    """Like ``observe`` for one stack, without reading: the cloud is assumed to equal state."""
    requests = read_requests(desired, recorded, engine.clouds.schemas)
    return Seen(observed={request.address: Unread() for request in requests}, owners={}, read=False)
