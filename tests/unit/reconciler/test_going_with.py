"""What the cloud deletes with an object is made again for the new one, in the same apply."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.names import Address
from gitbot.model.plan import Action
from gitbot.model.schema import Parent, ReplaceOrder, Route, TypeSchema
from gitbot.providers.aws.catalog import open_catalog
from gitbot.reconciler.going_with import parts_of
from gitbot.walk.graph import Phase, StepKey, steps_of
from tests.unit.reconciler.planning_world import (
    BUCKET,
    TYPES,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

NAMED = replace(BUCKET, create_only=("/BucketName", "/Class"), natural_key=("BucketName",))
POLICY = TypeSchema(
    name="Other::Policy",
    route=Route.NATIVE,
    create_only=("/Bucket",),
    parent=Parent(type=BUCKET.name, reference="Bucket"),
)
FILTER = TypeSchema(
    name="Test::Filter", route=Route.CLOUD_CONTROL, primary_identifier=("/Bucket", "/Name")
)
READER = TypeSchema(name="Test::Reader", route=Route.NATIVE, primary_identifier=("/Name",))
TWIN = replace(FILTER, name="Test::Twin", primary_identifier=("/Name", "/Zone"))
ELSEWHERE = replace(FILTER, name="Elsewhere::Filter")
SCHEMAS = {**TYPES, **{one.name: one for one in (NAMED, POLICY, FILTER, READER, TWIN, ELSEWHERE)}}
CATALOG = open_catalog()


@pytest.mark.parametrize(
    ("type_", "bucket", "goes"),
    [
        (POLICY, {"Class": "new"}, True),
        (FILTER, {"Class": "new"}, True),
        (READER, {"Class": "new"}, False),
        (TWIN, {"Class": "new"}, False),
        (ELSEWHERE, {"Class": "new"}, False),
        (POLICY, {"Class": "old"}, False),
        (POLICY, {"Class": unknown("${later.Class}")}, False),
    ],
    ids=[
        "its parent's",
        "identified by it",
        "has a name of its own",
        "has a name that begins alike",
        "elsewhere",
        "it stays",
        "it may stay",
    ],
)
def test_a_part_is_replaced_with_what_it_belongs_to(
    type_: TypeSchema, bucket: dict[str, Any], goes: bool
) -> None:
    had = {"BucketName": "data", "Class": "old"}
    part = {"Bucket": "data", "Name": "data-copies"}
    built = state(record("a", NAMED, had), record("part", type_, part, needs=["a"]))
    wanted = stack(
        resource("a", NAMED, {"BucketName": "data", **bucket}),
        resource("part", type_, part, needs=["a"]),
    )
    seen = present("a", **had) | present("part", **part)
    plan = plan_of(wanted, built, seen, schemas=SCHEMAS.get)
    change = change_of(plan, "part")
    assert (change.action is Action.REPLACE) == goes
    if goes:
        assert change.replace_order is ReplaceOrder.DELETE_FIRST
        whole, own = (StepKey(address=Address(one), phase=Phase.DELETE) for one in ("a", "part"))
        assert own in steps_of(plan, built)[whole].after, "it goes before what it is a part of"


@pytest.mark.parametrize(
    ("part", "whole", "parts"),
    [
        ("AWS::Lambda::Permission", "AWS::Lambda::Function", {"FunctionName"}),
        ("AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function", {"FunctionName", "Qualifier"}),
        ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function", set()),
        ("AWS::Logs::MetricFilter", "AWS::Logs::LogGroup", {"FilterName", "LogGroupName"}),
        ("AWS::S3::BucketPolicy", "AWS::S3::Bucket", {"Bucket"}),
        ("AWS::EC2::VolumeAttachment", "AWS::EC2::Instance", {"InstanceId", "VolumeId"}),
        ("AWS::EC2::Instance", "AWS::EC2::NetworkInterface", set()),
        ("AWS::S3::BucketPolicy", "AWS::CloudFront::Distribution", set()),
        ("AWS::S3::Bucket", "AWS::S3::Bucket", set()),
        ("AWS::RDS::DBInstance", "AWS::RDS::DBInstance", set()),
    ],
)
def test_what_makes_an_object_of_aws_a_part(part: str, whole: str, parts: set[str]) -> None:
    schema = CATALOG.lookup(part)
    assert schema is not None
    assert set(parts_of(schema, whole)) == parts
