"""Cases of the types of EC2 around machines: disks, templates, groups of places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import AMI, OTHER_TAGS, TAGS, Case, encoded
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


def disk(world: AwsWorld, name: str = "disk") -> str:
    """A volume that can be attached."""

    def make() -> str:
        answer = world.aws.client("ec2").create_volume(AvailabilityZone=ZONE, Size=8)
        return str(answer["VolumeId"])

    return str(world.thing(name, make))


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


def template(world: AwsWorld) -> dict[str, Any]:
    """A spec of a template with something of each kind."""
    return {
        "LaunchTemplateName": "trainers",
        "VersionDescription": "first",
        "LaunchTemplateData": {
            "ImageId": AMI,
            "InstanceType": "g4dn.xlarge",
            "SecurityGroupIds": ["sg-0123456789abcdef0"],
            "UserData": encoded("#!/bin/sh"),
            "IamInstanceProfile": {"Name": "trainer"},
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 100, "VolumeType": "gp3"}}
            ],
            "TagSpecifications": [{"ResourceType": "instance", "Tags": TAGS}],
        },
        "TagSpecifications": [{"ResourceType": "launch-template", "Tags": TAGS}],
    }


_REQUIREMENTS = {"VCpuCount": {"Min": 4}, "MemoryMiB": {"Min": 16384}}


def _data(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """Data says something."""
    return {} if name else {"InstanceType": "t3.micro"}


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

_TEMPLATE = """\
template:
  type: AWS::EC2::LaunchTemplate
  properties:
    VersionDescription: first
    LaunchTemplateData:
      InstanceType: g4dn.xlarge
      UserData: "${base64('#!/bin/sh')}"
      TagSpecifications: [{ResourceType: instance, Tags: [{Key: owner, Value: ml}]}]
    TagSpecifications: [{ResourceType: launch-template, Tags: [{Key: owner, Value: ml}]}]
"""

CASES = (
    Case(
        type="AWS::EC2::LaunchTemplate",
        stack=_TEMPLATE,
        creating="CreateLaunchTemplate",
        absent="lt-0123456789abcdef0",
        minimal=lambda world: {"LaunchTemplateData": {"InstanceType": "t3.micro"}},
        full=template,
        changes=lambda world: {
            "LaunchTemplateData": {"ImageId": AMI, "InstanceRequirements": _REQUIREMENTS},
            "VersionDescription": "second",
            "TagSpecifications": [{"ResourceType": "launch-template", "Tags": OTHER_TAGS}],
        },
        attributes=frozenset({"LaunchTemplateId", "DefaultVersionNumber", "LatestVersionNumber"}),
        samples={
            "LaunchTemplateName": ["template-a", "template-b"],
            "**/Tags": [TAGS, OTHER_TAGS],
            "**/ValidUntil": ["2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"],
        },
        beside={"LaunchTemplateData": _data},
    ),
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
        one_value=frozenset({"VolumeType"}),
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
