"""The local AWS refuses with AWS's own codes and words what moto takes.

The kind: a wrong spec that passes the demo and the tests, and fails in the first real apply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.world import AwsWorld

DATABASE: dict[str, Any] = {
    "DBInstanceIdentifier": "wrong",
    "AllocatedStorage": 20,
    "DBInstanceClass": "db.t3.micro",
    "Engine": "postgres",
    "MasterUsername": "ml",
    "ManageMasterUserPassword": True,
}
READ: dict[str, Any] = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::refusing/*"}


def policy_of(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def trust(service: Any, action: str = "sts:AssumeRole") -> str:
    return policy_of(Principal={"Service": service}, Action=action)


@pytest.mark.parametrize(
    ("service", "call", "asked", "says"),
    [
        pytest.param(
            "sqs",
            "create_queue",
            {"QueueName": "jobs.fifo"},
            ("InvalidParameterValue", "Can only include alphanumeric characters"),
            id="a FIFO name without FifoQueue",
        ),
        pytest.param(
            "sqs",
            "create_queue",
            {"QueueName": "jobs", "Attributes": {"FifoQueue": "true"}},
            ("InvalidParameterValue", "must end with .fifo suffix"),
            id="a FIFO queue without the name",
        ),
        pytest.param(
            "iam",
            "create_role",
            {"RoleName": "r", "AssumeRolePolicyDocument": trust("lambda")},
            ("MalformedPolicyDocument", 'Invalid principal in policy: "SERVICE":"lambda"'),
            id="a service without a host's name",
        ),
        pytest.param(
            "iam",
            "create_role",
            {"RoleName": "r", "AssumeRolePolicyDocument": trust(["ec2.amazonaws.com", "sns"])},
            ("MalformedPolicyDocument", '"SERVICE":"sns"'),
            id="one of several services",
        ),
        pytest.param(
            "rds",
            "create_db_instance",
            {**DATABASE, "DBInstanceClass": "t3.micro"},
            ("InvalidParameterValue", "Invalid DB Instance class: t3.micro"),
            id="a class of EC2",
        ),
        pytest.param(
            "rds",
            "create_db_instance",
            {**DATABASE, "MasterUsername": "admin"},
            (
                "InvalidParameterValue",
                "MasterUsername admin cannot be used as it is a reserved word",
            ),
            id="a reserved user",
        ),
        *(
            pytest.param(
                "iam",
                "create_policy",
                {"PolicyName": "p", "PolicyDocument": policy_of(**{**READ, **wrong})},
                ("MalformedPolicyDocument", says),
                id=f"a policy with {next(iter(wrong))}",
            )
            for wrong, says in (
                ({"Action": "s3GetObject"}, "must be prefaced by a vendor"),
                ({"Resource": "my-bucket"}, "must be in ARN format"),
                ({"Foo": 1}, "Syntax errors in policy."),
                ({"Condition": {"StringEqual": {"a": "b"}}}, "Syntax errors in policy."),
            )
        ),
        pytest.param(
            "iam",
            "create_role",
            {"RoleName": "r", "AssumeRolePolicyDocument": trust("ec2.amazonaws.com", "s3:Get*")},
            ("MalformedPolicyDocument", "may only specify STS AssumeRole actions"),
            id="a trust policy about something else",
        ),
        pytest.param(
            "ec2",
            "run_instances",
            {"ImageId": "ami-123", "MinCount": 1, "MaxCount": 1},
            ("InvalidAMIID.Malformed", 'Invalid id: "ami-123"'),
            id="a short image id",
        ),
        pytest.param(
            "ec2",
            "run_instances",
            {"ImageId": "ubuntu", "MinCount": 1, "MaxCount": 1},
            ("InvalidAMIID.Malformed", '(expecting "ami-...")'),
            id="the name of an image",
        ),
    ],
)
def test_a_wrong_request_is_refused(
    world: AwsWorld, service: str, call: str, asked: Mapping[str, Any], says: tuple[str, str]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(world.aws.client(service), call)(**asked)
    error = refused.value.response["Error"]
    assert error["Code"] == says[0]
    assert says[1] in error["Message"]


def test_a_group_keeps_the_subnet_that_a_database_is_in(world: AwsWorld) -> None:
    ec2, rds = world.aws.client("ec2"), world.aws.client("rds")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("abc")
    ]
    group = {"DBSubnetGroupName": "used", "DBSubnetGroupDescription": "used"}
    rds.create_db_subnet_group(**group, SubnetIds=subnets)
    rds.create_db_instance(
        **{**DATABASE, "DBInstanceIdentifier": "inside"},
        DBSubnetGroupName="used",
        AvailabilityZone="us-east-1a",
    )
    with pytest.raises(ClientError) as refused:
        rds.modify_db_subnet_group(**group, SubnetIds=subnets[1:])
    error = refused.value.response["Error"]
    assert error["Code"] == "SubnetAlreadyInUse"
    assert error["Message"].endswith(f"in use: {subnets[0]}")
    left = rds.modify_db_subnet_group(**group, SubnetIds=subnets[:2])["DBSubnetGroup"]["Subnets"]
    assert len(left) == 2


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"Action": "s3GetObject"}, "Policy has invalid action"),
        ({"Resource": "refusing/*"}, "Policy has invalid resource"),
        ({"Resource": ["arn:aws:s3:::refusing", "arn:aws:s3:::another/*"]}, "invalid resource"),
        ({"Foo": 1}, "Unknown field Foo"),
        ({"Condition": {"StringEqual": {"a": "b"}}}, "Invalid Condition type : StringEqual"),
    ],
)
def test_a_bucket_refuses_what_is_no_policy_of_it(
    world: AwsWorld, wrong: Mapping[str, Any], says: str
) -> None:
    s3 = world.aws.client("s3")
    s3.create_bucket(Bucket="refusing")
    right = {**READ, "Principal": {"AWS": "123456789012"}}
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_policy(Bucket="refusing", Policy=policy_of(**{**right, **wrong}))
    error = refused.value.response["Error"]
    assert error["Code"] == "MalformedPolicy"
    assert says in error["Message"]
    s3.put_bucket_policy(Bucket="refusing", Policy=policy_of(**right))
