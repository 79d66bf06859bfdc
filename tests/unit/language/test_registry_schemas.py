"""Validation against the registry's own schemas: every keyword, and a sample of all types."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import jsonschema
import pytest

from gitbot.language.evaluate import evaluate
from gitbot.language.keywords import KEYWORDS, ONLY_FOR, concerns, validator_of
from gitbot.language.scope import Scope
from gitbot.language.templates import FUNCTIONS, parse_template
from gitbot.language.validator import SchemaDocument, SchemaError
from gitbot.model.values import Unknown
from gitbot.providers.aws.catalog import open_catalog

CATALOG = open_catalog()
UNKNOWN = Unknown(template="${x.Y}")


def messages(schema: dict[str, Any], instance: Any) -> list[str]:
    return [error.message for error in validator_of(schema).errors(instance)]


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
        ({"dependencies": {"A": {"not": {"required": ["B"]}}}}, {"A": 1}, {"A": 1, "B": 1}, ""),
        ({"dependentRequired": {"A": ["B"]}}, {}, {"A": 1}, "has A, which needs B"),
        ({"enumCaseInsensitive": ["ldap"]}, "LDAP", "simple", "is none of ldap"),
        (
            {"uniqueKeys": ["K"]},
            [{"K": 1}, {"K": 2}],
            [{"K": 1}, {"K": 1}],
            "has the K of an element before it",
        ),
        ({"pattern": r"^\p{L}+$"}, "é", "1", ""),
        ({"pattern": r"^[\p{Print}&&[^|:/]]+$"}, "a b", "a|b", ""),
        ({"format": "ipv4-network"}, "10.0.0.1/8", "10.0.0.1", "is not a block of IPv4 addresses"),
        ({"format": "ipv6-network"}, "::/0", "0.0.0.0/0", "is not a block of IPv6 addresses"),
        ({"format": "AWS::EC2::VPC.Id"}, "vpc-0a", "vpc_1", "does not look like vpc-"),
        ({"multipleOf": 0.5}, 1.5, 1.2, "1.2 is not a multiple of 0.5"),
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
    "secret": 'secret("ssm:/a")',
    "split": 'split("a", "-")',
    "replace": 'replace("a", "b", "c")',
    "subnets": 'subnets("10.0.0.0/16", 2, 8)',
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
    assert validator_of(schema).errors(instance) == []


def test_what_is_known_beside_an_unknown_leaf_is_still_checked() -> None:
    schema = {"properties": {"A": {"type": "string"}, "B": {"type": "string"}}, "required": ["C"]}
    found = {error.keyword for error in validator_of(schema).errors({"A": UNKNOWN, "B": 1})}
    assert found == {"type", "required"}


def _example(schema: Any, root: Mapping[str, Any], chance: Random, depth: int = 0) -> Any:
    """Some instance, now right, now wrong, that visits the schema's parts."""
    if isinstance(schema, dict) and "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        schema = root.get("definitions", {}).get(name, {})
    if depth > 4 or not isinstance(schema, dict) or chance.random() < 0.1:
        return chance.choice(["x", "", 1, -1, 1.5, 2.0, True, None, [], {}, ["a", "a"], [1, True]])
    for keyword in ("oneOf", "anyOf", "enum"):
        if keyword in schema and chance.random() < 0.7:
            found = chance.choice(schema[keyword])
            return found if keyword == "enum" else _example(found, root, chance, depth + 1)
    if "properties" in schema:
        needed = schema.get("required", ())
        return {
            key: _example(one, root, chance, depth + 1)
            for key, one in schema["properties"].items()
            if chance.random() < (0.9 if key in needed else 0.4)
        } | ({"Bogus": 1} if chance.random() < 0.1 else {})
    if "items" in schema:
        return [_example(schema["items"], root, chance, depth + 1)] * chance.choice([0, 1, 1, 2])
    kind = schema.get("type")
    known = {"integer": 1, "boolean": True, "number": 1.5, "object": {}, "array": []}
    return known.get(kind if isinstance(kind, str) else "", "abc")


def _inlined(schema: Any, root: Mapping[str, Any], depth: int = 0) -> Any:
    """The schema as a plain validator understands it: references followed, only standard keywords
    (and no patterns, of which ``re`` does not read all)."""
    if isinstance(schema, list):
        return [_inlined(one, root, depth) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/definitions/")
        target = root.get("definitions", {}).get(name, {})
        return {} if depth > 12 else _inlined(target, root, depth + 1)
    found: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword == "properties":
            found[keyword] = {key: _inlined(one, root, depth + 1) for key, one in value.items()}
        elif keyword in STANDARD:
            found[keyword] = _inlined(value, root, depth + 1) if keyword in PARTS else value
    return found


PARTS = {"items", "prefixItems", "anyOf", "oneOf", "allOf", "not", "if", "then", "else"}
STANDARD = PARTS | {
    *("type", "required", "enum", "const", "uniqueItems", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
}


@pytest.mark.parametrize("name", CATALOG.names()[::12])
def test_standard_keywords_decide_as_another_validator_decides(name: str) -> None:
    schema = CATALOG.lookup(name)
    assert schema is not None
    registry = schema.json_schema
    plain = _inlined(registry, registry)
    theirs = jsonschema.Draft202012Validator(plain)
    ours = validator_of(plain)
    chance = Random(name)
    for _ in range(8):
        instance = _example(registry, registry, chance)
        assert sorted(_told(error) for error in ours.errors(instance)) == sorted(
            (str(error.validator), repr(tuple(error.absolute_path)), len(error.context or ()))
            for error in theirs.iter_errors(instance)
        )


def _told(error: SchemaError) -> tuple[str, str, int]:
    return error.keyword, repr(error.path), len(error.context)


def test_a_definition_may_contain_itself_and_an_unknown_reference_accepts_everything() -> None:
    schema = {
        "definitions": {
            "Tree": {"properties": {"Below": {"items": {"$ref": "#/definitions/Tree"}}}, **NAMED},
            "Alias": {"$ref": "#/definitions/Tree"},
        },
        "properties": {"Tree": {"$ref": "#/definitions/Alias"}, "Any": {"$ref": "other.json"}},
    }
    good = {"Name": "a", "Below": [{"Name": "b"}]}
    assert validator_of(schema).accepts({"Tree": good, "Any": 1})
    (found,) = validator_of(schema).errors({"Tree": {"Name": "a", "Below": [{"Below": []}]}})
    assert (found.keyword, found.key, found.path) == ("required", "Name", ("Tree", "Below", 0))


MISFITS: dict[str, tuple[Any, Any]] = {
    "additionalProperties": (False, {"A": 1}),
    "dependencies": ({"A": ["B"]}, {"A": 1}),
    "dependentExcluded": ({"A": ["B"]}, {"A": 1, "B": 1}),
    "dependentRequired": ({"A": ["B"]}, {"A": 1}),
    "enumCaseInsensitive": (["b"], "a"),
    "exclusiveMaximum": (1, 1),
    "exclusiveMinimum": (1, 1.0),
    "format": ("ipv4-network", "a"),
    "items": ({"type": "null"}, ["a"]),
    "jsonText": (True, "text"),
    "maskLength": ([16, 28], "10.0.0.0/8"),
    "maxItems": (0, ["a"]),
    "maxLength": (0, "a"),
    "maxProperties": (0, {"A": 1}),
    "maximum": (0, 1),
    "minItems": (9, ["a"]),
    "minLength": (9, "a"),
    "minProperties": (9, {"A": 1}),
    "minimum": (9, 1),
    "multipleOf": (2, 1),
    "pattern": ("b", "a"),
    "patternProperties": ({"A": {"type": "null"}}, {"A": 1}),
    "prefixItems": ([{"type": "null"}], ["a"]),
    "properties": ({"A": {"type": "null"}}, {"A": 1}),
    "required": (["B"], {"A": 1}),
    "requiredOr": (["B"], {"A": 1}),
    "requiredXor": (["B"], {"A": 1}),
    "uniqueItems": (True, ["a", "a"]),
    "uniqueKeys": (["A"], [{"A": 1}, {"A": 1}]),
}
VALUES = ["a", 1, 1.5, True, None, [], [1, 1], {}, {"A": 1, "B": 1}]


@pytest.mark.parametrize("keyword", sorted(ONLY_FOR))
def test_a_keyword_is_left_out_only_for_values_that_fit_it_anyhow(keyword: str) -> None:
    limit, misfit = MISFITS[keyword]
    assert validator_of({keyword: limit}).errors(misfit)
    check = KEYWORDS[keyword](limit, {keyword: limit}, SchemaDocument({}, KEYWORDS, concerns))
    for value in (one for one in VALUES if type(one) not in ONLY_FOR[keyword]):
        found: list[SchemaError] = []
        check(value, found)
        assert not found, value


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ("string", ["a"]),
        ("number", [1, 1.5, 2.0]),
        (["integer", "null"], [1, 2.0, None]),
        ("boolean", [True]),
        ("object", [{}]),
        ("array", [[]]),
    ],
)
def test_a_value_fits_its_own_types_alone(wanted: Any, fits: list[Any]) -> None:
    validator = validator_of({"type": wanted})
    values = ("a", 1, 1.5, 2.0, True, None, [], {})
    assert [one for one in values if validator.accepts(one)] == fits


NAMED = {"required": ["Name"]}
READ_BY_OTHERS = {
    *(
        "additionalIdentifiers",
        "arrayType",
        "blockAdded",
        "blockOf",
        "conditionalCreateOnlyProperties",
    ),
    *("createOnlyProperties", "default", "definitions", "deprecatedProperties", "handlers"),
    *("insertionOrder", "lifecycle", "maxUniqueItems", "primaryIdentifier", "propertyTransform"),
    *(
        "names",
        "readOnlyProperties",
        "relationshipRef",
        "replacementStrategy",
        "tagging",
        "taggable",
    ),
    *("typeName", "writeOnlyProperties", "then", "else", "$ref", "title"),
}


def test_no_keyword_of_the_registry_is_overlooked() -> None:
    unknown: set[str] = set()

    def look(schema: Any) -> None:
        if not isinstance(schema, dict):
            return
        unknown.update(schema.keys() - READ_BY_OTHERS - KEYWORDS.keys())
        for keyword in ("properties", "patternProperties", "definitions"):
            for one in schema.get(keyword, {}).values():
                look(one)
        for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
            for one in schema.get(keyword, ()):
                look(one)
        for keyword in ("items", "additionalProperties", "not", "if", "then", "else"):
            look(schema.get(keyword))

    for name in CATALOG.names():
        schema = CATALOG.lookup(name)
        assert schema is not None
        look(schema.json_schema)
    assert unknown == set()
