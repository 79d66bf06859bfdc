"""Write properties of an object with the surfaces and updates of its table. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.surfaces import declared, write_surfaces
from gitbot.providers.aws.table import Described, Table, Update, is_there
from gitbot.providers.aws.table_following import change_in, follow
from gitbot.providers.aws.tagging import creation_tags
from gitbot.providers.aws.waiting import wait_until
from gitbot.reconciler.pointers import MISSING, Path, parse, put, value_at

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from collections.abc import Callable

    from gitbot.providers.aws.connection import Connection


def write_properties(
    table: Table,
    aws: Connection,
    operation: Operation,
    remote_id: str,
    touched: frozenset[str],
    describe: Callable[[bool], Described],
) -> None:
    """Make the touched properties equal to the operation's; what it does not give is removed.

    ``describe`` returns the object's description, with True once it is ready for the next step. Each
    update asks for a new one. An update after another one waits until the object is ready again.
    """
    first, last = ([one for one in table.surfaces if one.last is late] for late in (False, True))
    write_surfaces(aws, remote_id, first, operation.properties, touched)
    _update(table, aws, operation, remote_id, touched, describe)
    write_surfaces(aws, remote_id, last, operation.properties, touched)


def put_marks(table: Table, aws: Connection, operation: Operation, described: Described) -> None:
    """Put on the object the tags that one has which the operation makes, if the type has tags."""
    if table.tags is not None:
        table.tags.put(aws, described, creation_tags(operation, table.tags.declared))


def _update(
    table: Table,
    aws: Connection,
    operation: Operation,
    remote_id: str,
    touched: frozenset[str],
    describe: Callable[[bool], Described],
) -> None:
    given, changing = operation.properties, False
    for update in table.updates:
        names, sent = touched & set(update.sends), False
        if update.idle is not None and not names <= set(update.along):
            what = f"an earlier change of {table.noun} {remote_id} to end"
            wait_until(what, partial(_holds, update.idle, describe), operation, aws.clock)
        while not names <= set(update.along):
            described = describe(update.steps or changing)
            if changing:
                refuse_undone(table, remote_id, described, given)
            parameters = _parameters(table, update, operation, names, described)
            sent = update.parameters is None or bool(parameters)
            if sent:
                named = addresses(table, described)
                call = table.variant(update.call, named)
                answer = ask(aws, table.dialect, call, **named, **spelled(table, parameters))
                follow(table, aws, operation, remote_id, change_in(table, answer))
                changing = table.ready is not is_there
            if update.settled is not None:
                wanted = {name: given.get(name) for name in {*names, *update.along}}
                settled = partial(update.settled, aws, remote_id, wanted)
                wait_until(f"{table.noun} {remote_id} to change", settled, operation, aws.clock)
            if not (update.steps and sent):
                break


def _holds(asked: Callable[[Described], bool], describe: Callable[[bool], Described]) -> bool:
    return asked(describe(False))


def refuse_undone(
    table: Table, remote_id: str, described: Described, wanted: Mapping[str, Any]
) -> None:
    """Raise CloudError if the service took the last update back, with the reason."""
    why = "" if table.undone is None else table.undone(described, wanted)
    if why:
        raise CloudError(
            f"the update of {table.noun} {remote_id} was rolled back: {why}", code="RolledBack"
        )


def _parameters(
    table: Table,
    update: Update,
    operation: Operation,
    names: frozenset[str],
    described: Described,
) -> Mapping[str, Any]:
    given = operation.properties
    names |= declared(given) & set(update.along)
    if update.whole or update.steps:
        resets = set(table.resets) if update.whole else set()
        names |= (declared(given) | resets) & set(update.sends)
    values = {name: _or_reset(table, given, name) for name in sorted(names)}
    for path in map(parse, update.shared):
        values = with_others(values, path, table.shows(described), operation.recorded)
    if update.parameters is not None:
        return update.parameters(values, described)
    return {name: value for name, value in values.items() if value is not None}


def with_others(
    values: dict[str, Any], path: Path, shows: Mapping[str, Any], recorded: Mapping[str, Any]
) -> dict[str, Any]:
    """The values, in which the map at the path has what others have put there.

    That is what neither the values nor the last apply have. Where nobody can tell, it is left out.
    """
    wanted, was = value_at(values, path), value_at(recorded, path)
    if path[0] not in values or not all(_is_map(one) for one in (wanted, was)):
        return values
    has = value_at(shows, path)
    own = {*_keys(wanted), *_keys(was)}
    others = {name: has[name] for name in _keys(has) if name not in own}
    if not others:
        return values
    merged: dict[str, Any] = put(values, path, {**others, **(wanted if _keys(wanted) else {})})
    return merged


def _is_map(value: Any) -> bool:
    return value is MISSING or value is None or isinstance(value, Mapping)


def _keys(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, Mapping) else ()


def _or_reset(table: Table, given: Mapping[str, Any], name: str) -> Any:
    """The property's value, or else what it goes back to; None: nothing, or the update finds it out."""
    if given.get(name) is not None or name not in table.resets or table.resets[name].asked:
        return given.get(name)
    return table.resets[name].default


def spelled(table: Table, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters by their names in the API."""
    return {table.spells.get(name, name): value for name, value in parameters.items()}


def addresses(table: Table, described: Described) -> Mapping[str, Any]:
    """The parameters that name the object in calls."""
    return {} if table.addresses is None else table.addresses(described)
