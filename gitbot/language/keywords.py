"""JSON Schema as the CloudFormation registry writes it, with leaves that are not known yet. Pure.

Two validators: ``strict`` is used for trees without an ``Unknown``; ``lenient`` lets an unknown
leaf pass every keyword. Patterns go through ``regex``, because a hundred of the registry's
patterns use syntax that ``re`` has not. The keywords beyond JSON Schema are cfn-lint's
(https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/custom_rules.md and its schemas).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import regex
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from gitbot.model.values import Unknown, is_known

Errors = Iterator[ValidationError]

# What an identifier looks like, for the typed formats that are worth checking before a call.
_ID_PREFIXES = {
    "AWS::EC2::SecurityGroup.Id": "sg",
    "AWS::EC2::Subnet.Id": "subnet",
    "AWS::EC2::VPC.Id": "vpc",
    "AWS::EC2::Image.Id": "ami",
}

_TYPES = {"string": str, "object": dict, "array": list, "boolean": bool, "integer": int}
_NETWORKS = {"ipv4-network": "4", "ipv6-network": "6"}
_BLOCKS = {"4": "203.0.113.5/32", "6": "2001:db8::/32"}


class Subschema(dict[str, Any]):
    """A schema that keeps the validator which was made for it, one of each class.

    jsonschema makes a validator for each subschema and each instance, which is most of the time
    that it takes.
    """

    __slots__ = ("_made",)

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[type, Any] = {}

    def validator(self, parent: Any) -> Any:
        """The validator of this schema, of the class of the one that descends into it."""
        made = self._made.get(type(parent))
        if made is None:
            made = self._made[type(parent)] = parent.evolve(schema=self)
        return made


def _descend(validator: Any, instance: Any, schema: Any, step: Any, *schema_path: Any) -> Errors:
    if not isinstance(schema, Subschema):
        yield from validator.descend(instance, schema, step, *schema_path)
        return
    for error in schema.validator(validator).iter_errors(instance):
        error.path.appendleft(step)
        error.schema_path.extendleft(schema_path)
        yield error


def _properties(validator: Any, properties: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict):
        for name, subschema in properties.items():
            if name in instance:
                yield from _descend(validator, instance[name], subschema, name, name)


def _items(validator: Any, items: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, list):
        for index in range(len(schema.get("prefixItems", ())), len(instance)):
            yield from _descend(validator, instance[index], items, index)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> regex.Pattern[str] | None:
    try:
        return regex.compile(pattern)
    except regex.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None


def _type(validator: Any, types: Any, instance: Any, schema: Any) -> Errors:
    # The usual case without asking jsonschema, which takes ten times as long.
    if isinstance(types, str) and type(instance) is _TYPES.get(types):
        return iter(())
    return Draft202012Validator.VALIDATORS["type"](validator, types, instance, schema)  # type: ignore[no-any-return]


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"does not match {pattern}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for pattern, subschema in patterns.items():
        for key, value in instance.items():
            if _matches(pattern, key):
                yield from _descend(validator, value, subschema, key, pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    declared = schema.get("properties", ())
    patterns = schema.get("patternProperties", ())
    for key, value in instance.items():
        if key in declared or any(_matches(pattern, key) for pattern in patterns):
            continue
        if allowed is False:
            yield ValidationError(f"{key} is not known", validator_value=key)
        elif isinstance(allowed, dict):
            yield from _descend(validator, value, allowed, key)


def _required_xor(validator: Any, names: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict) and len(set(names) & instance.keys()) != 1:
        yield ValidationError(f"needs exactly one of {', '.join(names)}")


def _required_or(validator: Any, names: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict) and not set(names) & instance.keys():
        yield ValidationError(f"needs at least one of {', '.join(names)}")


def _dependent_excluded(validator: Any, excluded: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name, others in excluded.items():
        for other in others:
            # Both directions are often declared; one message for the pair is enough.
            twice = name in excluded.get(other, ()) and other < name
            if name in instance and other in instance and not twice:
                yield ValidationError(f"has both {name} and {other}, which exclude each other")


def _dependencies(validator: Any, dependencies: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name, needed in dependencies.items():
        if name in instance and isinstance(needed, list):
            for other in needed:
                if other not in instance:
                    yield ValidationError(f"has {name}, which needs {other}")


def _enum_case_insensitive(validator: Any, choices: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str):
        folded = {one.casefold() for one in choices if isinstance(one, str)}
        if instance.casefold() not in folded:
            yield ValidationError(f"is none of {', '.join(map(str, choices))}")


def _unique_keys(validator: Any, keys: Sequence[str], instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, list):
        return
    seen: set[str] = set()
    for index, item in enumerate(instance):
        if not isinstance(item, dict) or not is_known(item):
            continue
        identity = json.dumps([item.get(key) for key in keys], sort_keys=True, default=str)
        if identity in seen:
            error = ValidationError(f"has the {' and '.join(keys)} of an element before it")
            error.path.append(index)
            yield error
        seen.add(identity)


def _is_network(version: str, text: str) -> bool:
    """AWS itself clears host bits, but wants the length of the mask."""
    try:
        return "/" in text and str(ipaddress.ip_network(text, strict=False).version) == version
    except ValueError:
        return False


def _format(validator: Any, name: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, str) or not isinstance(name, str):
        return
    version = _NETWORKS.get(name)
    if version and not _is_network(version, instance):
        yield ValidationError(f"is no block of IPv{version} addresses such as {_BLOCKS[version]}")
    prefix = _ID_PREFIXES.get(name)
    if prefix and not _matches(rf"^{prefix}-[0-9a-f]+$", instance):
        yield ValidationError(
            f"does not look like {prefix}-0123456789abcdef0", validator_value=name
        )


_KEYWORDS: Mapping[str, Callable[..., Errors]] = {
    "type": _type,
    "properties": _properties,
    "items": _items,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "requiredXor": _required_xor,
    "requiredOr": _required_or,
    "dependentExcluded": _dependent_excluded,
    "dependencies": _dependencies,
    "dependentRequired": _dependencies,
    "enumCaseInsensitive": _enum_case_insensitive,
    "uniqueKeys": _unique_keys,
    "format": _format,
}

# Keywords that cannot be decided while any leaf below is unknown. ``oneOf`` then asks for one
# branch or more, because an unknown leaf fits branches that its value would not.
_UNDECIDABLE = frozenset({"not", "if", "enum", "const", "contains", "uniqueItems"})


def _lenient(keyword: str, check: Callable[..., Any]) -> Callable[..., Errors]:
    def run(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
        if type(instance) is Unknown:
            return iter(())
        if keyword in _UNDECIDABLE and not is_known(instance):
            return iter(())
        return check(validator, value, instance, schema) or iter(())

    return run


def _lenient_one_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
    if type(instance) is Unknown:
        return
    check = "oneOf" if is_known(instance) else "anyOf"
    yield from Draft202012Validator.VALIDATORS[check](validator, branches, instance, schema)


_extend: Any = validators.extend
strict: Any = _extend(Draft202012Validator, dict(_KEYWORDS))
lenient: Any = _extend(
    strict,
    {
        **{name: _lenient(name, check) for name, check in strict.VALIDATORS.items()},
        "oneOf": _lenient_one_of,
    },
)
