"""What AWS will refuse is asked of it before, and it refuses just that, over HTTP.

The kind: the plan says one thing, the apply meets another. Each row asks, then tries all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.errors import CloudError
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Roles
from gitbot.model.observed import Deed, Making, Objection, Removing
from gitbot.model.schema import Route
from gitbot.providers.aws.cloud import AwsCloud
from gitbot.providers.aws.clouds import AwsClouds
from gitbot.providers.aws.permissions import policy
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.aws.moto_servicequotas import QUOTAS
from tests.contract.aws.cases.case import AMI, trust
from tests.contract.aws.cases.sagemaker import ROLE, domain
from tests.contract.aws.world import ADDRESS, REGION, AwsWorld, environment

INSTANCE, GROUP, BUCKET = "AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::S3::Bucket"
DOMAIN = "AWS::SageMaker::Domain"
ARM = "ami-0e9271c829888680e"


def making(type_: str, properties: Mapping[str, Any]) -> Making:
    return Making(address=ADDRESS, type=type_, route=Route.NATIVE, properties=properties)


def asked(world: AwsWorld, *deeds: Deed, calls: list[str]) -> list[Objection]:
    """What is objected to; asked again, nothing is asked of AWS a second time."""
    world.aws.forget_calls()
    found = [*world.cloud.objections(deeds)]
    assert sorted(call.operation for call in world.aws.calls) == sorted(calls)
    assert [*world.cloud.objections(deeds)] == found
    assert len(world.aws.calls) == len(calls)
    return found


TYPES, OFFERED, IMAGE = "DescribeInstanceTypes", "DescribeInstanceTypeOfferings", "DescribeImages"
QUOTA = ["GetServiceQuota", "DescribeInstances"]


@pytest.mark.parametrize(
    ("spec", "calls", "says", "code"),
    [
        pytest.param(
            {"ImageId": AMI, "InstanceType": "p4d.24xlarge", "AvailabilityZone": "us-east-1f"},
            [TYPES, OFFERED, IMAGE],
            "us-east-1f does not offer `p4d.24xlarge`. Choose another type, or a subnet or zone among us-east-1a,",
            "Unsupported",
            id="a zone",
        ),
        pytest.param(
            {"ImageId": AMI, "InstanceType": "g5.xlarge", "SubnetId": "us-east-1e"},
            [TYPES, OFFERED, "DescribeSubnets", IMAGE],
            "us-east-1e does not offer `g5.xlarge`.",
            "Unsupported",
            id="the zone of a subnet",
        ),
        pytest.param(
            {"ImageId": ARM, "InstanceType": "t3.micro"},
            [TYPES, IMAGE],
            f"the image {ARM} is for `arm64`, and a `t3.micro` runs `x86_64` only.",
            "InvalidParameterValue",
            id="an image for other processors",
        ),
        pytest.param(
            {"ImageId": "ami-0a1", "InstanceType": "t3.micro"},
            [TYPES, IMAGE],
            "us-east-1 has no image ami-0a1 that this account may use.",
            "InvalidAMIID.Malformed",
            id="an image that there is not",
        ),
        pytest.param(
            {"ImageId": AMI, "InstanceType": "t3.micro", "AvailabilityZone": "us-east-1a"},
            [TYPES, OFFERED, IMAGE],
            "",
            "",
            id="nothing",
        ),
    ],
)
def test_a_machine_is_refused_as_foretold(
    world: AwsWorld, spec: dict[str, str], calls: list[str], says: str, code: str
) -> None:
    if "SubnetId" in spec:
        spec = spec | {"SubnetId": default_subnet(world, spec["SubnetId"])}
    found = asked(world, making(INSTANCE, spec), calls=[*calls, *QUOTA])
    assert [says in f"{one.why} {one.fix}" for one in found] == ([True] if says else [])
    assert not any(one.remark for one in found)
    assert refusal(world, INSTANCE, spec) == code


@pytest.mark.parametrize(
    ("type_", "spec", "calls", "says"),
    [
        pytest.param(
            "AWS::EC2::LaunchTemplate",
            {"LaunchTemplateData": {"ImageId": ARM, "InstanceType": "t3.micro"}},
            [TYPES, IMAGE],
            "runs `x86_64` only",
            id="a launch template with an image for other processors",
        ),
        pytest.param(
            "AWS::EC2::LaunchTemplate",
            {"LaunchTemplateData": {"InstanceType": "t99.micro"}},
            [TYPES, OFFERED],
            "has no instance type `t99.micro`",
            id="a launch template with a type that there is not",
        ),
        pytest.param(
            "AWS::Batch::ComputeEnvironment",
            {"Type": "MANAGED", "ComputeResources": {"InstanceTypes": ["optimal", "t99.large"]}},
            [TYPES, OFFERED],
            "has no instance type `t99.large`",
            id="a computing environment",
        ),
    ],
)
def test_what_starts_machines_later_is_asked_about_as_a_machine_is(
    world: AwsWorld, type_: str, spec: dict[str, Any], calls: list[str], says: str
) -> None:
    [found] = asked(world, making(type_, spec), calls=calls)
    assert says in found.why
    assert not found.remark


def test_a_machine_with_a_key_pair_that_there_is_not_is_refused_as_foretold(
    world: AwsWorld,
) -> None:
    spec = {"ImageId": AMI, "InstanceType": "t3.micro", "KeyName": "gone"}
    [remark] = asked(
        world, making(INSTANCE, spec), calls=[TYPES, IMAGE, "DescribeKeyPairs", *QUOTA]
    )
    assert remark.remark
    assert "has no key pair `gone`" in remark.why
    assert refusal(world, INSTANCE, spec) == "InvalidKeyPair.NotFound"
    world.aws.client("ec2").create_key_pair(KeyName="gone")
    world.reopen()
    assert [*world.cloud.objections([making(INSTANCE, spec)])] == []


def refusal(world: AwsWorld, type_: str, spec: Mapping[str, Any]) -> str:
    """The code with which AWS refuses to make it; empty where it is made."""
    try:
        world.create(type_, spec, within_s=5)
    except CloudError as error:
        return error.code
    return ""


def default_subnet(world: AwsWorld, zone: str) -> str:
    subnets = world.aws.client("ec2").describe_subnets(
        Filters=[{"Name": "availability-zone", "Values": [zone]}]
    )
    return str(subnets["Subnets"][0]["SubnetId"])


def test_a_stopped_machine_that_gets_a_type_its_image_cannot_run_does_not_start(
    world: AwsWorld,
) -> None:
    spec = {"ImageId": AMI, "InstanceType": "t3.micro"}
    remote_id = world.create(INSTANCE, spec)
    with pytest.raises(CloudError, match=r"architecture 'arm64' of the specified instance type"):
        world.update(INSTANCE, remote_id, spec, spec | {"InstanceType": "t4g.micro"})


def test_a_bucket_with_an_old_version_is_not_deleted_as_foretold(world: AwsWorld) -> None:
    spec = {"BucketName": "ml-full", "VersioningConfiguration": {"Status": "Enabled"}}
    remote_id = world.create(BUCKET, spec)
    s3 = world.aws.client("s3")
    s3.put_object(Bucket="ml-full", Key="a", Body=b"a")
    s3.delete_object(Bucket="ml-full", Key="a")
    gone = Removing(address=ADDRESS, type=BUCKET, remote_id=remote_id)
    [remark] = asked(world, gone, calls=["ListObjectVersions"])
    assert remark.remark
    assert "bucket `ml-full` is not empty" in remark.why
    emptied = replace(gone, empties=True)
    assert asked(world, emptied, calls=["GetObjectLockConfiguration"]) == []
    lock = {"ObjectLockEnabled": "Enabled"}
    s3.put_object_lock_configuration(Bucket="ml-full", ObjectLockConfiguration=lock)
    world.reopen()
    [remark] = world.cloud.objections([emptied])
    assert remark.remark
    assert "`ml-full` has Object Lock on" in remark.why
    with pytest.raises(CloudError, match="is not empty and was left as it is"):
        world.cloud.delete(world.operation(BUCKET, spec), remote_id)


_VERSIONS = {"VersioningConfiguration": {"Status": "Enabled"}}
_LOOKS = ["GetBucketVersioning", "GetObjectLockConfiguration", "GetBucketReplication"]
_COPIES = {
    "ReplicationConfiguration": {
        "Role": "arn:aws:iam::123456789012:role/copies",
        "Rules": [{"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::elsewhere"}}],
    }
}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({}, {"ObjectLockEnabled": True}, "ObjectLockEnabled needs versioning"),
        ({}, _COPIES, "ReplicationConfiguration needs versioning"),
        ({"ObjectLockEnabled": True, **_VERSIONS}, {"ObjectLockEnabled": True}, "never suspends"),
        ({**_VERSIONS, **_COPIES}, _COPIES, "does not suspend its versioning"),
    ],
)
def test_a_bucket_without_the_versions_that_it_needs_is_refused_as_foretold(
    world: AwsWorld, before: dict[str, Any], after: dict[str, Any], says: str
) -> None:
    named = {"BucketName": "needs-versions"}
    remote_id = world.create(BUCKET, named | before)
    changed = frozenset(name for name in before | after if before.get(name) != after.get(name))
    deed = replace(making(BUCKET, named | after), changed=changed, remote_id=remote_id)
    [objection] = asked(world, deed, calls=_LOOKS)
    assert says in objection.why
    assert not objection.remark
    with pytest.raises(CloudError, match=r"InvalidBucketState|[Vv]ersioning"):
        world.update(BUCKET, remote_id, named | before, named | after, within_s=1)


def test_a_new_bucket_with_object_lock_has_versions_by_itself(world: AwsWorld) -> None:
    spec = {"BucketName": "locks", "ObjectLockEnabled": True}
    assert asked(world, making(BUCKET, spec), calls=[]) == []
    world.create(BUCKET, spec)
    assert world.aws.client("s3").get_bucket_versioning(Bucket="locks")["Status"] == "Enabled"
    copies = {"BucketName": "copies", **_COPIES}
    [objection] = asked(world, making(BUCKET, copies), calls=[])
    assert "ReplicationConfiguration needs versioning" in objection.why
    with pytest.raises(CloudError, match="ersioning"):
        world.create(BUCKET, copies)


def test_a_domain_with_a_user_profile_and_an_app_is_not_deleted_as_foretold(
    world: AwsWorld,
) -> None:
    spec = domain(world)
    remote_id = world.create(DOMAIN, spec)
    own = {"DomainId": remote_id, "UserProfileName": "ann"}
    sagemaker = world.aws.client("sagemaker")
    sagemaker.create_user_profile(**own)
    app = {**own, "AppType": "JupyterLab", "AppName": "default"}
    sagemaker.create_app(**app)
    gone = Removing(address=ADDRESS, type=DOMAIN, remote_id=remote_id)
    [remark] = asked(world, gone, calls=["ListApps", "ListSpaces", "ListUserProfiles"])
    assert remark.remark
    assert "has app default (JupyterLab) of ann, user profile ann" in remark.why
    with pytest.raises(CloudError, match="user profile ann would have to go first"):
        world.cloud.delete(world.operation(DOMAIN, spec), remote_id)
    sagemaker.delete_app(**app)
    sagemaker.delete_user_profile(**own)
    world.reopen()
    assert [*world.cloud.objections([gone])] == []
    world.cloud.delete(world.operation(DOMAIN, spec), remote_id)


@pytest.mark.parametrize("with_it", [False, True], ids=["set already", "in the same update"])
def test_another_network_for_a_domain_with_rstudio_is_refused_as_foretold(
    world: AwsWorld, with_it: bool
) -> None:
    rstudio = {"RStudioServerProDomainSettings": {"DomainExecutionRoleArn": ROLE}}
    before = domain(world) if with_it else {**domain(world), "DomainSettings": rstudio}
    after = {
        **domain(world),
        "DomainSettings": rstudio,
        "AppNetworkAccessType": "VpcOnly",
        "AppSecurityGroupManagement": "Service",
    }
    remote_id = world.create(DOMAIN, before)
    changed = frozenset(name for name in after if after[name] != before.get(name))
    deed = replace(making(DOMAIN, after), changed=changed, remote_id=remote_id)
    [objection] = asked(world, deed, calls=[])
    assert "AppNetworkAccessType of a domain with RStudio" in objection.why
    assert not objection.remark
    with pytest.raises(CloudError, match="of a domain with RStudio cannot be changed"):
        world.update(DOMAIN, remote_id, before, after)


PROTECTED = {
    INSTANCE: {"ImageId": AMI, "InstanceType": "t3.micro", "DisableApiTermination": True},
    "AWS::DynamoDB::Table": {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": True,
    },
    "AWS::Logs::LogGroup": {"LogGroupName": "/kept", "DeletionProtectionEnabled": True},
}


@pytest.mark.parametrize("type_", PROTECTED)
def test_what_is_protected_is_not_deleted_as_foretold(world: AwsWorld, type_: str) -> None:
    """The kind: a protection that somebody turned on, of which the spec says nothing."""
    remote_id = world.create(type_, PROTECTED[type_])
    gone = Removing(address=ADDRESS, type=type_, remote_id=remote_id)
    [remark] = world.cloud.objections([gone])
    assert remark.remark
    assert remark.why == f"`{remote_id}` is protected against deletion."
    way = f"Set `{list(PROTECTED[type_])[-1]}: false` and apply that"
    assert remark.fix == f"{way} before this."
    with pytest.raises(CloudError, match=f"{way} first: .* `--target {ADDRESS}`"):
        world.cloud.delete(world.operation(type_, {}), remote_id)


def test_a_group_on_a_machine_that_stays_is_not_deleted_as_foretold(world: AwsWorld) -> None:
    group = {"GroupDescription": "ssh"}
    remote_id = world.create(GROUP, group)
    machine = {"ImageId": AMI, "InstanceType": "t3.micro", "SecurityGroupIds": [remote_id]}
    instance = world.create(INSTANCE, machine, token="0" * 32)
    gone = Removing(address=ADDRESS, type=GROUP, remote_id=remote_id)
    with_it = Removing(address=ADDRESS, type=INSTANCE, remote_id=instance)
    whether_protected = ["DescribeInstances", "DescribeInstanceAttribute"]
    calls = ["DescribeNetworkInterfaces", *whether_protected]
    assert asked(world, gone, with_it, calls=calls) == []
    [remark] = world.cloud.objections([gone])
    assert remark.remark
    assert f"security group `{remote_id}` is in use by {instance}" in remark.why
    with pytest.raises(CloudError, match=f"{instance} would have to go first"):
        world.cloud.delete(world.operation(GROUP, group), remote_id)


@pytest.mark.parametrize(
    ("type_", "spec", "quota", "value", "says", "code"),
    [
        pytest.param(
            INSTANCE,
            {"ImageId": AMI, "InstanceType": "g5.xlarge"},
            "L-DB2E81BA",
            7,
            "4 more vCPUs of on-demand G and VT instances, us-east-1 has 4 already",
            "VcpuLimitExceeded",
            id="machines",
        ),
        pytest.param(
            INSTANCE,
            {"ImageId": AMI, "placement": {"instanceTypes": ["g5.xlarge"], "spot": True}},
            "L-3819A6DF",
            4,
            "4 more vCPUs of spot G and VT instances, us-east-1 has 4 already",
            "MaxSpotInstanceCountExceeded",
            id="machines on spot",
        ),
        pytest.param(
            "AWS::EC2::VPC",
            {"CidrBlock": "10.9.0.0/16"},
            "L-F678F1CE",
            2,
            "1 more VPCs, us-east-1 has 2 already",
            "VpcLimitExceeded",
            id="networks",
        ),
        pytest.param(
            "AWS::EC2::InternetGateway",
            {},
            "L-A4707A72",
            1,
            "1 more internet gateways, us-east-1 has 1 already",
            "InternetGatewayLimitExceeded",
            id="gateways",
        ),
        pytest.param(
            "AWS::EC2::EIP",
            {},
            "L-0263D0A3",
            1,
            "1 more Elastic IP addresses, us-east-1 has 1 already",
            "AddressLimitExceeded",
            id="addresses",
        ),
    ],
)
def test_what_is_beyond_a_quota_is_refused_as_foretold(
    world: AwsWorld,
    type_: str,
    spec: dict[str, Any],
    quota: str,
    value: float,
    says: str,
    code: str,
) -> None:
    QUOTAS[REGION, quota] = value
    assert [*world.cloud.objections([making(type_, spec)])] == []
    world.create(type_, spec, token="0" * 32)
    world.reopen()
    [remark] = world.cloud.objections([making(type_, spec)])
    assert remark.remark
    assert says in remark.why
    assert f"(quota {quota})" in remark.why
    assert refusal(world, type_, spec) == code


def test_what_the_role_may_not_ask_is_not_told(world: AwsWorld) -> None:
    denied = Fault(
        kind=FaultKind.ERROR,
        operation="Describe*",
        count=None,
        status=403,
        code="UnauthorizedOperation",
        message="no",
    )
    world.aws.inject(denied)
    spec = {"ImageId": ARM, "InstanceType": "odd", "AvailabilityZone": "us-east-1f"}
    assert [*world.cloud.objections([making(INSTANCE, spec)])] == []
    assert denied in world.aws.faults
    assert TYPES in {call.operation for call in world.aws.calls}
    world.aws.clear_faults()
    world.reopen()
    assert [*world.cloud.objections([making(INSTANCE, spec)])]


@pytest.mark.parametrize(
    ("kind", "status"), [(FaultKind.ERROR, 503), (FaultKind.ERROR, 400), (FaultKind.LOST_REPLY, 0)]
)
def test_a_plan_does_without_remarks_that_aws_does_not_answer(
    world: AwsWorld, kind: FaultKind, status: int
) -> None:
    """It does not wait for them either: each is asked once."""
    world.aws.inject(Fault(kind=kind, operation="GetServiceQuota", count=None, status=status))
    world.aws.forget_calls()
    assert [*world.cloud.objections([making("AWS::EC2::VPC", {"CidrBlock": "10.9.0.0/16"})])] == []
    assert [call.operation for call in world.aws.calls] == ["GetServiceQuota"]
    world.aws.clear_faults()


MAY = ["ec2:*", "iam:Get*", "iam:SimulatePrincipalPolicy", "s3:*", "servicequotas:*", "sts:*"]


def role(world: AwsWorld, name: str, *statements: Any) -> str:
    """The ARN of a new role with this policy."""
    iam = world.aws.client("iam")
    made = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com")), Path="/ml/"
    )
    if statements:
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="it", PolicyDocument=text)
    return str(made["Role"]["Arn"])


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": "*", **more}


def of_role(world: AwsWorld, arn: str) -> AwsCloud:
    return world.clouds.open(environment(roles=Roles(apply=arn)), Purpose.APPLY)


ELSEWHERE = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
HERE = {"StringEquals": {"aws:RequestedRegion": REGION}}


@pytest.mark.parametrize(
    ("name", "statements", "says"),
    [
        pytest.param(
            "none",
            [allow(*MAY[:3], "s3:List*")],
            "no policy allows that to arn:aws:iam::123456789012:role/ml/none",
            id="not allowed",
        ),
        pytest.param(
            "denied",
            [allow(*MAY), allow("s3:CreateBucket", Effect="Deny")],
            "a policy denies that to",
            id="denied",
        ),
        pytest.param(
            "elsewhere",
            [allow(*MAY[:3], "s3:List*"), allow("s3:*", Condition=ELSEWHERE)],
            "no policy allows that",
            id="allowed in another region",
        ),
        pytest.param("all", [allow(*MAY, Condition=HERE)], "", id="allowed here"),
    ],
)
def test_a_missing_right_is_refused_as_foretold(
    world: AwsWorld, name: str, statements: list[Any], says: str
) -> None:
    cloud = of_role(world, role(world, name, *statements))
    spec = {"BucketName": f"ml-{name}"}
    world.aws.forget_calls()
    found = [*cloud.objections([making(BUCKET, spec)])]
    assert [call.operation for call in world.aws.calls] == ["SimulatePrincipalPolicy"]
    assert [(one.remark, says in one.why) for one in found] == ([(True, True)] if says else [])
    if says:
        with pytest.raises(CloudError, match="s3:CreateBucket"):
            cloud.create(world.operation(BUCKET, spec))
    else:
        cloud.create(world.operation(BUCKET, spec))


@pytest.mark.parametrize(
    ("name", "more", "says"),
    [
        ("not", [], "because no policy allows it"),
        (
            "other",
            [allow("iam:PassRole", Resource="arn:aws:iam::*:role/other-*")],
            "because no policy allows it",
        ),
        (
            "elsewhere",
            [allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "x"}})],
            "because no policy allows it",
        ),
        (
            "deny",
            [allow("iam:PassRole"), allow("iam:PassRole", Effect="Deny")],
            "because a policy denies it",
        ),
        ("may", [allow("iam:PassRole", Resource="arn:aws:iam::*:role/ml/job")], ""),
    ],
)
def test_a_role_that_may_not_be_passed_is_refused_as_foretold(
    world: AwsWorld, name: str, more: list[Any], says: str
) -> None:
    """EC2 says in code only which right was missing; the code is read."""
    job, iam = role(world, "job"), world.aws.client("iam")
    iam.create_instance_profile(InstanceProfileName="gpu")
    iam.add_role_to_instance_profile(InstanceProfileName="gpu", RoleName="job")
    cloud = of_role(world, role(world, f"pass-{name}", allow(*MAY), *more))
    spec = {"ImageId": AMI, "InstanceType": "t3.micro", "IamInstanceProfile": "gpu"}
    found = [*cloud.objections([making(INSTANCE, spec)])]
    words = f"it gives the role {job} to ec2.amazonaws.com"
    assert [(one.remark, words in one.why) for one in found] == ([(True, True)] if says else [])
    if says:
        with pytest.raises(CloudError) as refused:
            cloud.create(world.operation(INSTANCE, spec))
        assert f"iam:PassRole on resource: {job}, {says}" in str(refused.value)
        assert "Allow `iam:PassRole` in its policy" in str(refused.value)
        assert "Encoded" not in str(refused.value)
    else:
        cloud.create(world.operation(INSTANCE, spec))


def test_a_role_that_may_not_decode_a_denial_is_told_the_call(world: AwsWorld) -> None:
    cloud = of_role(world, role(world, "few", allow("ec2:Describe*")))
    with pytest.raises(CloudError, match="Allow `ec2:RunInstances`") as refused:
        cloud.create(world.operation(INSTANCE, {"ImageId": AMI, "InstanceType": "t3.micro"}))
    assert "Encoded" not in str(refused.value)


def test_whom_nobody_made_is_not_simulated(world: AwsWorld) -> None:
    world.aws.forget_calls()
    assert [*world.cloud.objections([making(BUCKET, {})])] == []
    assert "SimulatePrincipalPolicy" not in {call.operation for call in world.aws.calls}
    cloud = of_role(world, "arn:aws:iam::123456789012:role/nobody")
    world.aws.forget_calls()
    assert [*cloud.objections([making(BUCKET, {})])] == []
    assert [call.operation for call in world.aws.calls] == ["SimulatePrincipalPolicy"]


def test_the_rights_that_are_printed_suffice_to_ask_about_the_session_that_gitbot_runs_in(
    world: AwsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = policy([BUCKET], Purpose.APPLY, region=REGION, handlers=lambda _: {})["Statement"]
    never = {"Effect": "Deny", "Action": "s3:CreateBucket", "Resource": "*"}
    arn = role(world, "runs-gitbot", *printed, never)
    sts = world.aws.client("sts")
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="ci")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
    clouds = AwsClouds(world.catalog, SystemClock(), hide=str, endpoint_url=world.aws.url)
    cloud = clouds.open(environment(), Purpose.APPLY)
    [remark] = cloud.objections([making(BUCKET, {})])
    assert remark.remark
    assert "s3:CreateBucket" in remark.why
    assert arn in remark.why
