"""Say what FSx wants of the spec of a file system beyond the registry's schema. Pure.

https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemLustreConfiguration.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemWindowsConfiguration.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemOpenZFSConfiguration.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemOntapConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gitbot.providers.aws.refining import refining, together, without_blanks
from gitbot.providers.aws.types.fsx.configurations import (
    BACKUP,
    BY_KIND,
    CAPACITY,
    LUSTRE,
    ONTAP,
    OPENZFS,
    RETENTION,
    SCRATCH,
    TIMES,
    VERSION,
    WINDOWS,
)

_DAILY, _WEEKLY = TIMES
_HOUR = r"([01]\d|2[0-3]):[0-5]\d"
_NEWEST = "PERSISTENT_2"
_PERSISTENT = ("PERSISTENT_1", _NEWEST)
_THROUGHPUTS = {"PERSISTENT_1": [12, 40, 50, 100, 200], _NEWEST: [125, 250, 500, 1000]}
"""In MB/s for each TiB; the two smallest are for HDD."""
_LEVELS = ["DISABLED", "SUCCESS_ONLY", "FAILURE_ONLY", "SUCCESS_AND_FAILURE"]
_SIZED, _FREE = "USER_PROVISIONED", "AUTOMATIC"


def _is(name: str, *values: str) -> dict[str, Any]:
    """Keywords that hold where the property has one of these values."""
    return {"required": [name], "properties": {name: {"enum": list(values)}}}


def _if(*conditions: Mapping[str, Any], **then: Any) -> dict[str, Any]:
    """The keywords ``then`` hold where all conditions do."""
    return {"if": {"allOf": list(conditions)}, "then": then}


def _none_of(*names: str) -> dict[str, Any]:
    return {"not": {"anyOf": [{"required": [name]} for name in names]}}


def _inside(name: str, keywords: Mapping[str, Any]) -> dict[str, Any]:
    return {"properties": {name: keywords}}


_NEW = _none_of(BACKUP)
_IS_LUSTRE, _IS_WINDOWS = _is("FileSystemType", "LUSTRE"), _is("FileSystemType", "WINDOWS")
_LASTS = _is("DeploymentType", *_PERSISTENT)
_ONLY_LASTING = (
    *(RETENTION, _DAILY, "CopyTagsToBackups", "PerUnitStorageThroughput", "DriveCacheType"),
    *("MetadataConfiguration", "EfaEnabled"),
)
_OF_ANY: Sequence[Mapping[str, Any]] = (
    *(
        _if({"required": [name]}, properties={"FileSystemType": {"const": kind}})
        for kind, name in BY_KIND.items()
    ),
    *(
        _if(_is("FileSystemType", kind), _NEW, required=[name])
        for kind, name in BY_KIND.items()
        if name != LUSTRE
    ),
    _if({"required": [VERSION]}, properties={"FileSystemType": {"const": "LUSTRE"}}),
    _if(_NEW, required=[CAPACITY]),
)
_OF_LUSTRE: Sequence[Mapping[str, Any]] = (
    _if(
        *(_NEW, {"required": [LUSTRE]}, _inside(LUSTRE, _LASTS)),
        **_inside(LUSTRE, {"required": ["PerUnitStorageThroughput"]}),
    ),
    _if(
        *(_NEW, {"required": [LUSTRE]}, _inside(LUSTRE, {"not": _LASTS})),
        **_inside(LUSTRE, _none_of(*_ONLY_LASTING)),
    ),
    _if(
        *(_NEW, _IS_LUSTRE, _is("StorageType", "HDD")),
        required=[LUSTRE],
        **_inside(
            LUSTRE,
            {
                **_is("DeploymentType", _PERSISTENT[0]),
                "required": ["DeploymentType", "DriveCacheType"],
            },
        ),
    ),
)
_OF_WINDOWS = (_if(_IS_WINDOWS, _NEW, **_inside(WINDOWS, {"required": ["ActiveDirectoryId"]})),)
_LATEST = {"properties": {"DeploymentType": {"const": _NEWEST}}}
_LINKED = {"properties": {RETENTION: {"maximum": 0}, "DeploymentType": {"not": {"const": _NEWEST}}}}
_PREFERS = [_if(_is("DeploymentType", "MULTI_AZ_1", "MULTI_AZ_2"), required=["PreferredSubnetId"])]
_RATES = {
    "allOf": [
        _if(_is("Mode", _SIZED), required=["Iops"]),
        _if({"required": ["Iops"]}, **_is("Mode", _SIZED)),
    ],
}
_MODES = {"enum": [_FREE, _SIZED]}
_COMMON: Mapping[str, Mapping[str, Any]] = {
    RETENTION: {"minimum": 0, "maximum": 90},
    _DAILY: {"pattern": f"^{_HOUR}$"},
    _WEEKLY: {"pattern": f"^[1-7]:{_HOUR}$"},
}
LIMITS: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {
        "dependentExcluded": {
            LUSTRE: [WINDOWS, OPENZFS, ONTAP],
            WINDOWS: [OPENZFS, ONTAP],
            OPENZFS: [ONTAP],
            BACKUP: [ONTAP],
        },
        "allOf": [*_OF_ANY, *_OF_LUSTRE, *_OF_WINDOWS],
    },
    "FileSystemType": {"enum": list(BY_KIND)},
    "StorageType": {"enum": ["SSD", "HDD"]},
    CAPACITY: {"minimum": 1},
    VERSION: {"pattern": r"^[0-9](\.[0-9]*)*$"},
    "SubnetIds": {"minItems": 1, "uniqueItems": True},
    "SecurityGroupIds": {"uniqueItems": True},
    **{f"{name}/{part}": said for name in BY_KIND.values() for part, said in _COMMON.items()},
    LUSTRE: {
        "dependentRequired": {
            name: ["ImportPath"]
            for name in ("ExportPath", "ImportedFileChunkSize", "AutoImportPolicy")
        },
        "allOf": [
            _if({"required": ["ImportPath"]}, **_LINKED),
            *(
                _if({"required": [one]}, **_LATEST)
                for one in ("MetadataConfiguration", "EfaEnabled")
            ),
            *(
                _if(
                    _is("DeploymentType", kind),
                    **_inside("PerUnitStorageThroughput", {"enum": some}),
                )
                for kind, some in _THROUGHPUTS.items()
            ),
        ],
    },
    f"{LUSTRE}/DeploymentType": {"enum": [*SCRATCH, *_PERSISTENT]},
    f"{LUSTRE}/DriveCacheType": {"enum": ["NONE", "READ"]},
    f"{LUSTRE}/ImportedFileChunkSize": {"minimum": 1, "maximum": 512000},
    f"{LUSTRE}/AutoImportPolicy": {"enum": ["NONE", "NEW", "NEW_CHANGED", "NEW_CHANGED_DELETED"]},
    f"{LUSTRE}/DataCompressionType": {"enum": ["NONE", "LZ4"]},
    f"{LUSTRE}/LogConfiguration/Level": {
        "enum": ["DISABLED", "WARN_ONLY", "ERROR_ONLY", "WARN_ERROR"]
    },
    f"{LUSTRE}/MetadataConfiguration": {"required": ["Mode"], **_RATES},
    f"{LUSTRE}/MetadataConfiguration/Mode": _MODES,
    f"{LUSTRE}/MetadataConfiguration/Iops": {"minimum": 1500, "maximum": 192000},
    WINDOWS: {"allOf": _PREFERS},
    **{
        f"{WINDOWS}/AuditLogConfiguration/{name}AuditLogLevel": {"enum": _LEVELS}
        for name in ("FileAccess", "FileShareAccess")
    },
    OPENZFS: {"required": ["DeploymentType", "ThroughputCapacity"], "allOf": _PREFERS},
    ONTAP: {
        "requiredXor": ["ThroughputCapacity", "ThroughputCapacityPerHAPair"],
        "allOf": _PREFERS,
    },
    **{f"{name}/DiskIopsConfiguration": _RATES for name in (WINDOWS, OPENZFS, ONTAP)},
    **{f"{name}/DiskIopsConfiguration/Mode": _MODES for name in (WINDOWS, OPENZFS, ONTAP)},
}
REFINE: Final = together(without_blanks(), refining(LIMITS))
"""Tightens the schema."""
