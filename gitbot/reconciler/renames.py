"""Find stacks that look renamed: the resources of one that is gone stand in a new one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, StackId
from gitbot.model.recorded import RecordedStack, StackHeader
from gitbot.model.schema import SchemaLookup
from gitbot.model.wanted import Wanted
from gitbot.reconciler.naming import natural_name


def rename_candidates(
    wanted: Wanted, recorded: Iterable[StackHeader]
) -> tuple[tuple[DesiredStack, ...], tuple[StackId, ...]]:
    """Two lists: the stacks that may be a renamed one, and the stacks that may have been renamed.

    The first are wanted, and state has nothing of them. The second are no longer wanted, and state
    has resources of them. A declared move (``metadata.moved``) is no candidate.
    """
    known = {header.id.name: header.id for header in recorded if not header.empty}
    moved = {stack.moved_from for stack in wanted.stacks.values()}
    fresh = tuple(stack for name, stack in wanted.stacks.items() if name not in known)
    gone = known.keys() - wanted.stacks.keys() - wanted.entombed - moved
    return fresh, tuple(known[name] for name in sorted(gone))


def renamed_stacks(
    fresh: Iterable[DesiredStack], gone: Iterable[RecordedStack], schemas: SchemaLookup
) -> Mapping[str, str]:
    """Former name to new name of the stacks that look renamed without ``metadata.moved``.

    ``fresh`` and ``gone`` are the lists of ``rename_candidates``. A gone stack and a fresh one
    match when they share every natural key, or every address with its type. Of several, the one
    that shares most is taken.
    """
    candidates = sorted(
        (stack for stack in fresh if stack.moved_from is None), key=lambda stack: stack.name
    )
    found: dict[str, str] = {}
    for former in sorted(gone, key=lambda stack: stack.id.name):
        for stack in candidates:
            if stack.name not in found.values() and _looks_like(former, stack, schemas):
                found[former.id.name] = stack.name
                break
    return found


def _looks_like(gone: RecordedStack, stack: DesiredStack, schemas: SchemaLookup) -> bool:
    had = {(address, resource.type) for address, resource in gone.resources.items()}
    wants = {(address, resource.type) for address, resource in stack.resources.items()}
    if had and had == wants:
        return True
    had_names = _names(gone.resources, schemas)
    return bool(had_names & _names(stack.resources, schemas))


def _names(resources: Mapping[Address, object], schemas: SchemaLookup) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for resource in resources.values():
        type_, properties = getattr(resource, "type", ""), getattr(resource, "properties", {})
        schema = schemas(type_)
        name = natural_name(schema, properties) if schema is not None else ""
        if name:
            found.add((type_, name))
    return found
