"""AWS::RDS::DBInstance as a table. Shell.

DBInstanceIdentifier (in small letters; generated when absent), DBName, Engine, MasterUsername, CharacterSetName,
NcharCharacterSetName, Timezone, StorageEncrypted, KmsKeyId, AvailabilityZone, DBSubnetGroupName,
DBClusterIdentifier, CustomIAMInstanceProfile, BackupTarget, PerformanceInsightsKMSKeyId, EngineLifecycleSupport,
SourceDBInstanceIdentifier (a read replica): replace. DBSnapshotIdentifier: what a new
instance is made from. AllocatedStorage (it only grows, also by itself up to MaxAllocatedStorage), EngineVersion
(``15`` is any 15), MasterUserPassword, ManageMasterUserPassword, MasterUserSecret, DBInstanceClass, StorageType, Iops,
StorageThroughput, DedicatedLogVolume, VPCSecurityGroups, NetworkType, Port, PubliclyAccessible, MultiAZ, PromotionTier,
DBParameterGroupName, OptionGroupName, LicenseModel, CACertificateIdentifier, BackupRetentionPeriod, CopyTagsToSnapshot,
PreferredBackupWindow, PreferredMaintenanceWindow, AutoMinorVersionUpgrade, MonitoringInterval, MonitoringRoleArn,
EnablePerformanceInsights, PerformanceInsightsRetentionPeriod, DatabaseInsightsMode, EnableCloudwatchLogsExports,
EnableIAMDatabaseAuthentication, DeletionProtection, Tags: changed in place; at once, unless ApplyImmediately is false: then what waits for the maintenance window is no drift.
AllowMajorVersionUpgrade and DeleteAutomatedBackups say how. Attributes: Endpoint, DBInstanceArn, DbiResourceId,
MasterUserSecret. A deletion keeps a final snapshot, unless ``lifecycle.snapshotOnDelete`` is false; a replica and a
member of a cluster hold nothing of their own. Not handled: domains, TDE, processor features, roles, more volumes,
copies of backups in other regions, restoring to a point in time.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.rds.family import RDS, tags_of
from gitbot.providers.aws.types.rds.instance_limits import LIMITS
from gitbot.providers.aws.types.rds.instance_shapes import (
    AT_ONCE,
    CHANGED,
    FIXED,
    GROUPS,
    LOGS,
    MAJOR,
    MANAGED,
    PASSWORD,
    SECRET,
    SNAPSHOT,
    SOURCE,
    STORAGE,
    compared,
    created_with,
    modified_with,
    properties_of,
    waits_for_nothing,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="DBInstanceIdentifier", longest=63)
_TAGS = replace(tags_of("DBInstanceArn"), reading="")
_LISTING = Plain(
    dialect=RDS,
    call="describe_db_instances",
    answer="DBInstances",
    asks=named("DBInstanceIdentifier"),
    tags=_TAGS,
    name=_NAME,
    index=Index("rds:db"),
)
_COPIES = {
    "DBSnapshotIdentifier": "restore_db_instance_from_db_snapshot",
    "SourceDBInstanceIdentifier": "create_db_instance_read_replica",
}
_USABLE = ("available", "stopped", "storage-full", "storage-optimization", "storage-initialization")
_BROKEN = ("failed", "incompatible-", "inaccessible-", "insufficient-", "restore-error")


def _call(call: str, parameters: Mapping[str, Any]) -> str:
    """The call that makes a copy, where there is something to copy."""
    makes = call == "create_db_instance"
    return next((_COPIES[name] for name in _COPIES if makes and name in parameters), call)


def _ready(one: Described) -> bool:
    return one["DBInstanceStatus"] in _USABLE


def _failed(one: Described) -> str:
    status = str(one["DBInstanceStatus"])
    if not status.startswith(_BROKEN):
        return ""
    told = [each["Message"] for each in one.get("StatusInfos") or () if each.get("Message")]
    return "; ".join([f"RDS says that it is {status}", *told])


def _has_changed(aws: Connection, remote_id: str, given: Properties) -> bool:
    [one] = _LISTING.by_id(aws, [remote_id])
    return waits_for_nothing(one, given)


def _final(aws: Connection, operation: Operation, one: Described) -> Mapping[str, Any]:
    """The snapshot that the deletion makes. What a replica or a member of a cluster has is elsewhere."""
    copy = one.get("ReadReplicaSourceDBInstanceIdentifier") or one.get("DBClusterIdentifier")
    if copy or not operation.snapshot_on_delete:
        return {"SkipFinalSnapshot": True}
    own = one["DBInstanceIdentifier"]
    name = f"{own}-final-{aws.clock.now():%Y-%m-%d-%H-%M-%S}"
    operation.leave(f"DB instance {own} is kept in the snapshot {name}")
    return {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": name}


def _unkept(given: Properties) -> str:
    """Why no snapshot is made of an instance with these properties."""
    copy = any(given.get(name) is not None for name in ("DBClusterIdentifier", SOURCE))
    return "a replica or a member of a cluster holds nothing of its own" if copy else ""


_RESETS = {
    PASSWORD: Removal(default=None, says="the password stays as it is"),
    MANAGED: Removal(
        default=False, says="RDS keeps the password in no secret: a spec must give it"
    ),
    "BackupRetentionPeriod": Removal(default=1, says="backups are kept for a day"),
    "MultiAZ": Removal(default=False, says="no other zone has a standby"),
    "AutoMinorVersionUpgrade": Removal(default=True, says="RDS upgrades to minor versions"),
    "CopyTagsToSnapshot": Removal(default=False, says="snapshots have no tags"),
    "MonitoringInterval": Removal(default=0, says="the system is not monitored"),
    "EnableIAMDatabaseAuthentication": Removal(default=False, says="IAM lets nobody in"),
    "EnablePerformanceInsights": Removal(default=False, says="they are off"),
    "DeletionProtection": Removal(default=False, says="the instance can be deleted"),
    "PromotionTier": Removal(default=1, says="the default of AWS"),
    "MaxAllocatedStorage": Removal(default=None, says="the storage no longer grows by itself"),
    "DatabaseInsightsMode": Removal(default="standard", says="the default of AWS"),
    LOGS: Removal(default=[], says="CloudWatch gets no logs"),
    AT_ONCE: Removal(default=None, says="changes are made at once"),
    MAJOR: Removal(default=None, says="no change may upgrade to another major version"),
}
_FILLED = (
    *("AvailabilityZone", "CharacterSetName", "KmsKeyId", "DBSubnetGroupName", "EngineVersion"),
    *("LicenseModel", "Iops", "StorageThroughput", "StorageType", "PreferredBackupWindow"),
    *("PreferredMaintenanceWindow", "CACertificateIdentifier", "PubliclyAccessible", GROUPS),
    *("DBParameterGroupName", "OptionGroupName", "Port", "NetworkType", "MonitoringRoleArn"),
    *("PerformanceInsightsRetentionPeriod", "PerformanceInsightsKMSKeyId", "BackupTarget"),
    *("EngineLifecycleSupport", "DBName", "MasterUsername", "Engine", SNAPSHOT, STORAGE, SECRET),
    *("DedicatedLogVolume", "NcharCharacterSetName"),
)
_KEYS = ("/KmsKeyId", "/PerformanceInsightsKMSKeyId", f"/{SECRET}/KmsKeyId")
_UNREAD = (*(f"/{one}" for one in (PASSWORD, AT_ONCE, MAJOR, SNAPSHOT, STORAGE)), *_KEYS)
_LOSSES = Losses(gone="all its databases and the backups that RDS has made by itself are lost")
_CREATE = Create(
    call="create_db_instance",
    sends=(*FIXED, PASSWORD),
    parameters=created_with,
    gives=lambda answer, _: str(answer["DBInstance"]["DBInstanceIdentifier"]),
    name=_NAME,
    taken=frozenset({"DBInstanceAlreadyExists"}),
)
_UPDATE = Update(
    call="modify_db_instance",
    sends=(*CHANGED, PASSWORD, AT_ONCE, MAJOR),
    along=(AT_ONCE, MAJOR),
    parameters=modified_with,
    settled=_has_changed,
)
_DELETE = Delete(
    call="delete_db_instance",
    sends=("DeleteAutomatedBackups",),
    final=_final,
    unkept=_unkept,
    protected=lambda one: "DeletionProtection: false" if one.get("DeletionProtection") else "",
)

_FOLLOWS = {
    "Endpoint/Port": ("Port",),
    "MasterUserSecret/SecretArn": ("ManageMasterUserPassword",),
}

DB_INSTANCE = native_type(
    Table(
        name="AWS::RDS::DBInstance",
        noun="DB instance",
        dialect=RDS,
        timeouts=minutes(create=120, update=360, delete=360),
        listing=_LISTING,
        shows=properties_of,
        addresses=shown("DBInstanceIdentifier"),
        create=_CREATE,
        variant=_call,
        updates=(_UPDATE,),
        resets=_RESETS,
        ready=_ready,
        failed=_failed,
        delete=_DELETE,
        tags=_TAGS,
        natural_key=("DBInstanceIdentifier",),
        filled=_FILLED,
        grows=(f"/{STORAGE}",),
        leaps={"/EngineVersion": MAJOR},
        write_only=_UNREAD,
        key_names=_KEYS,
        sets=(f"/{GROUPS}", f"/{LOGS}"),
        follows=_FOLLOWS,
        normalise=compared,
        refine=refining(LIMITS),
        calls=tuple(_COPIES.values()),
        passes_role_to="monitoring.rds.amazonaws.com",
        losses=_LOSSES,
    )
)
