"""Make one schema of several that a value must fit together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import islice, product
from typing import Any

from gitbot_sandbox.aws.cloud_control.lenient import resolved

Schema = Mapping[str, Any]
_MOST_VARIANTS = 64
_PATTERNS = "patterns of all"
_COMBINING = ("allOf", "oneOf", "anyOf")


def variants(document: Schema, schema: Schema) -> Iterator[Schema]:
    """The schema without alternatives, once for each way to choose among them.

    The first alternatives come first. Conditions (``if``) and what must not fit (``not``) are left
    to the validation of the value.
    """
    schema = resolved(document, schema)
    if not any(keyword in schema for keyword in _COMBINING):
        yield schema
        return
    plain = {name: value for name, value in schema.items() if name not in _COMBINING}
    groups = [[one] for one in schema.get("allOf", ())]
    groups += [schema[keyword] for keyword in ("oneOf", "anyOf") if schema.get(keyword)]
    choices = [_options(document, group) for group in groups]
    for chosen in islice(product(*choices), _MOST_VARIANTS):
        yield reduce(lambda one, other: _merged(document, one, other), chosen, plain)


def patterns_of(schema: Schema) -> list[str]:
    """All regular expressions that a text must fit."""
    known = schema.get(_PATTERNS)
    if known is not None:
        return list(known)
    return [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []


def _options(document: Schema, group: list[Schema]) -> list[Schema]:
    return [variant for one in group for variant in variants(document, one)]


def _merged(document: Schema, one: Schema, other: Schema) -> dict[str, Any]:
    """A schema for what fits both; where they disagree on a keyword, the other's counts."""
    both = {**one, **other}
    patterns = [*patterns_of(one), *patterns_of(other)]
    if patterns:
        both[_PATTERNS] = patterns
    if "required" in one and "required" in other:
        both["required"] = [*one["required"], *other["required"]]
    if "properties" in one and "properties" in other:
        both["properties"] = dict(one["properties"])
        for name, declared in other["properties"].items():
            known = resolved(document, one["properties"].get(name, {}))
            both["properties"][name] = _merged(document, known, resolved(document, declared))
    return both
