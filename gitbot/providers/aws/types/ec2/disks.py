"""AWS::EC2::Volume and VolumeAttachment as tables. Shell.

AWS::EC2::Volume: AvailabilityZone, AvailabilityZoneId, Encrypted, KmsKeyId, SnapshotId: replace. Size
(GiB, growing only), VolumeType, Iops, Throughput (MiB/s), MultiAttachEnabled (io2, while nothing has it
attached): changed in place by one call, Tags too. AWS takes a few changes of one volume in six hours.
Attributes: VolumeId. ``lifecycle.snapshotOnDelete`` keeps its data in a snapshot.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html

AWS::EC2::VolumeAttachment: VolumeId, InstanceId, Device: replace, the old one first. Its identifier is
``vol-…|i-…``. The volume outlives the machine: AWS deletes with a machine only the disks that its launch made.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Parent, Removal, ReplaceOrder
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import (
    Create,
    Delete,
    Described,
    Properties,
    Table,
    Update,
    shown,
)
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags, requiring
from gitbot.providers.aws.types.ec2.instances import INSTANCES, is_going
from gitbot.providers.aws.types.ec2.snapshots import keep_snapshot
from gitbot.providers.aws.types.ec2.volumes import is_modified

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

# --- volume --------------------------------------------------------------------------------------

_CHANGED = ("Size", "VolumeType", "Iops", "Throughput", "MultiAttachEnabled")
_MADE = ("AvailabilityZone", "AvailabilityZoneId", "Encrypted", "KmsKeyId", "SnapshotId")


def _lower_type(properties: Properties) -> Properties:
    """The properties in the form for comparison: the registry takes ``GP3``, EC2 says ``gp3``."""
    type_ = properties.get("VolumeType")
    return {**properties, "VolumeType": type_.lower()} if isinstance(type_, str) else properties


def _modification(values: Properties, volume: Described) -> Mapping[str, Any]:
    """What ModifyVolume is to change; empty: nothing.

    A type takes only what it has: without this, a removed Iops would go with the change to gp2.
    """
    wanted = _lower_type({name: value for name, value in values.items() if value is not None})
    type_ = wanted.get("VolumeType", volume.get("VolumeType"))
    for name, types in _ONLY.items():
        if type_ not in types:
            wanted = {key: value for key, value in wanted.items() if key != name}
    return {name: value for name, value in wanted.items() if volume.get(name) != value}


_ONLY: Final = {"Iops": ("gp3", "io1", "io2"), "Throughput": ("gp3",)}


def _of_type(*types: str) -> Mapping[str, Any]:
    return {"properties": {"VolumeType": {"enumCaseInsensitive": list(types)}}}


_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "/": {
        "allOf": [
            {
                "if": {"required": ["Throughput"]},
                "then": {"required": ["VolumeType"], **_of_type("gp3")},
            },
            {
                "if": {"required": ["Iops"]},
                "then": {"required": ["VolumeType"], **_of_type("gp3", "io1", "io2")},
            },
            {
                "if": {"required": ["VolumeType"], **_of_type("io1", "io2")},
                "then": {"required": ["Iops"]},
            },
        ]
    },
}


def _users(aws: Connection, volume: Described) -> list[str]:
    """The machines that have the volume and do not end."""
    machines = {
        one["InstanceId"]
        for one in volume.get("Attachments", ())
        if one.get("State") in ("attaching", "attached", "busy")
    }
    found = INSTANCES.by_id(aws, machines) if machines else ()
    return sorted(f"instance {one['InstanceId']}" for one in found if not is_going(one))


def _volume(volume: Described) -> Properties:
    named = shown("VolumeId", *_CHANGED, "AvailabilityZone", "AvailabilityZoneId")(volume)
    return {**named, "SnapshotId": volume.get("SnapshotId") or None}


def _made_with(operation: Operation) -> Properties:
    given = {name: operation.properties.get(name) for name in (*_MADE, *_CHANGED)}
    return _lower_type({name: value for name, value in given.items() if value is not None})


_CREATE = Create(
    call="create_volume",
    sends=(*_MADE, *_CHANGED),
    gives=lambda answer, _: answer["VolumeId"],
    parameters=_made_with,
    token="ClientToken",
)
_CHANGE = Update(
    call="modify_volume",
    sends=_CHANGED,
    parameters=_modification,
    settled=lambda aws, own, _: is_modified(aws, own),
)
_RESETS = {
    "Iops": Removal(default=3000, says="a gp3 volume goes back to 3,000 IOPS"),
    "Throughput": Removal(default=125, says="a gp3 volume goes back to 125 MiB/s"),
    "VolumeType": Removal(default="gp2", says="it becomes AWS's default, gp2"),
    "MultiAttachEnabled": Removal(default=False, says="one machine at a time can have it"),
}
_VOLUMES = Ec2Listing(*("describe_volumes", "Volumes"), by="volume-id", index=Index("ec2:volume"))

VOLUME = native_type(
    Table(
        name="AWS::EC2::Volume",
        noun="volume",
        dialect=EC2,
        timeouts=minutes(delete=120),
        listing=_VOLUMES,
        shows=_volume,
        addresses=shown("VolumeId"),
        create=_CREATE,
        updates=(_CHANGE,),
        resets=_RESETS,
        exists=lambda one: one["State"] not in ("deleting", "deleted"),
        ready=lambda one: one["State"] in ("available", "in-use"),
        failed=lambda one: "AWS could not make it" if one["State"] == "error" else "",
        delete=Delete(call="delete_volume", users=_users, keeps=keep_snapshot),
        tags=Ec2Tags("volume", "VolumeId"),
        looks=("describe_volumes_modifications", "describe_instances", "describe_snapshots"),
        calls=("create_snapshot", "delete_snapshot"),
        normalise=_lower_type,
        refine=refining(_LIMITS),
        # An account can encrypt everything by default, and a key has several names.
        write_only=("/Encrypted", "/KmsKeyId"),
        grows=("/Size",),
        filled=("AvailabilityZone", "AvailabilityZoneId", "Size"),
        stateful=True,
    )
)

# --- attachment ----------------------------------------------------------------------------------


def _attachments(volume: Described) -> Iterator[Described]:
    yield from volume.get("Attachments", ())


VOLUME_ATTACHMENT = native_type(
    Table(
        name="AWS::EC2::VolumeAttachment",
        noun="volume attachment",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_volumes", "Volumes"),
            by="volume-id",
            key=("volume-id", "VolumeId"),
            each=_attachments,
            value=lambda remote_id: remote_id.partition("|")[0],
        ),
        identifier=lambda one: f"{one['VolumeId']}|{one['InstanceId']}",
        shows=shown("VolumeId", "InstanceId", "Device"),
        create=Create(
            call="attach_volume",
            sends=("VolumeId", "InstanceId", "Device"),
            gives=lambda answer, _: f"{answer['VolumeId']}|{answer['InstanceId']}",
            taken=frozenset({"VolumeInUse"}),
        ),
        exists=lambda one: one["State"] != "detached",
        ready=lambda one: one["State"] == "attached",
        delete=Delete(call="detach_volume", parameters=shown("VolumeId", "InstanceId", "Device")),
        natural_key=("VolumeId", "InstanceId"),
        parent=Parent(type="AWS::EC2::Volume", reference="VolumeId"),
        replace_order=ReplaceOrder.DELETE_FIRST,
        losses=Losses(gone="what a machine that has it mounted has not written yet is lost"),
        refine=requiring("Device"),
    )
)
