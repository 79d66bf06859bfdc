"""The patch of an update: what differs, what is sent again, and what is never sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.model.cloud import Operation
from gitbot.model.names import Address
from gitbot.model.requests import Requests
from gitbot.model.schema import Route, TagShape, TypeSchema
from gitbot.model.values import Redacted
from gitbot.providers.aws.cloud_control.facts import Tagging
from gitbot.providers.aws.cloud_control.normalising import Normaliser
from gitbot.providers.aws.cloud_control.patch import ownership_patch, patch_of, shaped

TEXT = {"type": "string"}
PROPERTIES = {
    "Name": TEXT,
    "Size": {"type": "integer"},
    "Login": {
        "type": "object",
        "properties": {"User": TEXT, "Password": TEXT, "Seed": TEXT},
    },
    "Secret": TEXT,
    "Rules": {
        "type": "array",
        "items": {"type": "object", "properties": {"Port": {"type": "integer"}, "Key": TEXT}},
    },
    "Zones": {"type": "array", "items": TEXT},
    "Document": {"type": ["object", "string"]},
    "Options": {"type": "object", "additionalProperties": TEXT},
    "Tags": {"type": "array", "items": {"properties": {"Key": TEXT, "Value": TEXT}}},
}
SCHEMA = TypeSchema(
    name="Test::One::Thing",
    route=Route.CLOUD_CONTROL,
    create_only=("/Name", "/Login/Seed"),
    write_only=("/Login/Password", "/Login/Seed", "/Secret", "/Rules/*/Key"),
    sets=frozenset({"/Zones"}),
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
    requests=Requests(resends=frozenset({"Login", "Secret", "Rules"})),
    normalise=Normaliser({"properties": PROPERTIES}),
    json_schema={"properties": PROPERTIES},
)
TAGGING = Tagging(property="Tags", shape=TagShape.LIST, at_creation=True, later=True)


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key.replace("__", ":"), "Value": value} for key, value in pairs.items()]


def operation(
    properties: Mapping[str, Any], recorded: Mapping[str, Any], changed: str, removed: str = ""
) -> Operation:
    return Operation(
        token="op",
        address=Address("it"),
        type=SCHEMA.name,
        route=Route.CLOUD_CONTROL,
        properties=properties,
        recorded=recorded,
        changed=frozenset(changed.split()),
        removed=frozenset(removed.split()),
        deadline=datetime(2026, 1, 1, tzinfo=UTC),
    )


CASES: Mapping[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str, str, list[Any]]] = {
    # name: desired, recorded, observed, changed, removed, patch
    "a scalar is replaced": (
        {"Size": 2},
        {"Size": 1},
        {"Size": 1, "Name": "n"},
        "Size",
        "",
        [{"op": "replace", "path": "/Size", "value": 2}],
    ),
    "what AWS does not show is added": (
        {"Size": 2},
        {},
        {},
        "Size",
        "",
        [{"op": "add", "path": "/Size", "value": 2}],
    ),
    "what equals by the schema is not sent": (
        {"Size": "2"},
        {"Size": 1},
        {"Size": 2},
        "Size",
        "",
        [],
    ),
    "a property that left the spec is removed": (
        {},
        {"Size": 1},
        {"Size": 1},
        "",
        "Size",
        [{"op": "remove", "path": "/Size"}],
    ),
    "what is gone already is not removed again": ({}, {"Size": 1}, {}, "", "Size", []),
    "a key that others have set in a map stays": (
        {"Options": {"a": "2"}},
        {"Options": {"a": "1"}},
        {"Options": {"a": "1", "b": "x"}},
        "Options",
        "",
        [{"op": "replace", "path": "/Options/a", "value": "2"}],
    ),
    "a key that left the spec is removed from its map": (
        {"Options": {"a": "1"}},
        {"Options": {"a": "1", "b": "1"}},
        {"Options": {"a": "1", "b": "1", "c": "1"}},
        "Options",
        "",
        [{"op": "remove", "path": "/Options/b"}],
    ),
    "a slash and a tilde in a key are escaped": (
        {"Options": {"a/b~c": "2"}},
        {},
        {"Options": {}},
        "Options",
        "",
        [{"op": "add", "path": "/Options/a~1b~0c", "value": "2"}],
    ),
    "a set is sent whole, whatever its order": (
        {"Zones": ["a", "c"]},
        {"Zones": ["a", "b"]},
        {"Zones": ["b", "a"]},
        "Zones",
        "",
        [{"op": "replace", "path": "/Zones", "value": ["a", "c"]}],
    ),
    "a set in another order is the same set": (
        {"Zones": ["a", "b"]},
        {},
        {"Zones": ["b", "a"]},
        "Zones",
        "",
        [],
    ),
    "a document as text is sent as text": (
        {"Document": '{"a": 2}'},
        {},
        {"Document": {"a": 1}},
        "Document",
        "",
        [{"op": "replace", "path": "/Document", "value": '{"a": 2}'}],
    ),
    "a document that says the same is not sent": (
        {"Document": '{"a": 1, "b": 2}'},
        {},
        {"Document": {"b": 2, "a": 1}},
        "Document",
        "",
        [],
    ),
    "what nobody can read comes with every step": (
        {"Size": 2, "Secret": "s"},
        {"Size": 1, "Secret": "s"},
        {"Size": 1},
        "Size",
        "",
        [
            {"op": "replace", "path": "/Size", "value": 2},
            {"op": "add", "path": "/Secret", "value": "s"},
        ],
    ),
    "what nobody can read is not sent when nothing changes": (
        {"Size": 1, "Secret": "s"},
        {"Size": 1, "Secret": "s"},
        {"Size": 1},
        "Size",
        "",
        [],
    ),
    "a new value of what nobody can read is sent": (
        {"Secret": "new"},
        {"Secret": Redacted(digest="d", key_id="k")},
        {},
        "Secret",
        "",
        [{"op": "add", "path": "/Secret", "value": "new"}],
    ),
    "a hidden key goes into the map that AWS shows": (
        {"Size": 2, "Login": {"User": "ada", "Password": "p"}},
        {},
        {"Size": 1, "Login": {"User": "ada"}},
        "Size",
        "",
        [
            {"op": "replace", "path": "/Size", "value": 2},
            {"op": "add", "path": "/Login/Password", "value": "p"},
        ],
    ),
    "a map that AWS does not show at all goes whole, without what only a creation takes": (
        {"Size": 2, "Login": {"Password": "p", "Seed": "x"}},
        {},
        {"Size": 1},
        "Size",
        "",
        [
            {"op": "replace", "path": "/Size", "value": 2},
            {"op": "add", "path": "/Login", "value": {"Password": "p"}},
        ],
    ),
    "a hidden key inside a list sends the list": (
        {"Size": 2, "Rules": [{"Port": 1, "Key": "k"}]},
        {},
        {"Size": 1, "Rules": [{"Port": 1}]},
        "Size",
        "",
        [
            {"op": "replace", "path": "/Size", "value": 2},
            {"op": "replace", "path": "/Rules", "value": [{"Port": 1, "Key": "k"}]},
        ],
    ),
    "what can only be set at creation is never sent": (
        {"Name": "new", "Size": 2},
        {"Name": "old"},
        {"Name": "old", "Size": 1},
        "Name Size",
        "",
        [{"op": "replace", "path": "/Size", "value": 2}],
    ),
    "tags of others and of ownership stay, and AWS's own are not sent": (
        {"Tags": tags(owner="ml")},
        {"Tags": tags(owner="x", old="1")},
        {"Tags": tags(owner="x", old="1", theirs="1", gitbot__stack="s", aws__cf="1")},
        "Tags",
        "",
        [
            {
                "op": "replace",
                "path": "/Tags",
                "value": tags(gitbot__stack="s", owner="ml", theirs="1"),
            }
        ],
    ),
    "tags that left the spec go, those of others stay": (
        {},
        {"Tags": tags(owner="x")},
        {"Tags": tags(owner="x", theirs="1")},
        "",
        "Tags",
        [{"op": "replace", "path": "/Tags", "value": tags(theirs="1")}],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_patch_holds_what_differs(case: str) -> None:
    desired, recorded, observed, changed, removed, patch = CASES[case]
    asked = operation(desired, recorded, changed, removed)
    assert patch_of(SCHEMA, TAGGING, asked, observed) == patch


def test_ownership_tags_come_beside_the_object_s_own() -> None:
    asked = replace(operation({"Secret": "s"}, {}, ""), ownership={"gitbot:stack": "dev/a"})
    observed = {"Tags": tags(theirs="1", aws__x="1")}
    assert ownership_patch(SCHEMA, TAGGING, asked, observed) == [
        {"op": "replace", "path": "/Tags", "value": tags(gitbot__stack="dev/a", theirs="1")},
        {"op": "add", "path": "/Secret", "value": "s"},
    ]
    owned = {"Tags": tags(gitbot__stack="dev/a")}
    assert ownership_patch(SCHEMA, TAGGING, asked, owned) == []


def test_tags_as_a_map_are_sent_as_a_map() -> None:
    tagging = replace(TAGGING, shape=TagShape.MAP)
    schema = replace(SCHEMA, tag_shape=TagShape.MAP)
    asked = operation({"Tags": {"a": "2"}}, {"Tags": {"a": "1"}}, "Tags")
    observed = {"Tags": {"a": "1", "gitbot:stack": "s"}}
    assert patch_of(schema, tagging, asked, observed) == [
        {"op": "replace", "path": "/Tags", "value": {"a": "2", "gitbot:stack": "s"}}
    ]


def test_a_tag_without_a_value_gets_none_where_the_type_wants_none() -> None:
    tags = {"a": "", "b": "x"}
    assert shaped(tags, TAGGING) == [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "x"}]
    assert shaped(tags, replace(TAGGING, bare=True)) == [{"Key": "a"}, {"Key": "b", "Value": "x"}]
