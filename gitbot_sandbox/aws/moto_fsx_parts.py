"""Make deletions of FSx's file systems keep and refuse what AWS's do, and let them have parts. Shell.

https://docs.aws.amazon.com/fsx/latest/APIReference/API_DeleteFileSystem.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_DescribeVolumes.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_DescribeDataRepositoryAssociations.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from moto.fsx.exceptions import FileSystemNotFound
from moto.fsx.models import Backup, FSxBackend
from moto.fsx.responses import FSxResponse

from gitbot_sandbox.aws.fsx_rules import CONFIGURATIONS, LUSTRE, ONTAP, OPENZFS, refusal
from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import begin

_PARTS = {
    "volume": ("Volumes", "VolumeId", "fsvol", "AVAILABLE"),
    "storage_virtual_machine": (
        *("StorageVirtualMachines", "StorageVirtualMachineId", "svm"),
        "CREATED",
    ),
    "data_repository_association": ("Associations", "AssociationId", "dra", "AVAILABLE"),
}
"""By the noun of the calls: the key of all, the name of the identifier, how it begins, and the state."""


def patch() -> None:
    """Make all patches of this module."""
    setattr(FSxResponse, delete_file_system.__name__, delete_file_system)
    wrap(FSxBackend, "create_backup", _done)
    wrap(Backup, "to_dict", _told)
    for noun, (many, *names) in _PARTS.items():
        setattr(FSxResponse, f"create_{noun}", _creating(many, *names))
        setattr(FSxResponse, f"describe_{noun}s", _describing(many))


def _parts(backend: Any, many: str) -> list[dict[str, Any]]:
    all_of: dict[str, list[dict[str, Any]]] = backend.__dict__.setdefault("gitbot_parts", {})
    return all_of.setdefault(many, [])


def _of(backend: Any, many: str, file_system: str) -> list[dict[str, Any]]:
    return [one for one in _parts(backend, many) if one["FileSystemId"] == file_system]


def _creating(many: str, name: str, begins: str, state: str) -> Callable[[Any], str]:
    def create(self: Any) -> str:
        asked = json.loads(self.body)
        backend = self.fsx_backend
        own = f"{begins}-{uuid.uuid4().hex[:17]}"
        at = asked.get("FileSystemId") or _holder(backend, asked)
        if at not in backend.file_systems:
            raise FileSystemNotFound(at)
        one = {**asked, name: own, "FileSystemId": at, "Lifecycle": state}
        _parts(backend, many).append(one)
        return json.dumps({many.removesuffix("s"): one})

    return create


def _holder(backend: Any, asked: Mapping[str, Any]) -> str:
    """The file system of a new volume."""
    parent = (asked.get(OPENZFS) or {}).get("ParentVolumeId")
    for one in backend.file_systems.values():
        if (one.open_zfs_configuration or {}).get("RootVolumeId") == parent:
            return str(one.file_system_id)
    machine = (asked.get(ONTAP) or {}).get("StorageVirtualMachineId")
    machines = _parts(backend, "StorageVirtualMachines")
    found = [one for one in machines if one["StorageVirtualMachineId"] == machine]
    return str(found[0]["FileSystemId"]) if found else str(parent)


def _describing(many: str) -> Callable[[Any], str]:
    def describe(self: Any) -> str:
        filters = json.loads(self.body).get("Filters") or ()
        wanted = {id_ for one in filters for id_ in one["Values"]}
        found = [one for one in _parts(self.fsx_backend, many) if one["FileSystemId"] in wanted]
        return json.dumps({many: found})

    return describe


def _done(original: Any) -> Any:
    """Defects: a backup is being made for ever, and nobody can tell what it is of."""

    @wraps(original)
    def create_backup(self: Any, file_system_id: str, *args: Any, **given: Any) -> Any:
        backup = original(self, file_system_id, *args, **given)
        of = self.file_systems[file_system_id]
        backup.lifecycle, backup.asked, backup.of = "AVAILABLE", dict(of.asked), of.to_dict()
        return backup

    return create_backup


def _told(original: Any) -> Any:
    @wraps(original)
    def to_dict(self: Any) -> dict[str, Any]:
        told = {**original(self), "Type": "USER_INITIATED", "ResourceType": "FILE_SYSTEM"}
        return {**told, "FileSystem": self.of} if hasattr(self, "of") else told

    return to_dict


def _check_parts(backend: Any, one: Any) -> None:
    """Refuse to delete a file system with volumes."""
    volumes = _of(backend, "Volumes", one.file_system_id)
    machines = _of(backend, "StorageVirtualMachines", one.file_system_id)
    if volumes or machines:
        raise refusal(
            "BadRequest", "Cannot delete file system while there are volumes or SVMs on it."
        )


def _keeps(backend: Any, one: Any, asked: Mapping[str, Any]) -> bool:
    """Whether a final backup is made; refused where none can be."""
    kind = one.file_system_type
    for other, name in CONFIGURATIONS.items():
        if other != kind and asked.get(name) is not None:
            raise refusal("BadRequest", f"{name} cannot be applied to delete a {kind} file system.")
    told = asked.get(CONFIGURATIONS[kind])
    if kind != "LUSTRE":
        return kind != "ONTAP" and not (told or {}).get("SkipFinalBackup")
    own = one.lustre_configuration
    if told is not None and own["DeploymentType"].startswith("SCRATCH"):
        raise refusal("BadRequest", f"{LUSTRE} cannot be applied to a Scratch file system.")
    keeps = (told or {}).get("SkipFinalBackup") is False
    links = _of(backend, "Associations", one.file_system_id)
    if keeps and (links or "DataRepositoryConfiguration" in own):
        raise refusal(
            "BadRequest", "Backups are not supported on file systems linked to a data repository."
        )
    return keeps


def delete_file_system(self: Any) -> str:
    """DeleteFileSystem. Defects: moto makes no final backup, and takes any configuration."""
    asked, backend = json.loads(self.body), self.fsx_backend
    one = backend.file_systems.get(asked["FileSystemId"])
    if one is None:
        raise FileSystemNotFound(asked["FileSystemId"])
    _check_parts(backend, one)
    answer = {"FileSystemId": one.file_system_id, "Lifecycle": "DELETING"}
    if one.lifecycle == "DELETING":
        return json.dumps(answer)
    if _keeps(backend, one, asked):
        backup = backend.create_backup(one.file_system_id, None, None, None)
        name = CONFIGURATIONS[one.file_system_type].replace("Configuration", "Response")
        answer[name] = {"FinalBackupId": backup.backup_id}
    one.lifecycle = "DELETING"

    def then(fails: str) -> None:
        if fails:
            one.lifecycle, one.failure = "FAILED", fails
            return
        links = _parts(backend, "Associations")
        links[:] = [each for each in links if each["FileSystemId"] != one.file_system_id]
        backend.file_systems.pop(one.file_system_id, None)

    begin(one, then)
    return json.dumps(answer)
