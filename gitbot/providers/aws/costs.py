"""Say in the same words what a change costs that AWS makes at once, or that it takes back never. Pure.

Most properties of this kind have the same name wherever AWS has them; the others are listed by their types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gitbot.model.cautions import Caution, Turn
from gitbot.providers.aws.expiring import (
    expires_images,
    expires_items,
    expires_objects,
    expires_versions,
)

NO_WAY_BACK: Final = "there is no way back to an earlier version"
UNREACHABLE: Final = "it cannot be reached for some minutes"
UNPROTECTED: Final = "its protection against deletion ends"


def outage(path: str, says: str = "") -> Caution:
    """A change of the path makes AWS restart what people use."""
    return Caution(changed=path, says=says, loses=UNREACHABLE)


def upgrade(path: str, says: str = "", loses: str = NO_WAY_BACK) -> Caution:
    """AWS takes a higher version at the path, and no lower one afterwards."""
    return Caution(changed=path, turn=Turn.MORE, says=says, loses=loses)


def unprotected(path: str) -> Caution:
    """Without what is on at the path, somebody can delete the object."""
    return switched_off(path, UNPROTECTED)


def switched_off(path: str, loses: str) -> Caution:
    """What is on at the path keeps something that is lost without it."""
    return Caution(changed=path, turn=Turn.OFF, loses=loses)


def shorter(path: str, what: str, *, endless: bool = False) -> Caution:
    """AWS deletes what is older than the time at the path. ``endless``: without a time it keeps everything."""
    loses = f"{what} that are older are deleted"
    return Caution(changed=path, turn=Turn.LIMITED, loses=loses) if endless else less(path, loses)


def less(path: str, loses: str, *, unless: str = "") -> Caution:
    """A smaller number at the path loses something, ``unless`` the number at this path is no more than it."""
    return Caution(changed=path, turn=Turn.LESS, loses=loses, unless=unless)


def begins(path: str, says: str, parts: Callable[[Any], Sequence[Any]] | None = None) -> Caution:
    """What comes to the path, or these ``parts`` of it, does something from then on; what is taken away does not."""
    return Caution(changed=path, turn=Turn.SET, says=says, parts=parts)


_PROTECTIONS = (
    *("DeletionProtection", "DeletionProtectionEnabled", "DeleteProtection"),
    *("DisableApiTermination", "TerminationProtectionEnabled"),
)
_FEWER_BACKUPS = "backups that are older are deleted, at 0 all of them, and none are made then"
_BACKUPS = ("AutomatedSnapshotRetentionPeriod", "BackupRetentionPeriod", "SnapshotRetentionLimit")
_VERSIONS = ("ClusterVersion", "EngineVersion", "KafkaVersion", "MajorEngineVersion")
_BY_NAME: Final = {
    **{name: unprotected(f"/{name}") for name in _PROTECTIONS},
    **{name: upgrade(f"/{name}") for name in _VERSIONS},
    **{name: less(f"/{name}", _FEWER_BACKUPS) for name in _BACKUPS},
    **{name: outage(f"/{name}") for name in ("DBClusterInstanceClass", "DBInstanceClass")},
    "DataRetentionInHours": shorter("/DataRetentionInHours", "recordings"),
    "MessageRetentionPeriod": shorter("/MessageRetentionPeriod", "messages"),
    "RetentionDays": shorter("/RetentionDays", "events", endless=True),
    "RetentionInDays": shorter("/RetentionInDays", "events", endless=True),
    "RetentionPeriod": shorter("/RetentionPeriod", "records"),
    "RetentionPeriodHours": shorter("/RetentionPeriodHours", "records"),
}


_RESTARTS = "RDS restarts the database for this: at once, or with `ApplyImmediately: false` in its next maintenance window."
_LATER = "What of it needs a restart holds from the next one on, which RDS does not make by itself."
_TERMINATED = "machines are terminated, with what runs on them"
_SERVERS = (
    "FSx changes its file servers; only where there are some in two zones, the others take over."
)
_EXPIRES = "Items whose time has passed are deleted by themselves."
_IMAGES = "Images that its rules expire are deleted within a day."
_OBJECTS = "What its rules expire is deleted by itself, and without versions for ever."
_OLD_VERSIONS = "Earlier versions that its rules expire are deleted for ever."
_RECOVERY = "/PointInTimeRecoverySpecification"
_FSX = ("LustreConfiguration", "OntapConfiguration", "OpenZFSConfiguration", "WindowsConfiguration")
_BY_TYPE: Final[Mapping[str, tuple[Caution, ...]]] = {
    "AWS::AutoScaling::AutoScalingGroup": (
        less("/DesiredCapacity", _TERMINATED),
        less("/MaxSize", _TERMINATED, unless="/DesiredCapacity"),
    ),
    "AWS::DynamoDB::Table": (
        begins("/TimeToLiveSpecification", _EXPIRES, expires_items),
        switched_off(
            f"{_RECOVERY}/PointInTimeRecoveryEnabled", "it cannot be put back in time any more"
        ),
        less(f"{_RECOVERY}/RecoveryPeriodInDays", "it can be put back for fewer days"),
    ),
    "AWS::ECR::Repository": (
        begins("/LifecyclePolicy", _IMAGES, expires_images),
        switched_off("/ImageTagMutability", "tags can be moved to other images"),
    ),
    "AWS::EFS::FileSystem": (
        switched_off("/BackupPolicy/Status", "no more backups of it are made"),
        switched_off(
            "/FileSystemProtection/ReplicationOverwriteProtection",
            "a replication can write over its files",
        ),
    ),
    "AWS::EKS::Cluster": (
        upgrade(
            "/Version",
            "Nodes stay at their version until theirs is changed. EKS takes the cluster back for seven days only.",
            f"{NO_WAY_BACK} after seven days",
        ),
    ),
    "AWS::EKS::Nodegroup": (
        less("/ScalingConfig/DesiredSize", _TERMINATED),
        less("/ScalingConfig/MaxSize", _TERMINATED, unless="/ScalingConfig/DesiredSize"),
    ),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        unprotected("/LoadBalancerAttributes/deletion_protection.enabled"),
    ),
    "AWS::FSx::FileSystem": (
        upgrade("/FileSystemTypeVersion"),
        *(shorter(f"/{one}/AutomaticBackupRetentionDays", "backups") for one in _FSX),
        outage("/LustreConfiguration/PerUnitStorageThroughput"),
        outage("/OpenZFSConfiguration/ThroughputCapacity", _SERVERS),
        outage("/WindowsConfiguration/ThroughputCapacity", _SERVERS),
    ),
    "AWS::KMS::Key": (
        switched_off(
            "/Enabled", "what is encrypted with it cannot be read until it is enabled again"
        ),
        switched_off("/EnableKeyRotation", "its material is no longer rotated"),
    ),
    "AWS::RDS::DBInstance": (
        outage("/DBInstanceClass", _RESTARTS),
        outage("/EngineVersion", _RESTARTS),
        outage(
            "/Port", "RDS restarts the database for this at once, whatever `ApplyImmediately` says."
        ),
        Caution(changed="/DBParameterGroupName", says=_LATER),
    ),
    "AWS::S3::Bucket": (
        begins("/LifecycleConfiguration", _OBJECTS, expires_objects),
        begins("/LifecycleConfiguration", _OLD_VERSIONS, expires_versions),
        switched_off(
            "/VersioningConfiguration/Status",
            "what is overwritten or deleted from then on cannot be restored",
        ),
    ),
}


def costs_of(type_: str, properties: Mapping[str, Any]) -> tuple[Caution, ...]:
    """What is to be said of changes of a type, which has these properties in the registry's schema."""
    named = (caution for name, caution in _BY_NAME.items() if name in properties)
    return (*_BY_TYPE.get(type_, ()), *named)
