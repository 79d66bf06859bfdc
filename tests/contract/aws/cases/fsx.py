"""Cases of the types of FSx."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import GROUPS, OTHER_TAGS, SUBNETS, TAGS, Case
from tests.contract.aws.cases.efs import a_subnet
from tests.contract.aws.world import AwsWorld

STACK = """\
vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.20.0.0/16}}
net:
  type: AWS::EC2::Subnet
  properties: {VpcId: "${vpc.VpcId}", CidrBlock: 10.20.1.0/24}
group:
  type: AWS::EC2::SecurityGroup
  properties: {GroupDescription: Lustre, VpcId: "${vpc.VpcId}"}
data:
  type: AWS::FSx::FileSystem
  lifecycle: {snapshotOnDelete: false}
  properties:
    FileSystemType: LUSTRE
    StorageCapacity: 1200
    SubnetIds: ["${net.SubnetId}"]
    SecurityGroupIds: ["${group.GroupId}"]
    LustreConfiguration:
      DeploymentType: PERSISTENT_2
      PerUnitStorageThroughput: 125
      DataCompressionType: LZ4
"""
_KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-12345678901{0}"
_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/fsx/{0}"
_LOGS = [_GROUP.format("one"), f"{_GROUP.format('two')}:*"]
_LASTING = {"DeploymentType": "PERSISTENT_2", "PerUnitStorageThroughput": 125}
LINK = {"DeploymentType": "SCRATCH_2", "ImportPath": "s3://data"}
_OF_LINKS = ("ImportPath", "ExportPath", "ImportedFileChunkSize", "AutoImportPolicy")
_SIZED = {"Mode": "USER_PROVISIONED"}


def small(world: AwsWorld, **more: Any) -> dict[str, Any]:
    """A spec of a file system for Lustre that lives shortly."""
    subnets = [a_subnet(world)]
    return {"FileSystemType": "LUSTRE", "StorageCapacity": 1200, "SubnetIds": subnets, **more}


def lasting(world: AwsWorld, **more: Any) -> dict[str, Any]:
    """A spec of a file system for Lustre that keeps its data."""
    return small(world, LustreConfiguration={**_LASTING, **more})


def windows(world: AwsWorld) -> dict[str, Any]:
    """A spec of a file system for Windows."""
    own = {"ActiveDirectoryId": "d-0123456789", "ThroughputCapacity": 32}
    return small(world, FileSystemType="WINDOWS", WindowsConfiguration=own)


def openzfs(world: AwsWorld) -> dict[str, Any]:
    """A spec of a file system for OpenZFS."""
    own = {"DeploymentType": "SINGLE_AZ_1", "ThroughputCapacity": 64}
    return small(world, FileSystemType="OPENZFS", OpenZFSConfiguration=own)


def ontap(world: AwsWorld) -> dict[str, Any]:
    """A spec of a file system for ONTAP."""
    own = {"DeploymentType": "SINGLE_AZ_1", "ThroughputCapacity": 128}
    return small(world, FileSystemType="ONTAP", OntapConfiguration=own)


def _full(world: AwsWorld) -> dict[str, Any]:
    return {
        **small(world),
        "FileSystemTypeVersion": "2.12",
        "StorageType": "SSD",
        "KmsKeyId": _KEY.format(1),
        "SecurityGroupIds": GROUPS[0],
        "LustreConfiguration": {
            **_LASTING,
            "AutomaticBackupRetentionDays": 7,
            "DailyAutomaticBackupStartTime": "05:00",
            "WeeklyMaintenanceStartTime": "1:05:00",
            "CopyTagsToBackups": True,
            "DataCompressionType": "LZ4",
            "EfaEnabled": True,
            "LogConfiguration": {"Level": "WARN_ERROR", "Destination": _LOGS[0]},
            "MetadataConfiguration": {**_SIZED, "Iops": 1500},
        },
        "Tags": TAGS,
    }


def _changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "FileSystemTypeVersion": "2.15",
        "StorageCapacity": 2400,
        "LustreConfiguration": {
            **_full(world)["LustreConfiguration"],
            "PerUnitStorageThroughput": 250,
            "AutomaticBackupRetentionDays": 0,
            "DailyAutomaticBackupStartTime": "06:00",
            "WeeklyMaintenanceStartTime": "7:23:30",
            "DataCompressionType": "NONE",
            "LogConfiguration": {"Level": "ERROR_ONLY", "Destination": _LOGS[1]},
            "MetadataConfiguration": {**_SIZED, "Iops": 3000},
        },
        "Tags": OTHER_TAGS,
    }


def _beside(world: AwsWorld, name: str) -> dict[str, Any]:
    kinds = {"WindowsConfiguration": "WINDOWS", "OpenZFSConfiguration": "OPENZFS"}
    kinds["OntapConfiguration"] = "ONTAP"
    hdd = {"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 12}
    return {
        **({"FileSystemType": kinds[name]} if name in kinds else {}),
        **({"LustreConfiguration": {"DeploymentType": "SCRATCH_2"}} if name in _LARGER else {}),
        **({"LustreConfiguration": {**hdd, "DriveCacheType": "NONE"}} if name in _DISKS else {}),
    }


_LARGER, _DISKS = ("StorageCapacity",), ("StorageType",)


def _of_lustre(world: AwsWorld, name: str) -> dict[str, Any]:
    if name in _OF_LINKS:
        return LINK
    if name == "DriveCacheType":
        return {"DeploymentType": "PERSISTENT_1", "PerUnitStorageThroughput": 40}
    return {} if name == "DeploymentType" else _LASTING


_RATES = {
    f"{name}Configuration/DiskIopsConfiguration": lambda world, part: (
        _SIZED if part == "Iops" else {}
    )
    for name in ("Windows", "OpenZFS", "Ontap")
}
CASES = (
    Case(
        type="AWS::FSx::FileSystem",
        creating="CreateFileSystem",
        absent="fs-0123456789abcdef0",
        minimal=small,
        full=_full,
        changes=_changes,
        elsewhere=frozenset({"WindowsConfiguration", "OpenZFSConfiguration", "OntapConfiguration"}),
        attributes=frozenset({"Id", "ResourceARN", "DNSName", "LustreMountName"}),
        stack=STACK,
        samples={
            "BackupId": ["backup-0123456789abcdef0", "backup-0123456789abcdef1"],
            "FileSystemType": ["LUSTRE", "LUSTRE"],
            "FileSystemTypeVersion": ["2.12", "2.15"],
            "KmsKeyId": [_KEY.format(number) for number in (1, 2)],
            "StorageCapacity": [1200, 2400],
            "SubnetIds": SUBNETS,
            "**/DailyAutomaticBackupStartTime": ["05:00", "06:30"],
            "**/WeeklyMaintenanceStartTime": ["1:05:00", "7:23:30"],
            "**/PreferredSubnetId": [one[0] for one in SUBNETS],
            "**/Mode": ["AUTOMATIC", "AUTOMATIC"],
            "LustreConfiguration/DeploymentType": ["SCRATCH_1", "SCRATCH_2"],
            "LustreConfiguration/ImportPath": ["s3://data", "s3://other"],
            "LustreConfiguration/ExportPath": ["s3://data/out", "s3://data/other"],
            "LustreConfiguration/PerUnitStorageThroughput": [125, 250],
            "LustreConfiguration/MetadataConfiguration/Iops": [3000, 6000],
            "LustreConfiguration/LogConfiguration/Destination": _LOGS,
            "WindowsConfiguration/ActiveDirectoryId": ["d-0123456789", "d-0123456780"],
            "WindowsConfiguration/DeploymentType": ["SINGLE_AZ_1", "SINGLE_AZ_2"],
            "WindowsConfiguration/ThroughputCapacity": [32, 64],
            "WindowsConfiguration/AuditLogConfiguration/AuditLogDestination": _LOGS,
            "WindowsConfiguration/FsrmConfiguration/EventLogDestination": _LOGS,
            "OpenZFSConfiguration/DeploymentType": ["SINGLE_AZ_1", "SINGLE_AZ_2"],
            "OpenZFSConfiguration/ThroughputCapacity": [64, 128],
            "OntapConfiguration/DeploymentType": ["SINGLE_AZ_1", "SINGLE_AZ_2"],
            "OntapConfiguration/ThroughputCapacity": [128, 256],
            "OntapConfiguration/ThroughputCapacityPerHAPair": [128, 256],
        },
        beside={
            "": _beside,
            "LustreConfiguration": _of_lustre,
            "LustreConfiguration/MetadataConfiguration": lambda world, part: (
                _SIZED if part == "Iops" else {}
            ),
            "WindowsConfiguration": lambda world, name: {"ActiveDirectoryId": "d-0123456789"},
            **_RATES,
        },
    ),
)
