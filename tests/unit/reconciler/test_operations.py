"""Tests for what a mutation sends, and what is read before a plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.model.desired import Lifecycle
from gitbot.model.names import Address
from gitbot.model.requests import Requests
from gitbot.model.schema import Removal, TypeSchema
from gitbot.model.values import Sensitive, redact
from gitbot.reconciler.compare import compare
from gitbot.reconciler.operations import operation_properties, split_by_restart, storable
from gitbot.reconciler.reading import read_requests
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    MACHINE,
    REDACT,
    TYPES,
    deposed,
    record,
    resource,
    stack,
    state,
)


def operation(
    schema: TypeSchema,
    desired: Mapping[str, Any],
    recorded: Mapping[str, Any],
    observed: Mapping[str, Any],
    ignore: tuple[str, ...] = (),
) -> tuple[dict[str, Any], set[str], set[str]]:
    paths = compare(
        schema,
        desired=desired,
        recorded=recorded,
        observed=observed,
        ignore=ignore,
        redactor=REDACT,
    )
    properties, changed, removed = operation_properties(
        schema, desired, paths, observed=observed, ignore=ignore
    )
    return properties, set(changed), set(removed)


def test_an_operation_is_revealed_and_names_its_changed_properties() -> None:
    sent = operation(
        MACHINE, {"Size": "l", "Password": Sensitive("p")}, {"Size": "s"}, {"Size": "s"}
    )
    assert sent == ({"Size": "l", "Password": "p"}, {"Size", "Password"}, set())


def test_a_removed_property_is_sent_with_its_default_or_deleted() -> None:
    was = {"Versioning": {"Status": "Enabled"}, "Lifecycle": {"Rules": [{"Id": "a"}]}}
    assert operation(
        BUCKET, {"BucketName": "b"}, {"BucketName": "b", **was}, {"BucketName": "b", **was}
    ) == (
        {"BucketName": "b", "Versioning": {"Status": "Suspended"}},
        {"Versioning"},
        {"Lifecycle"},
    )


def test_a_default_that_only_the_cloud_knows_is_left_to_the_handler() -> None:
    """A removal and a declared list with the same rules are two things to the handler."""
    removal = Removal(default=["all"], says="everything is open", asked=True)
    schema = replace(GROUP, removals={"/Ingress": removal})
    was = {"Ingress": ["one"]}
    assert operation(schema, {}, was, was) == ({}, set(), {"Ingress"})
    assert operation(schema, {"Ingress": ["all"]}, was, was) == (
        {"Ingress": ["all"]},
        {"Ingress"},
        set(),
    )


def test_a_removed_nested_default_is_put_at_its_place() -> None:
    was = {"Versioning": {"Status": "Enabled", "X": 1}}
    assert operation(BUCKET, {"Versioning": {"X": 1}}, was, was) == (
        {"Versioning": {"X": 1, "Status": "Suspended"}},
        {"Versioning"},
        set(),
    )


def test_removing_the_last_tag_sends_empty_tags() -> None:
    was = {"Tags": [{"Key": "a", "Value": "1"}]}
    assert operation(BUCKET, {}, was, was) == ({"Tags": []}, {"Tags"}, set())
    assert operation(MACHINE, {}, {"Tags": {"a": "1"}}, {"Tags": {"a": "1"}}) == (
        {"Tags": {}},
        {"Tags"},
        set(),
    )


def test_an_ignored_path_is_sent_as_observed() -> None:
    sent = operation(
        BUCKET,
        {"Lifecycle": {"Rules": [{"Id": "a", "N": 1, "M": 1}]}},
        {},
        {"Lifecycle": {"Rules": [{"Id": "a", "N": 9, "M": 9}]}},
        ("/Lifecycle/Rules/0/N",),
    )
    assert sent == ({"Lifecycle": {"Rules": [{"Id": "a", "N": 9, "M": 1}]}}, {"Lifecycle"}, set())


def test_an_ignored_tag_is_sent_as_observed() -> None:
    sent = operation(
        BUCKET,
        {"Tags": [{"Key": "a", "Value": "spec"}, {"Key": "b", "Value": "new"}]},
        {},
        {"Tags": [{"Key": "a", "Value": "cloud"}, {"Key": "b", "Value": "former"}]},
        ("/Tags/a",),
    )
    assert sent[0] == {"Tags": [{"Key": "a", "Value": "cloud"}, {"Key": "b", "Value": "new"}]}


def test_what_a_tag_says_beside_its_value_is_sent_with_it() -> None:
    sent = operation(
        BUCKET,
        {"Tags": [{"Key": "a", "Value": "1", "At": True}, {"Key": "b", "Value": "1", "At": True}]},
        {},
        {"Tags": [{"Key": "a", "Value": "2", "At": False}, {"Key": "b", "Value": "2"}]},
        ("/Tags/a",),
    )
    wanted = [{"Key": "a", "Value": "2", "At": False}, {"Key": "b", "Value": "1", "At": True}]
    assert sent[0] == {"Tags": wanted}


def test_an_ignored_key_that_the_cloud_lacks_is_not_sent() -> None:
    sent = operation(GROUP, {"A": {"x": 1, "y": 2}}, {}, {"A": {"y": 1}}, ("/A/x",))
    assert sent == ({"A": {"y": 2}}, {"A"}, set())


# --- reading -------------------------------------------------------------------------------------


def test_everything_recorded_is_read_for_what_either_spec_declares() -> None:
    requests = read_requests(
        stack(resource("g", GROUP, {"Ingress": []})),
        state(record("g", GROUP, {"Tags": []}), record("old", BUCKET, {"BucketName": "b"})),
        TYPES.get,
    )
    assert [(r.address, r.remote_id, set(r.surfaces)) for r in requests] == [
        ("g", "id-g", {"Ingress", "Tags"}),
        ("old", "id-old", {"BucketName"}),
    ]


def test_a_moved_resource_is_read_under_its_new_address() -> None:
    (request,) = read_requests(
        stack(resource("new", GROUP, lifecycle=Lifecycle(moved=Address("g")))),
        state(record("g", GROUP)),
        TYPES.get,
    )
    assert (request.address, request.remote_id) == ("new", "id-g")


def test_an_object_to_adopt_is_read_once_by_its_identifier() -> None:
    wanted = stack(resource("g", GROUP, {"Ingress": []}, lifecycle=Lifecycle(import_id="sg-7")))
    (request,) = read_requests(wanted, state(), TYPES.get)
    assert (request.remote_id, set(request.surfaces)) == ("sg-7", {"Ingress"})
    (request,) = read_requests(wanted, state(record("g", GROUP)), TYPES.get)
    assert request.remote_id == "id-g"


def test_new_resources_and_deposed_objects_are_not_read() -> None:
    assert (
        read_requests(stack(resource("g", GROUP)), state(deposed=(deposed("g", "op"),)), TYPES.get)
        == ()
    )


def test_a_plan_that_deletes_everything_reads_the_recorded_objects() -> None:
    assert len(read_requests(None, state(record("g", GROUP)), TYPES.get)) == 1


def an_update(
    properties: Mapping[str, Any], *changed: str, removed: Collection[str] = ()
) -> Operation:
    return Operation(
        token="t",
        address=Address("vm"),
        type=MACHINE.name,
        route=MACHINE.route,
        properties=properties,
        changed=frozenset(changed),
        removed=frozenset(removed),
        deadline=datetime(2030, 1, 1, tzinfo=UTC),
    )


def test_an_update_is_split_into_what_needs_a_stop_and_what_does_not() -> None:
    schema = replace(MACHINE, restarts=frozenset({"/Size", "/Boot"}))
    whole = an_update({"Size": "l", "Name": "n"}, "Size", "Name", removed={"Boot", "Notes"})
    at_once, stopped = split_by_restart(whole, schema)
    assert (at_once.changed, at_once.removed) == ({"Name"}, {"Notes"})
    assert (stopped.changed, stopped.removed) == ({"Size"}, {"Boot"})
    assert at_once.properties == stopped.properties == whole.properties
    assert split_by_restart(whole, None)[0] == whole


def test_an_intent_never_keeps_a_secret_of_an_update() -> None:
    sent = {"Size": "l", "Password": "p", "Tags": [{"Key": "a", "Value": "p"}], "Name": "n"}
    recorded = redact(
        {
            "Size": "l",
            "Password": Sensitive("p"),
            "Tags": [{"Key": "a", "Value": Sensitive("p")}],
            "Name": "n",
        },
        REDACT,
    )
    asked = an_update(sent, "Tags", "Size", "Password", "Gone", removed={"Old"})
    assert storable(asked, recorded, None) == (
        {"Size": "l"},
        ("Gone", "Password", "Tags"),
        ("Old",),
    )
    # Without the password, the call that sends both would take it away.
    together = replace(
        MACHINE, requests=Requests(together=(frozenset({"Password", "Size", "Old"}),))
    )
    assert storable(asked, recorded, together) == (
        {},
        ("Gone", "Old", "Password", "Size", "Tags"),
        (),
    )


def test_an_intent_keeps_the_sent_values_and_not_the_desired_ones() -> None:
    # The default of a removed property, and the observed value of an ignored one.
    asked = an_update({"Size": "s", "Mode": "off"}, "Size", "Mode")
    assert storable(asked, {"Size": "l"}, None) == ({"Mode": "off", "Size": "s"}, (), ())
