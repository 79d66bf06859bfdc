"""The local AWS takes what AWS takes, and what it was given settles.

Stands for the kind of fault where a newcomer's valid spec fails in the demo. What people have most
comes from public repositories: AWS's managed policies, inline policies without a version.
"""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import CloudError, UserError
from tests.contract.aws.cases.case import AMI, trust
from tests.contract.aws.life import Life
from tests.contract.aws.lives import Lives

ROLE, GROUP, INSTANCE = "AWS::IAM::Role", "AWS::EC2::SecurityGroup", "AWS::EC2::Instance"
INLINE = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
OLD = {"Version": "2008-10-17", **INLINE}
MANAGED = "arn:aws:iam::aws:policy/"


def role(**more: Any) -> dict[str, Any]:
    return {"AssumeRolePolicyDocument": trust("sagemaker.amazonaws.com"), **more}


def rule(protocol: str, **more: Any) -> dict[str, Any]:
    return {"IpProtocol": protocol, "CidrIp": "10.0.0.0/8", **more}


def disk(kind: str) -> dict[str, Any]:
    ebs = {"VolumeSize": 20, "VolumeType": kind, "Iops": 1000}
    device = {"DeviceName": "/dev/sdf", "Ebs": ebs}
    return {"ImageId": AMI, "InstanceType": "t3.micro", "BlockDeviceMappings": [device]}


@pytest.mark.parametrize(
    ("type_", "spec"),
    [
        (ROLE, role(ManagedPolicyArns=[f"{MANAGED}AmazonSageMakerFullAccess"])),
        (ROLE, role(ManagedPolicyArns=[f"{MANAGED}service-role/AWSLambdaBasicExecutionRole"])),
        (ROLE, role(PermissionsBoundary=f"{MANAGED}PowerUserAccess")),
        (ROLE, role(Policies=[{"PolicyName": "data", "PolicyDocument": INLINE}])),
        (ROLE, role(Policies=[{"PolicyName": "data", "PolicyDocument": OLD}])),
        (GROUP, {"GroupDescription": "esp", "SecurityGroupIngress": [rule("50"), rule("51")]}),
        (
            GROUP,
            {"GroupDescription": "x", "SecurityGroupEgress": [rule("50", FromPort=-1, ToPort=-1)]},
        ),
        (INSTANCE, disk("io1")),
        (INSTANCE, disk("io2")),
    ],
)
def test_what_aws_takes_is_taken_and_settles(lives: Lives, type_: str, spec: Any) -> None:
    Life(lives.world, type_).apply(spec)


def test_a_managed_policy_that_aws_does_not_have_is_refused(lives: Lives) -> None:
    spec = role(ManagedPolicyArns=[f"{MANAGED}AmazonSageMakerTypo"])
    life = Life(lives.world, ROLE)
    operation = lives.world.operation(ROLE, spec, token=life.token, within_s=0.5)
    remote_id = lives.world.cloud.create(operation)
    with pytest.raises(CloudError, match="does not exist or is not attachable"):
        lives.world.cloud.settle(operation, remote_id)


def test_a_database_is_made_in_no_catalog_where_nobody_would_look_for_it(lives: Lives) -> None:
    world, spec = lives.world, {"CatalogId": "210987654321", "DatabaseInput": {"Name": "features"}}
    with pytest.raises(UserError, match=r"CatalogId is 210987654321.* Write 123456789012"):
        world.cloud.create(world.operation("AWS::Glue::Database", spec))
    assert world.aws.client("glue").get_databases()["DatabaseList"] == []
