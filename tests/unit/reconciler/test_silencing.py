"""What a state has in plain and must not have is taken out of it."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.names import Address
from gitbot.model.recorded import Deposed
from gitbot.model.values import Redacted, Sensitive
from gitbot.reconciler.silencing import silenced, without_undeclared
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    MACHINE,
    REDACT,
    record,
    resource,
    stack,
    state,
    unknown,
)

SCHEMAS = {one.name: one for one in (BUCKET, GROUP, MACHINE)}.get
PLAIN = "hunter2"
OPTIONS = {"A": PLAIN, "B": "b"}
IT = Address("it")


def test_what_the_specs_say_to_be_sensitive_is_a_hash_and_no_attribute():
    secret = replace(unknown("${x}", sensitive=True), secrets={"ssm:/db": "1"})
    desired = stack(
        resource(
            "it",
            MACHINE,
            {"Image": Sensitive(PLAIN), "Options": {"A": secret, "B": "b"}, "Size": "s"},
        )
    )
    one = record(
        "it",
        MACHINE,
        properties={"Image": PLAIN, "Options": OPTIONS, "Size": "s"},
        attributes={"Image": PLAIN, "Options": OPTIONS, "Size": "s", "InstanceId": "i-1"},
    )
    before = state(one, deposed=(Deposed(resource=one, operation="op"),))
    after = silenced(before, desired, SCHEMAS, REDACT)
    for each in (after.resources[IT], after.deposed[0].resource):
        assert each.attributes == {"Size": "s", "InstanceId": "i-1"}
        assert each.properties == {
            "Image": REDACT(PLAIN),
            "Options": {"A": REDACT(PLAIN), "B": "b"},
            "Size": "s",
        }
    assert silenced(after, desired, SCHEMAS, REDACT) is after


def test_a_hash_in_the_record_hides_what_the_cloud_shows_there_without_specs_too():
    hashed = Redacted(digest="d", key_id="k")
    one = record("it", MACHINE, properties={"Image": hashed}, attributes={"Image": PLAIN, "Id": 1})
    after = silenced(state(one), None, SCHEMAS, REDACT)
    assert after.resources[IT] == replace(one, attributes={"Id": 1})


def test_a_state_with_nothing_in_plain_is_the_same_one():
    desired = stack(resource("it", GROUP, {"Description": Sensitive(PLAIN)}), resource("new"))
    before = state(record("it", BUCKET, attributes={"Description": "of another type"}))
    assert silenced(before, desired, SCHEMAS, REDACT) is before
    assert silenced(before, None, SCHEMAS, REDACT) is before


def test_of_found_objects_that_no_spec_tells_of_only_what_the_cloud_gives_is_recorded():
    kind = replace(BUCKET, json_schema={"properties": {"BucketName": {}, "Arn": {}, "Notes": {}}})
    shown = {"BucketName": "b", "Arn": "arn:b", "Notes": PLAIN, "more": 1}
    stub = record("left", properties={}, attributes=shown)
    told = {
        "declared": record("declared", properties={}, attributes=shown),
        "managed": record("managed", attributes=shown, properties={"BucketName": "b"}),
    }
    other = record("other", GROUP, properties={}, attributes=shown)
    old = [
        Deposed(resource=one, operation="op")
        for one in (stub, replace(stub, properties={"BucketName": "b"}))
    ]
    desired = stack(resource("declared"), resource("other"))
    before = state(stub, other, *told.values(), deposed=tuple(old))
    after = without_undeclared(before, desired, {BUCKET.name: kind}.get)
    given = {"BucketName": "b", "Arn": "arn:b", "more": 1}
    assert after.resources[Address("left")].attributes == given
    assert {at: after.resources[Address(at)] for at in told} == told
    assert after.resources[Address("other")] == other, "nothing is known of its type"
    assert [one.resource.attributes for one in after.deposed] == [given, shown]
    assert (
        without_undeclared(after, None, {BUCKET.name: kind}.get)
        .resources[Address("declared")]
        .attributes
        == given
    )
