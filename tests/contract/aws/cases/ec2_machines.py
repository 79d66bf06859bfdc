"""Cases of the types of EC2 around machines: disks, templates, groups of places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import AMI, OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld

ZONE = "us-east-1a"


def machine(world: AwsWorld, name: str = "a") -> str:
    """A machine that something can be attached to."""

    def make() -> str:
        answer = world.aws.client("ec2").run_instances(
            ImageId=AMI,
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            Placement={"AvailabilityZone": ZONE},
        )
        return str(answer["Instances"][0]["InstanceId"])

    return str(world.thing(f"machine-{name}", make))


def disk(world: AwsWorld) -> str:
    """A volume that can be attached."""

    def make() -> str:
        answer = world.aws.client("ec2").create_volume(AvailabilityZone=ZONE, Size=8)
        return str(answer["VolumeId"])

    return str(world.thing("disk", make))


def volume(world: AwsWorld) -> dict[str, Any]:
    return {
        "AvailabilityZone": ZONE,
        "Size": 100,
        "VolumeType": "gp3",
        "Iops": 4000,
        "Throughput": 250,
        "Encrypted": True,
        "KmsKeyId": "alias/aws/ebs",
        "Tags": TAGS,
    }


def _volume_with(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """What a type of volumes must have, and one size, since a volume never shrinks."""
    if name in ("Iops", "Throughput"):
        return {"Size": 400, "VolumeType": "gp3"}
    several = {"VolumeType": "io2", "Iops": 4000} if name == "MultiAttachEnabled" else {}
    return {"Size": 400, **several}


def attachment(world: AwsWorld) -> dict[str, Any]:
    return {"VolumeId": disk(world), "InstanceId": machine(world), "Device": "/dev/sdf"}


_DISK = """\
trainer:
  type: AWS::EC2::Instance
  properties: {ImageId: ami-0a1b2c3d4e5f60718, InstanceType: t3.micro, AvailabilityZone: us-east-1a}
data:
  type: AWS::EC2::Volume
  properties: {AvailabilityZone: us-east-1a, Size: 100, VolumeType: gp3, Throughput: 250}
attached:
  type: AWS::EC2::VolumeAttachment
  properties:
    VolumeId: ${data.VolumeId}
    InstanceId: ${trainer.InstanceId}
    Device: /dev/sdf
"""

_GROUP = """\
together:
  type: AWS::EC2::PlacementGroup
  properties: {Strategy: cluster}
trainer:
  type: AWS::EC2::Instance
  properties:
    ImageId: ami-0a1b2c3d4e5f60718
    InstanceType: t3.micro
    PlacementGroupName: ${together.GroupName}
"""

CASES = (
    Case(
        type="AWS::EC2::PlacementGroup",
        stack=_GROUP,
        creating="CreatePlacementGroup",
        absent="never-there",
        minimal=lambda world: {},
        full=lambda world: {"Strategy": "partition", "PartitionCount": 3, "Tags": TAGS},
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"GroupName", "GroupId"}),
    ),
    Case(
        type="AWS::EC2::Volume",
        stack=_DISK,
        creating="CreateVolume",
        absent="vol-0123456789abcdef0",
        minimal=lambda world: {"AvailabilityZone": ZONE, "Size": 8},
        full=volume,
        changes=lambda world: {
            "Size": 200,
            "VolumeType": "gp3",
            "Iops": 5000,
            "Throughput": 300,
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"VolumeId"}),
        elsewhere=frozenset({"MultiAttachEnabled"}),
        samples={"Size": [400, 400], "VolumeType": ["gp3", "gp2"], "Throughput": [200, 300]},
        beside={"": _volume_with},
    ),
    Case(
        type="AWS::EC2::VolumeAttachment",
        stack=_DISK,
        creating="AttachVolume",
        absent="vol-0123456789abcdef0|i-0123456789abcdef0",
        tagged=False,
        minimal=attachment,
        full=attachment,
        changes=lambda world: {},
        others=lambda world: {"Device": "/dev/sdg"},
    ),
)
