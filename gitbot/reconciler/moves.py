"""Recorded resources under the addresses that the spec now gives them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Address
from gitbot.model.recorded import Deposed, RecordedResource, RecordedStack
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.moves import (
    say_moved_onto_another,
    say_moved_still_desired,
    say_moved_twice,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The resources after all moves; ``origins`` maps each new address to the former one."""

    resources: Mapping[Address, RecordedResource]
    deposed: tuple[Deposed, ...] = ()
    origins: Mapping[Address, Address] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def moved(desired: DesiredStack | None, recorded: RecordedStack) -> Moved:
    """Follow ``lifecycle.moved``. A move from an address that state does not know does nothing.

    If an interrupted move left one object under both addresses, the move is finished.
    """
    if desired is None or not any(item.lifecycle.moved for item in desired.resources.values()):
        return Moved(resources=recorded.resources, deposed=recorded.deposed)
    origins, diagnostics = _origins(desired, recorded)
    renamed = {before: after for after, before in origins.items()}
    resources = {
        renamed.get(address, address): _renamed(resource, renamed)
        for address, resource in recorded.resources.items()
        if not (address in renamed and renamed[address] in recorded.resources)
    }
    return Moved(
        resources=resources,
        deposed=tuple(
            replace(item, resource=_renamed(item.resource, renamed)) for item in recorded.deposed
        ),
        origins=origins,
        diagnostics=diagnostics,
    )


def _origins(
    desired: DesiredStack, recorded: RecordedStack
) -> tuple[dict[Address, Address], tuple[Diagnostic, ...]]:
    origins: dict[Address, Address] = {}
    taken: dict[Address, Address] = {}
    problems = Problems(desired)
    for address in sorted(desired.resources):
        resource = desired.resources[address]
        known = [one for one in resource.lifecycle.former if one in recorded.resources]
        before = next(iter(known), None)
        if before is None:
            continue
        other = next((one for one in known if not _is_same(one, before, recorded)), None)
        if other is not None:
            say_moved_onto_another(problems, resource, other)
        elif before in desired.resources:
            say_moved_still_desired(problems, resource, before)
        elif before in taken:
            say_moved_twice(problems, resource, before, taken[before])
        elif address in recorded.resources and not _is_same(address, before, recorded):
            say_moved_onto_another(problems, resource, before)
        else:
            origins[address] = before
            taken[before] = address
    return origins, problems.found


def _is_same(one: Address, other: Address, recorded: RecordedStack) -> bool:
    """Whether state has one object under both addresses."""
    return recorded.resources[one].remote_id == recorded.resources[other].remote_id


def _renamed(resource: RecordedResource, renamed: Mapping[Address, Address]) -> RecordedResource:
    address = renamed.get(resource.address, resource.address)
    depends_on = tuple(renamed.get(needed, needed) for needed in resource.depends_on)
    if address == resource.address and depends_on == resource.depends_on:
        return resource
    return replace(resource, address=address, depends_on=depends_on)
