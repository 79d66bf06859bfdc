"""Cases of the types of RDS."""

from __future__ import annotations

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.cases.stacks import TWO_ZONES
from tests.contract.aws.world import AwsWorld


def subnets(world: AwsWorld, *zones: str) -> list[str]:
    """Subnets of the default network, one in each of these zones."""
    ec2 = world.aws.client("ec2")
    found = {one["AvailabilityZone"]: one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]}
    return [found[f"us-east-1{zone}"] for zone in zones]


NETWORK = (
    TWO_ZONES
    + """\
nets:
  type: AWS::RDS::DBSubnetGroup
  properties:
    DBSubnetGroupDescription: for experiments
    SubnetIds: ["${one.SubnetId}", "${two.SubnetId}"]
"""
)

CASES = (
    Case(
        type="AWS::RDS::DBSubnetGroup",
        creating="CreateDBSubnetGroup",
        absent="gone",
        minimal=lambda world: {
            "DBSubnetGroupDescription": "for experiments",
            "SubnetIds": subnets(world, "a", "b"),
        },
        full=lambda world: {
            "DBSubnetGroupName": "experiments",
            "DBSubnetGroupDescription": "for experiments",
            "SubnetIds": subnets(world, "a", "b"),
            "Tags": TAGS,
        },
        changes=lambda world: {
            "DBSubnetGroupDescription": "for all",
            "SubnetIds": subnets(world, "c", "b", "a"),
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"DBSubnetGroupName", "DBSubnetGroupArn"}),
        stack=NETWORK,
        samples={
            "DBSubnetGroupName": ["one", "two"],
            "SubnetIds": lambda world: [subnets(world, "a", "b"), subnets(world, "b", "c")],
        },
    ),
)
