"""Make spec files of a thousand resources of 25 native types, as teams that train models have them. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from benchmarks.gitbot_tool import AMI, ENVIRONMENT

TEAMS = 20
NETWORKS = 2
ENVIRONMENT_TEXT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1}
"""
_STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: NAME}
spec:
  resources:
"""
_MACHINE = """\
    group_NN:
      type: AWS::EC2::SecurityGroup
      properties: {GroupName: NAME, GroupDescription: of a project, Tags: TAGS}
    ssh_NN:
      type: AWS::EC2::SecurityGroupIngress
      properties: {GroupId: "${group_NN.GroupId}", IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}
    trainer_NN:
      type: AWS::EC2::Instance
      properties:
        ImageId: AMI
        InstanceType: g4dn.xlarge
        SecurityGroupIds: ["${group_NN.GroupId}"]
        UserData: BOOT
        Tags: TAGS
"""
_PROJECT = """\
    role_NN:
      type: AWS::IAM::Role
      properties:
        RoleName: NAME
        AssumeRolePolicyDocument: TRUST
        ManagedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
        Tags: TAGS
    idle_NN:
      type: AWS::CloudWatch::Alarm
      properties:
        AlarmName: NAME
        Namespace: AWS/EC2
        MetricName: CPUUtilization
        Dimensions: [{Name: InstanceId, Value: "${trainer_NN.InstanceId}"}]
        Statistic: Average
        Period: 300
        EvaluationPeriods: 3
        Threshold: 5
        ComparisonOperator: LessThanThreshold
        Tags: TAGS
    logs_NN:
      type: AWS::Logs::LogGroup
      properties: {LogGroupName: /ml/NAME, RetentionInDays: 30, Tags: TAGS}
"""
_BUCKET = """\
    bucket_NN:
      type: AWS::S3::Bucket
      properties:
        BucketName: bench-NAME
        VersioningConfiguration: {Status: Enabled}
        PublicAccessBlockConfiguration:
          {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
        Tags: TAGS
"""
_DISK = """\
    disk_NN:
      type: AWS::EC2::Volume
      properties: {AvailabilityZone: us-east-1a, Size: 100, VolumeType: gp3, Tags: TAGS}
"""
_PAIR = """\
    secret_NN:
      type: AWS::SecretsManager::Secret
      properties: {Name: NAME, Description: a token, GenerateSecretString: {PasswordLength: 40}, Tags: TAGS}
    parameter_NN:
      type: AWS::SSM::Parameter
      properties: {Name: /ml/NAME, Type: String, Value: "7", Tags: {owner: ml-team}}
    queue_NN:
      type: AWS::SQS::Queue
      properties: {QueueName: NAME, VisibilityTimeout: 60, Tags: TAGS}
    topic_NN:
      type: AWS::SNS::Topic
      properties: {TopicName: NAME, DisplayName: ml, Tags: TAGS}
    rule_NN:
      type: AWS::Events::Rule
      properties:
        Name: NAME
        ScheduleExpression: rate(1 day)
        Targets: [{Id: queue, Arn: "${queue_NN.Arn}"}]
        Tags: TAGS
"""
_SINGLE = """\
    table:
      type: AWS::DynamoDB::Table
      properties:
        TableName: NAME
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{AttributeName: run, AttributeType: S}]
        KeySchema: [{AttributeName: run, KeyType: HASH}]
        Tags: TAGS
    key:
      type: AWS::KMS::Key
      properties: {Description: NAME, EnableKeyRotation: true, Tags: TAGS}
    images:
      type: AWS::ECR::Repository
      properties: {RepositoryName: NAME, Tags: TAGS}
"""
_NETWORK = """\
    vpc:
      type: AWS::EC2::VPC
      properties: {CidrBlock: 10.NN.0.0/16, EnableDnsHostnames: true, Tags: TAGS}
    gateway:
      type: AWS::EC2::InternetGateway
      properties: {Tags: TAGS}
    attachment:
      type: AWS::EC2::VPCGatewayAttachment
      properties: {VpcId: "${vpc.VpcId}", InternetGatewayId: "${gateway.InternetGatewayId}"}
    role:
      type: AWS::IAM::Role
      properties:
        AssumeRolePolicyDocument: TRUST
        Tags: TAGS
    profile:
      type: AWS::IAM::InstanceProfile
      properties: {InstanceProfileName: NAME, Roles: ["${role.RoleName}"]}
    logs:
      type: AWS::Logs::LogGroup
      properties: {LogGroupName: /vpc/NAME, Tags: TAGS}
"""
_SUBNET = """\
    net_NN:
      type: AWS::EC2::Subnet
      properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.VV.NN.0/24, Tags: TAGS}
    association_NN:
      type: AWS::EC2::SubnetRouteTableAssociation
      properties: {RouteTableId: "${table_TT.RouteTableId}", SubnetId: "${net_NN.SubnetId}"}
"""
_ROUTING = """\
    table_NN:
      type: AWS::EC2::RouteTable
      properties: {VpcId: "${vpc.VpcId}", Tags: TAGS}
    out_NN:
      type: AWS::EC2::Route
      properties:
        RouteTableId: ${table_NN.RouteTableId}
        DestinationCidrBlock: 0.0.0.0/0
        GatewayId: ${gateway.InternetGatewayId}
      lifecycle: {dependsOn: [attachment]}
    login_NN:
      type: AWS::EC2::KeyPair
      properties: {KeyName: NAME, PublicKeyMaterial: KEY, Tags: TAGS}
"""
WORDS = {
    "TAGS": "[{Key: owner, Value: ml-team}, {Key: cost, Value: research}]",
    "TRUST": '{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sts:AssumeRole", '
    "Principal: {Service: ec2.amazonaws.com}}]}",
    "AMI": AMI,
    "BOOT": base64.b64encode(b"#!/bin/sh\nnvidia-smi > /var/log/gpu\n").decode(),
    "KEY": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJraRsj69dW5AT+UxZwGqcou8cKLbYxXQBEMpHtMV1w",
}


def mixed_files(teams: int = TEAMS, networks: int = NETWORKS) -> Mapping[str, str]:
    """The spec files: 44 resources for each team, 60 for each network; 1,000 of 25 types by default."""
    files = {ENVIRONMENT: ENVIRONMENT_TEXT}
    for number in range(teams):
        files[f"specs/dev/team-{number:02}.yaml"] = _team(f"team-{number:02}")
    for number in range(networks):
        files[f"specs/dev/network-{number}.yaml"] = _network(f"network-{number}", number + 1)
    return files


def machine_files(machines: int) -> Mapping[str, str]:
    """The spec files of a network, and of so many machines, each with a group, a rule and a disk."""
    fleet = (_filled(_MACHINE + _DISK, f"fleet-{n}", NN=n) for n in range(machines))
    stack = _filled(_STACK, "fleet") + "".join(fleet)
    return {**mixed_files(teams=0, networks=1), "specs/dev/fleet.yaml": stack}


def _team(name: str) -> str:
    return "".join(
        (
            _filled(_STACK, name),
            *(_filled(_MACHINE + _PROJECT, f"{name}-{n}", NN=n) for n in range(4)),
            *(_filled(_BUCKET, f"{name}-{n}", NN=n) for n in range(5)),
            *(_filled(_DISK + _PAIR, f"{name}-{n}", NN=n) for n in range(2)),
            _filled(_SINGLE, name),
        )
    )


def _network(name: str, number: int) -> str:
    return "".join(
        (
            _filled(_STACK, name),
            _filled(_NETWORK, name, NN=number),
            *(_filled(_ROUTING, f"{name}-{n}", NN=n) for n in range(10)),
            *(_filled(_SUBNET, name, NN=n, VV=number, TT=n % 10) for n in range(12)),
        )
    )


def _filled(text: str, name: str, **numbers: int) -> str:
    """The text with its words in capitals replaced."""
    for word, value in {**numbers, "NAME": name, **WORDS}.items():
        text = text.replace(word, str(value))
    return text
