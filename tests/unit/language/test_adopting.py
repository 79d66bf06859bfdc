"""Objects that exist become resources that import them, with references where one gives what another needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import yaml

from gitbot.language.adopting import Existing, write_existing
from gitbot.model.names import RemoteId
from gitbot.model.schema import Route, SelfReference, TagShape, TypeSchema

BOX = TypeSchema(
    name="Test::Box",
    route=Route.NATIVE,
    read_only=("/Arn",),
    primary_identifier=("/Name",),
    handled=frozenset({"/Name", "/Uses", "/Tags", "/Open/*/From"}),
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
)


def box(name: str, **properties: Any) -> Existing:
    given = {"Name": name, "Arn": f"arn:{name}", **properties}
    return Existing(remote_id=RemoteId(name), properties=given, schema=BOX)


def written(*objects: Existing) -> dict[str, Any]:
    document = yaml.safe_load(write_existing("made", objects))
    assert document["metadata"] == {"name": "made"}
    found: dict[str, Any] = document["spec"]["resources"]
    return found


def test_what_the_cloud_sets_is_left_out() -> None:
    tags = [{"Key": "owner", "Value": "a"}, {"Key": "aws:x", "Value": "b"}]
    made = written(box("data", Tags=tags, Secret="s", Open=[], Uses=None))
    assert made == {
        "data": {
            "type": "Test::Box",
            "properties": {"Name": "data", "Tags": [{"Key": "owner", "Value": "a"}]},
            "lifecycle": {"import": "data"},
        }
    }


def test_references_stand_where_another_gives_the_value() -> None:
    made = written(box("data"), box("logs", Uses=["arn:data", "data", "arn:other", "a${b}"]))
    uses = made["logs"]["properties"]["Uses"]
    assert uses == ["${data.Arn}", "${data.Name}", "arn:other", "a$${b}"]


def test_a_circle_is_broken_and_tags_stay_texts() -> None:
    tags = [{"Key": "source", "Value": "arn:logs"}]
    made = written(box("data", Uses=["arn:logs"], Tags=tags), box("logs", Uses=["arn:data"]))
    assert made["data"]["properties"]["Uses"] == ["${logs.Arn}"]
    assert made["data"]["properties"]["Tags"] == tags
    assert made["logs"]["properties"]["Uses"] == ["arn:data"]


def test_keys_come_from_names_and_differ() -> None:
    named = [{"Key": "Name", "Value": "My Box"}]
    made = written(
        box("one", Tags=named),
        box("two", Tags=named),
        box("three", Tags=named),
        box("9-x"),
        box("env"),
    )
    assert list(made) == ["my_box", "box_my_box", "box_my_box_2", "box_9_x", "box_env"]


def test_an_object_that_names_itself_does_so_by_its_key() -> None:
    itself = SelfReference(
        attributes=frozenset({"Id", "Name"}), within=frozenset({"Uses"}), word="self"
    )
    one = Existing(
        remote_id=RemoteId("data"),
        properties={"Name": "self", "Uses": [{"Of": "self"}]},
        schema=replace(BOX, itself=itself),
    )
    assert written(one)["data"]["properties"] == {"Name": "self", "Uses": [{"Of": "${data.Name}"}]}
