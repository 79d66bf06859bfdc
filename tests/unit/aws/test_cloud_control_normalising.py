"""Values that say the same by the type's schema become the same value."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.model.values import Redacted, Sensitive, Unknown
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.cloud_control.normalising import Normaliser

SCHEMA = {
    "properties": {
        "Count": {"type": "integer"},
        "Share": {"type": "number"},
        "On": {"type": "boolean"},
        "Name": {"type": "string"},
        "Either": {"type": ["string", "integer"]},
        "Document": {"type": ["object", "string"]},
        "Text": {"type": "string"},
        "Nested": {"$ref": "#/definitions/Nested"},
        "Map": {"type": "object", "patternProperties": {"^[a-z]+$": {"type": "integer"}}},
        "One": {"oneOf": [{"properties": {"Port": {"type": "integer"}}}]},
        "Folded": {"type": "string"},
        "Joined": {"type": "string"},
    },
    "definitions": {
        "Nested": {
            "type": "object",
            "properties": {"Items": {"type": "array", "items": {"$ref": "#/definitions/Item"}}},
        },
        "Item": {"type": "object", "properties": {"Port": {"type": "integer"}}},
    },
    "propertyTransform": {
        "/properties/Folded": "$lowercase(Folded)",
        "/properties/Joined": '$join([Joined, "x"])',
    },
}
HIDDEN = Redacted(digest="d", key_id="k")


@pytest.mark.parametrize(
    ("name", "value", "is_"),
    [
        ("Count", "1", 1),
        ("Count", "many", "many"),
        ("Share", "0.5", 0.5),
        ("On", "true", True),
        ("On", "False", False),
        ("On", "maybe", "maybe"),
        ("Name", 1, "1"),
        ("Name", True, "true"),
        ("Either", "1", "1"),
        ("Either", 1, 1),
        ("Document", '{"a": "1"}', {"a": "1"}),
        ("Document", "plain", "plain"),
        ("Document", "{broken", "{broken"),
        ("Text", '{"a": 1}', '{"a": 1}'),
        (
            "Nested",
            {"Items": [{"Port": "80"}, {"Other": "80"}]},
            {"Items": [{"Port": 80}, {"Other": "80"}]},
        ),
        ("Map", {"a": "1", "B": "1"}, {"a": 1, "B": "1"}),
        ("One", {"Port": "1"}, {"Port": 1}),
        ("Folded", "Runs", "runs"),
        ("Joined", "Runs", "Runs"),
        (
            "Count",
            Unknown(template="${a.B}", references={}),
            Unknown(template="${a.B}", references={}),
        ),
        ("Count", Sensitive("1"), Sensitive(1)),
        ("Document", Sensitive('{"a": "1"}'), Sensitive({"a": "1"})),
        ("Folded", Sensitive("Runs"), Sensitive("runs")),
        ("Count", HIDDEN, HIDDEN),
        ("Foreign", "1", "1"),
    ],
)
def test_a_value_takes_the_form_of_its_schema(name: str, value: Any, is_: Any) -> None:
    found = Normaliser(SCHEMA)({name: value})[name]
    assert (found, type(found)) == (is_, type(is_))


def test_a_definition_that_contains_itself_ends() -> None:
    schema = {
        "properties": {"Tree": {"$ref": "#/definitions/Node"}},
        "definitions": {"Node": {"properties": {"Next": {"$ref": "#/definitions/Node"}}}},
    }
    tree: Any = {}
    for _ in range(60):
        tree = {"Next": tree}
    assert Normaliser(schema)({"Tree": tree}) == {"Tree": tree}


def test_real_schemas_say_what_numbers_are() -> None:
    schema = open_catalog().lookup("AWS::KinesisFirehose::DeliveryStream")
    assert schema is not None
    assert schema.normalise is not None
    hints = {"ExtendedS3DestinationConfiguration": {"BufferingHints": {"SizeInMBs": "5"}}}
    shown = {"ExtendedS3DestinationConfiguration": {"BufferingHints": {"SizeInMBs": 5}}}
    assert schema.normalise(hints) == shown
