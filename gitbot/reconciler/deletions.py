"""Plan the deletion of what the specs no longer have, and of deposed objects. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.graph import reverse_order
from gitbot.model.names import Address, is_within
from gitbot.model.observed import Absent, Observation, Present
from gitbot.model.ownership import Owner, Whose
from gitbot.model.plan import Action, Change, Drift, DriftKind
from gitbot.model.recorded import Deposed, RecordedResource
from gitbot.model.schema import SchemaLookup
from gitbot.model.values import is_known, is_sensitive, leaves
from gitbot.reconciler import reasons
from gitbot.reconciler.moves import Moved
from gitbot.reconciler.ordering import service
from gitbot.reconciler.pointers import MISSING, parse, value_at, words_of
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.protection import say_protected_deletion, say_stranded
from gitbot.reconciler.recording import kept_in_snapshot
from gitbot.reconciler.renamings import move_line


def deletions(
    desired: DesiredStack | None,
    state: Moved,
    observed: Mapping[Address, Observation],
    owners: Mapping[Address, Owner],
    schemas: SchemaLookup,
    problems: Problems,
) -> tuple[list[Change], list[Drift]]:
    """The deletions, dependents first; and the objects that are gone already, as drift.

    An object that belongs to another stack is only taken out of state. What the end of an expired
    stack keeps is left alone.
    """
    wanted = desired.resources if desired is not None else {}
    forgotten = desired.forgotten if desired is not None else ()
    # An object may be at two addresses after an edit of state by hand.
    stays = {_object(one): at for at, one in state.resources.items() if at in wanted}
    # A deposed object shares its address with another one: the operation tells them apart.
    found: dict[tuple[Address, str], Change] = {}
    drift: list[Drift] = []
    for address in sorted(state.resources):
        resource = state.resources[address]
        if address in wanted or (resource.kept and desired is None):
            continue
        gone = isinstance(observed.get(address), Absent)
        foreign = _another(owners.get(address))
        kept = any(is_within(address, one) for one in forgotten)
        if gone:
            drift.append(Drift(address=address, type=resource.type, kind=DriftKind.DELETED))
        elif resource.protect and not (resource.retain or foreign or kept):
            say_protected_deletion(problems, resource)
        why = _why_forgotten(resource, gone, foreign, stays.get(_object(resource)), kept=kept)
        removal = _removal(address, resource, schemas, why, observed.get(address))
        found[address, ""] = removal if why else _with_heir(removal, resource, wanted, state)
    for deposed in state.deposed:
        address = deposed.resource.address
        found[address, deposed.operation] = _deposed(deposed, schemas, wanted.get(address))
    _check_stranded(found, state, problems)
    return [found[key] for key in _ordered(found)], drift


def _with_heir(
    removal: Change,
    resource: RecordedResource,
    wanted: Mapping[Address, DesiredResource],
    state: Moved,
) -> Change:
    """The deletion, with the resource that may be the same one under another key, if there is one."""
    heir = _heir(resource, wanted, state)
    if heir is None:
        return removal
    line = move_line(removal.address, heir, wanted, state.resources)
    told = reasons.may_be_renamed(heir, line, _fixed(resource, wanted[heir]))
    return replace(removal, reasons=(*removal.reasons, told))


def _another(owner: Owner | None) -> Owner | None:
    """The owner, if it is another stack."""
    return owner if owner is not None and owner.whose is Whose.ANOTHERS else None


def _check_stranded(
    found: dict[tuple[Address, str], Change], state: Moved, problems: Problems
) -> None:
    """Report what stays in the cloud without what it uses; where it may not use it, warn.

    Objects of one service hold each other by their identifiers. What a resource needs for another
    reason, such as ``lifecycle.dependsOn``, can often be deleted all the same.
    """
    for change in tuple(found.values()):
        if change.action is not Action.FORGET or reasons.GONE in change.reasons:
            continue
        left = state.resources[change.address]
        for address in change.depends_on:
            needed = found.get((address, ""))
            if needed is None or needed.action is not Action.DELETE:
                continue
            if _is_own(change) and _holds(left, state.resources[address]):
                say_stranded(problems, left, state.resources[address])
            else:
                why = (*needed.reasons, reasons.stranded(change.address))
                found[address, ""] = replace(needed, reasons=why)


def _is_own(change: Change) -> bool:
    return change.reasons in ((reasons.RETAINED,), (reasons.KEPT,))


def _holds(left: RecordedResource, needed: RecordedResource) -> bool:
    """Whether a property of the one is the identifier of the other, which is of the same service."""
    return service(left.type) == service(needed.type) and any(
        leaf == needed.remote_id
        for name, value in left.properties.items()
        if name != "Tags"
        for leaf in leaves(value)
    )


def _heir(
    resource: RecordedResource, wanted: Mapping[Address, DesiredResource], state: Moved
) -> Address | None:
    """The one new address with a resource of this type: it may be the same object, renamed.

    Of several it is the one that is declared just as this one was.
    """
    new = [
        address
        for address, one in wanted.items()
        if one.type == resource.type and address not in state.resources
    ]
    if len(new) > 1:
        new = [address for address in new if wanted[address].properties == resource.properties]
    return new[0] if len(new) == 1 else None


def _fixed(resource: RecordedResource, heir: DesiredResource) -> list[str]:
    """What the heir is given at its creation alone and the object has otherwise: with that, it would replace the object."""
    found = []
    for path in map(parse, resource.create_only):
        was, wanted = value_at(resource.properties, path), value_at(heir.properties, path)
        told = wanted is not MISSING and is_known(wanted) and not is_sensitive([was, wanted])
        if told and was != wanted:
            found.append(words_of(path))
    return found


def _object(resource: RecordedResource) -> tuple[str, ...]:
    return resource.type, resource.remote_id, resource.account, resource.region


def _why_forgotten(
    resource: RecordedResource,
    gone: bool,
    another: Owner | None,
    twin: Address | None,
    *,
    kept: bool,
) -> tuple[str, ...]:
    """Why the object is only taken out of state; empty when it is deleted."""
    if gone:
        return (reasons.GONE,)
    if another is not None:
        return (reasons.belongs_to(another.name),)
    if twin is not None:
        return (reasons.belongs_to(f"`{twin}`, which stays"),)
    if kept:
        return (reasons.KEPT,)
    return (reasons.RETAINED,) if resource.retain else ()


def _removal(
    address: Address,
    resource: RecordedResource,
    schemas: SchemaLookup,
    why: tuple[str, ...],
    seen: Observation | None,
) -> Change:
    shown = seen.properties if isinstance(seen, Present) else resource.attributes
    return Change(
        address=address,
        type=resource.type,
        action=Action.FORGET if why else Action.DELETE,
        remote_id=resource.remote_id,
        stateful=_stateful(resource, schemas),
        reasons=why or reasons.fate(schemas(resource.type), shown),
        loses="" if why else _loses(resource, schemas, snapshots=resource.snapshot_on_delete),
        depends_on=tuple(sorted(resource.depends_on)),
        empties=resource.empty_on_delete and not why,
        snapshots=resource.snapshot_on_delete and not why,
    )


def _deposed(deposed: Deposed, schemas: SchemaLookup, wanted: DesiredResource | None) -> Change:
    resource = deposed.resource
    said = wanted is not None and wanted.lifecycle.snapshot_on_delete
    snapshots = kept_in_snapshot(resource, schemas(resource.type), said=said)
    return Change(
        address=resource.address,
        type=resource.type,
        action=Action.DELETE,
        remote_id=resource.remote_id,
        stateful=_stateful(resource, schemas),
        reasons=(reasons.DEPOSED,),
        loses=_loses(resource, schemas, snapshots=snapshots),
        depends_on=tuple(sorted(resource.depends_on)),
        deposed_operation=deposed.operation,
        empties=resource.empty_on_delete
        or (wanted is not None and wanted.lifecycle.empty_on_delete),
        snapshots=snapshots,
    )


def _ordered(found: Mapping[tuple[Address, str], Change]) -> tuple[tuple[Address, str], ...]:
    at: dict[Address, list[tuple[Address, str]]] = {}
    for key in found:
        at.setdefault(key[0], []).append(key)
    return reverse_order(
        {
            key: [other for needed in change.depends_on for other in at.get(needed, ())]
            for key, change in found.items()
        }
    )


def _loses(resource: RecordedResource, schemas: SchemaLookup, *, snapshots: bool) -> str:
    schema = schemas(resource.type)
    return "" if schema is None else reasons.lost_with(schema, snapshots=snapshots)


def _stateful(resource: RecordedResource, schemas: SchemaLookup) -> bool:
    schema = schemas(resource.type)
    return schema is not None and schema.stateful
