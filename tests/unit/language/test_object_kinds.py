"""An identifier of one type where that of another belongs is a diagnostic when the spec is loaded, without any call."""

from __future__ import annotations

import pytest

from gitbot.language.object_kinds import kind_of_text
from tests.unit.language.test_aws_specs import CATALOG, load

THERE = """\
vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}
net: {type: AWS::EC2::Subnet, properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.0.0.0/24}}
web: {type: AWS::EC2::SecurityGroup, properties: {GroupDescription: d, VpcId: "${vpc.VpcId}"}}
key: {type: AWS::KMS::Key, properties: {KeyPolicy: {Statement: []}}}
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
