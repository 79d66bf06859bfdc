"""The steps of a walk and what each must wait for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from gitbot.errors import InvariantError
from gitbot.model.graph import cycles
from gitbot.model.names import Address
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import ReplaceOrder
from gitbot.reconciler.weaker import may_turn_out_weaker


class Phase(StrEnum):
    """Which part of a change a step does.

    ``MOVE`` records a resource under its new address, before anything else is done to it.
    ``APPLY`` brings the address to what is desired (and for a forgotten one, drops it from state).
    ``DELETE`` deletes the recorded object, also as the first half of a delete-first replacement.
    ``DEPOSED`` deletes the old object after a create-first replacement.
    """

    MOVE = "move"
    APPLY = "apply"
    DELETE = "delete"
    DEPOSED = "deposed"


_PHASES = (Phase.MOVE, Phase.DELETE, Phase.APPLY, Phase.DEPOSED)
"""A change goes through its phases in this order."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class StepKey:
    """A step's name; ``deposed_operation`` tells apart the deposed objects of one address."""

    address: Address
    phase: Phase
    deposed_operation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One part of one change, and the steps that must have succeeded before it starts."""

    key: StepKey
    change: Change
    after: frozenset[StepKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    """A live object that uses others, and the step after which it no longer uses them."""

    depends_on: tuple[Address, ...]
    released_by: StepKey


def order_of(change: Change) -> ReplaceOrder:
    """The order of a replacement's halves."""
    return change.replace_order or ReplaceOrder.CREATE_FIRST


def steps_of(
    plan: Plan, recorded: RecordedStack, conditional: Collection[Address] = ()
) -> Mapping[StepKey, Step]:
    """Every step of the plan, in plan order.

    A create or update waits for what it depends on. A deletion waits until no recorded user of the
    object uses it any more. Where the recorded order contradicts the desired one, the desired one
    wins. That happens when a dependency was reversed, and when both ends are replaced delete-first.
    ``conditional`` are the resources with conditions that must be asked first.

    Raises:
        InvariantError: the plan's own dependencies are circular.
    """
    changes = {key: change for change in plan.changes for key in _keys(change)}
    hard = {key: _needs(key, change, changes) for key, change in changes.items()}
    soft = _releases(plan, recorded, changes)
    for key, change in changes.items():
        if key.phase is Phase.DELETE and (
            _undecided(change)
            or (change.action is Action.REPLACE and change.address in conditional)
        ):
            # Only the values of its dependencies show whether it must, or may, be replaced at all.
            soft[key] |= _applied(change.depends_on, changes)
        if key.deposed_operation and change.address in conditional:
            # The old object stays until the new one is what it must be.
            soft[key] |= _applied([change.address], changes)
    _break_cycles(hard, soft)
    return {
        key: Step(key=key, change=change, after=frozenset(hard[key] | soft[key]))
        for key, change in changes.items()
    }


def _keys(change: Change) -> Iterator[StepKey]:
    address = change.address
    if change.moved_from is not None:
        yield StepKey(address=address, phase=Phase.MOVE)
    match change.action:
        case Action.DELETE:
            yield StepKey(
                address=address,
                phase=Phase.DELETE,
                deposed_operation=change.deposed_operation or "",
            )
        case Action.REPLACE if order_of(change) is ReplaceOrder.DELETE_FIRST:
            yield StepKey(address=address, phase=Phase.DELETE)
            yield StepKey(address=address, phase=Phase.APPLY)
        case Action.REPLACE:
            yield StepKey(address=address, phase=Phase.APPLY)
            yield StepKey(address=address, phase=Phase.DEPOSED)
        case _:
            yield StepKey(address=address, phase=Phase.APPLY)


def _undecided(change: Change) -> bool:
    return change.action is Action.REPLACE and may_turn_out_weaker(change)


def _applied(addresses: Sequence[Address], changes: Mapping[StepKey, Change]) -> set[StepKey]:
    keys = (StepKey(address=address, phase=Phase.APPLY) for address in addresses)
    return {key for key in keys if key in changes}


def _needs(key: StepKey, change: Change, changes: Mapping[StepKey, Change]) -> set[StepKey]:
    """The steps that must come before this one according to the plan."""
    own = {
        phase: StepKey(address=key.address, phase=phase)
        for phase in Phase
        if changes.get(StepKey(address=key.address, phase=phase)) is change
    }
    earlier = {
        step for phase, step in own.items() if _PHASES.index(phase) < _PHASES.index(key.phase)
    }
    if key.phase is not Phase.APPLY or change.action is Action.FORGET:
        return earlier
    return earlier | _applied(
        [other for other in change.depends_on if other != key.address], changes
    )


def _releases(
    plan: Plan, recorded: RecordedStack, changes: Mapping[StepKey, Change]
) -> dict[StepKey, set[StepKey]]:
    """For each step that deletes, the steps after which recorded users no longer use the object."""
    users: dict[Address, list[StepKey]] = {}
    to_come: dict[Address, list[Address]] = {}
    for change in plan.changes:
        for address in change.depends_on:
            to_come.setdefault(address, []).append(change.address)
    for holder in _holders(plan, recorded, changes):
        for address in holder.depends_on:
            users.setdefault(address, []).append(holder.released_by)
    result: dict[StepKey, set[StepKey]] = {key: set() for key in changes}
    for key, change in changes.items():
        if key.phase in (Phase.APPLY, Phase.MOVE):
            continue
        released = {user for user in users.get(key.address, ()) if user.address != key.address}
        if change.action is Action.REPLACE and key.phase is Phase.DELETE:
            # A user that stays gets the new object. That one is made after this deletion, so do not
            # wait for the user.
            released = {user for user in released if user.phase is Phase.DELETE}
        elif key.phase is Phase.DEPOSED or key.deposed_operation:
            # Who is replaced by deletion first has let go, but may not come to be on the new object.
            released |= _applied(to_come.get(key.address, ()), changes)
        result[key] |= released
    return result


def _holders(
    plan: Plan, recorded: RecordedStack, changes: Mapping[StepKey, Change]
) -> Iterator[_Holder]:
    renamed = {
        change.moved_from: change.address
        for change in plan.changes
        if change.moved_from is not None
    }
    for address, resource in recorded.resources.items():
        key = _releasing(renamed.get(address, address), changes)
        if key is not None:
            yield _Holder(
                depends_on=tuple(renamed.get(other, other) for other in resource.depends_on),
                released_by=key,
            )
    for old in recorded.deposed:
        key = StepKey(
            address=renamed.get(old.resource.address, old.resource.address),
            phase=Phase.DELETE,
            deposed_operation=old.operation,
        )
        if key in changes:
            needed = (renamed.get(other, other) for other in old.resource.depends_on)
            yield _Holder(depends_on=tuple(needed), released_by=key)


def _releasing(address: Address, changes: Mapping[StepKey, Change]) -> StepKey | None:
    """The last step that uses the address's recorded object."""
    for phase in (Phase.DEPOSED, Phase.DELETE, Phase.APPLY):
        key = StepKey(address=address, phase=phase)
        if key in changes and changes[key].action is not Action.FORGET:
            return key
    return None


def _break_cycles(
    hard: Mapping[StepKey, set[StepKey]], soft: Mapping[StepKey, set[StepKey]]
) -> None:
    """Drop from ``soft`` what makes a circle together with ``hard``.

    Raises:
        InvariantError: ``hard`` alone has a circle.
    """
    while circles := cycles({key: hard[key] | soft[key] for key in hard}):
        for circle in circles:
            for after, before in pairwise(circle):
                if before in soft[after] and before not in hard[after]:
                    soft[after].discard(before)
                    break
            else:
                names = " → ".join(key.address for key in circle)
                raise InvariantError(f"the plan depends on itself: {names}")
