"""Hashes of a stack and of an environment, to see whether either has changed. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from types import MappingProxyType
from typing import Any

from gitbot.model.codec import to_full_data
from gitbot.model.conditions import Condition
from gitbot.model.desired import (
    DesiredOutput,
    DesiredResource,
    DesiredStack,
    Environment,
    Lifecycle,
)
from gitbot.model.expiry import Lifetime
from gitbot.model.hours import NO_RULES
from gitbot.model.lookups import DesiredLookup
from gitbot.model.names import Address
from gitbot.model.timeouts import NO_TIMEOUTS
from gitbot.model.values import Redactor, Sensitive, Unknown, Value, leaves, sha256_hex


def desired_hash(
    region: str,
    resources: Mapping[Address, DesiredResource],
    outputs: Mapping[str, DesiredOutput],
    lifetime: Lifetime | None = None,
    forgotten: Collection[Address] = (),
    checks: Mapping[str, Condition] | None = None,
    lookups: Mapping[Address, DesiredLookup] = MappingProxyType({}),
) -> str:
    """The SHA-256, over canonical JSON, of everything that an apply of the stack would act on.

    Of a sensitive value only its place counts: a hash without a key would give a short one away
    to everybody who can guess. ``keyed_hash`` adds the values.
    """
    content: dict[str, Any] = {
        "region": region,
        "resources": {address: _resource(one) for address, one in resources.items()},
        "outputs": {
            name: {"value": one.value, "sensitive": one.sensitive, "description": one.description}
            for name, one in outputs.items()
        },
    }
    if lifetime is not None:
        content["lifetime"] = lifetime.text
    if forgotten:
        content["forgotten"] = sorted(forgotten)
    if checks:
        content["checks"] = {name: _conditions([one]) for name, one in checks.items()}
    if lookups:
        content["lookups"] = {
            address: [one.asked, one.always, one.attributes] for address, one in lookups.items()
        }
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_leaf
    )
    return sha256_hex(text)


def keyed_hash(stack: DesiredStack, redactor: Redactor) -> str:
    """The stack's hash, together with the keyed hash of its sensitive values if it has any."""
    if not stack.sensitive:
        return stack.hash
    trees = [stack.resources[address].properties for address in sorted(stack.resources)]
    trees += [{"": stack.outputs[name].value} for name in sorted(stack.outputs)]
    trees += [{"": value} for value in spoken_values(stack.resources, stack.checks)]
    values = [leaf.value for leaf in _sensitive_leaves(trees)]
    return redactor([stack.hash, values]).digest


def spoken_values(
    resources: Mapping[Address, DesiredResource], checks: Mapping[str, Condition]
) -> Iterator[Value]:
    """The values of lifecycles, conditions and checks of a stack and what these say, in order."""
    for address in sorted(resources):
        lifecycle = resources[address].lifecycle
        if not (lifecycle.replace_when or lifecycle.preconditions or lifecycle.postconditions):
            continue  # most say none of these
        yield from (lifecycle.replace_when[name] for name in sorted(lifecycle.replace_when))
        yield from _spoken((*lifecycle.preconditions, *lifecycle.postconditions))
    yield from _spoken(checks[name] for name in sorted(checks))


def _spoken(conditions: Iterable[Condition]) -> Iterator[Value]:
    for one in conditions:
        yield from (one.that, one.says)


def _conditions(conditions: Iterable[Condition]) -> list[Any]:
    return [[one.that, one.says] for one in conditions]


def _sensitive_leaves(value: Value) -> Iterator[Sensitive]:
    for leaf in leaves(value):
        if isinstance(leaf, Sensitive):
            yield leaf
        elif isinstance(leaf, Unknown):
            yield from _sensitive_leaves(leaf.inputs)


def _resource(one: DesiredResource) -> dict[str, Any]:
    lifecycle = one.lifecycle
    # Where it says nothing, the hash stays that of earlier versions.
    silent = one.machine is NO_RULES or one.machine == NO_RULES
    power = {} if silent else {"machine": to_full_data(one.machine)}
    return {
        **power,
        "type": one.type,
        "properties": one.properties,
        "depends_on": sorted(one.depends_on),
        "lifecycle": [
            lifecycle.protect,
            lifecycle.ignore_changes,
            lifecycle.replace,
            lifecycle.retain,
            lifecycle.empty_on_delete,
            lifecycle.moved,
            lifecycle.import_id,
            # Where it is not set, the hash stays that of earlier versions.
            *([] if lifecycle.on_expiry is None else [lifecycle.on_expiry]),
        ],
        **_said_about(lifecycle),
    }


def _said_about(lifecycle: Lifecycle) -> dict[str, Any]:
    """What only some specs say. Where they say nothing, the hash stays that of earlier versions."""
    found = {
        "snapshotOnDelete": lifecycle.snapshot_on_delete,
        "timeouts": "" if lifecycle.timeouts is NO_TIMEOUTS else str(lifecycle.timeouts),
        "ignoreDrift": lifecycle.may_drift,
        "replaceWhen": lifecycle.replace_when,
        "preconditions": _conditions(lifecycle.preconditions),
        "postconditions": _conditions(lifecycle.postconditions),
        "movedBefore": lifecycle.moved_before,
    }
    return {name: value for name, value in found.items() if value}


def _leaf(leaf: Any) -> Any:
    if isinstance(leaf, Unknown):
        return {
            "$unknown": leaf.template,
            "inputs": leaf.inputs,
            "references": dict(leaf.references),
        }
    if isinstance(leaf, Sensitive):
        return {"$sensitive": True}
    raise TypeError(f"{type(leaf).__name__} in a desired value")


def rules_hash(environment: Environment) -> str:
    """The SHA-256, over canonical JSON, of everything in an environment except its position."""
    content = {
        field.name: getattr(environment, field.name)
        for field in fields(environment)
        if field.name != "source"
    }
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_rules_leaf
    )
    return sha256_hex(text)


def _rules_leaf(leaf: Any) -> Any:
    if isinstance(leaf, frozenset):
        return sorted(leaf)
    if isinstance(leaf, timedelta):
        return leaf.total_seconds()
    if isinstance(leaf, (date, time)):
        return leaf.isoformat()
    if is_dataclass(leaf) and not isinstance(leaf, (Unknown, Sensitive)):
        return [getattr(leaf, field.name) for field in fields(leaf)]
    return _leaf(leaf)
