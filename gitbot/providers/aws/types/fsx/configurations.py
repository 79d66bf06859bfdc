"""Convert between properties, parameters and descriptions of FSx's file systems, and compare them. Pure.

Each kind of file system has a configuration of its own, whose parts have the same names in specs, calls and descriptions.
A change is an administrative action: the description has its target while it is under way, and why it failed.
https://docs.aws.amazon.com/fsx/latest/APIReference/API_FileSystem.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_AdministrativeAction.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.model.cloud import Operation
from gitbot.providers.aws.table import Described, Properties, shown

LUSTRE, WINDOWS = "LustreConfiguration", "WindowsConfiguration"
OPENZFS, ONTAP = "OpenZFSConfiguration", "OntapConfiguration"
BY_KIND: Final = {"LUSTRE": LUSTRE, "WINDOWS": WINDOWS, "OPENZFS": OPENZFS, "ONTAP": ONTAP}
CAPACITY, VERSION, BACKUP = "StorageCapacity", "FileSystemTypeVersion", "BackupId"
RETENTION, GROUPS = "AutomaticBackupRetentionDays", "SecurityGroupIds"
SCRATCH: Final = ("SCRATCH_1", "SCRATCH_2")
FIXED: Final = (*(BACKUP, "FileSystemType", "KmsKeyId", GROUPS, "StorageType", "SubnetIds"),)
MADE: Final = {
    LUSTRE: (
        *("CopyTagsToBackups", "DeploymentType", "DriveCacheType", "EfaEnabled"),
        *("ExportPath", "ImportPath", "ImportedFileChunkSize"),
    ),
    WINDOWS: ("ActiveDirectoryId", "CopyTagsToBackups", "DeploymentType", "PreferredSubnetId"),
    OPENZFS: ("DeploymentType", "PreferredSubnetId"),
    ONTAP: ("DeploymentType", "HAPairs", "PreferredSubnetId"),
}
"""What a file system is made with."""
TIMES: Final = ("DailyAutomaticBackupStartTime", "WeeklyMaintenanceStartTime")
_TIMED = (RETENTION, *TIMES)
_RATED = (*_TIMED, "ThroughputCapacity", "DiskIopsConfiguration")
CHANGED: Final = {
    LUSTRE: (
        *(*_TIMED, "AutoImportPolicy", "DataCompressionType"),
        *("LogConfiguration", "MetadataConfiguration", "PerUnitStorageThroughput"),
    ),
    WINDOWS: (*_RATED, "AuditLogConfiguration", "FsrmConfiguration"),
    OPENZFS: (*_RATED, "CopyTagsToBackups", "CopyTagsToVolumes"),
    ONTAP: (*_RATED, "ThroughputCapacityPerHAPair"),
}
_LOGS = {
    "LogConfiguration": "Destination",
    "AuditLogConfiguration": "AuditLogDestination",
    "FsrmConfiguration": "EventLogDestination",
}
_OWN = shown(
    *("FileSystemType", "KmsKeyId", "StorageType", "SubnetIds", CAPACITY, VERSION),
    *("ResourceARN", "DNSName"),
    Id="FileSystemId",
)


def properties_of(one: Described) -> Properties:
    """What a described file system shows, as it will be when the changes under way are made."""
    one = _with_targets(one)
    name = BY_KIND[one["FileSystemType"]]
    own: Mapping[str, Any] = one.get(name) or {}
    parts = {**(own.get("DataRepositoryConfiguration") or {}), **own}
    return {
        **_OWN(one),
        "LustreMountName": own.get("MountName"),
        "RootVolumeId": own.get("RootVolumeId"),
        name: shown(*MADE[name], *CHANGED[name])(parts),
    }


def _with_targets(one: Described) -> Described:
    for action in _updates(one):
        if action["Status"] in _UNDER_WAY:
            one = {**one, **_target(one, action.get("TargetFileSystemValues") or {})}
    return one


_UNDER_WAY = ("PENDING", "IN_PROGRESS")
"""What comes after these, such as moving data to new servers, happens while the file system has its new values."""


def _target(one: Described, values: Mapping[str, Any]) -> Properties:
    parts = {
        name: {**(one.get(name) or {}), **values[name]}
        for name in BY_KIND.values()
        if values.get(name)
    }
    return {**shown(CAPACITY, VERSION)(values), **parts}


def _updates(one: Described) -> list[Mapping[str, Any]]:
    """The changes of the file system that AWS still tells of, in the order in which they were asked for."""
    actions = one.get("AdministrativeActions") or ()
    updates = [one for one in actions if one["AdministrativeActionType"] == "FILE_SYSTEM_UPDATE"]
    return sorted(updates, key=lambda action: action["RequestTime"])


def is_idle(one: Described) -> bool:
    """Whether no change is under way."""
    return one["Lifecycle"] not in ("CREATING", "UPDATING") and not any(
        action["Status"] in _UNDER_WAY for action in _updates(one)
    )


def made_with(operation: Operation) -> Properties:
    """The parameters of the creating call; that for a copy of a backup takes no kind."""
    names = (*FIXED, CAPACITY, VERSION, *BY_KIND.values())
    given = {name: operation.properties.get(name) for name in names}
    if given[BACKUP] is not None:
        given.pop("FileSystemType")
    return {name: value for name, value in given.items() if value is not None}


def configured(values: Properties, one: Described) -> dict[str, Any]:
    """The parameters that change configurations: what is not so yet; none if all is."""
    has, wanted, found = compared(properties_of(one)), compared(values), dict[str, Any]()
    for name in BY_KIND.values():
        now: Mapping[str, Any] = has.get(name) or {}
        differs = {
            part: values[name][part]
            for part, value in (wanted.get(name) or {}).items()
            if part in CHANGED[name] and value is not None and not _is_so(value, now.get(part))
        }
        found |= {name: differs} if differs else {}
    return found


def _is_so(wanted: Any, has: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(has, Mapping) and all(has.get(key) == wanted[key] for key in wanted)
    return bool(wanted == has)


def grown(values: Properties, one: Described) -> dict[str, Any]:
    """The parameters that make it larger; none if it is as large."""
    wanted, has = values.get(CAPACITY), properties_of(one).get(CAPACITY)
    return {} if wanted is None or (has is not None and wanted <= has) else {CAPACITY: wanted}


def upgraded(values: Properties, one: Described) -> dict[str, Any]:
    """The parameters that upgrade it; none if it has the version."""
    wanted = values.get(VERSION)
    return {} if wanted in (None, properties_of(one).get(VERSION)) else {VERSION: wanted}


def undone(one: Described, wanted: Properties) -> str:
    """Why the last change failed; empty if it did not, or if all is as wanted."""
    last = next(reversed(_updates(one)), None)
    if last is None or last["Status"] != "FAILED":
        return ""
    missing = {**configured(wanted, one), **grown(wanted, one), **upgraded(wanted, one)}
    told = (last.get("FailureDetails") or {}).get("Message")
    return told or "FSx does not say why" if missing else ""


def compared(properties: Properties) -> dict[str, Any]:
    """The properties in the form for comparison: FSx shows the stream that it logs to, a spec names its group.

    Security groups have an order: of a set that nobody can read, no element could leave.
    """
    done, groups = dict(properties), properties.get(GROUPS)
    if isinstance(groups, (list, tuple)) and all(isinstance(one, str) for one in groups):
        done[GROUPS] = sorted(groups)
    for name in BY_KIND.values():
        if isinstance(done.get(name), Mapping):
            done[name] = {part: _grouped(part, value) for part, value in done[name].items()}
    return done


def _grouped(part: str, value: Any) -> Any:
    name = _LOGS.get(part, "")
    if not isinstance(value, Mapping) or not isinstance(value.get(name), str):
        return value
    steps = value[name].split(":")
    is_group = steps[2:3] == ["logs"]
    return {**value, name: ":".join(steps[:7])} if is_group else value


def unkept(given: Properties) -> str:
    """Why FSx makes no final backup of a file system with these properties; empty: it can."""
    kind, own = given.get("FileSystemType"), given.get(LUSTRE) or {}
    if kind == "ONTAP":
        return "FSx backs up its volumes, not the file system"
    if kind != "LUSTRE" or not isinstance(own, Mapping):
        return ""
    if own.get("ImportPath") is not None:
        return "FSx makes no backups of what is linked to a bucket"
    scratch = (*SCRATCH, None) if given.get(BACKUP) is None else SCRATCH
    return "FSx makes no backups of scratch storage" if own.get("DeploymentType") in scratch else ""
