"""Plan, apply, plan again and destroy the examples and every native type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.errors import SpecError
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.target import Target
from gitbot.model.places import SqlitePlace
from gitbot.model.plan import Action, Guard
from gitbot.providers.aws.catalog import open_catalog
from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.sandbox import example_files
from tests.contract.engine_world import (
    MINUTE,
    apply,
    known,
    on,
    plans,
    recovered,
    stack,
    state_at,
    target,
)

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFIxZWaQrXqJxXl3bD5u0sLQd0rnVxX0Gx0yGm1x0J5h ada"

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)

NETWORK = """\
vpc:
  type: AWS::EC2::VPC
  properties: {CidrBlock: 10.20.0.0/16, EnableDnsHostnames: true}
net:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.1.0/24, MapPublicIpOnLaunch: true}
gateway:
  type: AWS::EC2::InternetGateway
attachment:
  type: AWS::EC2::VPCGatewayAttachment
  properties: {VpcId: "${vpc.VpcId}", InternetGatewayId: "${gateway.InternetGatewayId}"}
table:
  type: AWS::EC2::RouteTable
  properties: {VpcId: "${vpc.VpcId}"}
out:
  type: AWS::EC2::Route
  properties:
    RouteTableId: ${table.RouteTableId}
    DestinationCidrBlock: 0.0.0.0/0
    GatewayId: ${gateway.InternetGatewayId}
  lifecycle: {dependsOn: [attachment]}
association:
  type: AWS::EC2::SubnetRouteTableAssociation
  properties: {RouteTableId: "${table.RouteTableId}", SubnetId: "${net.SubnetId}"}
group:
  type: AWS::EC2::SecurityGroup
  properties: {GroupDescription: web, VpcId: "${vpc.VpcId}"}
"""
RULES = (
    NETWORK
    + """\
ingress:
  type: AWS::EC2::SecurityGroupIngress
  properties:
    GroupId: ${group.GroupId}
    IpProtocol: tcp
    FromPort: 443
    ToPort: 443
    CidrIp: 203.0.113.5/32
egress:
  type: AWS::EC2::SecurityGroupEgress
  properties:
    GroupId: ${group.GroupId}
    IpProtocol: udp
    FromPort: 53
    ToPort: 53
    DestinationSecurityGroupId: ${group.GroupId}
"""
)

RESOURCES = {
    "AWS::EC2::VPC": "vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.20.0.0/16}}\n",
    "AWS::EC2::InternetGateway": "gateway: {type: AWS::EC2::InternetGateway}\n",
    **dict.fromkeys(
        (
            "AWS::EC2::Subnet",
            "AWS::EC2::VPCGatewayAttachment",
            "AWS::EC2::RouteTable",
            "AWS::EC2::Route",
            "AWS::EC2::SubnetRouteTableAssociation",
        ),
        NETWORK,
    ),
    **dict.fromkeys(("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"), RULES),
    "AWS::S3::Bucket": """\
bucket:
  type: AWS::S3::Bucket
  properties:
    BucketName: every-type-bucket
    VersioningConfiguration: {Status: Enabled}
    CorsConfiguration:
      CorsRules: [{AllowedMethods: [GET], AllowedOrigins: ["https://example.com"]}]
    OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}
    LifecycleConfiguration:
      Rules:
        - Id: old
          Status: Enabled
          NoncurrentVersionTransitions: [{StorageClass: STANDARD_IA, TransitionInDays: 30}]
""",
    "AWS::S3::BucketPolicy": """\
bucket:
  type: AWS::S3::Bucket
  properties: {BucketName: every-type-policy}
policy:
  type: AWS::S3::BucketPolicy
  properties:
    Bucket: ${bucket.BucketName}
    PolicyDocument:
      Version: 2012-10-17
      Statement:
        - Effect: Deny
          Principal: "*"
          Action: "s3:*"
          Resource: ["${bucket.Arn}", "${bucket.Arn}/*"]
          Condition: {Bool: {"aws:SecureTransport": "false"}}
""",
    "AWS::EC2::SecurityGroup": """\
ssh:
  type: AWS::EC2::SecurityGroup
  properties:
    GroupDescription: SSH
    SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}]
    SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}]
""",
    "AWS::EC2::KeyPair": f"""\
key:
  type: AWS::EC2::KeyPair
  properties: {{KeyName: every-type, PublicKeyMaterial: {KEY}}}
""",
    "AWS::IAM::Role": f"""\
role:
  type: AWS::IAM::Role
  properties:
    AssumeRolePolicyDocument: {TRUST}
    MaxSessionDuration: 7200
    Policies:
      - PolicyName: read
        PolicyDocument:
          Version: 2012-10-17
          Statement: [{{Effect: Allow, Action: "s3:GetObject", Resource: "*"}}]
""",
    "AWS::IAM::InstanceProfile": f"""\
role:
  type: AWS::IAM::Role
  properties: {{AssumeRolePolicyDocument: {TRUST}}}
profile:
  type: AWS::IAM::InstanceProfile
  properties: {{Roles: ["${{role.RoleName}}"]}}
""",
    "AWS::EC2::Instance": f"""\
role:
  type: AWS::IAM::Role
  properties: {{AssumeRolePolicyDocument: {TRUST}}}
profile:
  type: AWS::IAM::InstanceProfile
  properties: {{Roles: ["${{role.RoleName}}"]}}
key:
  type: AWS::EC2::KeyPair
  properties: {{KeyName: every-type-instance, PublicKeyMaterial: {KEY}}}
ssh:
  type: AWS::EC2::SecurityGroup
  properties: {{GroupDescription: SSH}}
trainer:
  type: AWS::EC2::Instance
  properties:
    ImageId: ami-0a1b2c3d4e5f60718
    InstanceType: g4dn.xlarge
    KeyName: ${{key.KeyName}}
    SecurityGroupIds: ["${{ssh.GroupId}}"]
    IamInstanceProfile: ${{profile.InstanceProfileName}}
    UserData: "${{base64('#!/bin/sh')}}"
    MetadataOptions: {{HttpTokens: required}}
""",
}


ONE_DISK_TOO_MANY = """\
trainer:
  type: AWS::EC2::Instance
  properties:
    ImageId: ami-0a1b2c3d4e5f60718
    InstanceType: t3.micro
    BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {VolumeSize: 100}}]
"""


BY_TEXT = {text: name for name, text in reversed(RESOURCES.items())}
"""One case for each text: a network is one for all the types that it is made of."""
CASES = {name: stack(text) for text, name in BY_TEXT.items()} | {"examples": example_files()}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as made:
        made.reset()  # the worlds of one process share one cloud
        yield made


@pytest.fixture(scope="module")
def opened(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    store = tmp_path_factory.mktemp("types") / "state.db"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        with open_engine(SqlitePlace(store), hash_key="k" * 32) as made:
            yield made


def test_a_plan_refuses_what_the_cloud_would_make_otherwise(opened: Opened) -> None:
    """The kind: a valid spec that makes something else than it says, seen only on the bill."""
    with pytest.raises(SpecError) as refused:
        plans(opened, target(opened, stack(ONE_DISK_TOO_MANY)))
    (problem,) = refused.value.diagnostics
    assert (problem.code, problem.file, problem.line) == ("made-otherwise", "specs/dev/it.yaml", 6)
    assert "is called `/dev/sda1`" in problem.detail


def left_behind(aws: LocalAws) -> dict[str, list[str]]:
    ec2, iam = aws.client("ec2"), aws.client("iam")
    instances = [
        instance["InstanceId"]
        for reservation in ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] != "terminated"
    ]
    groups = ec2.describe_security_groups()["SecurityGroups"]
    return {
        "instances": instances,
        "groups": [g["GroupName"] for g in groups if g["GroupName"] != "default"],
        "vpcs": [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]],
        "subnets": [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]],
        "gateways": [
            g["InternetGatewayId"] for g in ec2.describe_internet_gateways()["InternetGateways"]
        ],
        "tables": [t["RouteTableId"] for t in ec2.describe_route_tables()["RouteTables"]],
        "keys": [k["KeyName"] for k in ec2.describe_key_pairs()["KeyPairs"]],
        "volumes": [v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]],
        "buckets": [b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]],
        "roles": [r["RoleName"] for r in iam.list_roles()["Roles"]],
        "profiles": [
            p["InstanceProfileName"] for p in iam.list_instance_profiles()["InstanceProfiles"]
        ],
    }


def test_every_native_type_has_a_case() -> None:
    assert set(open_catalog().native_names()) == set(RESOURCES)


def assert_a_lost_store_is_recovered(opened: Opened, it: Target, path: Path) -> None:
    """The kind: a lost store whose state comes back different, or only with an apply."""
    before = [one for one in opened.engine.state.read_all(it.key) if not one.empty]
    lost = on(opened, state_at(opened, path))
    found = recovered(lost, it)
    assert [one.proven for one in found.stacks] == [True] * len(before)
    assert found.strangers == ()
    after = lost.engine.state.read_all(it.key)
    assert list(map(known, after)) == list(map(known, before))
    assert all(two.serial > one.serial for one, two in zip(before, after, strict=True))
    assert plans(lost, it) == []


def assert_what_state_lost_is_found_and_adopted(opened: Opened, it: Target) -> None:
    """The kind: after a restored backup, what was made since is made a second time."""
    state = opened.engine.state
    with hold(
        state, it.key, LocalProcesses().name("test"), ttl=MINUTE, clock=opened.engine.clock
    ) as lease:
        for stack in state.stacks(it.key):
            for address in state.read(stack).resources:
                state.forget(lease(), stack, address)
    for plan in plans(opened, it):
        found = {change.action for change in plan.effective}
        assert found == {Action.ADOPT}
        assert plan.guards == ()
    apply(opened, it)
    assert plans(opened, it) == []


@pytest.mark.parametrize("case", CASES)
def test_apply_then_plan_is_empty_and_destroy_leaves_nothing(
    opened: Opened, aws: LocalAws, case: str, tmp_path: Path
) -> None:
    before = left_behind(aws)
    it = target(opened, CASES[case])
    assert plans(opened, it)
    apply(opened, it)
    assert plans(opened, it) == []
    made = left_behind(aws)
    assert_a_lost_store_is_recovered(opened, it, tmp_path / "recovered.db")
    assert_what_state_lost_is_found_and_adopted(opened, it)
    assert left_behind(aws) == made
    apply(opened, target(opened, CASES[case], nothing=True))
    assert left_behind(aws) == before
    assert all(
        opened.engine.state.read(stack).empty for stack in opened.engine.state.stacks(it.key)
    )


def test_a_bucket_is_never_destroyed_without_a_guard(opened: Opened) -> None:
    files = CASES["AWS::S3::Bucket"]
    apply(opened, target(opened, files))
    (plan,) = plans(opened, target(opened, files, nothing=True))
    assert [hit.guard for hit in plan.guards] == [Guard.STATEFUL_DELETE]
    assert [c.action for c in plan.effective] == [Action.DELETE]
    apply(opened, target(opened, files, nothing=True))
