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


def trust(service: Any) -> str:
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


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
