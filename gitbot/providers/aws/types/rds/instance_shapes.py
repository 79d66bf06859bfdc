"""Convert between properties, parameters and descriptions of RDS's instances, and compare them. Pure.

CloudFormation has the storage and the port as texts, where the API has numbers.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PendingModifiedValues.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.model.cloud import Operation
from gitbot.providers.aws.instants import one_instant
from gitbot.providers.aws.native import last_part
from gitbot.providers.aws.surfaces import declared
from gitbot.providers.aws.table import Described, Properties, given, shown

STORAGE, GROUPS, LOGS = "AllocatedStorage", "VPCSecurityGroups", "EnableCloudwatchLogsExports"
SECRET, MANAGED, PASSWORD = "MasterUserSecret", "ManageMasterUserPassword", "MasterUserPassword"
AT_ONCE, MAJOR = "ApplyImmediately", "AllowMajorVersionUpgrade"
SNAPSHOT, SOURCE = "DBSnapshotIdentifier", "SourceDBInstanceIdentifier"
FIXED: Final = (
    *("DBInstanceIdentifier", "DBName", "Engine", "MasterUsername", "CharacterSetName"),
    *("NcharCharacterSetName", "Timezone", "StorageEncrypted", "KmsKeyId", "AvailabilityZone"),
    *("DBSubnetGroupName", "DBClusterIdentifier", "CustomIAMInstanceProfile", "BackupTarget"),
    *("PerformanceInsightsKMSKeyId", "EngineLifecycleSupport", SNAPSHOT, SOURCE),
)
_PLAIN = (
    *("DBInstanceClass", "BackupRetentionPeriod", "PreferredBackupWindow", "MultiAZ"),
    *("PreferredMaintenanceWindow", "EngineVersion", "AutoMinorVersionUpgrade", "LicenseModel"),
    *("Iops", "StorageThroughput", "StorageType", "CACertificateIdentifier"),
    *("CopyTagsToSnapshot", "MonitoringInterval", "MonitoringRoleArn", "PubliclyAccessible"),
    *("PromotionTier", "DatabaseInsightsMode", "PerformanceInsightsRetentionPeriod"),
    *("DeletionProtection", "MaxAllocatedStorage", "NetworkType", "DedicatedLogVolume"),
)
"""What descriptions have under the same names."""
_SPELLED = {
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
}
CHANGED: Final = (
    *(*_PLAIN, *_SPELLED, STORAGE, GROUPS, "DBParameterGroupName", "OptionGroupName", "Port"),
    *(LOGS, MANAGED, SECRET),
)
_SMALL = (
    *("DBInstanceIdentifier", "DBSubnetGroupName", "DBParameterGroupName", "OptionGroupName"),
    *("Engine", "PreferredMaintenanceWindow", "StorageType", "DBClusterIdentifier", SNAPSHOT),
)
"""What RDS keeps in small letters."""
_ATTRIBUTES = (
    *("DBInstanceArn", "DbiResourceId", "DBInstanceStatus", "SecondaryAvailabilityZone"),
    *("ReadReplicaDBInstanceIdentifiers", "ReadReplicaDBClusterIdentifiers"),
)
_OWN = shown(
    *(one for one in FIXED if one not in (SNAPSHOT, SOURCE, "CustomIAMInstanceProfile")),
    *(*_PLAIN, *_ATTRIBUTES),
    **{LOGS: "EnabledCloudwatchLogsExports", SOURCE: "ReadReplicaSourceDBInstanceIdentifier"},
    **{"CustomIAMInstanceProfile": "CustomIamInstanceProfile", **_SPELLED},
)


def properties_of(one: Described) -> Properties:
    """What a described instance shows, as it will be when changes that wait are made."""
    return {**now(one), **_pending(one)}


def now(one: Described) -> dict[str, Any]:
    """What a described instance shows, as it is."""
    secret = one.get(SECRET)
    subnets = one.get("DBSubnetGroup") or {}
    places = {name: _place(one[name]) for name in ("Endpoint", "ListenerEndpoint") if one.get(name)}
    port = (one.get("Endpoint") or {}).get("Port") or one.get("DbInstancePort")
    certificate = one.get("CertificateDetails") or {}
    return {
        **_OWN(one),
        **places,
        STORAGE: _text(one.get(STORAGE)),
        "Port": _text(port),
        GROUPS: [each["VpcSecurityGroupId"] for each in one.get("VpcSecurityGroups") or ()],
        "DBSubnetGroupName": subnets.get("DBSubnetGroupName"),
        "DBParameterGroupName": _first(one, "DBParameterGroups", "DBParameterGroupName"),
        "OptionGroupName": _first(one, "OptionGroupMemberships", "OptionGroupName"),
        MANAGED: secret is not None,
        SECRET: shown("SecretArn", "KmsKeyId")(secret) if secret else None,
        "InstanceCreateTime": one_instant(one.get("InstanceCreateTime")),
        "CertificateDetails": {name: one_instant(at) for name, at in certificate.items()},
    }


def _pending(one: Described) -> dict[str, Any]:
    """The values that wait for the next maintenance."""
    waiting = one.get("PendingModifiedValues") or {}
    logs = waiting.get("PendingCloudwatchLogsExports") or {}
    has = [*(one.get("EnabledCloudwatchLogsExports") or ()), *logs.get("LogTypesToEnable", ())]
    kept = [each for each in has if each not in logs.get("LogTypesToDisable", ())]
    return {
        **shown(*_PLAIN, "Engine", "DBSubnetGroupName", **_SPELLED)(waiting),
        **{name: str(waiting[name]) for name in (STORAGE, "Port") if waiting.get(name)},
        **({LOGS: kept} if logs else {}),
    }


def _place(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**shown("Address", "HostedZoneId")(one), "Port": _text(one.get("Port"))}


def _first(one: Described, groups: str, name: str) -> str | None:
    """The name of the group that the instance has, or is about to have."""
    some = one.get(groups) or ()
    return str(some[-1][name]) if some else None


def _text(value: Any) -> str | None:
    return None if value in (None, 0) else str(value)


def created_with(operation: Operation) -> dict[str, Any]:
    """The parameters of the creating call; a copy is made with what its own call takes."""
    wanted = given(operation, (*FIXED, *CHANGED, PASSWORD))
    if SNAPSHOT in wanted or SOURCE in wanted:
        wanted = {name: value for name, value in wanted.items() if name not in _NOT_OF_COPIES}
    if SOURCE in wanted:
        wanted.pop("Engine", None)
        wanted.pop("EngineVersion", None)
    return {name: value for each in wanted.items() for name, value in _sent(*each).items()}


_NOT_OF_COPIES = frozenset(
    {
        *("BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow"),
        *("EngineVersion", "MonitoringInterval", "MonitoringRoleArn", "PromotionTier"),
        *("EnablePerformanceInsights", "PerformanceInsightsRetentionPeriod"),
        *("PerformanceInsightsKMSKeyId", "DatabaseInsightsMode", "MaxAllocatedStorage"),
        *(STORAGE, MANAGED, SECRET, PASSWORD, "DBClusterIdentifier", "KmsKeyId"),
        *("StorageEncrypted", "MasterUsername", "DBName", "CharacterSetName", "Timezone"),
        *("NcharCharacterSetName",),
    }
)
"""What is set after a copy is made, or cannot be set of one."""


def _sent(name: str, value: Any) -> dict[str, Any]:
    """A property as the calls take it."""
    match name:
        case "AllocatedStorage" | "Port":
            return {name: int(value)}
        case "VPCSecurityGroups":
            return {"VpcSecurityGroupIds": list(value)}
        case "CustomIAMInstanceProfile":
            return {"CustomIamInstanceProfile": value}
        case "MasterUserSecret":
            key = value.get("KmsKeyId")
            return {"MasterUserSecretKmsKeyId": key} if key else {}
    return {name: value}


def modified_with(values: Properties, one: Described) -> dict[str, Any]:
    """The parameters of a change: what is not so yet; none if all is. A password cannot be compared."""
    at_once = values.get(AT_ONCE) is not False
    has = compared(now(one) if at_once else properties_of(one))
    wanted = compared({name: value for name, value in values.items() if name in CHANGED})
    found: dict[str, Any] = {}
    for name, value in wanted.items():
        if not _is_so(name, value, has.get(name)):
            found |= _change(name, values[name], has)
    if values.get(PASSWORD) is not None:
        found[PASSWORD] = values[PASSWORD]
    if found.keys() & {"Iops", "StorageThroughput", "StorageType"} and has.get(STORAGE):
        found = {STORAGE: has[STORAGE], **found}
    if "EngineVersion" in found and values.get(MAJOR) is not None:
        found[MAJOR] = values[MAJOR]
    return {**found, AT_ONCE: at_once} if found else {}


def _is_so(name: str, wanted: Any, has: Any) -> bool:
    if wanted is None:
        return name != "MaxAllocatedStorage" or has is None
    if name == STORAGE:  # it grows by itself up to MaxAllocatedStorage, and never shrinks
        return isinstance(has, int) and isinstance(wanted, int) and wanted <= has
    if name == "EngineVersion":
        return f"{has}.".startswith(f"{wanted}.")
    if name == SECRET:  # nobody tells which key an alias names
        key = str(wanted.get("KmsKeyId", ""))
        return has is not None and ("alias/" in key or str(has.get("KmsKeyId")).endswith(key))
    if isinstance(wanted, (list, tuple)):
        return set(wanted) == set(has or ())
    return bool(wanted == has)


def _change(name: str, value: Any, has: Properties) -> dict[str, Any]:
    """The parameters that change a property."""
    if name == "MaxAllocatedStorage" and value is None:
        return {name: has.get(STORAGE)}  # as much as there is: it no longer grows by itself
    if name == LOGS:
        wanted, had = set(value), set(has.get(LOGS) or ())
        changes = {"EnableLogTypes": wanted - had, "DisableLogTypes": had - wanted}
        return {
            "CloudwatchLogsExportConfiguration": {k: sorted(v) for k, v in changes.items() if v}
        }
    if name == "Port":
        return {"DBPortNumber": int(value)}
    if name == SECRET:
        return {**_sent(name, value), MANAGED: True}
    return _sent(name, value)


def waits_for_nothing(one: Described, given: Properties) -> bool:
    """Whether no declared property waits to be changed, or the spec lets it wait."""
    return given.get(AT_ONCE) is False or not _pending(one).keys() & declared(given)


def compared(properties: Properties) -> dict[str, Any]:
    """The properties in the form for comparison."""
    done = dict(properties)
    for name in _SMALL:
        if isinstance(done.get(name), str):
            done[name] = done[name].lower()
    if isinstance(done.get("NetworkType"), str):
        done["NetworkType"] = done["NetworkType"].upper()
    if isinstance(done.get(SOURCE), str):
        done[SOURCE] = last_part(done[SOURCE]).lower()
    if isinstance(done.get(STORAGE), str) and done[STORAGE].isdigit():
        done[STORAGE] = int(done[STORAGE])
    return done
