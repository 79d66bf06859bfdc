"""Attach to a machine the volumes that its spec names, and detach them. Shell.

A volume stays when its machine ends; another machine can have it then. Only declared volumes are managed.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVolume.html
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.table import Described
from gitbot.providers.aws.types.ec2.family import Ec2Listing
from gitbot.providers.aws.types.ec2.instances import describe, gone
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

VOLUMES: Final = "Volumes"
REMOVAL: Final = Removal(default=None, says="the volumes are detached, and stay")
_VOLUMES = Ec2Listing("describe_volumes", "Volumes", by="volume-id")


def attached_to(instance: Described) -> list[dict[str, Any]]:
    """``Volumes`` of a described machine: those that stay when it ends, but for its root disk."""
    ending, root = _ending(instance), instance.get("RootDeviceName")
    return [
        {"VolumeId": volume, "Device": device}
        for volume, device in _had(instance).items()
        if device != root and volume not in ending
    ]


def _had(instance: Described) -> dict[str, str]:
    return {one["Ebs"]["VolumeId"]: one["DeviceName"] for one in _disks(instance)}


def _ending(instance: Described) -> set[str]:
    """The volumes that end with the machine: those of its launch, unless that said otherwise."""
    return {
        one["Ebs"]["VolumeId"]
        for one in _disks(instance)
        if one["Ebs"].get("DeleteOnTermination", False)
    }


def _disks(instance: Described) -> list[Described]:
    mappings = instance.get("BlockDeviceMappings", ())
    return [one for one in mappings if "VolumeId" in one.get("Ebs", {})]


def _named(volumes: Any) -> dict[str, str]:
    return {str(one["VolumeId"]): str(one["Device"]) for one in volumes or ()}


def bring_volumes(aws: Connection, operation: Operation, remote_id: str) -> None:
    """Attach what the operation names, under its device; detach what only the last apply names. Idempotent.

    Raises:
        CloudError: the machine is gone, or EC2 refuses: another machine has the volume.
    """
    instance = describe(aws, remote_id)
    if instance is None:
        raise gone(remote_id)
    had, wanted = _had(instance), _named(operation.properties.get(VOLUMES))
    for volume in sorted(had.keys() & {*wanted, *_named(operation.recorded.get(VOLUMES))}):
        if wanted.get(volume) != had[volume]:
            aws.call("ec2", "detach_volume", VolumeId=volume, InstanceId=remote_id)
            _wait(aws, operation, volume, "available")
            del had[volume]
    for volume in sorted(wanted.keys() - had.keys()):
        named = {"VolumeId": volume, "InstanceId": remote_id, "Device": wanted[volume]}
        aws.call("ec2", "attach_volume", **named)
        _wait(aws, operation, volume, "in-use")
    for volume in sorted(wanted.keys() & had.keys() & _ending(instance)):
        stays = {"DeviceName": wanted[volume], "Ebs": {"DeleteOnTermination": False}}
        call = "modify_instance_attribute"
        aws.call("ec2", call, InstanceId=remote_id, BlockDeviceMappings=[stays])


def _wait(aws: Connection, operation: Operation, volume: str, state: str) -> None:
    what = f"volume {volume} to be {'attached' if state == 'in-use' else 'detached'}"
    wait_until(what, partial(_is, aws, volume, state), operation, clock=aws.clock)


def _is(aws: Connection, volume: str, state: str) -> bool:
    for one in _VOLUMES.by_id(aws, [volume]):
        shown = [each.get("State") for each in one.get("Attachments", ())]
        return bool(one["State"] == state and (state == "available" or "attached" in shown))
    raise CloudError(f"volume {volume} is gone", code="InvalidVolume.NotFound")
