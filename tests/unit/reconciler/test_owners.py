"""What an object that is not made yet will change of the one that it belongs to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.model.names import Address
from gitbot.model.schema import Parent
from gitbot.model.values import Unknown, Value
from gitbot.reconciler.owners import changing_attributes
from tests.unit.reconciler.planning_world import BUCKET, GROUP, resource, stack, unknown

PART = replace(
    GROUP,
    name="Test::Part",
    parent=Parent(type="Test::Bucket", reference="Owner", gives=frozenset({"Arn"})),
)
SCHEMAS = {one.name: one for one in (BUCKET, GROUP, PART)}
OWNER = unknown("${bucket.BucketName}")
INSIDE = Unknown(
    template="${locals.name}",
    inputs={"locals": {"name": OWNER}},
    references={"bucket": Address("bucket")},
)


@pytest.mark.parametrize(
    ("type_", "owner", "made", "changes"),
    [
        ("Test::Part", OWNER, set(), True),
        ("Test::Part", INSIDE, set(), True),
        ("Test::Part", OWNER, {"part"}, False),
        ("Test::Part", "a-name", set(), False),
        ("Test::Part", None, set(), False),
        ("Test::Part", unknown("${group.GroupId}"), set(), False),
        ("Test::Group", OWNER, set(), False),
        ("Test::Unknown", OWNER, set(), False),
    ],
)
def test_only_objects_that_are_still_to_be_made_change_their_owner(
    type_: str, owner: Value, made: set[str], changes: bool
) -> None:
    desired = stack(
        resource("bucket", "Test::Bucket", {"BucketName": "a"}),
        resource("group", "Test::Group", {}),
        resource("part", type_, {} if owner is None else {"Owner": owner}),
    )
    found = changing_attributes(desired, {Address(one) for one in made}, SCHEMAS.get)
    assert found == ({Address("bucket"): frozenset({"Arn"})} if changes else {})
