"""Add what moto's volumes lack: states on the way, tokens, defaults and refusals. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_block_store import Volume, VolumeModification
from moto.ec2.models.instances import Instance
from moto.ec2.responses.elastic_block_store import ElasticBlockStore

from gitbot_sandbox.aws.holding import HOLDS, held, hold, pass_time
from gitbot_sandbox.aws.moto_patch import wrap

_DEFAULT_ROOT, _IMAGE_GIB = "/dev/sda1", 8
_PROVISIONED = ("gp3", "io1", "io2")


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2Backend, "reset", _lets_go)
    wrap(ElasticBlockStore, "create_volume", _client_token)
    wrap(ElasticBlockStore, "create_volume", _zone_by_identifier)
    wrap(ElasticBlockStore, "modify_volume", _modifiable)
    wrap(ElasticBlockStore, "describe_volumes", _time_passes)
    wrap(ElasticBlockStore, "describe_volumes_modifications", _time_passes)
    wrap(ElasticBlockStore, "describe_snapshots", _time_passes)
    wrap(EC2Backend, "create_volume", _defaults)
    wrap(EC2Backend, "modify_volume", _modifies)
    wrap(Instance, "add_block_device", _root_disk)
    shown = Ami.block_device_mappings.fget  # type: ignore[attr-defined]
    Ami.block_device_mappings = property(lambda self: _as_made(shown(self)))  # type: ignore[assignment, method-assign]
    status, state = Volume.status.fget, VolumeModification.modification_state.fget  # type: ignore[attr-defined]
    Volume.status = property(lambda self: held(self) or status(self))  # type: ignore[assignment, method-assign]
    VolumeModification.modification_state = property(  # type: ignore[assignment, method-assign]
        lambda self: held(self) or state(self)
    )


def _as_made(mappings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Defect: an image tells of a larger root disk than its machines get, which they would leave behind."""
    sizes = {"VolumeSize": _IMAGE_GIB, "DeleteOnTermination": True}
    return [{**one, "Ebs": {**one["Ebs"], **sizes}} for one in mappings]


def _root_disk(original: Any) -> Any:
    """Defects: the root disk of a launch template is made beside a default one, which stays when the machine ends,
    and a disk may be smaller than the snapshot that it is made from."""

    @wraps(original)
    def add_block_device(self: Any, size: Any, device_path: str, *args: Any, **named: Any) -> None:
        images = self.ec2_backend.describe_images(filters={"image-id": self.image_id})
        root = images[0].root_device_name if images else _DEFAULT_ROOT
        if device_path == root:
            snapshot = args[0] if args else named.get("snapshot_id")
            if size and int(size) < _IMAGE_GIB and not snapshot:
                raise EC2ClientError(
                    "InvalidBlockDeviceMapping",
                    f"Volume of size {size}GB is smaller than snapshot, expect size >= {_IMAGE_GIB}GB",
                )
            default = self.block_device_mapping.get(_DEFAULT_ROOT)
            if default is not None:
                self.ec2_backend.detach_volume(default.volume_id, self.id, _DEFAULT_ROOT)
                self.ec2_backend.delete_volume(default.volume_id)
        original(self, size, device_path, *args, **named)

    return add_block_device


def _time_passes(original: Any) -> Any:
    """Defect: everything is at once what it becomes. Each call moves what is held on."""

    @wraps(original)
    def describe(self: Any) -> Any:
        volumes = list(self.ec2_backend.volumes.values())
        passing = [each for one in volumes for each in one.modifications]
        if original.__name__ == "describe_volumes":
            passing += [*volumes, *(one.attachment for one in volumes if one.attachment)]
        elif original.__name__ == "describe_snapshots":
            passing = list(self.ec2_backend.snapshots.values())
        for each in passing:
            pass_time(each)
        return original(self)

    return describe


def _client_token(original: Any) -> Any:
    """Defect: ClientToken is ignored, so a retried CreateVolume makes a second volume.

    https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    """

    @wraps(original)
    def create_volume(self: Any) -> Any:
        token = self._get_param("ClientToken")
        asked = repr(sorted((name, str(value)) for name, value in self.data.items()))
        for volume in self.ec2_backend.volumes.values() if token else ():
            made_by = getattr(volume, "made_by", None)
            if made_by == (token, asked):
                return ActionResult(volume)
            if made_by is not None and made_by[0] == token:
                raise EC2ClientError(
                    "IdempotentParameterMismatch",
                    "The client token was used before with other parameters.",
                )
        answer = original(self)
        answer.result.made_by = (token, asked)
        hold(answer.result, "creating", HOLDS.creating)
        return answer

    return create_volume


def _zone_by_identifier(original: Any) -> Any:
    """Defect: AvailabilityZoneId is ignored, and the volume has no zone then."""

    @wraps(original)
    def create_volume(self: Any) -> Any:
        asked = self._get_param("AvailabilityZoneId")
        if asked:
            zones = self.ec2_backend.describe_availability_zones()
            named = [zone.name for zone in zones if zone.zone_id == asked]
            if not named:
                raise EC2ClientError("InvalidParameterValue", f"There is no zone {asked}.")
            self.params = {**self.params, "AvailabilityZone": named[0]}
        return original(self)

    return create_volume


def _defaults(original: Any) -> Any:
    """Defects: a volume does not tell its throughput, its IOPS or the identifier of its zone."""

    @wraps(original)
    def create_volume(self: Any, *args: Any, **asked: Any) -> Any:
        volume = original(self, *args, **asked)
        volume.multi_attach_enabled = bool(volume.multi_attach_enabled)
        volume.availability_zone_id = volume.zone.zone_id if volume.zone else None
        _fill(volume)
        return volume

    return create_volume


def _fill(volume: Any) -> None:
    """What EBS itself says of a volume of its type.

    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
    """
    if volume.volume_type == "gp3":
        volume.iops, volume.throughput = volume.iops or 3000, volume.throughput or 125
        return
    volume.throughput = None
    if volume.volume_type == "gp2":
        volume.iops = max(100, min(16000, 3 * volume.size))
    elif volume.volume_type not in _PROVISIONED:
        volume.iops = None


def _modifiable(original: Any) -> Any:
    """Defects: volumes shrink, take IOPS that their type has not, and change while they change.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html
    """

    @wraps(original)
    def modify_volume(self: Any) -> Any:
        volume = self.ec2_backend.get_volume(self._get_param("VolumeId"))
        if any(held(each) for each in volume.modifications):
            raise EC2ClientError(
                "IncorrectModificationState",
                f"Volume {volume.id} cannot be modified in modification state MODIFYING",
            )
        if (self._get_param("Size") or volume.size) < volume.size:
            raise EC2ClientError(
                "InvalidParameterValue", "New size cannot be smaller than existing size"
            )
        type_ = self._get_param("VolumeType") or volume.volume_type
        for name, types in (("Iops", _PROVISIONED), ("Throughput", ("gp3",))):
            if self._get_param(name) and type_ not in types:
                raise EC2ClientError(
                    "InvalidParameterCombination",
                    f"The parameter {name} is not supported for {type_} volumes.",
                )
        return original(self)

    return modify_volume


_CHANGING = ("size", "volume_type", "iops", "throughput", "multi_attach_enabled")


def _modifies(original: Any) -> Any:
    """Defects: a volume is at once what it is changed to, and Multi-Attach is not switched off."""

    @wraps(original)
    def modify_volume(self: Any, volume_id: str, *targets: Any) -> Any:
        volume = self.get_volume(volume_id)
        before = {name: getattr(volume, name) for name in _CHANGING}
        asked = [
            bool(one) if name == "multi_attach_enabled" and one is not None else one
            for name, one in zip(_CHANGING, targets, strict=True)
        ]
        if not any(asked):
            asked[0] = volume.size  # moto wants one that is true
        original(self, volume_id, *asked)
        if targets[4] is not None:
            volume.multi_attach_enabled = bool(targets[4])
        _fill(volume)
        after = {name: getattr(volume, name) for name in _CHANGING}

        def become() -> None:
            for name in _CHANGING:
                setattr(volume, name, after[name])

        for name in _CHANGING:
            setattr(volume, name, before[name])
        hold(volume.modifications[-1], "modifying", HOLDS.modifying, become)
        return volume

    return modify_volume


def _lets_go(original: Any) -> Any:
    """An empty cloud holds nothing."""

    @wraps(original)
    def reset(self: Any) -> None:
        HOLDS.release()
        original(self)

    return reset
