"""AWS::EFS::MountTarget as a table. Shell.

FileSystemId, SubnetId, IpAddress: replace. SecurityGroups: changed in place; reading them costs a
call. Attributes: Id. A mount target has no tags: it belongs to whom the file system belongs to.
https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent, ReplaceOrder
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.efs.family import EFS, failed, is_available, is_there

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_FIXED = ("FileSystemId", "SubnetId", "IpAddress")


def targets_of(aws: Connection, file_system: str) -> Iterable[str]:
    """The identifiers of the mount targets of a file system."""
    targets = aws.pages("efs", "describe_mount_targets", "MountTargets", FileSystemId=file_system)
    return [str(one["MountTargetId"]) for one in targets]


def _alike(aws: Connection, operation: Operation) -> Iterable[str]:
    return targets_of(aws, str(operation.properties["FileSystemId"]))


def _read(aws: Connection, target: str) -> Any:
    call = "describe_mount_target_security_groups"
    return aws.call("efs", call, MountTargetId=target)["SecurityGroups"]


def _write(aws: Connection, target: str, value: Any) -> None:
    call = "modify_mount_target_security_groups"
    aws.call("efs", call, MountTargetId=target, SecurityGroups=list(value))


_CREATE = Create(
    call="create_mount_target",
    sends=(*_FIXED, "SecurityGroups"),
    gives=lambda answer, _: str(answer["MountTargetId"]),
    taken=frozenset({"MountTargetConflict"}),
    repeats=True,
)
_LISTING = Plain(
    dialect=EFS,
    call="describe_mount_targets",
    answer="MountTargets",
    asks=named("MountTargetId"),
    keyed=_alike,
)

MOUNT_TARGET = native_type(
    Table(
        name="AWS::EFS::MountTarget",
        noun="mount target",
        dialect=EFS,
        listing=_LISTING,
        shows=shown(*_FIXED, Id="MountTargetId"),
        addresses=lambda one: {"MountTargetId": one["MountTargetId"]},
        create=_CREATE,
        exists=is_there,
        ready=is_available,
        failed=failed,
        delete=Delete(call="delete_mount_target"),
        surfaces=(Surface(property="SecurityGroups", read=_read, write=_write),),
        looks=("describe_mount_target_security_groups",),
        calls=("modify_mount_target_security_groups",),
        natural_key=("FileSystemId", "SubnetId"),
        filled=("IpAddress",),
        replace_order=ReplaceOrder.DELETE_FIRST,  # a file system has one in each zone
        parent=Parent(type="AWS::EFS::FileSystem", reference="FileSystemId"),
    )
)
