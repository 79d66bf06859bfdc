"""The table of fields, the JSON Schema, the codes and the documentation say the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from gitbot.language import field_shapes, fields
from gitbot.language.codes import SUMMARIES
from gitbot.language.json_schemas import json_schema
from gitbot.language.problems import Problems
from gitbot.language.templates import FUNCTIONS
from gitbot.language.yaml12 import parse
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, load_files

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "specs.md").read_text()
EXAMPLES = sorted((ROOT / "specs").rglob("*.yaml"))


def documents(path: Path) -> list[object]:
    problems = Problems(file=path.name)
    found = [node.plain() for node in parse(path.read_text(), problems)]
    assert problems.found == []
    return found


def keys_of(shape: fields.Shape) -> Iterator[tuple[str, fields.Shape]]:
    match shape:
        case field_shapes.Record():
            for key, one in shape.fields.items():
                yield key, one.shape
                yield from keys_of(one.shape)
        case field_shapes.MapOf():
            yield from keys_of(shape.value)
        case field_shapes.ListOf():
            yield from keys_of(shape.item)
        case _:
            return


def test_every_code_is_documented_with_its_summary_and_no_other_is() -> None:
    section = DOCUMENT.split("\n## Diagnostics\n")[1]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| ([^|]+) \| [^|]+ \|$", section, re.MULTILINE)
    assert dict(rows) == dict(SUMMARIES)
    assert [code for code, _ in rows] == sorted(SUMMARIES), "one row a code, by the alphabet"


def test_every_code_is_used_and_every_used_one_exists() -> None:
    used: set[str] = set()
    sources = [
        *(ROOT / "gitbot" / "language").rglob("*.py"),
        ROOT / "gitbot/adapters/loader/deaths.py",
    ]
    for source in sources:
        if source.name == "codes.py":
            continue
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used.add(node.value)
    assert set(SUMMARIES) <= used


@pytest.mark.parametrize("kind", fields.KINDS)
def test_every_field_that_is_served_is_documented(kind: str) -> None:
    served = {
        key
        for key, shape in keys_of(fields.KINDS[kind])
        if not isinstance(shape, field_shapes.Later)
    }
    missing = {key for key in served if not re.search(rf"\b{key}\b", DOCUMENT)}
    assert missing == set()


def test_fields_that_come_later_are_not_documented_as_if_they_were_there() -> None:
    served = {
        key
        for record in fields.KINDS.values()
        for key, shape in keys_of(record)
        if not isinstance(shape, field_shapes.Later)
    }
    later = {
        key
        for record in fields.KINDS.values()
        for key, shape in keys_of(record)
        if isinstance(shape, field_shapes.Later)
    } - served
    before, section = DOCUMENT.split("\n## Not in this version\n")
    section, after = section.split("\n## ", 1)
    assert {key for key in later if f"`{key}`" in before + after} == set()
    told = section.replace("lifecycle.", "")
    assert {key for key in (*later, *fields.LATER_KINDS) if f"`{key}`" not in told} == set()


def test_every_function_and_reserved_word_is_documented() -> None:
    assert {name for name in FUNCTIONS if not re.search(rf"`{name}[`(]", DOCUMENT)} == set()
    assert {word for word in fields.CEL_WORDS if f"`{word}`" not in DOCUMENT} == set()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_examples_satisfy_the_json_schema_of_their_kind(path: Path) -> None:
    for document in documents(path):
        assert isinstance(document, dict)
        jsonschema.Draft202012Validator(json_schema(document["kind"])).validate(document)
        jsonschema.Draft202012Validator(json_schema()).validate(document)


@pytest.mark.parametrize("kind", [None, *fields.KINDS])
def test_the_json_schema_is_one(kind: str | None) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(kind))


STACKS = [
    "  resources: {}\n",
    "  resources: {}\n  ttl: 3h\n",
    "  resources: {}\n  valuez: {}\n",
    "  resources: []\n",
    "  {}\n",
    "  resources: {a: {type: Test::Box, properties: {Name: a}}}\n",
    "  resources: {a: {type: 5}}\n",
    "  resources: {a: {type: Test::Box, properties: {Name: a}, lifecycle: {replace: never}}}\n",
    "  resources: {A: {type: Test::Box, properties: {Name: a}}}\n",
    "  resources: {}\n  outputs: {a: 1, b: {value: 2, sensitive: false}}\n",
    "  resources: {}\n  outputs: {b: {valu: 2}}\n",
    "  resources: {}\n  variables: {a: {type: list, default: []}}\n",
    "  resources: {}\n  variables: {a: {type: nothing, default: []}}\n",
    "  resources: {a: {module: 3}}\n",
    "  resources: {a: {}}\n",
    "  locals: {a: 1}\n  resources: {}\n",
    "  resources: {}\n  variables: {a: {type: list<string>, default: []}}\n",
    "  resources:\n  variables:\n",
]


@pytest.mark.parametrize("spec", STACKS)
def test_the_json_schema_and_the_loader_agree(spec: str) -> None:
    text = HEAD + spec
    (node,) = parse(text, Problems(file="a"))
    by_schema = jsonschema.Draft202012Validator(json_schema("Stack")).is_valid(node.plain())
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/a.yaml": text})
    assert by_schema == (loaded.diagnostics == ())
