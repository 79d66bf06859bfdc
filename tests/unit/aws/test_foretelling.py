"""What follows for people from what AWS told about the deeds of a plan: one table for each question.

The kind: a plan that people agree to and AWS then refuses in the middle of the apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Deed, Making, Objection, Removing
from gitbot.model.schema import Route
from gitbot.providers.aws.foretelling.architectures import ARCHITECTURES
from gitbot.providers.aws.foretelling.full_buckets import FULL_BUCKETS
from gitbot.providers.aws.foretelling.groups_in_use import GROUPS_IN_USE, Interface
from gitbot.providers.aws.foretelling.images import Image
from gitbot.providers.aws.foretelling.instance_types import INSTANCE_TYPES
from gitbot.providers.aws.foretelling.machines import TypeFacts
from gitbot.providers.aws.foretelling.question import Question
from gitbot.providers.aws.foretelling.zones import ZONES
from gitbot.providers.aws.foretelling.zones import Answer as Zones

INSTANCE, GROUP, BUCKET = "AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::S3::Bucket"


def making(
    type_: str = INSTANCE,
    *,
    changed: frozenset[str] | None = None,
    own: str = "",
    **properties: Any,
) -> Making:
    return Making(
        address=Address("it"),
        type=type_,
        route=Route.NATIVE,
        properties=properties,
        changed=changed,
        remote_id=RemoteId(own) if own else None,
    )


def removing(type_: str, own: str, *, empties: bool = False) -> Removing:
    return Removing(address=Address("it"), type=type_, remote_id=RemoteId(own), empties=empties)


def said(question: Question[Any], answer: Any, *deeds: Deed) -> list[Objection]:
    concerned = [deed for deed in deeds if question.concerns(deed)]
    return list(question.say(answer, concerned, deeds)) if concerned else []


def check(found: list[Objection], expected: list[tuple[bool, str]]) -> None:
    """Each objection is a remark or not, and says this."""
    assert len(found) == len(expected), found
    for one, (remark, words) in zip(found, expected, strict=True):
        assert one.remark is remark
        assert words in f"{one.why} {one.fix}"


KINDS = frozenset({"g5.xlarge"})
SIZE = frozenset({"InstanceType"})


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (making(InstanceType="g5.xlarge"), []),
        (making(InstanceType="g5.xlrage"), [(False, "us-east-1 has no instance type `g5.xlrage`")]),
        (making(InstanceType="g5.xlrage"), [(False, "Did you mean `g5.xlarge`?")]),
        (making(InstanceType="odd"), [(False, "Choose one that this region has.")]),
        (making(InstanceType="odd", changed=SIZE), [(False, "`odd`")]),
        (making(InstanceType="odd", changed=frozenset({"Tags"})), []),
        (making(InstanceType=None), []),
        (making(placement={"instanceTypes": ["g5.xlarge", "odd", "odd"]}), [(False, "`odd`")]),
        (making("AWS::EC2::Volume", InstanceType="odd"), []),
        (removing(INSTANCE, "i-1"), []),
    ],
)
def test_a_type_that_the_region_lacks(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(INSTANCE_TYPES, ("us-east-1", KINDS, ("g5.xlarge",)), deed), expected)


ZONED = Zones(
    zones={"p4d": frozenset({"z1", "z2"}), "g5": frozenset({"z1", "z2", "z3"})},
    subnets={"subnet-3": "z3", "subnet-1": "z1"},
)


def placed(**choices: Any) -> Making:
    return making(placement=choices)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (making(InstanceType="p4d", AvailabilityZone="z1"), []),
        (making(InstanceType="p4d", AvailabilityZone="z3"), [(False, "z3 does not offer `p4d`.")]),
        (making(InstanceType="p4d", AvailabilityZone="z3"), [(False, "among z1, z2.")]),
        (making(InstanceType="p4d", SubnetId="subnet-3"), [(False, "z3 does not offer `p4d`.")]),
        (making(InstanceType="p4d", SubnetId="subnet-1"), []),
        # EC2 refuses a subnet that it does not know, and a type that no zone has.
        (making(InstanceType="p4d", SubnetId="subnet-9"), []),
        (making(InstanceType="odd", AvailabilityZone="z3"), []),
        (making(InstanceType="p4d"), []),
        (making(InstanceType=None, AvailabilityZone="z3"), []),
        (
            making(InstanceType="p4d", SubnetId="subnet-3", changed=SIZE),
            [(False, "z3 does not offer")],
        ),
        (
            placed(instanceTypes=["p4d", "g5"], zones=["z3"], spot=True),
            [(True, "z3 does not offer `p4d`, so AWS refuses these choices")],
        ),
        (
            placed(instanceTypes=["p4d"], subnets=["subnet-3"], spot=True, onDemand=True),
            [(False, "z3 does not offer `p4d`.")],
        ),
        (placed(instanceTypes=["p4d", None], zones=["z3"]), [(True, "z3 does not offer `p4d`")]),
    ],
)
def test_a_type_that_the_zone_lacks(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(ZONES, ZONED, deed), expected)


BUILT = (
    {
        "ami-x": Image(root="/dev/xvda", architecture="x86_64"),
        "ami-a": Image(root="/dev/xvda", architecture="arm64"),
        "ami-0": Image(root="", architecture=""),
    },
    {
        "g5": TypeFacts(architectures=("x86_64",), vcpus=4),
        "t4g": TypeFacts(architectures=("arm64",), vcpus=2),
        "t2": TypeFacts(architectures=("i386", "x86_64"), vcpus=2),
    },
)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"ImageId": "ami-x", "InstanceType": "g5"}, []),
        ({"ImageId": "ami-x", "InstanceType": "t2"}, []),
        ({"ImageId": "ami-a", "InstanceType": "t4g"}, []),
        (
            {"ImageId": "ami-a", "InstanceType": "t2"},
            [(False, "ami-a is for `arm64`, and a `t2` runs `i386` or `x86_64` only.")],
        ),
        ({"ImageId": "ami-x", "InstanceType": "t4g", "changed": SIZE}, [(False, "`t4g`")]),
        ({"ImageId": "ami-x", "placement": {"instanceTypes": ["g5", "t4g"]}}, [(False, "`t4g`")]),
        ({"ImageId": "ami-0", "InstanceType": "g5"}, []),
        ({"ImageId": "ami-gone", "InstanceType": "g5"}, []),
        ({"ImageId": "ami-x", "InstanceType": "odd"}, []),
        ({"ImageId": None, "InstanceType": "g5"}, []),
    ],
)
def test_an_image_for_other_processors(
    properties: Mapping[str, Any], expected: list[tuple[bool, str]]
) -> None:
    check(said(ARCHITECTURES, BUILT, making(**properties)), expected)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (removing(BUCKET, "full"), [(True, "bucket `full` is not empty")]),
        (removing(BUCKET, "full", empties=True), []),
        (removing(BUCKET, "empty"), []),
        (removing(GROUP, "full"), []),
        (making(BUCKET, BucketName="full"), []),
    ],
)
def test_a_bucket_that_is_not_empty(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(FULL_BUCKETS, {"full": True, "empty": False}, deed), expected)


ON_MACHINE = Interface(id="eni-1", instance="i-1")
FREE = Interface(id="eni-2")
OF_NAT = Interface(id="eni-3", made_by="Interface for NAT Gateway nat-0a1")
OF_ELB = Interface(id="eni-4", made_by="ELB app/web/1")
LISTS = frozenset({"SecurityGroupIds"})


@pytest.mark.parametrize(
    ("users", "beside", "expected"),
    [
        ([ON_MACHINE], [], "in use by i-1, which this plan leaves"),
        ([ON_MACHINE], [removing(INSTANCE, "i-1")], ""),
        ([ON_MACHINE], [making(changed=LISTS, own="i-1")], ""),
        ([ON_MACHINE], [making(changed=SIZE, own="i-1")], "in use by i-1"),
        ([ON_MACHINE, FREE], [removing(INSTANCE, "i-1")], "in use by eni-2,"),
        ([FREE], [removing("AWS::EC2::NetworkInterface", "eni-2")], ""),
        ([OF_NAT], [], "in use by nat-0a1"),
        ([OF_NAT], [removing("AWS::EC2::NatGateway", "nat-0a1")], ""),
        ([OF_ELB], [], "in use by eni-4 (ELB app/web/1)"),
        ([OF_ELB], [removing("AWS::ElasticLoadBalancingV2::LoadBalancer", "arn")], ""),
        ([Interface(id=f"eni-{n}") for n in range(7)], [], "eni-4 and 2 more, which"),
        ([], [], ""),
    ],
)
def test_a_group_that_something_else_uses(
    users: list[Interface], beside: list[Deed], expected: str
) -> None:
    found = said(GROUPS_IN_USE, {"sg-1": users}, removing(GROUP, "sg-1"), *beside)
    check(found, [(True, expected)] if expected else [])
