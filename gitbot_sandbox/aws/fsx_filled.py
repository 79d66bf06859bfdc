"""Describe configurations of FSx's file systems, with what FSx fills in. Pure.

https://docs.aws.amazon.com/fsx/latest/APIReference/API_LustreFileSystemConfiguration.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_WindowsFileSystemConfiguration.html
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from gitbot_sandbox.aws.fsx_rules import CONFIGURATIONS, LASTING, LINK, least


def filled(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The configurations and the version as FSx describes a new file system."""
    kind = asked["FileSystemType"]
    name = CONFIGURATIONS[kind]
    own = {"WeeklyMaintenanceStartTime": "7:05:00", **(asked.get(name) or {})}
    if kind != "LUSTRE":
        month = {"AutomaticBackupRetentionDays": 30, "DailyAutomaticBackupStartTime": "06:00"}
        own = {**month, "DiskIopsConfiguration": {"Mode": "AUTOMATIC"}, **_FILLED[kind], **own}
        if kind == "OPENZFS":
            own["RootVolumeId"] = f"fsvol-{uuid.uuid4().hex[:17]}"
        return {name: grown({}, own), "FileSystemTypeVersion": None}
    own = {"DeploymentType": "SCRATCH_1", "DataCompressionType": "NONE", **own}
    own = {"LogConfiguration": {"Level": "DISABLED"}, **own}
    own["MountName"] = "fsx" if own["DeploymentType"] == "SCRATCH_1" else uuid.uuid4().hex[:8]
    if own["DeploymentType"] in LASTING:
        own = {"AutomaticBackupRetentionDays": 0, "CopyTagsToBackups": False, **own}
    link = {each: own.pop(each) for each in LINK if each in own}
    if link:
        path = {"ExportPath": f"{link['ImportPath']}/FSxLustre20301105T222312Z"}
        rest = {"ImportedFileChunkSize": 1024, "AutoImportPolicy": "NONE"}
        own["DataRepositoryConfiguration"] = {"Lifecycle": "AVAILABLE", **path, **rest, **link}
    if (own.get("MetadataConfiguration") or {}).get("Mode") == "AUTOMATIC":
        own["MetadataConfiguration"] = {
            "Mode": "AUTOMATIC",
            "Iops": least(asked["StorageCapacity"]),
        }
    version = "2.10" if own["DeploymentType"] != "PERSISTENT_2" else "2.12"
    newest = "2.15" if "MetadataConfiguration" in own else version
    return {name: grown({}, own), "FileSystemTypeVersion": newest}


_FILLED: Mapping[str, Mapping[str, Any]] = {
    "WINDOWS": {
        "DeploymentType": "SINGLE_AZ_1",
        "CopyTagsToBackups": False,
        "AuditLogConfiguration": {
            "FileAccessAuditLogLevel": "DISABLED",
            "FileShareAccessAuditLogLevel": "DISABLED",
        },
        "FsrmConfiguration": {"FsrmServiceEnabled": False},
    },
    "OPENZFS": {"CopyTagsToBackups": False, "CopyTagsToVolumes": False},
    "ONTAP": {"HAPairs": 1},
}
_LOGS = {
    "LogConfiguration": "Destination",
    "AuditLogConfiguration": "AuditLogDestination",
    "FsrmConfiguration": "EventLogDestination",
}


def grown(has: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with what is new, as it is described: logs by the stream that is written."""
    done = {**has, **new}
    for name, where in _LOGS.items():
        arn = (done.get(name) or {}).get(where, "")
        if arn.split(":")[2:3] == ["logs"] and ":log-stream:" not in arn:
            group = ":".join(arn.split(":")[:7])
            done[name] = {**done[name], where: f"{group}:log-stream:fsx"}
    if "AutoImportPolicy" in new and "DataRepositoryConfiguration" in has:
        linked = {**has["DataRepositoryConfiguration"], "AutoImportPolicy": new["AutoImportPolicy"]}
        done["DataRepositoryConfiguration"] = linked
        del done["AutoImportPolicy"]
    for one, other in (
        ("ThroughputCapacity", "ThroughputCapacityPerHAPair"),
        ("ThroughputCapacityPerHAPair", "ThroughputCapacity"),
    ):
        if "HAPairs" in done and one in new:
            factor = done["HAPairs"] if one.endswith("Pair") else 1 / done["HAPairs"]
            done[other] = int(new[one] * factor)
    return done
