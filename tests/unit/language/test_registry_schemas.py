"""Validation against the registry's own schemas: every keyword, and a sample of all types."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from gitbot.language.evaluate import Scope, evaluate
from gitbot.language.keywords import lenient, strict
from gitbot.language.templates import FUNCTIONS, parse_template
from gitbot.language.types import Types
from gitbot.model.values import Unknown
from gitbot.providers.aws.catalog import open_catalog

CATALOG = open_catalog()
UNKNOWN = Unknown(template="${x.Y}")


def messages(schema: dict[str, Any], instance: Any) -> list[str]:
    return [error.message for error in strict(schema).iter_errors(instance)]


@pytest.mark.parametrize(
    ("schema", "good", "bad", "says"),
    [
        ({"requiredXor": ["A", "B"]}, {"A": 1}, {"A": 1, "B": 1}, "needs exactly one of A, B"),
        ({"requiredXor": ["A", "B"]}, {"B": 1}, {}, "needs exactly one of A, B"),
        ({"requiredOr": ["A", "B"]}, {"A": 1, "B": 2}, {}, "needs at least one of A, B"),
        (
            {"dependentExcluded": {"A": ["B"], "B": ["A"]}},
            {"A": 1},
            {"A": 1, "B": 1},
            "has both A and B, which exclude each other",
        ),
        ({"dependencies": {"A": ["B"]}}, {"B": 1}, {"A": 1}, "has A, which needs B"),
        ({"dependentRequired": {"A": ["B"]}}, {}, {"A": 1}, "has A, which needs B"),
        ({"enumCaseInsensitive": ["ldap"]}, "LDAP", "simple", "is none of ldap"),
        (
            {"uniqueKeys": ["K"]},
            [{"K": 1}, {"K": 2}],
            [{"K": 1}, {"K": 1}],
            "has the K of an element before it",
        ),
        ({"pattern": r"^\p{L}+$"}, "é", "1", r"does not match ^\p{L}+$"),
        ({"format": "ipv4-network"}, "10.0.0.1/8", "10.0.0.1", "is no block of IPv4 addresses"),
        ({"format": "ipv6-network"}, "::/0", "0.0.0.0/0", "is no block of IPv6 addresses"),
        ({"format": "AWS::EC2::VPC.Id"}, "vpc-0a", "vpc_1", "does not look like vpc-"),
        (
            {"patternProperties": {"^a": {}}, "additionalProperties": False},
            {"ab": 1},
            {"b": 1},
            "b is not known",
        ),
    ],
)
def test_keywords_beyond_json_schema(
    schema: dict[str, Any], good: Any, bad: Any, says: str
) -> None:
    assert messages(schema, good) == []
    assert len(messages(schema, bad)) == 1
    assert messages(schema, bad)[0].startswith(says)


CALLS = {
    "matches": '"a".matches("a")',
    "contains": '"a".contains("a")',
    "startsWith": '"a".startsWith("a")',
    "endsWith": '"a".endsWith("a")',
    "has": "has({'a': 1}.a)",
    "join": 'join(["a"], "-")',
    "split": 'split("a", "-")',
    "replace": 'replace("a", "b", "c")',
}
QUANTIFIERS = ("all", "exists", "exists_one", "existsOne", "map", "filter")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_of_the_language_exists(name: str) -> None:
    if name in QUANTIFIERS:
        call = f"[1].{name}(x, x == 1)"
    elif name.startswith("get"):
        call = f'timestamp("2020-01-01T00:00:00Z").{name}()'
    else:
        argument = {"duration": '"1h"', "timestamp": '"2020-01-01T00:00:00Z"'}.get(name, '"1"')
        call = CALLS.get(name, f"{name}({argument})")
    evaluate(parse_template(f"${{type({call})}}"), Scope(inputs={}))


@pytest.mark.parametrize(
    ("schema", "instance"),
    [
        ({"type": "integer"}, UNKNOWN),
        ({"enum": ["a"]}, UNKNOWN),
        ({"pattern": "^a$"}, UNKNOWN),
        ({"items": {"minimum": 3}}, [UNKNOWN, 4]),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, UNKNOWN),
        ({"oneOf": [{"properties": {"A": {"const": n}}} for n in (1, 2)]}, {"A": UNKNOWN}),
        ({"not": {"properties": {"A": {"const": 1}}}}, {"A": UNKNOWN}),
        ({"uniqueItems": True}, [UNKNOWN, "a"]),
        ({"uniqueKeys": ["K"]}, [{"K": UNKNOWN}, {"K": UNKNOWN}]),
    ],
)
def test_an_unknown_leaf_fits_everything(schema: dict[str, Any], instance: Any) -> None:
    assert list(lenient(schema).iter_errors(instance)) == []


def test_what_is_known_beside_an_unknown_leaf_is_still_checked() -> None:
    schema = {"properties": {"A": {"type": "string"}, "B": {"type": "string"}}, "required": ["C"]}
    found = {error.validator for error in lenient(schema).iter_errors({"A": UNKNOWN, "B": 1})}
    assert found == {"type", "required"}


def _example(schema: dict[str, Any], root: dict[str, Any], depth: int = 0) -> Any:
    """Some instance, right or wrong, that visits the schema's properties."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        schema = root.get("definitions", {}).get(name, {})
    if depth > 4 or not isinstance(schema, dict):
        return "x"
    if "properties" in schema:
        return {key: _example(one, root, depth + 1) for key, one in schema["properties"].items()}
    if "items" in schema:
        return [_example(schema["items"], root, depth + 1)]
    kind = schema.get("type")
    return {"integer": 1, "boolean": True, "number": 1.5, "object": {}, "array": []}.get(
        kind if isinstance(kind, str) else "", "x"
    )


@pytest.mark.parametrize("name", CATALOG.names()[::25])
def test_inlined_references_decide_as_plain_ones_do(name: str) -> None:
    schema = CATALOG.lookup(name)
    assert schema is not None
    type_ = Types(lookup=CATALOG.lookup, all_names=tuple, served_names=tuple).get(name)
    assert type_ is not None
    registry = dict(schema.json_schema)
    instance = _example(registry, registry)
    ours = {tuple(error.absolute_path) for error in type_.strict.iter_errors(instance)}
    try:
        theirs = {tuple(error.absolute_path) for error in strict(registry).iter_errors(instance)}
    except jsonschema.exceptions._WrappedReferencingError:
        return  # refers outside of the schema, which only the inlined one takes lightly
    assert ours == theirs
