"""The stacks of the cases: the resources of each, as a spec has them."""

from __future__ import annotations

import json

from tests.contract.aws.cases.case import trust

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFIxZWaQrXqJxXl3bD5u0sLQd0rnVxX0Gx0yGm1x0J5h ada"

TRUST = json.dumps(trust("ec2.amazonaws.com"))


def role_of(service: str) -> str:
    """The resource ``role``, which the service may take."""
    document = json.dumps(trust(f"{service}.amazonaws.com"))
    return (
        f"role:\n  type: AWS::IAM::Role\n  properties: {{AssumeRolePolicyDocument: {document}}}\n"
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
TWO_ZONES = """\
vpc:
  type: AWS::EC2::VPC
  properties: {CidrBlock: 10.20.0.0/16}
one:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.1.0/24, AvailabilityZone: us-east-1a}
two:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.2.0/24, AvailabilityZone: us-east-1b}
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

STACKS = {
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
