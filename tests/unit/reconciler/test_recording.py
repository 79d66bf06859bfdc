"""Tests for what state records: after failures, of secrets, and of objects that were found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found
from gitbot.model.recorded import Intent, IntentKind, RecordedResource
from gitbot.model.schema import Route, TagShape, TypeSchema
from gitbot.model.values import Redacted
from gitbot.reconciler.partial import after_failed_update, after_refused_follow_up
from gitbot.reconciler.recording import is_ours, observed_record, resumable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = Redacted(digest="d", key_id="k")
SCHEMA = TypeSchema(
    name="AWS::X::Y",
    route=Route.NATIVE,
    tags_path="/Tags",
    tag_shape=TagShape.LIST,
    open_lists=frozenset({"/Disks"}),
    identities={"/Disks": ("Name",)},
)


def record(**properties: Any) -> RecordedResource:
    return RecordedResource(
        address=Address("thing"),
        type="AWS::X::Y",
        remote_id=RemoteId("y-1"),
        properties=properties,
        account="1",
        region="r",
    )


def after(old: dict[str, Any], new: dict[str, Any], observed: dict[str, Any]) -> Any:
    return after_failed_update(record(**old), record(**new), observed, SCHEMA).properties


def test_a_failed_update_records_what_was_done_and_nothing_else() -> None:
    assert after({"A": 1, "B": 1}, {"A": 2, "B": 2}, {"A": 2, "B": 1}) == {"A": 2, "B": 1}


def test_a_property_that_was_added_stays_managed_once_it_is_there() -> None:
    assert after({}, {"New": {"On": True}}, {"New": {"On": True, "ByCloud": 1}}) == {
        "New": {"On": True}
    }
    assert after({}, {"New": 1}, {}) == {}


def test_the_tags_of_others_do_not_become_managed() -> None:
    mine, theirs = {"Key": "mine", "Value": "1"}, {"Key": "theirs", "Value": "1"}
    added = {"Key": "added", "Value": "1"}
    observed = {"Tags": [mine, theirs, added]}
    assert after({"Tags": [mine]}, {"Tags": [added]}, observed) == {"Tags": [mine, added]}


def test_elements_that_the_cloud_adds_to_an_open_list_do_not_become_managed() -> None:
    root, extra = {"Name": "root", "Size": 20}, {"Name": "extra", "Size": 8}
    old, new = {"Disks": [{"Name": "root", "Size": 10}]}, {"Disks": [root]}
    assert after(old, new, {"Disks": [root, extra]}) == {"Disks": [root]}


def test_inside_lists_only_declared_keys_are_managed() -> None:
    assert after({}, {"Rules": [{"Id": "a"}]}, {"Rules": [{"Id": "a", "Status": "Enabled"}]}) == {
        "Rules": [{"Id": "a"}]
    }


def test_a_secret_never_comes_back_from_the_cloud_into_state() -> None:
    old, new = {"Data": SECRET}, {"Data": SECRET, "A": 1}
    failed = after_failed_update(
        record(**old), record(**new), {"Data": "in the clear", "A": 1}, SCHEMA
    )
    assert failed.properties == {"Data": SECRET, "A": 1}
    assert "in the clear" not in repr(failed)
    assert "in the clear" not in repr(observed_record(record(**old), {"Data": "in the clear"}))


def test_what_a_refused_call_may_have_set_of_a_secret_is_not_recorded_either() -> None:
    """The kind: the spec's value is sensitive, and the record does not manage the property yet."""
    seen = {"Data": "in the clear", "A": 1}
    for partial in (
        after_failed_update(record(Data="old"), record(Data=SECRET), seen, SCHEMA),
        after_failed_update(record(), record(Data=[{"b": SECRET}]), seen, SCHEMA),
        after_failed_update(record(Data=SECRET), record(Data="new"), seen, SCHEMA),
        after_refused_follow_up(record(Data=SECRET), seen, SCHEMA),
    ):
        assert partial.attributes == {"A": 1}
        assert "in the clear" not in repr(partial)


def test_what_a_record_neither_manages_nor_shows_comes_in_by_no_later_look() -> None:
    """After a create that is not finished, the record does not manage what it may have set of a secret."""
    properties = {name: {"type": "string"} for name in ("Data", "Name", "Arn", "Open")}
    schema = replace(
        SCHEMA,
        read_only=("/Arn",),
        primary_identifier=("/Name",),
        json_schema={"properties": properties},
    )
    seen = {"Data": "in the clear", "Name": "n", "Arn": "a", "Open": "o", "Others": 1}
    partial = replace(record(), attributes={"Open": "was"})
    assert observed_record(partial, seen, schema).attributes == {
        "Name": "n",
        "Arn": "a",
        "Open": "o",
        "Others": 1,
    }
    assert observed_record(record(), seen, schema).attributes == seen
    managed = replace(record(Data="said"), attributes={"Open": "was"})
    assert observed_record(managed, seen, schema).attributes == seen


def test_a_resumed_create_keeps_only_the_secrets_in_its_create_call() -> None:
    made = replace(record(Sent=SECRET, Later=SECRET, Plain=1), create_only=("/Sent",))
    assert resumable(made).properties == {"Sent": SECRET, "Plain": 1}


def intent(*, absent_before: bool) -> Intent:
    return Intent(
        operation="op-1",
        kind=IntentKind.CREATE,
        address=Address("thing"),
        resource=record(),
        epoch=1,
        begun_at=NOW,
        deadline=NOW,
        absent_before=absent_before,
    )


OBJECT = RemoteId("y-2")


@pytest.mark.parametrize(
    ("found", "absent_before", "known", "ours"),
    [
        (Found(remote_id=OBJECT, operation="op-1"), False, False, True),
        (Found(remote_id=OBJECT), True, False, True),
        (Found(remote_id=OBJECT), False, False, False),
        (Found(remote_id=OBJECT), True, True, True),
        (Found(remote_id=OBJECT, lineage="other", address="thing"), True, False, False),
        (Found(remote_id=OBJECT, operation="op-9"), True, False, False),
        (
            Found(remote_id=OBJECT, operation="op-9", lineage="l", address="thing"),
            False,
            False,
            True,
        ),
        (
            Found(remote_id=OBJECT, operation="op-9", lineage="l", address="thing"),
            False,
            True,
            False,
        ),
        (
            Found(remote_id=OBJECT, operation="op-9", lineage="l", address="else"),
            True,
            False,
            False,
        ),
    ],
)
def test_an_object_is_ours_only_when_that_is_certain(
    found: Found, absent_before: bool, known: bool, ours: bool
) -> None:
    state = frozenset({("AWS::X::Y", OBJECT)} if known else ())
    assert is_ours(found, intent(absent_before=absent_before), "l", state) is ours
