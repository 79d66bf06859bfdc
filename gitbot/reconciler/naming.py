"""The name that a spec gives an object in the cloud. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, RemoteId
from gitbot.model.plan import Action, Change
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.model.values import Unknown, Value
from gitbot.reconciler.moves import Moved
from gitbot.reconciler.pointers import MISSING, parse, value_at
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.moves import say_renamed
from gitbot.reconciler.problems.owners import say_named_twice
from gitbot.reconciler.renamings import move_line

_STAYS = (Action.NOOP, Action.UPDATE)
"""What is done to an object that its resource has now and has afterwards."""
_Key: TypeAlias = tuple[tuple[str, ...], ...]
"""The parts of a natural key, each as it is shown and with what it is made of."""


def is_named(schema: TypeSchema, properties: Mapping[str, Value]) -> bool:
    """Whether the properties say how the object is called, and not only where its name counts: else that is made up.

    Where nobody knows which parts of the natural key only say where, all are wanted.
    """
    key = [parse(name) for name in schema.natural_key or ()]
    given = [path for path in key if value_at(properties, path) is not MISSING]
    if schema.name_within is None:
        return bool(key) and given == key
    return any(path[0] not in schema.name_within for path in given)


def natural_name(schema: TypeSchema, properties: Mapping[str, Value]) -> str:
    """The values of the type's natural key, separated by spaces.

    Empty when the type has no such key, when the spec gives no part of it, and when a part is not
    known or is sensitive.
    """
    given = [part for part in _parts(schema, properties) if part is not MISSING]
    return " ".join(map(str, given)) if all(isinstance(part, (str, int)) for part in given) else ""


def check_named_once(
    desired: DesiredStack, changes: Sequence[Change], schemas: SchemaLookup, problems: Problems
) -> None:
    """Report a new resource that would be the object which another resource of the stack has or makes.

    Only names that are the whole identifier count: groups of two networks may have one name. An object without
    tags, such as a record, has no more than its natural key that would tell it from another. What is not known yet
    is one value where it is written as one.
    """
    having: dict[tuple[str, _Key], Address] = {
        (one.type, ((str(one.remote_id),),)): one.address
        for one in changes
        if one.action in _STAYS and one.remote_id is not None
    }
    for change in changes:
        resource, schema = desired.resources[change.address], schemas(change.type)
        name: _Key = ()
        if change.action is Action.ADOPT and change.remote_id is not None:
            name = ((str(change.remote_id),),)
        elif change.action is Action.CREATE and schema is not None and _is_whole(schema):
            name = _key_of(schema, _compared(schema, resource.properties))
        other = having.setdefault((change.type, name), change.address) if name else change.address
        if other != change.address:
            shown = " ".join(part for part, *_ in name if part)
            say_named_twice(problems, resource, shown, other)


def check_former_names(
    desired: DesiredStack,
    state: Moved,
    changes: Sequence[Change],
    removed: Sequence[Change],
    schemas: SchemaLookup,
    problems: Problems,
) -> None:
    """Report a new resource that wants what another address has, which the specs declare no more.

    It is that object under a former address: the plan would delete or forget it first. It may want
    its name, or import it.
    """
    names: dict[tuple[str, str], Address] = {}
    objects: dict[tuple[str, RemoteId], Address] = {}
    for change in removed:
        schema = schemas(change.type)
        if change.deposed_operation is not None:
            continue
        if change.remote_id is not None:
            objects[change.type, change.remote_id] = change.address
        if change.action is Action.DELETE and schema is not None:
            name = natural_name(schema, state.resources[change.address].properties)
            names[change.type, name] = change.address
    for change in changes if removed else ():
        resource, schema = desired.resources[change.address], schemas(change.type)
        before, wanted = None, ""
        if change.action is Action.ADOPT and change.remote_id is not None:
            wanted = str(change.remote_id)
            before = objects.get((change.type, change.remote_id))
        elif change.action is Action.CREATE and schema is not None:
            wanted = natural_name(schema, resource.properties)
            before = names.get((change.type, wanted)) if wanted else None
        if before is not None:
            line = move_line(before, change.address, desired.resources, state.resources)
            say_renamed(problems, resource, before, wanted, line, change.action is Action.ADOPT)


def _key_of(schema: TypeSchema, properties: Mapping[str, Value]) -> _Key:
    """The parts of the natural key; empty where a spec gives none, or one of them is no plain value."""
    parts = _parts(schema, properties)
    told = tuple(_exactly(part) for part in parts if part is MISSING or _is_plain(part))
    return told if any(shown for shown, *_ in told) and len(told) == len(parts) else ()


def _parts(schema: TypeSchema, properties: Mapping[str, Value]) -> Sequence[Any]:
    """The parts of the natural key; none where the properties do not name the object."""
    named = is_named(schema, properties)
    return [value_at(properties, parse(name)) for name in schema.natural_key or () if named]


def _is_plain(part: object) -> bool:
    return isinstance(part, (str, int)) or (isinstance(part, Unknown) and not part.sensitive)


def _exactly(part: object) -> tuple[str, ...]:
    """How the part is shown, and what else it is made of where it is not known yet."""
    if isinstance(part, Unknown):
        return (part.template, repr(sorted(part.references.items())), repr(part.inputs))
    return ("" if part is MISSING else str(part),)


def _is_whole(schema: TypeSchema) -> bool:
    """Whether the natural key is one value that is the identifier of the object, or all that it has."""
    key, identifier = schema.natural_key or (), schema.primary_identifier
    is_identifier = len(key) == 1 and [*map(parse, key)] == [*map(parse, identifier)]
    return is_identifier or (bool(key) and schema.tags_path is None)


def _compared(schema: TypeSchema, properties: Mapping[str, Value]) -> Mapping[str, Value]:
    return properties if schema.normalise is None else schema.normalise(properties)
