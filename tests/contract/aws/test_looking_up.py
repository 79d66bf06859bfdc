"""Lookups on the local AWS: each row of the table, and each way to find nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.cloud import Purpose
from gitbot.model.lookups import Answer, LookupRule, Pick, Question, Unanswered
from gitbot.model.names import Address
from gitbot.providers.aws.lookup_table import ROWS
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.case import trust
from tests.contract.aws.world import AwsWorld, environment

ZONE = "AWS::Route53::HostedZone"
EVERYTHING = tuple(
    LookupRule(type=name, identifiers=("*",), attributes=("*",))
    for name in (*ROWS, "AWS::S3::Bucket", "AWS::IAM::Role", "AWS::EC2::Instance")
)


def look(
    world: AwsWorld,
    type_: str,
    *attributes: str,
    rules: tuple[LookupRule, ...] = EVERYTHING,
    **asked: Any,
) -> Answer:
    cloud = world.clouds.open(environment(lookups=rules), Purpose.PLAN)
    return cloud.look_up(
        Question(address=Address("lookups.x"), type=type_, attributes=attributes, **asked)
    )


def refused(world: AwsWorld, type_: str, *attributes: str, **asked: Any) -> CloudError:
    with pytest.raises(CloudError) as caught:
        look(world, type_, *attributes, **asked)
    return caught.value


def network(world: AwsWorld, tier: str = "private") -> Mapping[str, str]:
    """A network with two subnets of this tier, an internet gateway, and what AWS adds to it."""
    ec2 = world.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )
        for n, zone in enumerate("ab")
    ]
    first, second = (one["Subnet"]["SubnetId"] for one in subnets)
    made = {"vpc": vpc, "gateway": gateway, "first": first, "second": second}
    tags = [{"Key": "tier", "Value": tier}]
    ec2.create_tags(Resources=list(made.values()), Tags=tags)
    return made


def test_what_is_around_a_network_is_found_by_its_tags_and_by_what_it_is_in(
    world: AwsWorld,
) -> None:
    made = network(world)
    tags = {"Tags": {"tier": "private"}}
    vpc = look(world, "AWS::EC2::VPC", "VpcId", "CidrBlock", filter=tags)
    assert vpc.identifiers == (made["vpc"],)
    assert vpc.attributes == {"VpcId": made["vpc"], "CidrBlock": "10.1.0.0/16"}
    inside: dict[str, Any] = {"VpcId": made["vpc"]}
    both = look(world, "AWS::EC2::Subnet", "SubnetId", filter=inside | tags, pick=Pick.ALL)
    ids = sorted([made["first"], made["second"]])
    assert both == Answer(identifiers=tuple(ids), attributes={"SubnetId": ids})
    one = look(world, "AWS::EC2::Subnet", filter=inside | {"AvailabilityZone": "us-east-1b"})
    assert one.identifiers == (made["second"],)
    several = inside | {"CidrBlock": ["10.1.1.0/24", "10.9.0.0/24"]}
    assert look(world, "AWS::EC2::Subnet", filter=several).identifiers == (made["second"],)
    group = look(
        world, "AWS::EC2::SecurityGroup", "VpcId", filter=inside | {"GroupName": "default"}
    )
    assert group.attributes == inside
    assert look(world, "AWS::EC2::RouteTable", "VpcId", filter=inside).attributes == inside
    gateway = look(world, "AWS::EC2::InternetGateway", filter=inside)
    assert gateway.identifiers == (made["gateway"],)
    default = look(world, "AWS::EC2::VPC", "CidrBlock", filter={"IsDefault": True})
    assert default.attributes == {"CidrBlock": "172.31.0.0/16"}


def test_an_image_is_found_by_owner_and_name_by_parameter_and_by_identifier(
    world: AwsWorld,
) -> None:
    ec2 = world.aws.client("ec2")
    filters = {"Owner": "amazon", "Name": "amzn-ami-hvm-2017*", "Architecture": "x86_64"}
    image = look(world, "AWS::EC2::Image", "Name", "Tags", filter=filters, pick=Pick.NEWEST)
    assert image.attributes["Name"] == "amzn-ami-hvm-2017.09.1.20171103-x86_64-gp2"
    (id_,) = image.identifiers
    assert look(world, "AWS::EC2::Image", "ImageId", identifier=id_).attributes == {"ImageId": id_}
    name = "/app/image"
    world.aws.client("ssm").put_parameter(Name=name, Value=id_, Type="String")
    through = look(world, "AWS::EC2::Image", "ImageId", filter={"Parameter": name})
    assert through.identifiers == (id_,)
    machine = ec2.run_instances(ImageId=id_, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    mine = [ec2.create_image(InstanceId=machine, Name=f"base-{n}")["ImageId"] for n in range(2)]
    own = {"Owner": "self", "Name": "base-*"}
    assert refused(world, "AWS::EC2::Image", filter=own).code == Unanswered.AMBIGUOUS
    newest = look(world, "AWS::EC2::Image", "CreationDate", filter=own, pick=Pick.NEWEST)
    dates = {
        one["ImageId"]: one["CreationDate"] for one in ec2.describe_images(ImageIds=mine)["Images"]
    }
    assert newest.identifiers == (max(dates, key=lambda one: (dates[one], one)),)


def test_the_caller_zones_and_what_handlers_read_are_looked_up(world: AwsWorld) -> None:
    caller = look(world, "AWS::STS::CallerIdentity", "Account")
    assert caller.attributes == {"Account": world.cloud.account()}
    zones = look(
        world,
        "AWS::EC2::AvailabilityZone",
        "ZoneName",
        pick=Pick.ALL,
        filter={"State": "available"},
    )
    assert zones.attributes["ZoneName"] == list(zones.identifiers)
    assert zones.identifiers[0] == "us-east-1a"
    world.aws.client("s3").create_bucket(Bucket="data")
    bucket = look(world, "AWS::S3::Bucket", "Arn", identifier="data")
    assert bucket.attributes == {"Arn": "arn:aws:s3:::data"}
    world.aws.client("iam").create_role(
        RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com"))
    )
    role = look(world, "AWS::IAM::Role", "Arn", identifier="reader")
    assert str(role.attributes["Arn"]).endswith(":role/reader")


def test_a_hosted_zone_is_found_by_its_domain_however_it_is_written(world: AwsWorld) -> None:
    zones = world.aws.client("route53")
    made = [
        zones.create_hosted_zone(Name=name, CallerReference=f"{name}-{number}")["HostedZone"]["Id"]
        for number, name in enumerate(("acme.example", "sub.acme.example", "acme.example"))
    ]
    for name in ("sub.acme.example", "Sub.ACME.example."):
        found = look(world, ZONE, "Id", "Name", filter={"Name": name})
        assert found.identifiers == (made[1].removeprefix("/hostedzone/"),)
        assert found.attributes == {"Id": found.identifiers[0], "Name": "sub.acme.example"}
    assert refused(world, ZONE, filter={"Name": "acme.example"}).code == Unanswered.AMBIGUOUS


ABSENT: list[tuple[str, dict[str, Any]]] = [
    ("AWS::S3::Bucket", {"identifier": "none"}),
    ("AWS::IAM::Role", {"identifier": "none"}),
    ("AWS::EC2::VPC", {"identifier": "vpc-0123456789abcdef0"}),
    ("AWS::EC2::VPC", {"filter": {"Tags": {"a": "b"}}}),
    ("AWS::EC2::Image", {"filter": {"Owner": "self", "Name": "none"}, "pick": Pick.NEWEST}),
    ("AWS::EC2::Image", {"filter": {"Parameter": "/none"}}),
    ("AWS::SSM::Parameter", {"identifier": "/none"}),
    ("AWS::EC2::Subnet", {"filter": {"VpcId": "vpc-1"}, "pick": Pick.ALL}),
    (ZONE, {"filter": {"Name": "none.example"}}),
]


@pytest.mark.parametrize(("type_", "asked"), ABSENT, ids=str)
def test_what_is_not_there_is_not_found(
    shared_world: AwsWorld, type_: str, asked: dict[str, Any]
) -> None:
    assert refused(shared_world, type_, **asked).code == Unanswered.NOT_FOUND


def test_what_the_environment_does_not_list_is_not_found_either(world: AwsWorld) -> None:
    ssm = world.aws.client("ssm")
    for name in ("/app/one", "/other/two"):
        ssm.put_parameter(Name=name, Value="ami-1", Type="String")
    rule = LookupRule(type="AWS::SSM::Parameter", identifiers=("/app/*",), attributes=("Value",))
    images = LookupRule(type="AWS::EC2::Image", identifiers=("*",), attributes=("*",))
    rules = (rule, images)
    found = look(world, "AWS::SSM::Parameter", "Value", identifier="/app/one", rules=rules)
    assert found.attributes == {"Value": "ami-1"}
    hidden = [
        refused(world, "AWS::SSM::Parameter", "Value", identifier="/other/two", rules=rules),
        refused(world, "AWS::SSM::Parameter", "Value", identifier="/other/none", rules=rules),
        refused(world, "AWS::SSM::Parameter", "Type", identifier="/app/one", rules=rules),
        # What a parameter says must not be told by what is looked for with it.
        refused(world, "AWS::EC2::Image", filter={"Parameter": "/other/two"}, rules=rules),
    ]
    assert {one.code for one in hidden} == {Unanswered.NOT_FOUND}
    assert len({str(one) for one in hidden}) == 1
    only = (LookupRule(type="AWS::EC2::VPC", identifiers=("vpc-none",), attributes=("*",)),)
    assert refused(world, "AWS::EC2::VPC", filter={"IsDefault": True}, rules=only).code == (
        Unanswered.NOT_FOUND
    )


def test_a_secret_is_not_told_whatever_is_listed(world: AwsWorld) -> None:
    ssm = world.aws.client("ssm")
    ssm.put_parameter(Name="/app/key", Value="hush-hush", Type="SecureString")
    error = refused(world, "AWS::SSM::Parameter", "Value", identifier="/app/key")
    assert error.code == Unanswered.SECRET
    assert "hush" not in str(error)
    through = refused(world, "AWS::EC2::Image", filter={"Parameter": "/app/key"})
    assert through.code == Unanswered.SECRET
    ec2 = world.aws.client("ec2")
    machine = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, UserData="hush-hush"
    )["Instances"][0]["InstanceId"]
    told = refused(world, "AWS::EC2::Instance", "UserData", identifier=machine)
    assert told.code == Unanswered.SECRET
    assert "hush" not in str(told)


def test_too_many_are_refused(world: AwsWorld) -> None:
    all_of_amazon = {"Owner": "amazon", "Name": "*"}
    images = look(world, "AWS::EC2::Image", filter=all_of_amazon, pick=Pick.ALL)
    assert len(images.identifiers) <= 100
    two = {"Owner": "amazon", "Name": "amzn*"}
    error = refused(world, "AWS::EC2::Image", filter=two)
    assert error.code == Unanswered.AMBIGUOUS
    assert "objects of AWS::EC2::Image fit: ami-" in str(error)


def test_throttling_is_waited_out(world: AwsWorld) -> None:
    world.aws.inject(Fault(operation="DescribeVpcs", kind=FaultKind.THROTTLE))
    assert look(world, "AWS::EC2::VPC", filter={"IsDefault": True}).identifiers


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("InvalidAMIID.NotFound", Unanswered.NOT_FOUND.value),
        ("InvalidAMIID.Malformed", "InvalidAMIID.Malformed"),
        ("UnauthorizedOperation", "UnauthorizedOperation"),
    ],
)
def test_what_aws_refuses_is_told_apart(world: AwsWorld, code: str, told: str) -> None:
    world.aws.inject(Fault(operation="DescribeImages", kind=FaultKind.ERROR, status=400, code=code))
    assert refused(world, "AWS::EC2::Image", identifier="ami-0123456789abcdef0").code == told
