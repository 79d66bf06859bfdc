"""Make objects of a resource type out of its schema, as desired states. Pure but for the pack.

They fit the schema; whether AWS would take them is another question: an id in them names nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from gitbot.reconciler.equality import says_nothing
from gitbot.reconciler.pointers import ANY, parse, put, values_at
from gitbot_sandbox.aws.cloud_control.lenient import resolved
from gitbot_sandbox.aws.cloud_control.making import Maker
from gitbot_sandbox.aws.cloud_control.registry import ServedType, without
from gitbot_sandbox.aws.cloud_control.scalars import NotMadeError

_TRIES = 20
_NEEDED: Mapping[str, Mapping[str, Any]] = {"AWS::RDS::DBCluster": {"Engine": "aurora-postgresql"}}
"""What a service needs of a new object and its schema does not, since a copy of another one goes without."""
_EASY = ("string", "integer", "number", "boolean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A top-level property that an update can change, and its second value."""

    name: str
    value: Any


def instance(kind: ServedType, *, full: bool = False, seed: int = 0) -> dict[str, Any]:
    """A desired state: with what the type needs, or with as much as fits together.

    Where what is required is not enough, the smaller one has as much as fits, too.

    Equal seeds make equal states, other seeds other names.

    Raises:
        NotMadeError: none was found that fits the schema; says where and why.
    """
    try:
        model = _maker(kind, full, f"{kind.name} {full} {seed}").value(kind.document)
    except NotMadeError:
        if full:
            raise
        return instance(kind, full=True, seed=seed)
    if not isinstance(model, dict):
        raise NotMadeError((), "the schema is not that of an object")
    desired = {**_NEEDED.get(kind.name, {}), **without(model, kind.schema.read_only)}
    problems = kind.misfits(desired)
    if problems:
        raise NotMadeError((), f"needs a read-only property: {problems[0]}")
    return desired


def second_value(kind: ServedType, model: Mapping[str, Any], *, seed: int = 0) -> Change | None:
    """A change that an update of the object can make; None: the type has none that fits.

    Simple properties come first, then lists and maps, then those that cannot be read back.
    """
    for name in sorted(kind.document["properties"], key=lambda name: _rank(kind, model, name)):
        if _is_fixed(kind, name):
            continue
        declared = kind.document["properties"][name]
        for number in range(_TRIES):
            maker = _maker(kind, number % 2 == 1, f"{kind.name} {name} {seed} {number}")
            try:
                value = maker.value(declared, (name,))
            except NotMadeError:
                break
            after = _with_fixed(kind, model, {**model, name: value})
            empty = _is_empty(after[name]) and _is_empty(model.get(name))
            if not empty and after[name] != model.get(name) and _may_become(kind, model, after):
                return Change(name=name, value=after[name])
    return None


def _is_empty(value: Any) -> bool:
    """Whether the value says no more than its absence, so that a client need not send it."""
    return says_nothing(value) or value == [{}]


def _with_fixed(
    kind: ServedType, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """The later model with those parts of the earlier one that no update can change."""
    kept: Any = without(after, (*kind.schema.read_only, *kind.schema.create_only))
    for pointer in kind.schema.create_only:
        for path, value in values_at(before, parse(pointer)):
            kept = put(kept, path, value)
    model: dict[str, Any] = kept
    return model


def _may_become(kind: ServedType, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    fixed = (*kind.schema.create_only, *kind.schema.conditional_create_only)
    return not kind.differing(fixed, before, after) and not kind.misfits(after)


def _is_fixed(kind: ServedType, name: str) -> bool:
    schema = kind.schema
    fixed = {*schema.create_only, *schema.conditional_create_only, *schema.read_only}
    return f"/{name}" in fixed or f"/{name}" in schema.primary_identifier


def _rank(kind: ServedType, model: Mapping[str, Any], name: str) -> tuple[bool, bool, bool, str]:
    hidden = any(one.split("/")[1] == name for one in kind.schema.write_only)
    declared = resolved(kind.document, kind.document["properties"][name])
    return hidden, declared.get("type") not in _EASY, name not in model, name


def _maker(kind: ServedType, full: bool, seed: str) -> Maker:
    never = {_plain(parse(pointer)) for pointer in kind.schema.read_only}
    return Maker(kind.document, Random(seed), full, lambda path: _plain(path) in never)


def _plain(path: tuple[str, ...]) -> tuple[str, ...]:
    """The path without the steps into lists, which some schemas leave out."""
    return tuple(step for step in path if step != ANY)
