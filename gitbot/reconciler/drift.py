"""How the cloud differs from what was last applied, whatever the specs say now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address
from gitbot.model.observed import Absent, Observation, Present
from gitbot.model.plan import PathChange
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.model.values import Redactor
from gitbot.reconciler.compare import compare
from gitbot.reconciler.contents import replaced, with_replaced
from gitbot.reconciler.own_tags import Marks, wrong_tags
from gitbot.reconciler.power import is_running, left_stopped


def differences(
    recorded: RecordedStack,
    observed: Mapping[Address, Observation],
    schemas: SchemaLookup,
    redactor: Redactor,
    *,
    ignored: Mapping[Address, Sequence[str]],
) -> tuple[Difference, ...]:
    """Every difference of the stack, by address and path. Values are redacted.

    ``ignored`` are the JSON pointers that ``ignoreChanges`` and ``ignoreDrift`` name now, by address; of
    other resources those count that were recorded. What was not read differs in nothing.
    """
    stopped, marks = left_stopped(recorded), Marks.of(recorded.id, recorded.lineage)
    found: list[Difference] = []
    for address in sorted(recorded.resources):
        resource, seen = recorded.resources[address], observed.get(address)
        schema = schemas(resource.type)
        if isinstance(seen, Absent):
            found.append(_of(resource, Differs.GONE))
        elif isinstance(seen, Present) and schema is not None:
            known = (*(resource.ignore_changes or ()), *resource.may_drift)
            ignore = ignored.get(address, known)
            found += _paths(resource, seen, schema, ignore, redactor)
            for path in wrong_tags(schema, seen, marks, (address,), ignore):
                found.append(_of(resource, _how(path), path))
            if (resource.type, resource.remote_id) in stopped and not is_running(schema, seen):
                found.append(_of(resource, Differs.STOPPED))
    return tuple(found)


def _paths(
    resource: RecordedResource,
    seen: Present,
    schema: TypeSchema,
    ignore: Sequence[str],
    redactor: Redactor,
) -> Iterator[Difference]:
    found = compare(
        schema,
        desired=resource.properties,
        recorded=resource.properties,
        observed=seen.properties,
        ignore=ignore,
        redactor=redactor,
    )
    contents = replaced(schema, resource, resource.properties, seen.properties, ignore, redactor)
    for path in with_replaced(found, contents):
        yield _of(resource, _how(path), path)


def _how(path: PathChange) -> Differs:
    if path.added:
        return Differs.MISSING
    return Differs.ADDED if path.removed else Differs.CHANGED


def _of(resource: RecordedResource, how: Differs, path: PathChange | None = None) -> Difference:
    return Difference(
        address=resource.address,
        how=how,
        type=resource.type,
        path="" if path is None else _place(path),
        recorded=None if path is None or path.removed else path.after,
        observed=None if path is None or path.added else path.before,
        remote_id=resource.remote_id,
    )


def _place(path: PathChange) -> str:
    """The pointer; the index of a list element that was added means nothing, so it is ``-``."""
    parent, _, last = path.path.rpartition("/")
    return f"{parent}/-" if path.removed and last.isdigit() else path.path
