"""AWS::EFS::FileSystem as a table. Shell.

AvailabilityZoneName, Encrypted, KmsKeyId, PerformanceMode: replace. ThroughputMode,
ProvisionedThroughputInMibps, FileSystemProtection, FileSystemTags, and with calls of their own where
they are declared BackupPolicy, LifecyclePolicies, FileSystemPolicy: changed in place. Attributes:
FileSystemId, Arn.
https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.efs.family import EFS, failed, is_available, is_there, tags_of

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_TAGS = tags_of("FileSystemTags", "FileSystemId")
_FIXED = ("AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode")
_THROUGHPUT = ("ThroughputMode", "ProvisionedThroughputInMibps")

_LIMITS = {
    "if": {
        "properties": {"ThroughputMode": {"const": "provisioned"}},
        "required": ["ThroughputMode"],
    },
    "then": {"required": ["ProvisionedThroughputInMibps"]},
    "else": {"not": {"required": ["ProvisionedThroughputInMibps"]}},
}
_LOOKS = (
    *("describe_backup_policy", "describe_lifecycle_configuration", "describe_mount_targets"),
    "describe_file_system_policy",
)
_CALLS = (
    *("put_backup_policy", "put_lifecycle_configuration", "put_file_system_policy"),
    "delete_file_system_policy",
)


def _of_policy(aws: Connection, call: str, key: str, file_system: str) -> Any:
    """What a call for a policy tells; None if the file system has none."""
    try:
        return aws.call("efs", call, FileSystemId=file_system)[key]
    except CloudError as error:
        if error.code != "PolicyNotFound":
            raise
        return None


def _read_backup(aws: Connection, file_system: str) -> Any:
    told = _of_policy(aws, "describe_backup_policy", "BackupPolicy", file_system)
    on = told is not None and told["Status"] in ("ENABLED", "ENABLING")
    return {"Status": "ENABLED" if on else "DISABLED"}


def _write_backup(aws: Connection, file_system: str, value: Any) -> None:
    policy = value or {"Status": "DISABLED"}
    aws.call("efs", "put_backup_policy", FileSystemId=file_system, BackupPolicy=policy)


def _read_lifecycle(aws: Connection, file_system: str) -> Any:
    call = "describe_lifecycle_configuration"
    return aws.call("efs", call, FileSystemId=file_system)["LifecyclePolicies"]


def _write_lifecycle(aws: Connection, file_system: str, value: Any) -> None:
    call = "put_lifecycle_configuration"
    aws.call("efs", call, FileSystemId=file_system, LifecyclePolicies=value or [])


def _read_policy(aws: Connection, file_system: str) -> Any:
    return normalised_policy(_of_policy(aws, "describe_file_system_policy", "Policy", file_system))


def _write_policy(aws: Connection, file_system: str, value: Any) -> None:
    if value is None:
        aws.call("efs", "delete_file_system_policy", FileSystemId=file_system)
        return
    call, text = "put_file_system_policy", policy_text(value)
    aws.call("efs", call, FileSystemId=file_system, Policy=text)


_SURFACES = (
    Surface(
        property="BackupPolicy",
        read=_read_backup,
        write=_write_backup,
        removal=Removal(default={"Status": "DISABLED"}, says="AWS Backup makes no backups of it"),
    ),
    Surface(
        property="LifecyclePolicies",
        read=_read_lifecycle,
        write=_write_lifecycle,
        removal=Removal(default=[], says="files stay in the standard class"),
    ),
    Surface(
        property="FileSystemPolicy",
        read=_read_policy,
        write=_write_policy,
        removal=Removal(default=None, says="every client in its networks may mount it"),
    ),
)


def _throughput(values: Properties, file_system: Described) -> Properties:
    """Both properties: EFS wants a number with the mode ``provisioned`` and with no other."""
    mode = values.get("ThroughputMode") or file_system["ThroughputMode"]
    amount = values.get("ProvisionedThroughputInMibps")
    more = {"ProvisionedThroughputInMibps": amount} if mode == "provisioned" and amount else {}
    return {"ThroughputMode": mode, **more}


def _normalised(properties: Properties) -> Properties:
    name = "FileSystemPolicy"
    more = {name: normalised_policy(properties[name])} if name in properties else {}
    return {**properties, **more}


def _mount_targets(aws: Connection, file_system: Described) -> list[str]:
    targets = aws.pages(
        *("efs", "describe_mount_targets", "MountTargets"), FileSystemId=file_system["FileSystemId"]
    )
    return [f"mount target {one['MountTargetId']}" for one in targets if is_there(one)]


_CREATE = Create(
    call="create_file_system",
    sends=(*_FIXED, *_THROUGHPUT),
    gives=lambda answer, _: str(answer["FileSystemId"]),
    token="CreationToken",
    taken=frozenset({"FileSystemAlreadyExists"}),
)
_UPDATES = (
    Update(call="update_file_system", sends=_THROUGHPUT, whole=True, parameters=_throughput),
    Update(
        call="update_file_system_protection",
        sends=("FileSystemProtection",),
        parameters=lambda values, _: values["FileSystemProtection"],
    ),
)
_LISTING = Plain(
    dialect=EFS,
    call="describe_file_systems",
    answer="FileSystems",
    index=Index("elasticfilesystem:file-system"),
)
_RESETS = {
    "ThroughputMode": Removal(default="bursting", says="the throughput grows with the data"),
    "ProvisionedThroughputInMibps": Removal(
        default=None, says="ThroughputMode must not be provisioned"
    ),
    "FileSystemProtection": Removal(
        default={"ReplicationOverwriteProtection": "ENABLED"},
        says="no replication may write over it",
    ),
}

FILE_SYSTEM = native_type(
    Table(
        name="AWS::EFS::FileSystem",
        noun="file system",
        dialect=EFS,
        listing=_LISTING,
        shows=shown(
            "FileSystemId", *_FIXED, *_THROUGHPUT, "FileSystemProtection", Arn="FileSystemArn"
        ),
        addresses=lambda one: {"FileSystemId": one["FileSystemId"]},
        create=_CREATE,
        exists=is_there,
        ready=is_available,
        failed=failed,
        delete=Delete(call="delete_file_system", users=_mount_targets),
        tags=_TAGS,
        updates=_UPDATES,
        surfaces=_SURFACES,
        resets=_RESETS,
        write_only=("/KmsKeyId",),
        filled=("KmsKeyId", "Encrypted", "PerformanceMode"),
        normalise=_normalised,
        refine=refining({"": _LIMITS}),
        looks=_LOOKS,
        calls=_CALLS,
        losses=Losses(gone="every file on it is lost"),
    )
)
