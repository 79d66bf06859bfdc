"""Objects of every provisionable type, made out of its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest

from gitbot.language.value_keywords import matches
from gitbot.reconciler.pointers import parse, values_at
from gitbot_sandbox.aws.cloud_control.instances import instance, second_value
from gitbot_sandbox.aws.cloud_control.registry import ServedType, lookup, provisionable
from tests.model_checks import some

TYPES = provisionable()
ONE_VALUE = frozenset({"AWS::Logs::StorageTierPolicy"})
"""Types whose one property that can be updated has one value only."""


def _pattern(validator: Any, pattern: str, text: Any, schema: Any) -> Iterator[Any]:
    if isinstance(text, str) and not matches(pattern, text):
        yield jsonschema.ValidationError(f"{text!r} does not fit {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, value: Any, schema: Any) -> Iterator[Any]:
    for pattern, declared in patterns.items():
        for name, item in value.items() if isinstance(value, dict) else ():
            if matches(pattern, name):
                yield from validator.descend(item, declared, path=name)


def _additional_properties(validator: Any, more: Any, value: Any, schema: Any) -> Iterator[Any]:
    for name, item in value.items() if isinstance(value, dict) else ():
        patterns = schema.get("patternProperties", ())
        if name in schema.get("properties", ()) or any(matches(one, name) for one in patterns):
            continue
        if more is False:
            yield jsonschema.ValidationError(f"{name!r} is not declared")
        yield from validator.descend(item, more, path=name)


Independent = jsonschema.validators.extend(
    jsonschema.Draft7Validator,
    # The library takes all expressions for Python's, and a hundred of the registry are not.
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    },
)


def kind_of(name: str) -> ServedType:
    found = lookup(name)
    assert found is not None
    return found


def check(kind: ServedType, model: Mapping[str, Any]) -> None:
    """The library agrees that the model fits, and nothing in it is read-only."""
    assert [error.message for error in Independent(kind.document).iter_errors(model)] == []
    assert kind.misfits(model) == []
    assert not [one for one in kind.schema.read_only if values_at(model, parse(one))]


@pytest.mark.model
@pytest.mark.parametrize("name", some(45, TYPES))
def test_every_type_has_a_small_and_a_large_object(name: str) -> None:
    kind = kind_of(name)
    small, large = instance(kind), instance(kind, full=True)
    check(kind, small)
    check(kind, large)
    assert set(kind.document.get("required", ())) <= small.keys()
    assert len(large) >= len(small)


@pytest.mark.model
@pytest.mark.parametrize(
    "name", [name for name in some(45, TYPES) if kind_of(name).schema.updatable]
)
def test_every_type_that_can_be_updated_has_a_second_value(name: str) -> None:
    kind = kind_of(name)
    model = instance(kind)
    change = second_value(kind, model)
    if change is None:
        assert name in ONE_VALUE or not free_properties(kind)
        return
    after = {**model, change.name: change.value}
    check(kind, after)
    assert model.get(change.name) != change.value
    fixed = (*kind.schema.create_only, *kind.schema.conditional_create_only)
    assert not kind.differing(fixed, model, after)


def free_properties(kind: ServedType) -> set[str]:
    """The top-level properties that the schema lets an update change."""
    schema = kind.schema
    fixed = (*schema.create_only, *schema.conditional_create_only, *schema.read_only)
    return {f"/{name}" for name in kind.document["properties"]} - {
        *fixed,
        *schema.primary_identifier,
    }


def test_equal_seeds_make_equal_objects_and_other_seeds_other_names() -> None:
    kind = kind_of("AWS::Logs::LogStream")
    assert instance(kind) == instance(kind)
    assert instance(kind)["LogGroupName"] != instance(kind, seed=1)["LogGroupName"]
