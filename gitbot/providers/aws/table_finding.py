"""Find the object that an operation made, by its tags or its natural key. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.observed import Found
from gitbot.providers.aws.surfaces import declared, names_of, read_surfaces
from gitbot.providers.aws.table import Described, Properties, Table
from gitbot.providers.aws.tagging import found, tag_map

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def candidates(table: Table, aws: Connection, operation: Operation) -> Iterator[Described]:
    """The live objects with the operation's tag, then those with its natural key."""
    may_have_tag = table.tags is not None and operation.asked
    tagged = table.listing.by_operation(aws, operation) if may_have_tag else iter(())
    key = frozenset(table.natural_key or ()) & declared(operation.properties)
    named = (
        one
        for one in (table.listing.by_key(aws, operation) if table.natural_key else ())
        if agrees(table, operation, one, key)
    )
    return (one for one in chain(tagged, named) if table.exists(one))


def is_made_by(table: Table, aws: Connection, operation: Operation, described: Described) -> bool:
    """Whether the operation made the object that is in the way.

    Without tags, one with all that the operation wants counts, as far as its description tells, which
    has nothing else of what is written after the creation. Costs a call for each such property.
    """
    if table.tags is not None:
        return found_as(table, described).operation == operation.token
    given, apart = operation.properties, [one for one in table.surfaces if one.read is not None]
    told = declared(given) - names_of(apart) - {path.strip("/") for path in table.write_only}
    if not agrees(table, operation, described, told):
        return False
    later = names_of(apart) - set(table.create.sends)
    had = _normalised(table, read_surfaces(aws, table.id_of(described), apart, later))
    wanted = _normalised(table, given) if had else {}
    return all(not one or covers(wanted.get(at), one, ordered=False) for at, one in had.items())


def agrees(table: Table, operation: Operation, described: Described, names: frozenset[str]) -> bool:
    """Whether the object has the operation's values for these properties."""
    wanted = _normalised(table, {name: operation.properties[name] for name in names})
    shows = _normalised(table, table.shows(described))
    return all(covers(wanted[name], shows.get(name)) for name in names)


def covers(wanted: Any, shown: Any, *, ordered: bool = True) -> bool:
    """Whether what is wanted is there; maps may have more, which the service has added."""
    each = partial(covers, ordered=ordered)
    if isinstance(wanted, Mapping) and isinstance(shown, Mapping):
        return all(each(value, shown.get(name)) for name, value in wanted.items())
    if isinstance(wanted, (list, tuple)) and isinstance(shown, (list, tuple)):
        some = shown if ordered else [next((s for s in shown if each(w, s)), None) for w in wanted]
        return len(wanted) == len(shown) and all(map(each, wanted, some))
    return bool(wanted == shown)


def _normalised(table: Table, properties: Properties) -> Properties:
    return table.normalise(properties) if table.normalise else properties


def found_as(table: Table, described: Described) -> Found:
    """The identifier of a described object, and the owner in its tags."""
    return found(table.id_of(described), tag_map(described.get("Tags")))


def parents_of(table: Table, described: Described) -> Properties:
    """What the object says that it is part of, where its natural key does not say it: None for nothing."""
    if table.parent is None:
        return {}
    names = {one.reference for one in (table.parent, *table.parent.others)}
    apart = names.difference(table.natural_key or ())
    shows = _normalised(table, table.shows(described)) if apart else {}
    return {name: shows.get(name) for name in apart}
