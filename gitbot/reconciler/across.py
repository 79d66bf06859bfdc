"""Give stacks the outputs of others, and tell which stacks depend on which. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from gitbot.model.codec import encode_value
from gitbot.model.desired import DesiredOutput, DesiredResource, DesiredStack
from gitbot.model.graph import order
from gitbot.model.names import Address
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedOutput, StackHeader
from gitbot.model.uses import producer_of
from gitbot.model.values import (
    Redacted,
    Redactor,
    Sensitive,
    Unknown,
    Value,
    canonical_json,
    is_known,
    leaves,
    redact,
    reveal,
    sha256_hex,
)
from gitbot.model.wanted import Wanted
from gitbot.reconciler.binding import Scope

Outputs = Mapping[str, Mapping[str, RecordedOutput]]


def supplied(wanted: Wanted, outputs: Outputs, redactor: Redactor) -> Wanted:
    """The stacks, with the recorded values of the outputs of others that they use.

    Of a sensitive output state has the hash alone. Its value is the one in the specs, as long as it
    has that hash. A stack that state knows by its former name alone (``metadata.moved``) has the outputs of that one.
    """
    outputs = {**_of_former_names(wanted.stacks, outputs), **outputs}
    stacks = {
        name: _supplied(stack, wanted.stacks, outputs, redactor) if stack.uses else stack
        for name, stack in wanted.stacks.items()
    }
    return replace(wanted, stacks=stacks)


def _of_former_names(stacks: Mapping[str, DesiredStack], outputs: Outputs) -> Outputs:
    """The outputs of the renamed stacks: until an apply records the new name, the former one has them."""
    return {
        name: outputs[former]
        for name, stack in stacks.items()
        if (former := stack.moved_from or name) in outputs and former not in stacks
    }


def _supplied(
    stack: DesiredStack,
    stacks: Mapping[str, DesiredStack],
    outputs: Outputs,
    redactor: Redactor,
) -> DesiredStack:
    given: dict[str, Value] = {}
    marks: dict[str, str] = {}
    for use in stack.uses:
        recorded = outputs.get(use.producer, {}).get(use.output)
        if recorded is None or not is_known(recorded.value):
            continue
        value = recorded.value
        if isinstance(value, Redacted):
            producer = stacks.get(use.producer)
            wanted = None if producer is None else producer.outputs.get(use.output)
            if wanted is None or not _is_of(wanted.value, value, redactor):
                continue
            value = wanted.value
        given[use.key] = value
        marks[use.key] = mark_of(recorded.value)
    return replace(stack, given=given, marks=marks)


def mark_of(value: Value) -> str:
    """What state keeps of an output in who uses it: a hash of the recorded value."""
    return sha256_hex(canonical_json(encode_value(value)))


def _is_of(value: Value, recorded: Redacted, redactor: Redactor) -> bool:
    """Whether the keyed hash is that of this sensitive value."""
    return isinstance(value, Sensitive) and redactor(reveal(value)) == recorded


def give(scope: Scope, desired: DesiredStack | None, withheld: Collection[str] = ()) -> None:
    """Let expressions use the outputs of other stacks, without those that are withheld."""
    if desired is None:
        return
    known: dict[Address, dict[str, Value]] = {}
    for use in desired.uses:
        if use.key in desired.given and use.key not in withheld:
            known.setdefault(use.address, {})[use.output] = desired.given[use.key]
    for address, outputs in known.items():
        scope.add(address, outputs, informed=True)
    for use in desired.uses:
        if use.key in withheld and use.key in desired.parts:
            scope.add_part(use.address, use.output, desired.parts[use.key])


def used_values(desired: DesiredStack | None, redactor: Redactor) -> Mapping[str, Value]:
    """What a plan says of the outputs that it uses, by key: the value, or that it is unknown yet."""
    if desired is None:
        return {}
    return {
        use.key: redact(desired.given[use.key], redactor)
        if use.key in desired.given and use.key not in desired.withheld
        else desired.parts.get(use.key, Unknown(template=f"${{{use.address}.{use.output}}}"))
        for use in desired.uses
    }


def pending(plan: Plan) -> frozenset[str]:
    """The keys of the outputs that the plan uses and does not know yet, or not all of."""
    return frozenset(key for key, value in plan.uses.items() if not is_known(value))


def withhold(
    desired: DesiredStack, keys: Collection[str], values: Mapping[str, Value]
) -> DesiredStack:
    """The stack, whose plan takes these outputs for unknown, but for what ``values`` have of them.

    ``values`` are by key; one that is unknown says nothing.
    """
    withheld = frozenset(use.key for use in desired.uses if use.key in keys)
    return replace(
        desired,
        withheld=withheld,
        parts={
            key: values[key]
            for key in sorted(withheld & values.keys())
            if not isinstance(values[key], Unknown)
        },
    )


def lacking(desired: DesiredStack) -> tuple[str, ...]:
    """The outputs that it uses and that no completed apply has recorded, sorted."""
    return tuple(sorted({use.key for use in desired.uses} - desired.given.keys()))


def changed_outputs(plan: Plan) -> frozenset[str]:
    """The keys of the outputs that an apply of the plan sets, changes or removes."""
    return frozenset(f"{plan.stack.name}.{one.name}" for one in plan.outputs)


def has_news(desired: DesiredStack, header: StackHeader) -> bool:
    """Whether an output has another value than when the stack was last applied."""
    return any(header.uses.get(key) != mark for key, mark in desired.marks.items())


def news(wanted: Wanted, recorded: Iterable[StackHeader]) -> Mapping[str, Mapping[str, str]]:
    """The stacks that were applied with other values than the outputs have now, with today's marks."""
    return {
        header.id.name: stack.marks
        for header in recorded
        if (stack := wanted.stacks.get(header.id.name)) is not None
        and header.desired_hash is not None
        and has_news(stack, header)
    }


def users_of(stacks: Mapping[str, DesiredStack], names: Iterable[str]) -> frozenset[str]:
    """The stacks that use outputs of these, or of those that do, and so on; without these."""
    found = set(names)
    waiting = list(found)
    users: dict[str, list[str]] = {}
    for name, stack in stacks.items():
        for producer in stack.depends_on:
            users.setdefault(producer, []).append(name)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found.add(user)
                waiting.append(user)
    return frozenset(found.difference(names))


def users_by_record(recorded: Iterable[StackHeader]) -> Mapping[str, frozenset[str]]:
    """For each stack the stacks that used an output of it when they were last applied."""
    found: dict[str, set[str]] = {}
    for header in recorded:
        if not header.empty:
            for key in header.uses:
                found.setdefault(producer_of(key), set()).add(header.id.name)
    return {name: frozenset(users) for name, users in found.items()}


def users_now(
    stacks: Mapping[str, DesiredStack], recorded: Sequence[StackHeader]
) -> Mapping[str, frozenset[str]]:
    """For each stack those that use an output of it: as state has it, or as the specs say.

    The specs count where state has something of a stack: its first apply may have stopped half-way.
    """
    found = {name: set(users) for name, users in users_by_record(recorded).items()}
    for header in recorded:
        stack = stacks.get(header.id.name)
        for producer in stack.depends_on if stack is not None and not header.empty else ():
            found.setdefault(producer, set()).add(header.id.name)
    return {name: frozenset(users) for name, users in found.items()}


def still_using(
    plan: Plan, plans: Sequence[Plan], users: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """The stacks that use an output of a stack which the plan destroys, and that go on doing so.

    One that the plans of the same apply destroy, or that does not use it any more after them, does
    not count.
    """
    if not plan.destroys:
        return ()
    name = plan.stack.name
    ends = {
        each.stack.name
        for each in plans
        if each.destroys or name not in map(producer_of, each.uses)
    }
    return tuple(sorted({*users.get(name, ())} - ends))


def in_order(
    names: Collection[str], stacks: Mapping[str, DesiredStack], recorded: Iterable[StackHeader]
) -> Mapping[str, frozenset[str]]:
    """Each stack with those of ``names`` that must come before it, in such an order.

    Whoever uses an output comes after its stack. A stack that is destroyed comes after everybody
    who used it until now.
    """
    users = users_by_record(recorded)
    edges = {
        name: stacks[name].depends_on if name in stacks else users.get(name, frozenset())
        for name in names
    }
    found: dict[str, frozenset[str]] = {}
    for name in order(edges):  # what state has may be a circle: it ends where it began
        found[name] = edges[name] & found.keys()
    return found


def affected_users(
    before: Mapping[str, DesiredStack], after: Mapping[str, DesiredStack], changed: Collection[str]
) -> frozenset[str]:
    """The stacks that use an output which the apply of these changed stacks may change.

    Also those that use an output of such a stack, and so on.
    """
    found: set[str] = set()
    waiting = [name for name in changed if name in after]
    while waiting:
        producer = waiting.pop()
        for name, stack in after.items():
            if name in found or name in changed or producer not in stack.depends_on:
                continue
            used = (use.output for use in stack.uses if use.producer == producer)
            by_use = producer in found
            if any(
                not is_known(after[producer].outputs[output].value)
                if by_use
                else _may_change(before.get(producer), after[producer], output)
                for output in used
                if output in after[producer].outputs
            ):
                found.add(name)
                waiting.append(name)
    return frozenset(found)


def _may_change(before: DesiredStack | None, after: DesiredStack, output: str) -> bool:
    """Whether an apply of ``after`` may change the value of the output.

    It may when it is new, or defined otherwise, or when a resource that it comes from changes.
    """
    wanted = after.outputs[output]
    if before is None or before.outputs.get(output) != wanted:
        return True
    return any(
        address not in before.resources
        or _acts_on(before.resources[address]) != _acts_on(after.resources[address])
        for address in _sources(wanted, after)
    )


def _acts_on(one: DesiredResource) -> tuple[object, ...]:
    return one.type, one.properties, one.lifecycle, one.depends_on


def _sources(output: DesiredOutput, stack: DesiredStack) -> frozenset[Address]:
    """The resources from which the value comes, with all that they depend on."""
    waiting = [
        address
        for leaf in leaves(output.value)
        if isinstance(leaf, Unknown)
        for address in leaf.references.values()
    ]
    found: set[Address] = set()
    while waiting:
        address = waiting.pop()
        if address not in found and address in stack.resources:
            found.add(address)
            waiting.extend(stack.resources[address].depends_on)
    return frozenset(found)
