"""Add what moto's attachments and snapshots lack: states on the way, and refusals. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.responses.elastic_block_store import ElasticBlockStore

from gitbot_sandbox.aws.holding import HOLDS, held, hold
from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(ElasticBlockStore, "attach_volume", _attachable)
    wrap(EC2Backend, "attach_volume", _attaches)
    wrap(EC2Backend, "detach_volume", _detaches)
    wrap(EC2Backend, "create_snapshot", _snapshot_of_its_time)


def _attachable(original: Any) -> Any:
    """Defects: volumes are attached twice, across zones, under names in use, and to what has ended.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html
    """

    @wraps(original)
    def attach_volume(self: Any) -> Any:
        volume = self.ec2_backend.get_volume(self._get_param("VolumeId"))
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        device = self._get_param("Device")
        if held(volume) == "creating":
            raise EC2ClientError("IncorrectState", f"Volume '{volume.id}' is not 'available'.")
        if volume.attachment:
            holder = volume.attachment.instance.id
            raise EC2ClientError("VolumeInUse", f"{volume.id} is already attached to {holder}")
        if instance.state not in ("running", "stopped"):
            raise EC2ClientError(
                "IncorrectState", f"Instance '{instance.id}' is not 'running' or 'stopped'."
            )
        if volume.zone and volume.zone.name != instance.placement.zone:
            raise EC2ClientError(
                "InvalidVolume.ZoneMismatch",
                f"The volume '{volume.id}' is not in the same availability zone as instance "
                f"'{instance.id}'",
            )
        if device in instance.block_device_mapping:
            raise EC2ClientError(
                "InvalidParameterValue",
                f"Invalid value '{device}' for unixDevice. Attachment point {device} is already "
                "in use",
            )
        return original(self)

    return attach_volume


def _attaches(original: Any) -> Any:
    """Defect: an attachment has no state on the way."""

    @wraps(original)
    def attach_volume(self: Any, *args: Any, **named: Any) -> Any:
        attachment = original(self, *args, **named)
        if attachment is not None and HOLDS.attaching:
            attachment.status = "attaching"
            then = lambda: setattr(attachment, "status", "attached")  # noqa: E731
            hold(attachment, "attaching", HOLDS.attaching, then)
        return attachment

    return attach_volume


def _detaches(original: Any) -> Any:
    """Defect: an attachment ends at once."""

    @wraps(original)
    def detach_volume(
        self: Any, volume_id: str, instance_id: str, device_path: str | None = None
    ) -> Any:
        attachment = self.get_volume(volume_id).attachment
        instance = self.get_instance(instance_id)
        if not HOLDS.detaching or attachment is None or instance.state == "terminated":
            return original(self, volume_id, instance_id, device_path)
        attachment.status = "detaching"
        then = lambda: original(self, volume_id, instance_id, device_path)  # noqa: E731
        hold(attachment, "detaching", HOLDS.detaching, then)
        return attachment

    return detach_volume


def _snapshot_of_its_time(original: Any) -> Any:
    """Defect: a snapshot is complete at once."""

    @wraps(original)
    def create_snapshot(self: Any, *args: Any, **named: Any) -> Any:
        snapshot = original(self, *args, **named)
        if HOLDS.snapshots:
            snapshot.status = "pending"
            then = lambda: setattr(snapshot, "status", "completed")  # noqa: E731
            hold(snapshot, "pending", HOLDS.snapshots, then)
        return snapshot

    return create_snapshot
