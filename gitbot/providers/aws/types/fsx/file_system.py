"""AWS::FSx::FileSystem as a table. Shell.

FileSystemType, SubnetIds, SecurityGroupIds (nobody can read them back), StorageType, KmsKeyId, and of LustreConfiguration,
WindowsConfiguration, OpenZFSConfiguration and OntapConfiguration the parts DeploymentType, PreferredSubnetId, HAPairs,
ActiveDirectoryId, EfaEnabled, DriveCacheType, ImportPath, ExportPath, ImportedFileChunkSize and, but for OpenZFS,
CopyTagsToBackups: replace. BackupId: what a new file system is made from. StorageCapacity (it only grows),
FileSystemTypeVersion, the other parts, Tags: changed in place, one after the other, and waited for; moving data to new
servers goes on after that. Attributes: Id, ResourceARN, DNSName, LustreMountName, RootVolumeId.
A deletion keeps a final backup, unless ``lifecycle.snapshotOnDelete`` is false; FSx makes none of scratch storage, of what is
linked to a bucket and of ONTAP. Volumes of OpenZFS and ONTAP are named and never deleted with it. Not handled: storage of
several tiers, aliases and a directory of one's own for Windows, the root volume and the deletion's options of OpenZFS,
the password of ONTAP, ranges of endpoints, route tables, IPv6.
https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystem.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_CreateFileSystemFromBackup.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_UpdateFileSystem.html
https://docs.aws.amazon.com/fsx/latest/APIReference/API_DeleteFileSystem.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.advice import apply_first
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.fsx.configurations import (
    BACKUP,
    BY_KIND,
    CAPACITY,
    CHANGED,
    FIXED,
    GROUPS,
    LUSTRE,
    MADE,
    ONTAP,
    OPENZFS,
    RETENTION,
    TIMES,
    VERSION,
    WINDOWS,
    compared,
    configured,
    grown,
    is_idle,
    made_with,
    properties_of,
    undone,
    unkept,
    upgraded,
)
from gitbot.providers.aws.types.fsx.family import FSX, TAGS
from gitbot.providers.aws.types.fsx.limits import REFINE

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_LISTING = Plain(
    dialect=FSX,
    call="describe_file_systems",
    answer="FileSystems",
    index=Index("fsx:file-system"),
)


def _call(call: str, parameters: Mapping[str, Any]) -> str:
    """The call that makes a copy of a backup, where there is one."""
    copies = call == "create_file_system" and BACKUP in parameters
    return "create_file_system_from_backup" if copies else call


def _failed(one: Described) -> str:
    state = str(one["Lifecycle"])
    if not state.startswith(("FAILED", "MISCONFIGURED")):
        return ""
    linked = (one.get(LUSTRE) or {}).get("DataRepositoryConfiguration") or {}
    told = [each.get("FailureDetails") or {} for each in (one, linked)]
    return "; ".join([f"FSx says that it is {state}", *(each["Message"] for each in told if each)])


def _filter(one: Described) -> dict[str, Any]:
    return {"Filters": [{"Name": "file-system-id", "Values": [one["FileSystemId"]]}]}


def _why_unkept(aws: Connection, one: Described) -> str:
    """Why FSx makes no final backup of this file system; empty: it can."""
    why = unkept(properties_of(one))
    if why or one["FileSystemType"] != "LUSTRE":
        return why
    call = "describe_data_repository_associations"
    answer = aws.call("fsx", call, **_filter(one))
    linked = answer.get("Associations") or answer.get("NextToken")
    return "FSx makes no backups of what is linked to a bucket" if linked else ""


def _final(aws: Connection, operation: Operation, one: Described) -> Mapping[str, Any]:
    """The backup that the deletion makes. Of what FSx makes none, it takes no word about it either.

    Raises CloudError where a backup is wanted that FSx does not make.
    """
    own, keeps = str(one["FileSystemId"]), operation.snapshot_on_delete
    why = _why_unkept(aws, one)
    if why and keeps:
        raise CloudError(
            f"file system {own} was left as it is: {why}. To lose what is on it, set "
            f"`lifecycle: {{snapshotOnDelete: false}}` and {apply_first(operation.address)}.",
            code="NoBackup",
        )
    if keeps:
        operation.leave(f"file system {own} is kept in a final backup, which FSx makes first")
    told = {} if why else {BY_KIND[one["FileSystemType"]]: {"SkipFinalBackup": not keeps}}
    return {**told, "ClientRequestToken": f"{own}-{'kept' if keeps else 'lost'}"}


def _volumes(aws: Connection, one: Described, given: Properties) -> Sequence[str]:
    """What else holds data in it: volumes but for root volumes, which go with it or with their machine."""
    if one["FileSystemType"] not in ("OPENZFS", "ONTAP"):
        return ()
    root = (one.get(OPENZFS) or {}).get("RootVolumeId")
    machines = list(
        aws.pages(
            *("fsx", "describe_storage_virtual_machines", "StorageVirtualMachines"), **_filter(one)
        )
    )
    volumes = [
        each
        for each in aws.pages("fsx", "describe_volumes", "Volumes", **_filter(one))
        if each["VolumeId"] != root and not (each.get(ONTAP) or {}).get("StorageVirtualMachineRoot")
    ]
    return [
        *(f"volume {each['VolumeId']}" for each in volumes),
        *(f"storage virtual machine {each['StorageVirtualMachineId']}" for each in machines),
    ]


_MONTH = Removal(default=30, says="FSx keeps the backups that it makes by itself for 30 days")
_AUTOMATIC = Removal(default={"Mode": "AUTOMATIC"}, says="FSx sets the IOPS by the capacity")
_NO_AUDIT = dict.fromkeys(("FileAccessAuditLogLevel", "FileShareAccessAuditLogLevel"), "DISABLED")
_REMOVALS = {
    f"/{LUSTRE}/{RETENTION}": Removal(default=0, says="FSx makes no backups by itself"),
    f"/{LUSTRE}/AutoImportPolicy": Removal(
        default="NONE", says="what is new in the bucket is not seen"
    ),
    f"/{LUSTRE}/DataCompressionType": Removal(
        default="NONE", says="what is written from now on is not compressed"
    ),
    f"/{LUSTRE}/LogConfiguration": Removal(
        default={"Level": "DISABLED"}, says="CloudWatch gets no logs"
    ),
    **{f"/{name}/{RETENTION}": _MONTH for name in (WINDOWS, OPENZFS, ONTAP)},
    **{f"/{name}/DiskIopsConfiguration": _AUTOMATIC for name in (WINDOWS, OPENZFS, ONTAP)},
    f"/{WINDOWS}/AuditLogConfiguration": Removal(default=_NO_AUDIT, says="nothing is audited"),
    f"/{WINDOWS}/FsrmConfiguration": Removal(
        default={"FsrmServiceEnabled": False}, says="the resource manager is off"
    ),
    f"/{OPENZFS}/CopyTagsToBackups": Removal(default=False, says="backups get no tags of it"),
    f"/{OPENZFS}/CopyTagsToVolumes": Removal(default=False, says="volumes get no tags of it"),
}
_IN_MAPS = (
    *(f"{LUSTRE}/LogConfiguration/Destination", f"{LUSTRE}/MetadataConfiguration/Iops"),
    f"{WINDOWS}/AuditLogConfiguration/AuditLogDestination",
    f"{WINDOWS}/FsrmConfiguration/EventLogDestination",
    *(f"{name}/DiskIopsConfiguration/Iops" for name in (WINDOWS, OPENZFS, ONTAP)),
)
_MADE = tuple(f"{name}/{part}" for name, parts in MADE.items() for part in parts)
_FILLED = (
    *("StorageType", "KmsKeyId", BACKUP, VERSION, *_MADE, *_IN_MAPS),
    *(f"{name}/{part}" for name in BY_KIND.values() for part in TIMES),
)
_HANDLED = tuple(f"/{name}/{part}" for name, parts in CHANGED.items() for part in parts)
_GROWS = (f"/{CAPACITY}", f"/{LUSTRE}/MetadataConfiguration/Iops")
_CREATE = Create(
    call="create_file_system",
    sends=(*FIXED, CAPACITY, VERSION, *BY_KIND.values(), *_MADE),
    parameters=made_with,
    gives=lambda answer, _: str(answer["FileSystem"]["FileSystemId"]),
    token="ClientRequestToken",
)
_UPDATES = tuple(
    Update(call="update_file_system", sends=names, parameters=parameters, idle=is_idle)
    # A larger file system may need what its configuration is to have.
    for names, parameters in (
        (tuple(BY_KIND.values()), configured),
        ((CAPACITY,), grown),
        ((VERSION,), upgraded),
    )
)
_DELETE = Delete(
    call="delete_file_system", final=_final, unkept=unkept, others=_volumes, stuck=_failed
)
FILE_SYSTEM = native_type(
    Table(
        name="AWS::FSx::FileSystem",
        noun="file system",
        dialect=FSX,
        listing=_LISTING,
        shows=properties_of,
        addresses=shown("FileSystemId"),
        create=_CREATE,
        variant=_call,
        updates=_UPDATES,
        removals=_REMOVALS,
        ready=lambda one: one["Lifecycle"] == "AVAILABLE" and is_idle(one),
        failed=_failed,
        undone=undone,
        delete=_DELETE,
        tags=TAGS,
        handled=_HANDLED,
        partial=tuple(f"/{name}" for name in BY_KIND.values()),
        filled=_FILLED,
        grows=_GROWS,
        write_only=("/KmsKeyId", f"/{GROUPS}", f"/{BACKUP}"),
        key_names=("/KmsKeyId",),
        sets=("/SubnetIds",),
        normalise=compared,
        refine=REFINE,
        calls=("create_file_system_from_backup", "create_backup"),
        losses=Losses(gone="every file on it and the backups that FSx has made by itself are lost"),
        timeouts=minutes(create=120, update=120, delete=720),
    )
)
