"""An identifier of one type where that of another belongs is a diagnostic when the spec is loaded, without any call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from gitbot.language.object_kinds import kind_of_text
from gitbot.providers.aws.named_objects import NAMED, OF_TYPE
from tests.unit.language.test_aws_specs import CATALOG, load

THERE = """\
vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}
net: {type: AWS::EC2::Subnet, properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.0.0.0/24}}
web: {type: AWS::EC2::SecurityGroup, properties: {GroupDescription: d, VpcId: "${vpc.VpcId}"}}
key: {type: AWS::KMS::Key, properties: {KeyPolicy: {Statement: {Effect: Allow, Principal: '*', Action: 'kms:*'}}}}
news: {type: AWS::SNS::Topic}
role:
  type: AWS::IAM::Role
  properties:
    AssumeRolePolicyDocument:
      Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]
"""
MACHINE = "box: {type: AWS::EC2::Instance, properties: {ImageId: ami-0123456789abcdef0, %s}}\n"
CLUSTER = "c: {type: AWS::EKS::Cluster, properties: {RoleArn: '%s', ResourcesVpcConfig: {SubnetIds: ['%s']}}}\n"
SUBSCRIPTION = "b: {type: AWS::SNS::Subscription, properties: {Protocol: email, Endpoint: a@b.example, TopicArn: '%s'}}\n"
LOGS = "l: {type: AWS::Logs::LogGroup, properties: {KmsKeyId: '%s'}}\n"
GROUP, SUBNET, VPC = "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC"


def said(resources: str) -> list[str]:
    """The details of the diagnostics about kinds of objects."""
    found = load(THERE + resources).diagnostics
    return [one.detail for one in found if "belongs here" in one.detail]


@pytest.mark.parametrize(
    ("resources", "named", "wanted"),
    [
        (MACHINE % 'SecurityGroupIds: ["${net.SubnetId}"]', SUBNET, GROUP),
        (MACHINE % 'SubnetId: "${web.GroupId}"', GROUP, SUBNET),
        (MACHINE % 'SubnetId: "${vpc.VpcId}"', VPC, SUBNET),
        (MACHINE % "SecurityGroupIds: [subnet-0123456789abcdef0]", SUBNET, GROUP),
        (MACHINE % "SubnetId: sg-0123456789abcdef0", GROUP, SUBNET),
        (CLUSTER % ("${news.TopicArn}", "${net.SubnetId}"), "AWS::SNS::Topic", "AWS::IAM::Role"),
        (
            CLUSTER % ("arn:aws:iam::123456789012:user/ada", "${net.SubnetId}"),
            "AWS::IAM::User",
            "AWS::IAM::Role",
        ),
        (SUBSCRIPTION % "${role.Arn}", "AWS::IAM::Role", "AWS::SNS::Topic"),
        (
            SUBSCRIPTION % "arn:aws:sqs:us-east-1:123456789012:jobs",
            "AWS::SQS::Queue",
            "AWS::SNS::Topic",
        ),
        # an attribute that names another object
        (MACHINE % 'SubnetId: "${net.VpcId}"', VPC, SUBNET),
    ],
)
def test_what_names_an_object_of_another_type_is_told_with_both_types(
    resources: str, named: str, wanted: str
) -> None:
    [detail] = said(resources)
    assert detail.endswith(f"which names an {named}, and an {wanted} belongs here.")


def test_the_diagnostic_says_where_what_and_how_to_mend_it() -> None:
    [one] = load(THERE + MACHINE % 'SecurityGroupIds: ["${net.SubnetId}"]').diagnostics
    assert (one.code, one.file, one.line) == ("property-value", "specs/dev/demo.yaml", 16)
    assert one.detail == (
        'SecurityGroupIds[0] of AWS::EC2::Instance is "${net.SubnetId}", which names an AWS::EC2::Subnet, and an '
        "AWS::EC2::SecurityGroup belongs here."
    )
    assert one.fix.startswith("Name one of that type")


@pytest.mark.parametrize(
    "resources",
    [
        MACHINE
        % 'SubnetId: "${net.SubnetId}", SecurityGroupIds: ["${web.GroupId}", "${vpc.DefaultSecurityGroup}"]',
        MACHINE % "SubnetId: subnet-0123456789abcdef0",
        CLUSTER % ("${role.Arn}", "${net.SubnetId}"),
        CLUSTER % ("arn:aws:iam::123456789012:role/service/x", "subnet-0123456789abcdef0"),
        LOGS % "${key.Arn}",
        LOGS % "${key.KeyId}",
        # a name is no identifier: a log group may be called like a topic
        "l: {type: AWS::Logs::LogGroup, properties: {LogGroupName: '${news.TopicName}'}}\n",
        # what an expression makes of it, nobody knows
        MACHINE % 'SubnetId: \'${replace(net.SubnetId, "a", "b")}\'',
        # a topic where the registry's format says topic
        SUBSCRIPTION % "${news.TopicArn}",
    ],
)
def test_what_may_fit_is_left_alone(resources: str) -> None:
    assert said(resources) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("subnet-0123456789abcdef0", SUBNET),
        ("sg-0a1b2c3d", GROUP),
        ("arn:aws-cn:kms:cn-north-1:123456789012:alias/x", "AWS::KMS::Alias"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "AWS::IAM::ManagedPolicy"),
        ("subnet-of-mine", None),
        ("arn:aws:iam::123456789012:mfa/ada", None),
        ("text: with: six: parts: of: it", None),
    ],
)
def test_only_a_plain_identifier_tells_its_type(text: str, kind: str | None) -> None:
    assert kind_of_text(text) == kind


def test_every_type_in_the_tables_exists() -> None:
    from gitbot.language import object_kinds

    elsewhere = {"AWS::ACM::Certificate", "AWS::EC2::Image", "AWS::EC2::Snapshot"}
    elsewhere.add("AWS::Route53::AliasTarget")  # a format of the registry's schemas
    known = {*CATALOG.names(), *elsewhere, "AWS::Serverless::Function"}
    named = {*object_kinds._PREFIXES.values(), *(kind for _, _, kind in object_kinds._ARNS)}
    also = {one for some in object_kinds._ALSO.values() for one in some}
    assert {*named, *also, *object_kinds._ALSO} <= known


OTHERS = """\
gate: {type: AWS::EC2::InternetGateway}
address: {type: AWS::EC2::EIP, properties: {Domain: vpc}}
nat: {type: AWS::EC2::NatGateway, properties: {SubnetId: "${net.SubnetId}", AllocationId: "${address.AllocationId}"}}
table: {type: AWS::EC2::RouteTable, properties: {VpcId: "${vpc.VpcId}"}}
disk: {type: AWS::EFS::FileSystem}
tasks: {type: AWS::ECS::Cluster, properties: {ClusterName: tasks}}
task: {type: AWS::ECS::TaskDefinition, properties: {Family: task, ContainerDefinitions: [{Name: a, Image: b}]}}
queue: {type: AWS::SQS::Queue}
bucket: {type: AWS::S3::Bucket, properties: {BucketName: a-bucket-of-mine}}
profile: {type: AWS::IAM::InstanceProfile, properties: {InstanceProfileName: boxes, Roles: ["${role.RoleName}"]}}
rights: {type: AWS::IAM::ManagedPolicy, properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}]}}}
front: {type: AWS::ElasticLoadBalancingV2::LoadBalancer, properties: {Subnets: ["${net.SubnetId}"]}}
behind: {type: AWS::ElasticLoadBalancingV2::TargetGroup, properties: {Port: 80, Protocol: HTTP, VpcId: "${vpc.VpcId}"}}
code: {type: AWS::Lambda::Function, properties: {Runtime: python3.12, Handler: a.b, Code: {ZipFile: x}, Role: "${role.Arn}"}}
computing: {type: AWS::Batch::ComputeEnvironment, properties: {Type: UNMANAGED, ServiceRole: "${role.Arn}"}}
"""
REFERENCES = [
    ("AWS::Lambda::Function", "Role", ["role.Arn"], ["vpc.VpcId", "web.GroupId"]),
    ("AWS::Lambda::Function", "VpcConfig.SubnetIds.0", ["net.SubnetId"], ["web.GroupId"]),
    (
        "AWS::Lambda::Function",
        "DeadLetterConfig.TargetArn",
        ["queue.Arn", "news.TopicArn"],
        ["role.Arn"],
    ),
    ("AWS::Lambda::Permission", "FunctionName", ["code.Arn", "code.FunctionName"], ["queue.Arn"]),
    ("AWS::Lambda::EventSourceMapping", "EventSourceArn", ["queue.Arn"], ["news.TopicArn"]),
    ("AWS::EC2::Instance", "IamInstanceProfile", ["profile.InstanceProfileName"], ["role.Arn"]),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData.IamInstanceProfile.Arn",
        ["profile.Arn"],
        ["role.Arn"],
    ),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData.NetworkInterfaces.0.Groups.0",
        ["web.GroupId"],
        ["net.SubnetId"],
    ),
    ("AWS::IAM::Role", "ManagedPolicyArns.0", ["rights.PolicyArn"], ["role.Arn"]),
    (
        "AWS::IAM::InstanceProfile",
        "Roles.0",
        ["role.RoleName", "tasks.ClusterName"],
        ["profile.Arn"],
    ),
    ("AWS::KMS::Alias", "TargetKeyId", ["key.KeyId", "key.Arn"], ["role.Arn"]),
    ("AWS::EC2::Route", "RouteTableId", ["table.RouteTableId"], ["vpc.VpcId"]),
    (
        "AWS::EC2::Route",
        "NatGatewayId",
        ["nat.NatGatewayId"],
        ["net.SubnetId", "gate.InternetGatewayId"],
    ),
    ("AWS::EC2::Route", "GatewayId", ["gate.InternetGatewayId"], ["nat.NatGatewayId"]),
    ("AWS::EC2::NatGateway", "AllocationId", ["address.AllocationId"], ["net.SubnetId"]),
    ("AWS::EC2::VPCEndpoint", "SubnetIds.0", ["net.SubnetId"], ["web.GroupId"]),
    ("AWS::EFS::MountTarget", "FileSystemId", ["disk.FileSystemId"], ["net.SubnetId"]),
    (
        "AWS::ECS::Service",
        "Cluster",
        ["tasks.Arn", "tasks.ClusterName", "role.RoleName"],
        ["vpc.VpcId"],
    ),
    (
        "AWS::ECS::Service",
        "TaskDefinition",
        ["task.TaskDefinitionArn", "task.Family"],
        ["role.Arn"],
    ),
    (
        "AWS::ECS::Service",
        "LoadBalancers.0.TargetGroupArn",
        ["behind.TargetGroupArn"],
        ["front.LoadBalancerArn"],
    ),
    (
        "AWS::ElasticLoadBalancingV2::Listener",
        "LoadBalancerArn",
        ["front.LoadBalancerArn"],
        ["role.Arn"],
    ),
    (
        "AWS::ElasticLoadBalancingV2::Listener",
        "DefaultActions.0.TargetGroupArn",
        ["behind.TargetGroupArn"],
        ["role.Arn"],
    ),
    (
        "AWS::Batch::JobQueue",
        "ComputeEnvironmentOrder.0.ComputeEnvironment",
        ["computing.ComputeEnvironmentArn"],
        ["role.Arn"],
    ),
    ("AWS::S3::BucketPolicy", "Bucket", ["bucket.BucketName"], ["queue.Arn"]),
    (
        "AWS::S3::Bucket",
        "ReplicationConfiguration.Rules.0.Destination.Bucket",
        ["bucket.Arn"],
        ["role.Arn"],
    ),
]


def with_value(type_: str, path: str, value: str) -> str:
    """A resource of the type with only this value, which lists and maps lead to."""
    tree: Any = value
    for step in reversed(path.split(".")):
        tree = [tree] if step == "0" else {step: tree}
    return f"it: {json.dumps({'type': type_, 'properties': tree})}\n"


@pytest.mark.parametrize(("type_", "path", "fitting", "others"), REFERENCES)
def test_each_property_that_takes_an_object_takes_it_by_all_its_identifiers_and_no_other(
    type_: str, path: str, fitting: list[str], others: list[str]
) -> None:
    for one in fitting:
        assert said(OTHERS + with_value(type_, path, f"${{{one}}}")) == [], one
    for one in others:
        assert len(said(OTHERS + with_value(type_, path, f"${{{one}}}"))) == 1, one


def test_every_row_tells_of_a_property_that_a_native_type_has_and_of_types_that_exist() -> None:
    told: dict[str, set[str]] = {"": set()}
    for name in CATALOG.native_names():
        schema = CATALOG.lookup(name)
        assert schema is not None
        told[name] = set(_told(schema.json_schema, name.rpartition("::")[2]))
        for whole, one in schema.json_schema.get("definitions", {}).items():
            told[name].update(_told(one, whole))
        told[""] |= told[name]
    assert not set(NAMED) - told[""]
    for name, rows in OF_TYPE.items():
        assert not set(rows) - told[name], name
    kinds = {one for rows in (NAMED, *OF_TYPE.values()) for some in rows.values() for one in some}
    elsewhere = {"AWS::ACM::Certificate", "AWS::EC2::Image"}
    assert {one.rpartition(".")[0] for one in kinds} <= {*CATALOG.names(), *elsewhere}


def _told(schema: Mapping[str, Any], inside: str) -> Iterator[str]:
    """The properties in the schema that say which objects they take, as the table's keys."""
    for name, one in schema.get("properties", {}).items():
        if "names" in one or "names" in one.get("items", {}):
            yield from (name, f"{inside}.{name}")
        yield from _told(one, name)
    if isinstance(schema.get("items"), dict):
        yield from _told(schema["items"], inside)
