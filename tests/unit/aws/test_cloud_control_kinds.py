"""What the schemas of the registry say of types that Cloud Control serves."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitbot.model.cloud import Operation
from gitbot.model.names import Address
from gitbot.model.schema import Route, TagShape
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.cloud_control.kinds import Kind, kind_of

CATALOG = open_catalog()
OTHERS = sorted({*CATALOG.served_names()} - {*CATALOG.native_names()})
OWNERSHIP = {"gitbot:operation": "op", "gitbot:stack": "dev/a"}
SECRETIVE = re.compile(
    r"(secret|password|privatekey|presharedkey|authtoken|apikey|streamkey|billingtoken)$", re.I
)


def kind(name: str) -> Kind:
    schema = CATALOG.lookup(name)
    assert schema is not None
    return kind_of(schema)


def creating(name: str, **properties: Any) -> Operation:
    return Operation(
        token="op",
        address=Address("it"),
        type=name,
        route=Route.CLOUD_CONTROL,
        properties=properties,
        ownership=OWNERSHIP,
        deadline=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_types_with_handlers_are_served_and_others_are_not() -> None:
    assert len(OTHERS) > 1600
    unserved = {*CATALOG.names()} - {*CATALOG.served_names()}
    assert 0 < len(unserved) < 150
    for name in (*OTHERS[::40], *sorted(unserved)[::20]):
        schema = CATALOG.lookup(name)
        assert schema is not None
        handlers = {"create", "read", "delete"} <= set(schema.json_schema["handlers"])
        assert schema.served is handlers is (name in OTHERS), name
        assert (CATALOG.cloud_control_handler(name) is None) is (name in unserved)


@pytest.mark.parametrize(
    ("name", "properties", "sent"),
    [
        (
            "AWS::Athena::WorkGroup",
            {"Name": "a"},
            [{"Key": "gitbot:operation", "Value": "op"}, {"Key": "gitbot:stack", "Value": "dev/a"}],
        ),
        ("AWS::Batch::SchedulingPolicy", {"Name": "a"}, OWNERSHIP),
    ],
)
def test_ownership_tags_come_with_the_creation(name: str, properties: Any, sent: Any) -> None:
    state = json.loads(kind(name).desired_state(creating(name, **properties)))
    assert state == {**properties, "Tags": sent}


@pytest.mark.parametrize(
    "name", ["AWS::SSO::Application", "AWS::SSMContacts::Contact", "AWS::RoboMaker::Robot"]
)
def test_a_type_whose_tags_take_no_colon_gets_no_ownership_tags(name: str) -> None:
    found = kind(name)
    assert found.tagging is not None
    assert not found.tagging.at_creation
    assert "gitbot:" not in found.desired_state(creating(name, Name="a"))
    assert found.schema.requests.traceless


def test_the_tags_of_a_type_are_where_its_schema_says() -> None:
    vault = kind("AWS::Backup::BackupVault").tagging
    assert vault is not None
    assert (vault.property, vault.shape) == ("BackupVaultTags", TagShape.MAP)


@pytest.mark.parametrize(
    ("name", "properties", "key"),
    [
        ("AWS::Athena::WorkGroup", {"Name": "runs"}, "runs"),
        ("AWS::Athena::WorkGroup", {}, None),
        ("AWS::AppConfig::Application", {"Name": "runs"}, '{"Name":"runs"}'),
        (
            "AWS::Athena::PreparedStatement",
            {"StatementName": "s", "WorkGroup": "w"},
            "s|w",
        ),
        ("AWS::Athena::PreparedStatement", {"StatementName": "s"}, None),
    ],
)
def test_an_object_is_looked_up_by_what_the_spec_names(
    name: str, properties: Any, key: Any
) -> None:
    assert kind(name).key_of(properties) == key


def test_a_type_is_listed_by_its_parent_where_aws_wants_one() -> None:
    assert kind("AWS::AccessAnalyzer::ArchiveRule").asked_to_list == ("AnalyzerName",)
    assert kind("AWS::Athena::WorkGroup").asked_to_list == ()


def test_a_mutation_may_take_as_long_as_the_handler_may() -> None:
    schema = kind("AWS::Athena::WorkGroup").schema
    assert schema.requests.timeouts.create == timedelta(hours=2)
    longer = [
        one
        for name in OTHERS
        if (one := CATALOG.lookup(name)) and one.requests.timeouts.create != timedelta(hours=2)
    ]
    assert len(longer) > 50


def test_no_attribute_of_any_type_gives_a_secret_away() -> None:
    """The kind: a key that AWS makes up, and that state would keep in the clear."""
    told = {
        f"{name} {path}"
        for name in OTHERS
        if (schema := CATALOG.lookup(name))
        for path in schema.read_only
        if SECRETIVE.search(path) and path not in schema.requests.hidden
    }
    assert told == set()


def test_a_secret_attribute_is_not_even_read() -> None:
    client = kind("AWS::Cognito::UserPoolClient")
    assert client.without_secrets({"ClientId": "c", "ClientSecret": "s"}) == {"ClientId": "c"}


def test_a_value_that_nobody_can_read_is_missed_where_it_would_be_lost() -> None:
    name = next(one for one in OTHERS if kind(one).schema.requests.resends)
    found = kind(name)
    hidden = sorted(found.schema.requests.resends)[0]
    asked = creating(name)
    assert found.withheld(asked) == ()
    known = replace(asked, recorded={hidden: "x"})
    assert found.withheld(known) == (hidden,)
    assert found.withheld(replace(known, removed=frozenset({hidden}))) == ()
    assert found.withheld(replace(known, properties={hidden: "x"})) == ()
