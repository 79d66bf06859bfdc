"""Tests for asking CloudTrail who changed a resource."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.causes import CallerKind, Subject, Told
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment, Roles
from gitbot.model.names import Address, RemoteId
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.case import trust
from tests.contract.aws.world import AwsWorld, environment

AMI = "ami-0123456789abcdef0"


def subject(type_: str, remote_id: str, address: str = "thing", **more: Any) -> Subject:
    return Subject(address=Address(address), type=type_, remote_id=RemoteId(remote_id), **more)


def ask(
    world: AwsWorld, *subjects: Subject, rules: Environment | None = None
) -> dict[Address, Told]:
    now = datetime.now(UTC)
    trail = world.clouds.trail(rules or environment())
    return dict(trail.told(subjects, now - timedelta(hours=1), now + timedelta(minutes=1)))


@pytest.fixture
def group(world: AwsWorld) -> str:
    made = world.aws.client("ec2").create_security_group(GroupName="ssh", Description="ssh")
    return str(made["GroupId"])


def test_who_changed_a_group_is_told_with_time_place_and_call(world: AwsWorld, group: str) -> None:
    world.aws.client("ec2", person="bob").authorize_security_group_ingress(
        GroupId=group, CidrIp="0.0.0.0/0", FromPort=22, ToPort=22, IpProtocol="tcp"
    )
    [deed, first] = ask(world, subject("AWS::EC2::SecurityGroup", group))[Address("thing")].deeds
    assert (deed.call, deed.kind, deed.who, deed.address, deed.through, deed.ours) == (
        "ec2:AuthorizeSecurityGroupIngress",
        CallerKind.USER,
        "bob",
        "203.0.113.7",
        "console",
        False,
    )
    assert abs(deed.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert first.call == "ec2:CreateSecurityGroup"


def test_a_rule_is_asked_for_by_its_group(world: AwsWorld, group: str) -> None:
    rule = subject(
        "AWS::EC2::SecurityGroupIngress", "sgr-0123456789abcdef0", properties={"GroupId": group}
    )
    assert [deed.call for deed in ask(world, rule)[Address("thing")].deeds] == [
        "ec2:CreateSecurityGroup"
    ]


def test_our_own_calls_are_known_as_ours_with_and_without_a_role(world: AwsWorld) -> None:
    bucket = world.create("AWS::S3::Bucket", {"BucketName": "data"})
    (told,) = ask(world, subject("AWS::S3::Bucket", bucket)).values()
    assert told.deeds
    assert all(deed.ours for deed in told.deeds)
    role = "arn:aws:iam::123456789012:role/team/gitbot-apply"
    rules = environment(roles=Roles(apply=role))
    (told,) = ask(world, subject("AWS::S3::Bucket", bucket), rules=rules).values()
    assert not any(deed.ours for deed in told.deeds), "another identity made these"
    world.clouds.open(rules, Purpose.APPLY).aws.call(
        "s3", "put_bucket_versioning", Bucket="data", VersioningConfiguration={"Status": "Enabled"}
    )
    (told,) = ask(world, subject("AWS::S3::Bucket", bucket), rules=rules).values()
    assert (told.deeds[0].call, told.deeds[0].role) == ("s3:PutBucketVersioning", "gitbot-apply")
    assert told.deeds[0].ours


def test_reads_and_refused_calls_are_no_deeds(world: AwsWorld) -> None:
    s3 = world.aws.client("s3")
    s3.create_bucket(Bucket="data")
    s3.get_bucket_versioning(Bucket="data")
    with pytest.raises(s3.exceptions.ClientError):
        s3.put_bucket_policy(Bucket="data", Policy="no policy")
    (told,) = ask(world, subject("AWS::S3::Bucket", "data")).values()
    assert [deed.call for deed in told.deeds] == ["s3:CreateBucket"]


def test_an_identity_is_found_from_every_region(world: AwsWorld) -> None:
    document = json.dumps(trust("ec2.amazonaws.com"))
    world.aws.client("iam").create_role(RoleName="job", AssumeRolePolicyDocument=document)
    far = environment(region="eu-central-1")
    (told,) = ask(world, subject("AWS::IAM::Role", "job"), rules=far).values()
    assert [deed.call for deed in told.deeds] == ["iam:CreateRole"]


def test_why_a_machine_does_not_run_is_told_by_ec2_itself(world: AwsWorld) -> None:
    launched = world.aws.client("ec2").run_instances(
        ImageId=AMI, MinCount=3, MaxCount=3, InstanceType="t3.micro"
    )
    spot, old, fine = (each["InstanceId"] for each in launched["Instances"])
    world.aws.interrupt_spot(spot)
    world.aws.retire(old)
    told = ask(
        world,
        subject("AWS::EC2::Instance", spot, "spot"),
        subject("AWS::EC2::Instance", old, "old"),
        subject("AWS::EC2::Instance", fine, "fine"),
    )
    assert {address: one.state_reason for address, one in told.items()} == {
        "spot": "Server.SpotInstanceTermination",
        "old": "Server.ScheduledStop",
        "fine": "",
    }
    taken = told[Address("spot")].deeds[0]
    assert (taken.call, taken.kind, taken.who) == (
        "ec2:BidEvictedEvent",
        CallerKind.SERVICE,
        "ec2.amazonaws.com",
    )


def test_a_missing_right_is_an_answer_and_asked_for_once(world: AwsWorld, group: str) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="cloudtrail",
            status=400,
            code="AccessDeniedException",
            count=None,
        )
    )
    told = ask(
        world,
        subject("AWS::EC2::SecurityGroup", group, "a"),
        subject("AWS::EC2::SecurityGroup", group, "b"),
    )
    assert {one.refused for one in told.values()} == {"cloudtrail:LookupEvents"}
    assert [str(call) for call in world.aws.calls].count("cloudtrail.LookupEvents") == 1


def test_another_refusal_is_an_error(world: AwsWorld, group: str) -> None:
    world.aws.inject(
        Fault(kind=FaultKind.ERROR, service="cloudtrail", status=400, code="InvalidTimeRangeException")
    )  # fmt: skip
    with pytest.raises(CloudError):
        ask(world, subject("AWS::EC2::SecurityGroup", group))


def test_many_resources_are_asked_for_without_a_refusal(world: AwsWorld, group: str) -> None:
    many = [subject("AWS::EC2::SecurityGroup", group, f"a{number}") for number in range(4)]
    assert len(ask(world, *many)) == 4
    statuses = [call.status for call in world.aws.calls if call.service == "cloudtrail"]
    assert statuses == [200] * 4
