"""Add the changes of file systems that moto's EFS lacks, and make it refuse what AWS does. Shell.

https://docs.aws.amazon.com/efs/latest/ug/API_UpdateFileSystem.html
https://docs.aws.amazon.com/efs/latest/ug/API_UpdateFileSystemProtection.html
https://docs.aws.amazon.com/efs/latest/ug/API_PutBackupPolicy.html
https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystemPolicy.html
"""

from __future__ import annotations

import json
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap

_JSON = {"Content-Type": "application/json"}


def patch() -> None:
    """Make all patches of this module."""
    from moto.efs import urls
    from moto.efs.models import EFSBackend, FileSystem
    from moto.efs.responses import EFSResponse

    paths = "/2015-02-01/file-systems/<file_system_id>/protection"
    urls.url_paths[paths] = urls.response.dispatch
    for made in (
        update_file_system,
        update_file_system_protection,
        put_backup_policy,
        delete_file_system_policy,
    ):
        setattr(EFSResponse, made.__name__, made)
    wrap(FileSystem, "__init__", _protected)
    wrap(EFSBackend, "create_access_point", _one_of_a_token)
    wrap(EFSBackend, "describe_backup_policy", _known)
    wrap(EFSBackend, "create_file_system", _checked_throughput)


def _file_system(self: Any) -> Any:
    """The file system that the request names."""
    _, [found] = self.efs_backend.describe_file_systems(
        file_system_id=self._get_param("FileSystemId")
    )
    return found


def _check(mode: str, amount: Any) -> None:
    from moto.efs.exceptions import BadRequest

    if (mode == "provisioned") != bool(amount):
        raise BadRequest("ProvisionedThroughputInMibps is for ThroughputMode provisioned")


def update_file_system(self: Any) -> Any:
    """UpdateFileSystem, which moto lacks."""
    file_system = _file_system(self)
    mode = self._get_param("ThroughputMode") or file_system.throughput_mode
    amount = self._get_param("ProvisionedThroughputInMibps")
    _check(mode, amount)
    file_system.throughput_mode = mode
    file_system.provisioned_throughput_in_mibps = amount
    return json.dumps(file_system.info_json()), {**_JSON, "status": 202}


def update_file_system_protection(self: Any) -> Any:
    """UpdateFileSystemProtection, which moto lacks."""
    protection = {
        "ReplicationOverwriteProtection": self._get_param("ReplicationOverwriteProtection")
    }
    _file_system(self).file_system_protection = protection
    return json.dumps(protection), _JSON


def put_backup_policy(self: Any) -> Any:
    """PutBackupPolicy, which moto lacks."""
    policy = self._get_param("BackupPolicy")
    _file_system(self)._backup = policy["Status"] == "ENABLED"
    return json.dumps({"BackupPolicy": policy}), _JSON


def delete_file_system_policy(self: Any) -> Any:
    """DeleteFileSystemPolicy, which moto lacks."""
    _file_system(self).file_system_policy = None
    return "{}", _JSON


def _protected(original: Any) -> Any:
    """Defect: nothing protects a new file system against replications."""

    def __init__(self: Any, *args: Any, **given: Any) -> None:
        original(self, *args, **given)
        self.file_system_protection = {"ReplicationOverwriteProtection": "ENABLED"}

    return __init__


def _one_of_a_token(original: Any) -> Any:
    """Defect: the same token makes another access point."""

    def create_access_point(self: Any, client_token: str, *args: Any, **given: Any) -> Any:
        from moto.efs.exceptions import EFSError

        for one in self.access_points.values():
            if one.client_token == client_token:
                raise EFSError(
                    "AccessPointAlreadyExists", f"{one.access_point_id} was made with this token"
                )
        return original(self, client_token, *args, **given)

    return create_access_point


def _known(original: Any) -> Any:
    """Defect: asking for the backups of a file system that is gone breaks the server."""

    def describe_backup_policy(self: Any, file_system_id: str) -> Any:
        self.describe_file_systems(file_system_id=file_system_id)
        return original(self, file_system_id)

    return describe_backup_policy


def _checked_throughput(original: Any) -> Any:
    """Defect: an amount of throughput is taken with any mode."""

    def create_file_system(self: Any, *args: Any, **given: Any) -> Any:
        mode = given.get("throughput_mode") or "bursting"
        _check(mode, given.get("provisioned_throughput_in_mibps"))
        return original(self, *args, **given)

    return create_file_system
