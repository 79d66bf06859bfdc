"""Say what FSx refuses of a file system. Pure.

https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemLustreConfiguration.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_UpdateFileSystemLustreConfiguration.html
https://docs.aws.amazon.com/fsx/latest/LustreGuide/managing-storage-capacity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import JsonRESTError

LUSTRE, WINDOWS = "LustreConfiguration", "WindowsConfiguration"
OPENZFS, ONTAP = "OpenZFSConfiguration", "OntapConfiguration"
CONFIGURATIONS = {"LUSTRE": LUSTRE, "WINDOWS": WINDOWS, "OPENZFS": OPENZFS, "ONTAP": ONTAP}
ATTRIBUTES = {
    LUSTRE: "lustre_configuration",
    WINDOWS: "windows_configuration",
    OPENZFS: "open_zfs_configuration",
    ONTAP: "ontap_configuration",
}
LINK = ("ImportPath", "ExportPath", "ImportedFileChunkSize", "AutoImportPolicy")
LASTING = ("PERSISTENT_1", "PERSISTENT_2")
_ONLY_LASTING = (
    *("AutomaticBackupRetentionDays", "DailyAutomaticBackupStartTime", "CopyTagsToBackups"),
    *("PerUnitStorageThroughput", "DriveCacheType", "MetadataConfiguration", "EfaEnabled"),
)
_METADATA = ((1200, 1500), (2400, 3000), (9600, 6000))
"""The least IOPS for metadata by capacity; 12,000 for more."""


def refusal(code: str, message: str) -> JsonRESTError:
    """An error as FSx writes it."""
    return JsonRESTError(code, message)


def put_together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both; the other counts first, also inside of configurations."""
    inner = {
        name: {**(one.get(name) or {}), **other[name]}
        for name in CONFIGURATIONS.values()
        if other.get(name)
    }
    return {**one, **other, **inner}


def _refuse(holds: bool, message: str) -> None:
    if holds:
        raise refusal("BadRequest", message)


def check_new(asked: Mapping[str, Any]) -> None:
    """Refuse what FSx does of a new file system."""
    kind = asked["FileSystemType"]
    own = asked.get(CONFIGURATIONS[kind])
    for other, name in CONFIGURATIONS.items():
        _refuse(
            other != kind and asked.get(name) is not None,
            f"{name} cannot be applied to create a {kind} file system.",
        )
    if kind != "LUSTRE" and own is None:
        raise refusal(
            "MissingFileSystemConfiguration",
            "A file system configuration is required for this operation.",
        )
    _refuse(asked.get("StorageCapacity") is None, "StorageCapacity is required.")
    _refuse(
        kind != "LUSTRE" and asked.get("FileSystemTypeVersion") is not None,
        "FileSystemTypeVersion is for Lustre.",
    )
    if kind == "LUSTRE":
        _check_lustre(own or {}, asked)
    elif kind == "WINDOWS":
        _refuse("ActiveDirectoryId" not in (own or {}), "An Active Directory is required.")
    _check_rates(own or {})


def _check_lustre(own: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    deployment = own.get("DeploymentType", "SCRATCH_1")
    lasts, newest = deployment in LASTING, deployment == "PERSISTENT_2"
    for name in _ONLY_LASTING:
        _refuse(name in own and not lasts, f"{name} is not supported for {deployment}.")
    _refuse(
        lasts and "PerUnitStorageThroughput" not in own,
        "PerUnitStorageThroughput is required for persistent file systems.",
    )
    linked = "ImportPath" in own
    for name in LINK[1:]:
        _refuse(name in own and not linked, f"{name} needs an ImportPath.")
    _refuse(linked and newest, "ImportPath is not supported for PERSISTENT_2.")
    _refuse(
        linked and own.get("AutomaticBackupRetentionDays", 0) > 0,
        "Backups are not supported for file systems linked to a data repository.",
    )
    _refuse(
        asked.get("StorageType") == "HDD" and "DriveCacheType" not in own,
        "DriveCacheType is required for HDD.",
    )
    _refuse("MetadataConfiguration" in own and not newest, "Metadata is for PERSISTENT_2 alone.")
    _check_metadata(own.get("MetadataConfiguration"), asked["StorageCapacity"])


def least(capacity: int) -> int:
    """The least IOPS for metadata of a file system that large."""
    return next((iops for most, iops in _METADATA if capacity <= most), 12000)


def _check_metadata(metadata: Mapping[str, Any] | None, capacity: int) -> None:
    if metadata is None or "Iops" not in metadata:
        return
    _refuse(metadata.get("Mode") != "USER_PROVISIONED", "Iops cannot be set with AUTOMATIC mode.")
    _refuse(metadata["Iops"] < least(capacity), "Metadata IOPS are too few for the capacity.")


def _check_rates(own: Mapping[str, Any]) -> None:
    rates = own.get("DiskIopsConfiguration") or {}
    _refuse(
        "Iops" in rates and rates.get("Mode") != "USER_PROVISIONED",
        "Invalid DiskIopsConfiguration provided. IOPS cannot be set with AUTOMATIC mode.",
    )


def check_change(one: Mapping[str, Any], target: Mapping[str, Any]) -> None:
    """Refuse what FSx does of a change of the described file system."""
    kind = one["FileSystemType"]
    own = one.get(CONFIGURATIONS[kind]) or {}
    _refuse(not target, "No updates were given.")
    for other, name in CONFIGURATIONS.items():
        _refuse(
            other != kind and name in target,
            f"{name} cannot be applied to update a {kind} file system.",
        )
    if "StorageCapacity" in target:
        _check_larger(one, own, target["StorageCapacity"])
    new = target.get(CONFIGURATIONS[kind]) or {}
    _refuse(
        kind == "LUSTRE" and "AutoImportPolicy" in new and "DataRepositoryConfiguration" not in own,
        "AutoImportPolicy is for file systems that are linked to a data repository.",
    )
    metadata = new.get("MetadataConfiguration") or {}
    _refuse(
        metadata.get("Iops", 192000) < (own.get("MetadataConfiguration") or {}).get("Iops", 0),
        "Metadata IOPS cannot be decreased.",
    )
    version = target.get("FileSystemTypeVersion")
    _refuse(
        version is not None and _parts(version) <= _parts(one.get("FileSystemTypeVersion", "0")),
        "FileSystemTypeVersion must be newer than the current version.",
    )
    _check_metadata(new.get("MetadataConfiguration"), one["StorageCapacity"])
    _check_rates(new)


def _parts(version: str) -> list[int]:
    return [int(each) for each in version.split(".") if each]


def _check_larger(one: Mapping[str, Any], own: Mapping[str, Any], wanted: int) -> None:
    has = one["StorageCapacity"]
    _refuse(wanted <= has, "StorageCapacity must be greater than the current storage capacity.")
    _refuse(own.get("DeploymentType") == "SCRATCH_1", "SCRATCH_1 cannot be made larger.")
    if one["FileSystemType"] == "LUSTRE":
        _refuse(one["StorageType"] == "SSD" and wanted % 2400 != 0, "StorageCapacity is no step.")
    else:
        _refuse(wanted * 10 < has * 11, "StorageCapacity must be at least 10 percent greater.")
    metadata = own.get("MetadataConfiguration") or {}
    _refuse(
        metadata.get("Mode") == "USER_PROVISIONED" and metadata["Iops"] < least(wanted),
        "Metadata IOPS are too few for the new capacity.",
    )
