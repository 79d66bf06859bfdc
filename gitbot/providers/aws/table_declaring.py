"""Derive from a table what planning must know of the type. Pure."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.requests import Requests
from gitbot.model.schema import Removal, Snapshots
from gitbot.providers.aws.native import Declaration
from gitbot.providers.aws.rights import Rights
from gitbot.providers.aws.surfaces import TAGS_REMOVAL, removals_of
from gitbot.providers.aws.table import Table

_AS_AWS_DOES = Removal(default=None, says="a deletion does what AWS does when it is told nothing")


def declaration_of(table: Table) -> Declaration:
    """What planning must know of the type."""
    return replace(
        _compared(table),
        replace_order=table.replace_order,
        stateful=table.stateful,
        stateful_replacement=table.stateful_replacement,
        kept_in_use=table.kept_in_use,
        name_lingers=table.name_lingers,
        snapshots=_snapshots(table),
        unkept=table.delete.unkept,
        losses=table.losses,
        fate=table.fate,
        cautions=table.cautions,
        explains=table.explains,
        requests=Requests(timeouts=table.timeouts, together=_together(table)),
    )


def _compared(table: Table) -> Declaration:
    """What planning must know to compare objects of the type."""
    return Declaration(
        name=table.name,
        handled=_handled(table),
        rights=_rights(table),
        passes_role_to=table.passes_role_to,
        index=table.listing.index,
        unshown=frozenset(f"/{name}" for name in table.unshown),
        create_only=_create_only(table),
        removals=_removals(table),
        normalise=table.normalise,
        natural_key=table.natural_key,
        name_within=_name_within(table),
        refuses_taken=_refuses_taken(table),
        refine=table.refine,
        part_of=table.part_of,
        parent=table.parent,
        tag_limits=table.tags.limits if table.tags is not None else None,
        filled=frozenset(f"/{name}" for name in table.filled),
        client_token=bool(table.create.token),
        instead=table.instead,
        write_only=_write_only(table),
        marks={f"/{name}": told for name, told in table.marks.items()},
        follows={f"/{name}": frozenset(those) for name, those in table.follows.items()},
        sets=frozenset(table.sets),
        identities=table.identities,
        partial=frozenset(table.partial),
        grows=frozenset(table.grows),
        versions=frozenset((*table.versions, *table.leaps)),
        stepwise=frozenset(table.stepwise),
        leaps=table.leaps,
        restarts=_restarts(table),
        open_lists=frozenset(table.open_lists),
        key_names=frozenset(table.key_names),
        exclusive=tuple(f"/{name}" for name in table.exclusive),
    )


def _name_within(table: Table) -> tuple[str, ...]:
    """Where the name counts: also what the natural key has beside a name that may be generated."""
    name, key = table.create.name, table.natural_key or ()
    own = "" if name is None else f"{name.within}/{name.property}".strip("/")
    return (*table.name_within, *(part for part in key if own in key and part != own))


def _refuses_taken(table: Table) -> bool:
    tells = bool(table.create.taken) and not table.create.repeats
    return tells and table.tags is not None and not table.tags.late


def _create_only(table: Table) -> tuple[str, ...]:
    """A property that the create sends and that has no setter can only be replaced."""
    fixed = (f"/{name}" for name in table.create.sends if name not in table.settable)
    return (*fixed, *table.create_only)


def _write_only(table: Table) -> tuple[str, ...]:
    """What nobody reads, each path once; a key has several names, so its name is compared with the last apply."""
    deleting = (f"/{name}" for name in table.delete.sends)
    return tuple(dict.fromkeys((*table.write_only, *table.key_names, *deleting)))


def _together(table: Table) -> tuple[frozenset[str], ...]:
    """The properties that are sent with each other: a secret among them is opened though only another one changes."""
    if table.completes is not None:  # it may use any of them after each update
        return (frozenset({*table.create.sends, *table.settable, _tags(table)} - {""}),)
    return tuple(
        frozenset(one.sends).union(one.along)
        for one in table.updates
        if one.whole or one.steps or one.along
    )


def _tags(table: Table) -> str:
    return table.tags.declared if table.tags is not None else ""


def _handled(table: Table) -> frozenset[str]:
    tops = {*table.create.sends, *table.settable, *table.delete.sends, _tags(table)} - {""}
    below = {path.split("/")[1] for path in table.handled}
    return frozenset({*(f"/{name}" for name in tops - below), *table.handled})


def _removals(table: Table) -> dict[str, Removal]:
    tags = _tags(table)
    return {
        **dict.fromkeys((f"/{name}" for name in table.delete.sends), _AS_AWS_DOES),
        **removals_of(table.surfaces),
        **{f"/{name}": removal for name, removal in table.resets.items()},
        **({f"/{tags}": TAGS_REMOVAL} if tags else {}),
        **table.removals,
    }


def _snapshots(table: Table) -> Snapshots:
    if table.delete.final is not None:
        return Snapshots.UNASKED
    return Snapshots.ASKED if table.delete.keeps is not None else Snapshots.NEVER


def _restarts(table: Table) -> frozenset[str]:
    """The paths that change while the object is stopped."""
    surfaces = [one.property for one in table.surfaces if one.stopped]
    updates = [name for one in table.updates if one.stopped for name in one.sends]
    return frozenset(f"/{name}" for name in (*surfaces, *updates))


def _rights(table: Table) -> Rights:
    """The actions of every call that the table makes."""
    tagging = table.tags.calls if table.tags is not None else ()
    updates = [one.call for one in table.updates]
    power = (table.running.start, table.running.stop) if table.running is not None else ()
    writes = (table.create.call, table.delete.call, *updates, *tagging, *power, *table.calls)
    reads = (*table.dialect.reads, *table.listing.calls, *table.looks)
    action = table.dialect.action
    return Rights(
        reads=frozenset(map(action, reads)),
        writes=frozenset(map(action, writes)),
        makes=action(table.create.call),
        removes=action(table.delete.call),
        changes={name: action(one.call) for one in table.updates for name in one.sends},
    )
