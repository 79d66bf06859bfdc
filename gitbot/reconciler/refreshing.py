"""Bring what state has of a stack up to what the cloud shows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from gitbot.model.codec import encode_value
from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address
from gitbot.model.observed import Observation, Present
from gitbot.model.ownership import Owner, Whose
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.model.values import Redactor, Value, canonical_json, is_sensitive, leaves, sha256_hex
from gitbot.reconciler.drift import differences
from gitbot.reconciler.own_tags import is_own_tag
from gitbot.reconciler.partial import with_additions
from gitbot.reconciler.recording import observed_record, sensitive_names
from gitbot.reconciler.secretive import NOT_SHOWN, is_marked

_ANOTHERS: Final = (
    "The object is not of this stack any more: what it says is no matter of this state."
)
_OWN_TAG: Final = "It is gitbot's own tag: the next apply puts it right."
_SENSITIVE: Final = "The property has a sensitive value, so state takes nothing of it from the cloud. The next plan shows it."
_SECRET: Final = (
    "It repeats a sensitive value, or may be a secret itself, so state takes nothing of the property. The next plan says "
    "that it differs."
)
_UNREAD: Final = (
    "The cloud does not show what it holds, only that it is other. The next plan shows it."
)
_OTHERWISE: Final = "State cannot say it as the cloud does. The next plan shows it: apply that, or write it into the spec."


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """The state of one stack before and after, and the differences that it takes over.

    ``kept`` are differences that state cannot take over. The ``detail`` of each says why, and what follows.
    """

    before: RecordedStack
    after: RecordedStack
    taken: tuple[Difference, ...]
    kept: tuple[Difference, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether state is as the cloud is."""
        return self.after == self.before

    @property
    def digest(self) -> str:
        """Names exactly what it takes over: of which stack, and which values."""
        taken = [[one.address, one.path, one.how, encode_value(one.observed)] for one in self.taken]
        place = [self.before.id.label, self.before.id.region, self.before.lineage]
        return sha256_hex(canonical_json({"refresh": [*place, sorted(taken, key=canonical_json)]}))


def refresh(
    recorded: RecordedStack,
    observed: Mapping[Address, Observation],
    owners: Mapping[Address, Owner],
    schemas: SchemaLookup,
    redactor: Redactor,
    hide: Callable[[str], str],
) -> Refresh:
    """What state becomes, when what gitbot manages is recorded as it is observed.

    ``hide`` takes the sensitive values of the specs out of a text. A property that repeats one, or may be a secret
    itself, is not recorded.

    A resource whose object is gone leaves state. The next plan compares the specs with the new
    state. So where something is taken over, the stack counts as unfinished: else an apply would
    pass over what its specs want otherwise.
    """
    found = _shown(differences(recorded, observed, schemas, redactor, ignored={}), hide)
    by_address = _by_address(found)
    resources: dict[Address, RecordedResource] = {}
    kept: list[Difference] = []
    for address, resource in recorded.resources.items():
        seen, owner = observed.get(address), owners.get(address)
        differs = by_address.get(address, ())
        foreign = owner is not None and owner.whose is Whose.ANOTHERS
        if foreign or not (isinstance(seen, Present) or _is_gone(differs)):
            resources[address] = resource
            kept += [replace(one, detail=_ANOTHERS) for one in differs]
        elif isinstance(seen, Present):
            resources[address] = _as_observed(resource, seen, differs, schemas)
    after = replace(recorded, resources=resources)
    left = _shown(differences(after, observed, schemas, redactor, ignored={}), hide)
    theirs = {one.address for one in kept}
    kept += _explained([one for one in left if one.address not in theirs], after, schemas)
    known = {(one.address, one.path) for one in kept}
    taken = tuple(one for one in found if (one.address, one.path) not in known)
    if taken:
        after = replace(after, complete=False)
    return Refresh(before=recorded, after=after, taken=taken, kept=tuple(kept))


def _by_address(found: Sequence[Difference]) -> Mapping[Address, Sequence[Difference]]:
    return {at: tuple(some) for at, some in groupby(found, key=lambda one: one.address)}


def _shown(found: Sequence[Difference], hide: Callable[[str], str]) -> tuple[Difference, ...]:
    """As people may see them, and without what state says of a machine that an apply still has to start."""
    return tuple(
        replace(one, observed=NOT_SHOWN) if _repeats(one.observed, hide) else one
        for one in found
        if one.how is not Differs.STOPPED
    )


def _repeats(value: Value, hide: Callable[[str], str]) -> bool:
    return any(isinstance(leaf, str) and hide(leaf) != leaf for leaf in leaves(value))


def _top(one: Difference) -> tuple[Address, str]:
    return one.address, one.path.partition("/")[2].partition("/")[0]


def _explained(
    left: Sequence[Difference], recorded: RecordedStack, schemas: SchemaLookup
) -> list[Difference]:
    """The differences, each with the reason for which state stays as it was."""
    secret = {_top(one) for one in left if is_marked(one.observed)}
    return [_with_reason(one, recorded, schemas, _top(one) in secret) for one in left]


def _with_reason(
    one: Difference, recorded: RecordedStack, schemas: SchemaLookup, secret: bool
) -> Difference:
    resource = recorded.resources[one.address]
    schema = schemas(resource.type)
    name = one.path.split("/")[1]
    if is_own_tag(one.path):
        why = _OWN_TAG
    elif name in sensitive_names(resource.properties, schema):
        why = _SENSITIVE
    elif secret:
        why = _SECRET
    elif _is_unread(one.path, schema):
        why = _UNREAD
    else:
        why = _OTHERWISE
    return replace(one, detail=why)


def _is_unread(path: str, schema: TypeSchema | None) -> bool:
    return schema is not None and path in schema.marks


def _is_gone(differs: Sequence[Difference]) -> bool:
    return any(one.how is Differs.GONE for one in differs)


def _as_observed(
    resource: RecordedResource,
    seen: Present,
    differs: Sequence[Difference],
    schemas: SchemaLookup,
) -> RecordedResource:
    """The record with what the cloud has; a property that is gone there is managed no more."""
    schema = schemas(resource.type)
    if not differs:
        return observed_record(resource, seen.properties, schema)
    secret = {_top(one)[1] for one in differs if is_marked(one.observed)}
    shown = {name: value for name, value in seen.properties.items() if name not in secret}
    tops = {_top(one)[1] for one in differs if not _is_unread(one.path, schema)}
    names = tops - secret
    properties = {
        name: value
        for name, value in resource.properties.items()
        if name not in names or name in shown or is_sensitive(value)
    }
    done = with_additions(resource, shown, schema)
    return replace(
        done,
        properties={
            name: done.properties[name] if name in names else value
            for name, value in properties.items()
        },
    )
