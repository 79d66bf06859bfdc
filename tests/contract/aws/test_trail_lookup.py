"""Tests for what the local AWS records of calls, and how it answers CloudTrail's LookupEvents."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from gitbot_sandbox.aws import LocalAws
from tests.contract.aws.cases.case import trust

AMI = "ami-0123456789abcdef0"


@pytest.fixture
def aws(local_aws: LocalAws) -> LocalAws:
    local_aws.reset()
    return local_aws


@pytest.fixture(scope="module")
def trails(local_aws: LocalAws) -> dict[str, Any]:
    """A client per region that tries once."""
    session = boto3.Session(aws_access_key_id="AKIATEST", aws_secret_access_key="test")
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return {
        region: session.client(
            "cloudtrail", region_name=region, endpoint_url=local_aws.url, config=config
        )
        for region in ("us-east-1", "eu-central-1")
    }


def about(trails: Any, key: str, value: str, region: str = "us-east-1", **more: Any) -> Any:
    attributes = [{"AttributeKey": key, "AttributeValue": value}]
    return trails[region].lookup_events(LookupAttributes=attributes, **more)["Events"]


def group(aws: LocalAws, region: str = "us-east-1") -> str:
    made = aws.client("ec2", region).create_security_group(GroupName="ssh", Description="ssh")
    return str(made["GroupId"])


def test_a_change_in_the_console_is_told_with_its_person_address_and_parameters(
    aws: LocalAws, trails: Any
) -> None:
    made = group(aws)
    before = datetime.now(UTC)
    aws.client("ec2", person="bob").authorize_security_group_ingress(
        GroupId=made, CidrIp="0.0.0.0/0", FromPort=22, ToPort=22, IpProtocol="tcp"
    )
    newest, first = about(trails, "ResourceName", made)
    assert (first["EventName"], newest["EventName"]) == (
        "CreateSecurityGroup",
        "AuthorizeSecurityGroupIngress",
    )
    assert newest["Username"] == "bob"
    assert newest["ReadOnly"] == "false"
    assert before - timedelta(seconds=2) <= newest["EventTime"] <= datetime.now(UTC)
    assert {"ResourceType": "AWS::EC2::SecurityGroup", "ResourceName": made} in newest["Resources"]
    record = json.loads(newest["CloudTrailEvent"])
    assert record["userIdentity"]["arn"] == "arn:aws:iam::123456789012:user/bob"
    assert record["sourceIPAddress"] == "203.0.113.7"
    assert record["sessionCredentialFromConsole"] == "true"
    assert record["requestParameters"]["groupId"] == made


def test_a_role_is_told_with_its_session_and_a_refused_call_with_its_error(
    aws: LocalAws, trails: Any
) -> None:
    role = "arn:aws:iam::123456789012:role/gitbot-apply"
    session = {"RoleArn": role, "RoleSessionName": "gitbot-apply"}
    taken = aws.client("sts").assume_role(**session)["Credentials"]
    ec2 = boto3.client(
        "ec2",
        region_name="us-east-1",
        endpoint_url=aws.url,
        aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"],
        aws_session_token=taken["SessionToken"],
    )
    with pytest.raises(ClientError):
        ec2.delete_security_group(GroupId="sg-0123456789abcdef0")
    (event,) = about(trails, "Username", "gitbot-apply")
    record = json.loads(event["CloudTrailEvent"])
    assert record["errorCode"] == "InvalidGroup.NotFound"
    assert record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == role


def test_user_data_and_objects_are_not_told(aws: LocalAws, trails: Any) -> None:
    aws.client("ec2").run_instances(
        ImageId=AMI, MinCount=1, MaxCount=1, InstanceType="t3.micro", UserData="export TOKEN=1"
    )
    (event,) = about(trails, "EventName", "RunInstances")
    record = json.loads(event["CloudTrailEvent"])
    assert record["requestParameters"]["userData"] == "<sensitiveDataRemoved>"
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="data")
    s3.put_object(Bucket="data", Key="a", Body=b"a")
    s3.get_bucket_versioning(Bucket="data")
    told = [(each["EventName"], each["ReadOnly"]) for each in about(trails, "ResourceName", "data")]
    assert told == [("GetBucketVersioning", "true"), ("CreateBucket", "false")]


def test_identities_are_told_in_one_region_only(aws: LocalAws, trails: Any) -> None:
    document = json.dumps(trust("ec2.amazonaws.com"))
    aws.client("iam", "eu-central-1").create_role(RoleName="job", AssumeRolePolicyDocument=document)
    here = group(aws, "eu-central-1")
    assert about(trails, "ResourceName", "job", "eu-central-1") == []
    assert [each["EventName"] for each in about(trails, "ResourceName", "job")] == ["CreateRole"]
    assert about(trails, "ResourceName", here) == []
    assert len(about(trails, "ResourceName", here, "eu-central-1")) == 1


def test_events_come_in_pages_and_within_the_time_asked_for(aws: LocalAws, trails: Any) -> None:
    made = group(aws)
    start = datetime.now(UTC) - timedelta(days=100)
    aws.trail.now = lambda: start
    aws.client("ec2").create_tags(Resources=[made], Tags=[{"Key": "a", "Value": "old"}])
    aws.trail.now = lambda: datetime.now(UTC)
    aws.client("ec2").create_tags(Resources=[made], Tags=[{"Key": "a", "Value": "new"}])
    attributes = [{"AttributeKey": "ResourceName", "AttributeValue": made}]
    page = trails["us-east-1"].lookup_events(LookupAttributes=attributes, MaxResults=1)
    assert [each["EventName"] for each in page["Events"]] == ["CreateTags"]
    rest = trails["us-east-1"].lookup_events(
        LookupAttributes=attributes, MaxResults=1, NextToken=page["NextToken"]
    )
    assert [each["EventName"] for each in rest["Events"]] == ["CreateSecurityGroup"]
    assert "NextToken" not in rest
    time.sleep(1)
    later = datetime.now(UTC) + timedelta(seconds=5)
    assert about(trails, "ResourceName", made, StartTime=later, EndTime=later) == []


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "a"}] * 2}, "InvalidLookupAttributesException"),
        ({"StartTime": datetime(2026, 2, 1, tzinfo=UTC), "EndTime": datetime(2026, 1, 1, tzinfo=UTC)}, "InvalidTimeRangeException"),
        ({"NextToken": "page-7"}, "InvalidNextTokenException"),
    ],
)  # fmt: skip
def test_what_cloudtrail_does_not_take_is_refused(
    aws: LocalAws, trails: Any, asked: Any, refusal: str
) -> None:
    with pytest.raises(ClientError) as refused:
        trails["us-east-1"].lookup_events(**asked)
    assert refused.value.response["Error"]["Code"] == refusal


def test_two_calls_a_second_are_served_in_each_region(aws: LocalAws, trails: Any) -> None:
    def ask(region: str) -> None:
        trails[region].lookup_events()

    ask("us-east-1")
    ask("us-east-1")
    ask("eu-central-1")
    with pytest.raises(ClientError) as refused:
        ask("us-east-1")
    assert refused.value.response["Error"]["Code"] == "ThrottlingException"


def test_events_come_late_when_the_local_aws_is_told_so(aws: LocalAws, trails: Any) -> None:
    aws.trail.delay = timedelta(minutes=5)
    made = group(aws)
    assert about(trails, "ResourceName", made) == []
    aws.trail.delay = timedelta()
    assert len(about(trails, "ResourceName", made)) == 1


def test_a_spot_interruption_is_told_and_a_retirement_is_not(aws: LocalAws, trails: Any) -> None:
    ec2 = aws.client("ec2")
    launched = ec2.run_instances(ImageId=AMI, MinCount=2, MaxCount=2, InstanceType="t3.micro")
    spot, old = (each["InstanceId"] for each in launched["Instances"])
    aws.interrupt_spot(spot)
    aws.retire(old)
    event = about(trails, "ResourceName", spot)[0]
    assert event["EventName"] == "BidEvictedEvent"
    assert "Username" not in event
    assert json.loads(event["CloudTrailEvent"])["serviceEventDetails"] == {"instanceIdSet": [spot]}
    assert [each["EventName"] for each in about(trails, "ResourceName", old)] == ["RunInstances"]
    described = ec2.describe_instances(InstanceIds=[spot, old])["Reservations"][0]["Instances"]
    assert {each["StateReason"]["Code"] for each in described} == {
        "Server.SpotInstanceTermination",
        "Server.ScheduledStop",
    }
