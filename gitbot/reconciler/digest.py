"""Compute a plan's digest and a mutation's token: equal names mean equal effects. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from gitbot.model.codec import encode_value
from gitbot.model.lookups import PlannedLookup
from gitbot.model.names import Address
from gitbot.model.plan import Change, OutputChange, PathChange, Plan
from gitbot.model.secret_references import without_versions
from gitbot.model.values import canonical_json, sha256_hex

TOKEN_LENGTH = 32

Content: TypeAlias = Mapping[str, Any]


def operation_token(lineage: str, address: Address, generation: int, kind: str) -> str:
    """The operation id of a mutation: 32 lower-case hex digits, the same at every attempt.

    ``kind`` tells the mutations of one address and generation apart.
    """
    return sha256_hex(canonical_json([lineage, address, generation, kind]))[:TOKEN_LENGTH]


def digest(plan: Plan) -> str:
    """SHA-256 in hex of everything that an apply of the plan would do, and of nothing else.

    It covers the stack, its account and region, and whether the plan deletes the whole stack. It
    covers every change that people agree to, by address, with its new values. An unknown value
    counts as its expression and what that uses; a sensitive one as its keyed hash. Of a secret the
    reference counts and not its version, which moves without us. Outputs count by
    what the spec says of them, because their values move without us: a machine that starts again
    has another public address.
    Lifecycle settings count where they change, and so does whether a deletion empties the object. Of
    the stack's end the words of its spec count where they change, never the instant. The outputs of
    other stacks that it uses count with their values, or as unknown ones.

    Of lookups it covers what an apply would record of them: what was asked and what was found.

    It leaves out starts: recovery makes them before the plan is made again under the lease. It
    leaves out previous values, causes, reasons, what is foretold or begun, other keys of hashes, commit, serial, lineage, hash of the specs, pack
    version, guards, drift and sources. So a merge that changes nothing here keeps the digest.
    """
    return digest_of(content(plan))


def digest_of(content: Content) -> str:
    """The digest of a plan with this content."""
    return sha256_hex(canonical_json(content))


def content(plan: Plan) -> Content:
    """What the digest covers, as JSON: the ``place``, the ``changes``, the ``outputs`` and more."""
    changes = sorted(
        (change for change in plan.changes if change.is_agreed_to),
        key=lambda change: (change.address, change.deposed_operation or ""),
    )
    outputs = sorted((each for each in plan.outputs if not each.moved), key=_name)
    found: dict[str, Any] = {
        "place": {
            "environment": plan.stack.environment,
            "stack": plan.stack.name,
            "region": plan.stack.region,
            "account": plan.account,
            "destroys": plan.destroys,
        },
        "changes": [_change(change) for change in changes],
        "outputs": [_output(output) for output in outputs],
    }
    if plan.partial:
        found["partial"] = sorted(plan.partial)
    if plan.new_lookups:
        found["lookups"] = [_lookup(one) for one in plan.new_lookups]
    if plan.lifetime is not None and plan.moves_end:
        found["lifetime"] = plan.lifetime.after
    if plan.uses:
        found["uses"] = {
            key: _canonical(encode_value(value)) for key, value in sorted(plan.uses.items())
        }
    return found


def _change(change: Change) -> dict[str, Any]:
    # Without any, the digest stays that of earlier versions.
    triggers = {one.name: _canonical(encode_value(one.after)) for one in change.triggers}
    return {
        **({"triggers": triggers} if triggers else {}),
        **({"forced": True} if change.forced else {}),
        **({"snapshots": True} if change.snapshots else {}),
        "address": change.address,
        "type": change.type,
        "action": change.action,
        "remote_id": change.remote_id,
        "disruption": change.disruption,
        "replace_order": change.replace_order,
        "moved_from": change.moved_from,
        "deposed": change.deposed_operation,
        "properties": change.properties_hash,
        "settings": {setting.name: setting.after for setting in change.settings},
        "empties": change.empties,
        "paths": sorted((_path(path) for path in change.paths), key=path_key),
    }


def path_key(path: Mapping[str, Any]) -> tuple[str, str]:
    """What tells one changed path from another one of the same change."""
    return path["path"], canonical_json(path["element"]) if "element" in path else ""


def _path(path: PathChange) -> dict[str, Any]:
    found = {
        "path": path.path,
        "after": _canonical(encode_value(without_versions(path.after))),
        "removed": path.removed,
        "forces": path.forces or path.may_force,
    }
    place, _, last = path.path.rpartition("/")
    if path.removed and path.after is None and last.isdigit():
        # A removed list element has no new value, and its observed index does not identify it: its
        # content does.
        found |= {"path": f"{place}/-", "element": _canonical(encode_value(path.before))}
    return found


def _output(output: OutputChange) -> dict[str, Any]:
    return {
        "name": output.name,
        "definition": _canonical(encode_value(output.definition)),
        "removed": output.removed,
        "sensitive": output.sensitive,
    }


def _lookup(one: PlannedLookup) -> dict[str, Any]:
    found = one.found
    return {
        "address": one.address,
        "asked": _canonical(encode_value(one.asked)),
        "identifiers": None if found is None else list(found.identifiers),
        "attributes": None if found is None else _canonical(encode_value(found.attributes)),
    }


def _name(output: OutputChange) -> str:
    return output.name


def _canonical(value: Any) -> Any:
    """The value with whole floats as integers: state may give ``1`` back as ``1.0``."""
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
