"""What a call returns is compared with what was asked for.

The kind: the wrong object, because a service ignores a filter, reads a name as a pattern, or answers
from another region.
"""

from __future__ import annotations

import json

import pytest

from gitbot.errors import CloudError
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, ReadRequest
from gitbot.model.schema import Route
from gitbot.providers.aws.types.ec2.filters import literal
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases import some_types
from tests.contract.aws.cases.case import Case, trust
from tests.contract.aws.world import AwsWorld

BUCKET, GROUP = "AWS::S3::Bucket", "AWS::EC2::SecurityGroup"
RULES = {
    "GroupDescription": "d",
    "SecurityGroupIngress": [
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"}
    ],
}


@pytest.mark.model
@some_types(5, lambda case: case.type.startswith("AWS::EC2::"))
def test_an_endpoint_that_ignores_filters_shows_no_other_object(
    world: AwsWorld, case: Case
) -> None:
    spec = case.full(world)
    remote_id = world.create(case.type, spec)
    world.aws.inject(
        Fault(kind=FaultKind.UNFILTERED, service="ec2", operation="Describe*", count=None)
    )
    other = world.operation(case.type, {}, token="f" * 32)
    assert world.is_absent(case.type, RemoteId(case.absent))
    assert world.cloud.find(other) is None
    assert world.differences(case.type, remote_id, spec) == ()
    world.aws.clear_faults()


def test_rules_are_never_written_into_the_default_group(world: AwsWorld) -> None:
    world.aws.inject(
        Fault(kind=FaultKind.UNFILTERED, service="ec2", operation="Describe*", count=None)
    )
    absent = RemoteId("sg-0123456789abcdef0")
    with pytest.raises(CloudError, match="is gone"):
        world.update(GROUP, absent, {"GroupDescription": "d"}, RULES, within_s=1)
    world.aws.clear_faults()
    groups = world.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    assert [group["IpPermissions"] for group in groups if group["GroupName"] == "default"] == [
        []
    ] * len(groups)


@pytest.mark.parametrize("name", ["ml*", "m?", "*"])
def test_a_name_is_no_pattern(world: AwsWorld, name: str) -> None:
    for taken in ("ml", "mlops"):
        world.create(GROUP, {"GroupDescription": "theirs", "GroupName": taken}, token=taken)
    asked = world.operation(GROUP, {"GroupDescription": "d", "GroupName": name})
    assert world.cloud.find(asked) is None
    made = world.create(GROUP, {"GroupDescription": "d", "GroupName": name})
    found = world.cloud.find(asked)
    assert found is not None
    assert found.remote_id == made


@pytest.mark.parametrize(
    ("value", "escaped"),
    [("ml*", "ml\\*"), ("a?b", "a\\?b"), ("c\\d", "c\\\\d"), ("plain", "plain")],
)
def test_wildcards_are_escaped(value: str, escaped: str) -> None:
    assert literal(value) == escaped


def test_a_bucket_of_another_region_is_not_read_and_its_name_is_taken(world: AwsWorld) -> None:
    where = {"LocationConstraint": "eu-west-1"}
    client = world.aws.client("s3", "eu-west-1")
    client.create_bucket(Bucket="far-away", CreateBucketConfiguration=where)
    with pytest.raises(CloudError, match=r"region eu-west-1, and this environment is in us-east-1"):
        world.observe(BUCKET, RemoteId("far-away"), {"Tags"})
    found = world.cloud.find(world.operation(BUCKET, {"BucketName": "far-away"}))
    assert found is not None
    assert found.lineage is None


def test_an_answer_about_another_object_is_refused(world: AwsWorld) -> None:
    """IAM compares names without case; GetRole of the real one may answer with another spelling."""
    iam = world.aws.client("iam")
    document = json.dumps(trust("ec2.amazonaws.com"))
    iam.create_role(RoleName="Trainer", AssumeRolePolicyDocument=document)
    request = ReadRequest(
        address=Address("a"),
        type="AWS::IAM::Role",
        remote_id=RemoteId("trainer"),
        route=Route.NATIVE,
        surfaces=frozenset(),
    )
    assert world.cloud.read([request]) == {"a": Absent()}
