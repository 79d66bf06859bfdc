"""Read and change the volumes behind an instance's block device mappings. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.types.ec2.family import Ec2Listing
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_VOLUMES = Ec2Listing("describe_volumes", "Volumes", by="attachment.instance-id")
_MODIFICATIONS = Ec2Listing(
    "describe_volumes_modifications", "VolumesModifications", by="volume-id"
)
IN_PLACE = {
    "VolumeSize": "Size",
    "VolumeType": "VolumeType",
    "Iops": "Iops",
    "Throughput": "Throughput",
}


def volumes_of(aws: Connection, instance_ids: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
    """The volumes that are attached to the instances, by volume id."""
    return {volume["VolumeId"]: volume for volume in _VOLUMES.by_id(aws, instance_ids)}


def mappings_of(
    instance: Mapping[str, Any], volumes: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """``BlockDeviceMappings`` of a described instance and its volumes."""
    done = []
    for mapping in instance.get("BlockDeviceMappings", ()):
        ebs = mapping.get("Ebs", {})
        volume = volumes.get(ebs.get("VolumeId", ""), {})
        told = {ours: volume.get(theirs) for ours, theirs in IN_PLACE.items()}
        told["DeleteOnTermination"] = ebs.get("DeleteOnTermination")
        done.append(
            {
                "DeviceName": mapping["DeviceName"],
                "Ebs": {key: value for key, value in told.items() if value is not None},
            }
        )
    return done


def change_devices(aws: Connection, instance: Mapping[str, Any], declared: Any) -> None:
    """Start to change every declared device to what the spec says, while the instance runs.

    Idempotent; see ``wait_for_volumes``.

    Raises:
        CloudError: a volume would have to shrink.
    """
    volumes = volumes_of(aws, [instance["InstanceId"]])
    by_device = {
        mapping["DeviceName"]: mapping["Ebs"]["VolumeId"]
        for mapping in instance.get("BlockDeviceMappings", ())
        if "VolumeId" in mapping.get("Ebs", {})
    }
    _delete_on_termination(aws, instance["InstanceId"], declared)
    for mapping in declared:
        volume = volumes.get(by_device.get(mapping["DeviceName"], ""))
        if volume is not None:
            _change_volume(aws, volume, mapping)


def wait_for_volumes(aws: Connection, instance_id: str, operation: Operation) -> None:
    """Wait until the changes of the instance's volumes can be used.

    Raises:
        CloudError: one failed, or the deadline passed first.
    """
    for volume_id in volumes_of(aws, [instance_id]):
        wait_until(
            f"volume {volume_id} to change",
            partial(is_modified, aws, volume_id),
            operation,
            clock=aws.clock,
        )


def settle_volumes(aws: Connection, instance_id: str, operation: Operation) -> None:
    """Wait until no modification of the instance's volumes is under way."""
    volume_ids = sorted(volumes_of(aws, [instance_id]))
    wait_until(
        f"the volumes of instance {instance_id} to end their modification",
        lambda: not any(_is_modifying(aws, volume_id) for volume_id in volume_ids),
        operation,
        clock=aws.clock,
    )


def _is_modifying(aws: Connection, volume_id: str) -> bool:
    return bool(_modification(aws, volume_id).get("ModificationState") == "modifying")


def _delete_on_termination(aws: Connection, instance_id: str, declared: Any) -> None:
    mappings = [
        {
            "DeviceName": mapping["DeviceName"],
            "Ebs": {"DeleteOnTermination": mapping["Ebs"]["DeleteOnTermination"]},
        }
        for mapping in declared
        if "DeleteOnTermination" in mapping.get("Ebs", {})
    ]
    if mappings:
        aws.call(
            "ec2",
            "modify_instance_attribute",
            InstanceId=instance_id,
            BlockDeviceMappings=mappings,
        )


def _change_volume(aws: Connection, volume: Mapping[str, Any], mapping: Mapping[str, Any]) -> None:
    ebs = mapping.get("Ebs", {})
    changed = {
        theirs: ebs[ours]
        for ours, theirs in IN_PLACE.items()
        if ours in ebs and ebs[ours] != volume.get(theirs)
    }
    if not changed:
        return
    volume_id = volume["VolumeId"]
    if changed.get("Size", volume["Size"]) < volume["Size"]:
        raise CloudError(
            f"volume {volume_id} ({mapping['DeviceName']}) has {volume['Size']} GiB and cannot "
            f"shrink to {changed['Size']}. Declare at least its size, or replace the instance.",
            code="InvalidParameterValue",
        )
    aws.call("ec2", "modify_volume", VolumeId=volume_id, **changed)


def is_modified(aws: Connection, volume_id: str) -> bool:
    """Whether the volume is what its newest modification makes it. Raises CloudError if that failed."""
    newest = _modification(aws, volume_id)
    if newest.get("ModificationState") == "failed":
        raise CloudError(
            f"volume {volume_id} could not be changed: {newest.get('StatusMessage', '')}",
            code="VolumeModificationFailed",
        )
    # A volume that is "optimizing" has its new size; the rest may take AWS hours.
    return newest.get("ModificationState") in (None, "optimizing", "completed")


def _modification(aws: Connection, volume_id: str) -> Mapping[str, Any]:
    """The volume's newest modification; empty if it has none."""
    modifications = _MODIFICATIONS.by_id(aws, [volume_id])
    return max(modifications, key=lambda one: one["StartTime"], default={})
