"""Choose the part of a stack that a plan is about, by addresses that a person names. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from gitbot.errors import UserError
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, is_within
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedStack

_GO = (Action.DELETE, Action.REPLACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """What a person names at a command line. An address stands for everything below it.

    ``targets``: only these, and what they need. ``excludes``: all but these, and what needs them.
    ``replaces``: resources that are replaced although nothing forces it.
    """

    targets: tuple[Address, ...] = ()
    excludes: tuple[Address, ...] = ()
    replaces: tuple[Address, ...] = ()

    @property
    def partial(self) -> tuple[str, ...]:
        """The flags that leave a part of a stack out, as they are typed."""
        return (
            *(f"--target {one}" for one in self.targets),
            *(f"--exclude {one}" for one in self.excludes),
        )

    @property
    def names(self) -> tuple[Address, ...]:
        """All addresses that are named."""
        return (*self.targets, *self.excludes, *self.replaces)

    def within(self, known: Iterable[Address]) -> Focus:
        """The part of it that is about a stack with these addresses."""
        there = tuple(known)

        def kept(named: tuple[Address, ...]) -> tuple[Address, ...]:
            return tuple(one for one in named if any(is_within(at, one) for at in there))

        return Focus(
            targets=kept(self.targets),
            excludes=kept(self.excludes),
            replaces=kept(self.replaces),
        )


NO_FOCUS = Focus()
"""Whole stacks, and nothing is replaced that need not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The chosen addresses of a stack, and those that stay as they are."""

    chosen: frozenset[Address]
    left_out: frozenset[Address]


def addresses_of(desired: DesiredStack | None, recorded: RecordedStack) -> frozenset[Address]:
    """Every address that the specs or state have."""
    return frozenset(desired.resources if desired else ()) | frozenset(recorded.resources)


def focus_by_stack(
    focus: Focus, stacks: Mapping[str, tuple[DesiredStack | None, RecordedStack]]
) -> Mapping[str, Focus]:
    """What the flags say of each stack. With targets, stacks without one are left out.

    Raises:
        UserError: no stack has an address, or several have it; or something is to be replaced that
            is not in state.
    """
    known = {name: addresses_of(*stack) for name, stack in stacks.items()}
    found = {name: focus.within(there) for name, there in known.items()}
    for one in dict.fromkeys(focus.names):
        _check_named(one, found, known)
    for name, own in found.items():
        for one in own.replaces:
            if one not in stacks[name][1].resources:
                raise UserError(
                    f"--replace takes one resource that exists; {one} is none of {name}"
                )
    return {name: own for name, own in found.items() if own.targets or not focus.targets}


def _check_named(
    one: Address, found: Mapping[str, Focus], known: Mapping[str, Collection[Address]]
) -> None:
    having = [name for name, own in found.items() if one in own.names]
    if len(having) > 1:
        raise UserError(
            f"{one} is an address of several stacks: name one of {', '.join(having)} with --stack"
        )
    if not having:
        every = sorted({at for there in known.values() for at in there})
        raise UserError(f"there is no address {one!r}; there is: {', '.join(every) or 'none'}")


def first_choice(focus: Focus, desired: DesiredStack | None, recorded: RecordedStack) -> Choice:
    """What the flags name, with what that needs, and without what needs what is left out.

    Where nothing is desired, what is named goes with what uses it, and what is left out keeps what
    it needs.
    """
    every = addresses_of(desired, recorded)
    targets = _named(focus.targets, every) if focus.targets else every
    along = _taken_along(desired, recorded)
    out = _closure(_named(focus.excludes, every), _turned(along))
    # What a target that is left out itself would take along is nobody's wish.
    return _choice(_closure(frozenset(targets) - out, along), out, desired, recorded)


def next_choice(
    plan: Plan, choice: Choice, desired: DesiredStack | None, recorded: RecordedStack
) -> Choice:
    """The choice after a plan of it: what goes takes those along that use it now.

    Where one of these is left out, what it uses is left out too. Equal to ``choice`` when nothing
    is missing.
    """
    chosen, left_out = set(choice.chosen), set(choice.left_out)
    for change in plan.changes:
        if change.action in _GO and change.deposed_operation is None:
            users = {
                address
                for address, one in recorded.resources.items()
                if {change.address, change.moved_from} & set(one.depends_on)
            }
            if users & left_out:
                left_out.add(change.address)
            else:
                chosen |= users
    return _choice(_closure(chosen, _taken_along(desired, recorded)), left_out, desired, recorded)


def narrowed(
    desired: DesiredStack | None, recorded: RecordedStack, choice: Choice
) -> tuple[DesiredStack | None, RecordedStack]:
    """The stack and its state with the chosen addresses alone, without outputs, checks and end.

    Hash, serial and lineage stay: a walk of it is one of the same stack.
    """
    wanted = None
    former: set[Address] = set()
    if desired is not None:
        resources = {at: one for at, one in desired.resources.items() if at in choice.chosen}
        former = {at for one in resources.values() for at in one.lifecycle.former}
        wanted = replace(desired, resources=resources, outputs={}, checks={}, lifetime=None)
    kept = choice.chosen | former
    return wanted, replace(
        recorded,
        resources={at: one for at, one in recorded.resources.items() if at in kept},
        deposed=tuple(one for one in recorded.deposed if one.resource.address in kept),
        outputs={},
        lifetime=None,
    )


def _choice(
    chosen: Collection[Address],
    left_out: Collection[Address],
    desired: DesiredStack | None,
    recorded: RecordedStack,
) -> Choice:
    """The choice without what is left out, and without all that takes this along."""
    out = _closure(left_out, _turned(_taken_along(desired, recorded)))
    return Choice(chosen=frozenset(chosen) - out, left_out=out)


def _taken_along(
    desired: DesiredStack | None, recorded: RecordedStack
) -> Mapping[Address, Collection[Address]]:
    """What each address takes along: what it needs, or, on the way to nothing, what uses it.

    What was moved is one object under two addresses, so each of them takes the other along: else
    leaving the new one out would delete the object under the former one.
    """
    if desired is None:
        return _turned(_needs(desired, recorded))
    found: dict[Address, set[Address]] = {
        at: set(needed) for at, needed in _needs(desired, recorded).items()
    }
    for address, one in desired.resources.items():
        for former in one.lifecycle.former:
            if former in recorded.resources and former not in desired.resources:
                found[address].add(former)
                found[former].add(address)
    return found


def _turned(edges: Mapping[Address, Collection[Address]]) -> Mapping[Address, Collection[Address]]:
    found: dict[Address, set[Address]] = {}
    for start, ends in edges.items():
        for one in ends:
            found.setdefault(one, set()).add(start)
    return found


def _needs(
    desired: DesiredStack | None, recorded: RecordedStack
) -> Mapping[Address, frozenset[Address]]:
    """What each address needs by the specs, or by state where the specs do not have it."""
    found = {at: frozenset(one.depends_on) for at, one in recorded.resources.items()}
    if desired is not None:
        found |= {at: one.depends_on for at, one in desired.resources.items()}
    return found


def _named(named: Iterable[Address], every: Collection[Address]) -> frozenset[Address]:
    return frozenset(at for at in every if any(is_within(at, one) for one in named))


def _closure(
    start: Iterable[Address], edges: Mapping[Address, Collection[Address]]
) -> frozenset[Address]:
    found: set[Address] = set()
    left = list(start)
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left.extend(edges.get(one, ()))
    return frozenset(found)
