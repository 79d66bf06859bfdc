"""Make moto's file systems of FSx last, change and refuse as AWS's do. Shell.

moto keeps what it is asked for and has them at once; it knows no change of them.
https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystem.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_DescribeFileSystems.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_UpdateFileSystem.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_AdministrativeAction.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import wraps
from typing import Any

from moto.ec2.models import ec2_backends
from moto.fsx.exceptions import FileSystemNotFound
from moto.fsx.models import FileSystem, FSxBackend
from moto.fsx.responses import FSxResponse

from gitbot_sandbox.aws.fsx_filled import filled, grown
from gitbot_sandbox.aws.fsx_rules import (
    ATTRIBUTES,
    CONFIGURATIONS,
    check_change,
    check_new,
    least,
    put_together,
    refusal,
)
from gitbot_sandbox.aws.moto_patch import at_most_fifty, wrap
from gitbot_sandbox.aws.states import begin, described


def patch() -> None:
    """Make all patches of this module."""
    for made in (create_file_system, create_file_system_from_backup, update_file_system):
        setattr(FSxResponse, made.__name__, made)
    wrap(FileSystem, "to_dict", _whole)
    wrap(FSxBackend, "describe_file_systems", _known)
    for name in ("tag_resource", "untag_resource", "list_tags_for_resource"):
        wrap(FSxBackend, name, _of_something)
    wrap(FSxBackend, "tag_resource", at_most_fifty(_tags, _too_many))


def create_file_system(self: Any) -> str:
    """CreateFileSystem: the same token gives the same file system."""
    asked = json.loads(self.body)
    check_new(asked)
    return json.dumps({"FileSystem": made(self.fsx_backend, asked, asked).to_dict()})


def create_file_system_from_backup(self: Any) -> str:
    """CreateFileSystemFromBackup, which moto lacks: what the call does not say is as it was."""
    asked = json.loads(self.body)
    backup = self.fsx_backend.backups.get(asked["BackupId"])
    if backup is None:
        raise refusal("BackupNotFound", f"Backup '{asked['BackupId']}' does not exist.")
    was = {key: value for key, value in backup.asked.items() if key != "Tags"}
    whole = put_together(was, {key: asked[key] for key in asked if key != "BackupId"})
    if whole["StorageCapacity"] != was["StorageCapacity"] and was["FileSystemType"] != "OPENZFS":
        raise refusal("BadRequest", "StorageCapacity must be that of the backup.")
    check_new(whole)
    return json.dumps({"FileSystem": made(self.fsx_backend, asked, whole).to_dict()})


def made(backend: Any, asked: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    """The new file system, or the one that the token has made."""
    token = asked.get("ClientRequestToken")
    for one in backend.file_systems.values():
        if token is not None and one.token == token:
            if one.called != asked:
                raise refusal(
                    "IncompatibleParameterError",
                    "A file system with this client request token has other parameters.",
                )
            return one
    vpc = _network(backend, whole["SubnetIds"])
    configured = filled(whole)
    one = backend.create_file_system(
        client_request_token=token,
        file_system_type=whole["FileSystemType"],
        storage_capacity=whole.get("StorageCapacity"),
        storage_type=whole.get("StorageType", "SSD"),
        subnet_ids=whole["SubnetIds"],
        security_group_ids=[],  # no description has them
        tags=whole.get("Tags"),
        kms_key_id=_key(backend, whole.get("KmsKeyId")),
        file_system_type_version=None,
        **{own: configured.get(name) for name, own in ATTRIBUTES.items()},
    )
    one.token, one.called, one.asked, one.vpc = token, asked, dict(whole), vpc
    one.version = whole.get("FileSystemTypeVersion") or configured["FileSystemTypeVersion"]
    one.lifecycle, one.failure, one.actions, one.created = "CREATING", "", [], time.time()

    def then(fails: str) -> None:
        one.lifecycle, one.failure = ("FAILED" if fails else "AVAILABLE"), fails

    begin(one, then)
    return one


def _network(backend: Any, subnets: list[str]) -> str:
    found = ec2_backends[backend.account_id][backend.region_name]
    known = {id_: net for zone in found.subnets.values() for id_, net in zone.items()}
    for one in subnets:
        if one not in known:
            raise refusal("InvalidNetworkSettings", f"The subnet ID '{one}' does not exist.")
    return str(known[subnets[0]].vpc_id)


def _key(backend: Any, key: str | None) -> str:
    if key is not None and key.startswith("arn:"):
        return key
    name = f"key/{key or 'aws-fsx'}" if not (key or "").startswith("alias/") else f"key/of-{key}"
    return f"arn:aws:kms:{backend.region_name}:{backend.account_id}:{name}"


def _whole(original: Any) -> Any:
    """Defect: a description has no state, no version and no changes."""

    @wraps(original)
    def to_dict(self: Any) -> dict[str, Any]:
        failure = {"FailureDetails": {"Message": self.failure}} if self.failure else {}
        version = {"FileSystemTypeVersion": self.version} if self.version else {}
        return {
            **original(self),
            **failure,
            **version,
            "Lifecycle": self.lifecycle,
            "CreationTime": self.created,
            "OwnerId": self.backend.account_id,
            "VpcId": self.vpc,
            "AdministrativeActions": [dict(one) for one in self.actions],
        }

    return to_dict


def _known(original: Any) -> Any:
    """Defect: nothing is said of a file system that is not there. Time passes for those described."""

    @wraps(original)
    def describe_file_systems(self: Any, file_system_ids: Any = None, **page: Any) -> Any:
        for one in list(self.file_systems.values()):
            if not file_system_ids or one.file_system_id in file_system_ids:
                described(one)
        for id_ in file_system_ids or ():
            if id_ not in self.file_systems:
                raise FileSystemNotFound(id_)
        return original(self, file_system_ids=file_system_ids, **page)

    return describe_file_systems


def update_file_system(self: Any) -> str:
    """UpdateFileSystem, which moto lacks: it is carried out later."""
    asked = json.loads(self.body)
    one = self.fsx_backend.file_systems.get(asked["FileSystemId"])
    if one is None:
        raise FileSystemNotFound(asked["FileSystemId"])
    if one.lifecycle != "AVAILABLE" or getattr(one, "passing", None) is not None:
        raise refusal(
            "BadRequest", f"The file system is {one.lifecycle}: an update is in progress."
        )
    target = {
        name: asked[name]
        for name in ("StorageCapacity", "FileSystemTypeVersion", *CONFIGURATIONS.values())
        if name in asked
    }
    check_change(one.to_dict(), target)
    action = {
        "AdministrativeActionType": "FILE_SYSTEM_UPDATE",
        "RequestTime": time.time(),
        "Status": "IN_PROGRESS",
        "TargetFileSystemValues": target,
    }
    one.actions.append(action)
    one.lifecycle = "UPDATING"

    def then(fails: str) -> None:
        one.lifecycle = "AVAILABLE"
        if fails:
            action.update(Status="FAILED", FailureDetails={"Message": fails})
        else:
            _carry_out(one, action, target)

    begin(one, then)
    return json.dumps({"FileSystem": one.to_dict()})


def _carry_out(one: Any, action: dict[str, Any], target: Mapping[str, Any]) -> None:
    action["Status"] = "COMPLETED"
    if "StorageCapacity" in target:
        one.storage_capacity = target["StorageCapacity"]
        action["Status"] = "UPDATED_OPTIMIZING"
        one.actions.append(
            {
                "AdministrativeActionType": "STORAGE_OPTIMIZATION",
                "RequestTime": time.time(),
                "Status": "IN_PROGRESS",
            }
        )
    one.version = target.get("FileSystemTypeVersion", one.version)
    for name, own in ATTRIBUTES.items():
        if name in target:
            setattr(one, own, grown(getattr(one, own), target[name]))
    metadata = (one.lustre_configuration or {}).get("MetadataConfiguration") or {}
    if metadata.get("Mode") == "AUTOMATIC":
        metadata["Iops"] = least(one.storage_capacity)
    one.asked = put_together(one.asked, target)


def _of_something(original: Any) -> Any:
    """Defect: tags can be put on what does not exist."""

    @wraps(original)
    def tagging(self: Any, *args: Any, **given: Any) -> Any:
        arn = given.get("resource_arn") or args[0]
        things = (*self.file_systems.values(), *self.backups.values())
        if all(one.resource_arn != arn for one in things):
            raise refusal("ResourceNotFound", f"FSx resource, {arn} does not exist")
        return original(self, *args, **given)

    return tagging


def _tags(backend: Any, arn: str) -> Any:
    return backend.list_tags_for_resource(arn)


def _too_many() -> Exception:
    return refusal("BadRequest", "A resource has at most 50 tags.")
