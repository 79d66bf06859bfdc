"""Cases of the types of EFS."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld

STACK = """\
vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.20.0.0/16}}
net:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.1.0/24}
group:
  type: AWS::EC2::SecurityGroup
  properties: {GroupDescription: NFS, VpcId: "${vpc.VpcId}"}
files:
  type: AWS::EFS::FileSystem
  properties:
    Encrypted: true
    ThroughputMode: elastic
    BackupPolicy: {Status: ENABLED}
    LifecyclePolicies: [{TransitionToIA: AFTER_30_DAYS}]
mount:
  type: AWS::EFS::MountTarget
  properties:
    FileSystemId: ${files.FileSystemId}
    SubnetId: ${net.SubnetId}
    SecurityGroups: ["${group.GroupId}"]
homes:
  type: AWS::EFS::AccessPoint
  properties:
    FileSystemId: ${files.FileSystemId}
    PosixUser: {Uid: "1000", Gid: "1000"}
    RootDirectory:
      Path: /homes
      CreationInfo: {OwnerUid: "1000", OwnerGid: "1000", Permissions: "0750"}
"""


def policy(action: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": [action], "Resource": "*"}
        ],
    }


def a_file_system(world: AwsWorld) -> str:
    """The identifier of a file system."""

    def make() -> str:
        made = world.aws.client("efs").create_file_system(CreationToken="theirs")
        return str(made["FileSystemId"])

    return str(world.thing("file-system", make))


def a_subnet(world: AwsWorld) -> str:
    """A subnet of the default network."""
    return str(world.aws.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"])


def group(world: AwsWorld, name: str) -> str:
    """A security group of the default network."""

    def make() -> str:
        made = world.aws.client("ec2").create_security_group(GroupName=name, Description="x")
        return str(made["GroupId"])

    return str(world.thing(name, make))


def mount_target(world: AwsWorld) -> dict[str, Any]:
    return {
        "FileSystemId": a_file_system(world),
        "SubnetId": a_subnet(world),
        "SecurityGroups": [group(world, "nfs")],
    }


def access_point(world: AwsWorld) -> dict[str, Any]:
    return {
        "FileSystemId": a_file_system(world),
        "PosixUser": {"Uid": "1000", "Gid": "1000", "SecondaryGids": ["1001"]},
        "RootDirectory": {
            "Path": "/homes",
            "CreationInfo": {"OwnerUid": "1000", "OwnerGid": "1000", "Permissions": "0750"},
        },
        "AccessPointTags": TAGS,
    }


CASES = (
    Case(
        type="AWS::EFS::FileSystem",
        creating="CreateFileSystem",
        absent="fs-0123456789abcdef0",
        minimal=lambda world: {},
        full=lambda world: {
            "AvailabilityZoneName": "us-east-1a",
            "Encrypted": True,
            "KmsKeyId": "alias/aws/elasticfilesystem",
            "PerformanceMode": "generalPurpose",
            "ThroughputMode": "bursting",
            "BackupPolicy": {"Status": "ENABLED"},
            "LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS"}],
            "FileSystemPolicy": policy("elasticfilesystem:ClientMount"),
            "FileSystemProtection": {"ReplicationOverwriteProtection": "DISABLED"},
            "FileSystemTags": TAGS,
        },
        changes=lambda world: {
            "ThroughputMode": "elastic",
            "BackupPolicy": {"Status": "DISABLED"},
            "LifecyclePolicies": [
                {"TransitionToIA": "AFTER_7_DAYS"},
                {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
            ],
            "FileSystemPolicy": policy("elasticfilesystem:ClientWrite"),
            "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
            "FileSystemTags": OTHER_TAGS,
        },
        elsewhere=frozenset({"ProvisionedThroughputInMibps"}),
        attributes=frozenset({"FileSystemId", "Arn"}),
        stack=STACK,
        samples={
            "FileSystemTags": [TAGS, OTHER_TAGS],
            "FileSystemPolicy": [
                policy(f"elasticfilesystem:Client{one}") for one in ("Mount", "Write")
            ],
            "AvailabilityZoneName": ["us-east-1a", "us-east-1b"],
            "KmsKeyId": ["alias/aws/elasticfilesystem", "alias/other"],
            "ThroughputMode": ["elastic", "bursting"],
            "ProvisionedThroughputInMibps": [100, 200],
        },
        beside={
            "": lambda world, name: (
                {"ThroughputMode": "provisioned"}
                if name == "ProvisionedThroughputInMibps"
                else {"Encrypted": True}
                if name == "KmsKeyId"
                else {}
            )
        },
    ),
    Case(
        type="AWS::EFS::MountTarget",
        creating="CreateMountTarget",
        absent="fsmt-0123456789abcdef0",
        minimal=mount_target,
        full=mount_target,
        changes=lambda world: {"SecurityGroups": [group(world, "nfs"), group(world, "more")]},
        others=lambda world: {"IpAddress": "172.31.0.99"},
        attributes=frozenset({"Id"}),
        tagged=False,
        stack=STACK,
        samples={
            "FileSystemId": ["fs-0123456789abcdef0", "fs-0123456789abcdef1"],
            "IpAddress": ["172.31.0.10", "172.31.0.11"],
            "SecurityGroups": lambda world: [[group(world, name)] for name in ("nfs", "more")],
        },
    ),
    Case(
        type="AWS::EFS::AccessPoint",
        creating="CreateAccessPoint",
        absent="fsap-0123456789abcdef0",
        minimal=lambda world: {"FileSystemId": a_file_system(world)},
        full=access_point,
        changes=lambda world: {"AccessPointTags": OTHER_TAGS},
        attributes=frozenset({"AccessPointId", "Arn"}),
        stack=STACK,
        samples={
            "FileSystemId": ["fs-0123456789abcdef0", "fs-0123456789abcdef1"],
            "AccessPointTags": [TAGS, OTHER_TAGS],
            **{f"PosixUser/{name}": ["1000", "1001"] for name in ("Uid", "Gid", "SecondaryGids/*")},
            **{
                f"RootDirectory/CreationInfo/{name}": ["1", "2"]
                for name in ("OwnerUid", "OwnerGid")
            },
            "RootDirectory/CreationInfo/Permissions": ["0750", "0700"],
            "RootDirectory/Path": ["/a", "/b"],
        },
    ),
)
