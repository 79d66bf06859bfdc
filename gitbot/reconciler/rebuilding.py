"""Decide which objects a state has, from a state that may be old and from the tags in the cloud. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gitbot.errors import StaleError
from gitbot.model.names import Address
from gitbot.model.observed import Present
from gitbot.model.recorded import Deposed, RecordedResource, RecordedStack
from gitbot.model.recovery import Finding, How
from gitbot.model.schema import SchemaLookup
from gitbot.model.values import Value
from gitbot.reconciler.claimants import Claimant, Named, claimants, ranked_claimants
from gitbot.reconciler.digest import operation_token
from gitbot.reconciler.leases import refuse_moved

SERIAL_LEAP = 1_000
"""How far the serial of a rebuilt state is above everything that is known of the former one. A client
token is made from the serial, and the cloud may still know those of objects that are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a state has after a look at the cloud, without the values of its properties.

    ``found`` are the addresses whose objects the state did not know, ``moved`` maps former addresses
    to those that the tags name, ``replaced`` and ``gone`` name objects that left the state: others
    have their addresses now, or they do not exist. ``rivals`` are several objects that claim one
    address, where nothing tells which is the newest: none of them is recorded.
    """

    state: RecordedStack
    found: Mapping[Address, Named]
    moved: Mapping[Address, Address]
    gone: Mapping[Address, Named]
    rivals: Mapping[Address, tuple[Named, ...]]

    def findings(self) -> tuple[Finding, ...]:
        """What becomes of each object, by address."""
        former = {at: before for before, at in self.moved.items()}
        resources = self.state.resources
        here = [
            _finding(
                at,
                (one.type, one.remote_id),
                How.FOUND if at in self.found else How.MOVED if at in former else How.KNOWN,
                former.get(at),
            )
            for at, one in resources.items()
        ]
        old = [
            _finding(each.address, (each.type, each.remote_id), How.DEPOSED)
            for each in (one.resource for one in self.state.deposed)
        ]
        gone = [_finding(at, each, How.GONE) for at, each in self.gone.items()]
        open_ = [_finding(at, e, How.RIVAL) for at, some in self.rivals.items() for e in some]
        return tuple(sorted([*here, *old, *gone, *open_], key=lambda one: one.address))


def _finding(address: Address, named: Named, how: How, former: Address | None = None) -> Finding:
    return Finding(address=address, type=named[0], remote_id=named[1], how=how, former=former)


def rebuild(
    before: RecordedStack,
    live: Mapping[Named, Present],
    schemas: SchemaLookup,
    account: str,
) -> Rebuilt:
    """The state with every live object at the address that its tags name, or else its record.

    ``live`` are those that exist of what state names, and of what has tags. Of several objects of one
    address the newest is the resource, and the others are deposed: the operation in the tags tells the
    generation. Open intents are dropped: what they were about has been looked at.
    """
    every = claimants(before, live)
    known = {(one.type, one.remote_id): one.address for one in before.resources.values()}
    resources: dict[Address, RecordedResource] = {}
    deposed = [one for one in before.deposed if (one.resource.type, one.resource.remote_id) in live]
    rivals: dict[Address, tuple[Named, ...]] = {}
    for address in sorted({one.address for one in every}):
        claiming = [one for one in every if one.address == address]
        ranked = ranked_claimants(claiming)
        if ranked is None:
            rivals[address] = tuple(one.named for one in claiming)
            continue
        records = [_record(one, live[one.named], before, schemas, account) for one in ranked]
        resources[address] = records[0]
        deposed += _deposed(ranked, records, before.lineage)
    here = {(one.type, one.remote_id): at for at, one in resources.items()}
    whole = _with_dependencies(resources, known, here)
    state = replace(before, resources=whole, deposed=tuple(deposed), intents=())
    return Rebuilt(
        state=replace(state, serial=_serial(before, state)),
        found={at: each for each, at in here.items() if each not in known},
        moved={known[each]: at for each, at in here.items() if known.get(each, at) != at},
        gone={at: each for each, at in known.items() if each not in live},
        rivals=rivals,
    )


def _deposed(
    ranked: Sequence[Claimant], records: Sequence[RecordedResource], lineage: str
) -> list[Deposed]:
    """All but the newest: state knows each by the operation that made the one that replaced it."""
    found = []
    for newer, old in zip(ranked, records[1:], strict=False):
        generation = newer.generation or 0
        made = newer.operation or operation_token(lineage, newer.address, generation, "create")
        found.append(Deposed(resource=old, operation=made))
    return found


def rebuilt(state: RecordedStack, before: RecordedStack, wanted: RecordedStack) -> RecordedStack:
    """``wanted`` in place of the state, which must be as it was read: rebuilt, or edited as a document.

    Raises:
        StaleError: the state moved since it was read.
        UserError: it is kept in another store.
    """
    refuse_moved(state)
    if (state.lineage, state.serial) != (before.lineage, before.serial):
        raise StaleError(f"the state of {state.id.label} moved meanwhile: look at it again")
    return replace(wanted, serial=max(state.serial, wanted.serial) + 1)


def adopted(
    state: RecordedStack, objects: Mapping[Address, Named], schemas: SchemaLookup, account: str
) -> RecordedStack:
    """The state with objects that have no tags, at the addresses whose names they have."""
    made = {
        address: _stub(address, named, {}, 1, state, schemas, account)
        for address, named in objects.items()
    }
    return replace(state, resources=dict(sorted({**state.resources, **made}.items())))


def _record(
    one: Claimant, seen: Present, before: RecordedStack, schemas: SchemaLookup, account: str
) -> RecordedResource:
    if one.record is not None:
        return replace(one.record, address=one.address)
    generation = one.generation or 1
    return _stub(one.address, one.named, seen.properties, generation, before, schemas, account)


def _stub(
    address: Address,
    named: Named,
    attributes: Mapping[str, Value],
    generation: int,
    state: RecordedStack,
    schemas: SchemaLookup,
    account: str,
) -> RecordedResource:
    """A record that manages no property yet."""
    type_, remote_id = named
    schema = schemas(type_)
    assert schema is not None  # an object is only read if its type is known
    return RecordedResource(
        address=address,
        type=type_,
        remote_id=remote_id,
        properties={},
        attributes=attributes,
        account=account,
        region=state.id.region,
        route=schema.route,
        create_only=schema.create_only,
        schema_hash=schema.schema_hash,
        generation=generation,
    )


def _with_dependencies(
    resources: Mapping[Address, RecordedResource],
    known: Mapping[Named, Address],
    here: Mapping[Named, Address],
) -> dict[Address, RecordedResource]:
    """The resources, whose dependencies have the new addresses of what moved.

    A found object depends on those of the stack that it names: so a deletion has an order although no
    spec declares it.
    """
    moved = {known[each]: at for each, at in here.items() if each in known}
    by_id = {str(one.remote_id): at for at, one in resources.items()}
    done = {}
    for address, one in sorted(resources.items()):
        needed = {moved.get(at, at) for at in one.depends_on}
        if (one.type, one.remote_id) not in known:
            needed |= {by_id[text] for text in _texts(one.attributes) if text in by_id}
        done[address] = replace(one, depends_on=tuple(sorted(needed - {address})))
    return done


def _texts(tree: object) -> set[str]:
    if isinstance(tree, Mapping):
        return {text for item in tree.values() for text in _texts(item)}
    if isinstance(tree, (list, tuple)):
        return {text for item in tree for text in _texts(item)}
    return {tree} if isinstance(tree, str) else set()


def _serial(before: RecordedStack, state: RecordedStack) -> int:
    held = [*state.resources.values(), *(one.resource for one in state.deposed)]
    return max([before.serial, *(one.generation for one in held)]) + SERIAL_LEAP
