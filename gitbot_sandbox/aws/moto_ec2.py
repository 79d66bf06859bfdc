"""Add what moto's EC2 lacks: tokens, transitions, launch parameters and refusals. Shell."""

from __future__ import annotations

import re
import threading
from copy import copy
from dataclasses import dataclass
from functools import wraps
from typing import Any

from moto import settings
from moto.core.responses import ActionResult
from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend, amis, ec2_backends
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.ec2.models.instances import Instance, StateReason
from moto.ec2.responses.instances import InstanceResponse

from gitbot_sandbox.aws.moto_patch import wrap

_STATES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}


@dataclass(slots=True)
class Transitions:
    """How many DescribeInstances calls an instance stays in each passing state."""

    pending: int = 0
    stopping: int = 0
    shutting_down: int = 0


TRANSITIONS = Transitions()


def take_back(instance: str, region: str, code: str, *, account: str) -> None:
    """End or stop the instance as EC2 does of its own accord, with this state reason.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
    """
    found: Any = ec2_backends[account][region].get_instance(instance)
    if code == "Server.ScheduledStop":
        found.stop()
    else:
        found.terminate()
    found.state_reason = StateReason(f"{code}: by EC2 itself", code)


def patch() -> None:
    """Make the patches of this module."""
    # Without this setting, which moto reads when imported, it accepts unknown instance types.
    settings.EC2_ENABLE_INSTANCE_TYPE_VALIDATION = True
    wrap(InstanceResponse, "run_instances", _launch_parameters)
    wrap(InstanceResponse, "run_instances", _image_by_its_id)
    wrap(InstanceResponse, "run_instances", _client_token)
    wrap(InstanceResponse, "run_instances", _named_groups)
    wrap(InstanceResponse, "modify_instance_attribute", _known_type)
    wrap(InstanceResponse, "start_instances", _passes("pending", "running"))
    wrap(InstanceResponse, "stop_instances", _passes("stopping", "stopped"))
    wrap(InstanceResponse, "terminate_instances", _passes("shutting-down", "terminated"))
    wrap(InstanceResponse, "describe_instances", _time_passes)
    wrap(Instance, "add_block_device", _launches)
    wrap(amis, "load_resource", _no_images_for_ecs)
    for image in amis.AMIS:
        image.setdefault("creation_date", _made_at(image["name"]))
    wrap(EC2Backend, "create_volume", _volume_at_launch)
    wrap(InstanceResponse, "_parse_block_device_mapping", _root_device)
    wrap(EC2Backend, "delete_security_group", _group_in_use)
    wrap(EC2Backend, "describe_images", _any_image)


def _client_token(original: Any) -> Any:
    """Defect: ClientToken is ignored, so a retried RunInstances starts a second instance.

    https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    """

    @wraps(original)
    def run_instances(self: Any) -> Any:
        token = self._get_param("ClientToken")
        if not token:
            return original(self)
        asked = repr(sorted((name, str(value)) for name, value in self.data.items()))
        for reservation in self.ec2_backend.reservations.values():
            if reservation.instances and reservation.instances[0].client_token == token:
                if reservation.asked != asked:
                    raise EC2ClientError(
                        "IdempotentParameterMismatch",
                        "The client token was used before with other parameters.",
                    )
                return ActionResult(reservation)
        answer = original(self)
        answer.result.asked = asked
        return answer

    return run_instances


def _launch_parameters(original: Any) -> Any:
    """Defects: DisableApiTermination, Iops, Throughput dropped; any key pair's name accepted."""

    @wraps(original)
    def run_instances(self: Any) -> Any:
        key = self._get_param("KeyName")
        if key:
            self.ec2_backend.describe_key_pairs(key_names=[key])  # refuses an unknown one
        answer = original(self)
        for instance in answer.result.instances:
            _hold(instance, "pending", "running")
            if self._get_param("DisableApiTermination"):
                instance.disable_api_termination = True
            for mapping in self._get_param("BlockDeviceMappings", []):
                device = instance.block_device_mapping.get(mapping.get("DeviceName"))
                if device is None:
                    continue
                volume = self.ec2_backend.get_volume(device.volume_id)
                ebs = mapping.get("Ebs", {})
                volume.iops = ebs.get("Iops", volume.iops)
                volume.throughput = ebs.get("Throughput", volume.throughput)
        return answer

    return run_instances


def _image_by_its_id(original: Any) -> Any:
    """Defect: a machine is started from an image whose id cannot be one.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    """

    @wraps(original)
    def run_instances(self: Any) -> Any:
        image = self._get_param("ImageId")
        if image and not image.startswith("resolve:ssm:") and not _AN_IMAGE.fullmatch(image):
            expected = "" if image.startswith("ami-") else ' (expecting "ami-...")'
            raise EC2ClientError("InvalidAMIID.Malformed", f'Invalid id: "{image}"{expected}')
        return original(self)

    return run_instances


def _named_groups(original: Any) -> Any:
    """Defects: groups are named in any VPC and beside a subnet; an unknown name is accepted.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
    """

    @wraps(original)
    def run_instances(self: Any) -> Any:
        names = self._get_param("SecurityGroups", [])
        if names and self._get_param("SubnetId"):
            raise EC2ClientError(
                "InvalidParameterCombination",
                "The parameter groupName cannot be used with the parameter subnet",
            )
        ids = [_group_of_default_vpc(self.ec2_backend, name) for name in names]
        if ids:
            ids += self._get_param("SecurityGroupIds", [])
            self.params = {**self.params, "SecurityGroups": [], "SecurityGroupIds": ids}
        return original(self)

    return run_instances


def _known_type(original: Any) -> Any:
    """Defect: a stopped instance takes a type that does not exist."""

    @wraps(original)
    def modify_instance_attribute(self: Any) -> Any:
        type_ = self._get_param("InstanceType.Value") or ""
        if self._get_param("Attribute") == "instanceType":
            type_ = self._get_param("Value")
        if type_ and type_ not in INSTANCE_TYPES:
            raise EC2ClientError(
                "InvalidInstanceAttributeValue", f"Invalid value '{type_}' for InstanceType."
            )
        return original(self)

    return modify_instance_attribute


def _group_of_default_vpc(backend: EC2Backend, name: str) -> str:
    vpc = backend.get_default_vpc()
    if vpc is None:
        raise EC2ClientError("VPCIdNotSpecified", "No default VPC for this user")
    group = backend.get_security_group_from_name(name, vpc.id)
    if group is None:
        raise EC2ClientError(
            "InvalidGroup.NotFound",
            f"The security group '{name}' does not exist in default VPC '{vpc.id}'",
        )
    return str(group.id)


def _root_device(original: Any) -> Any:
    """Defects: mappings that leave out the root device, or its size, start an instance without it; a root disk whose
    mapping does not say so outlives it, where the image's mapping counts.
    """

    @wraps(original)
    def _parse_block_device_mapping(self: Any) -> Any:
        declared = self._get_param("BlockDeviceMappings", [])
        images = self.ec2_backend.describe_images(
            filters={"image-id": self._get_param("ImageId") or ""}
        )
        root = images[0].root_device_name if images else "/dev/sda1"
        for mapping in declared:
            ebs = mapping.get("Ebs")
            if ebs is not None and not ebs.get("VolumeSize") and not ebs.get("SnapshotId"):
                ebs["VolumeSize"] = 8  # what an AMI's own snapshot would give
            if ebs is not None and mapping.get("DeviceName") == root:
                ebs.setdefault("DeleteOnTermination", True)
        mappings = original(self)
        if mappings and root not in [mapping["DeviceName"] for mapping in mappings]:
            default = {"DeviceName": root, "NoDevice": None, "VirtualName": None}
            ebs = {"VolumeSize": 8, "DeleteOnTermination": True, "Encrypted": False}
            mappings.insert(0, {**default, "Ebs": ebs})
        return mappings

    return _parse_block_device_mapping


def _no_images_for_ecs(original: Any) -> Any:
    """Defect: a region makes 1,200 images for ECS when it is first asked or emptied, each with a
    snapshot, and goes through them at every launch.

    Their identifiers work all the same: see ``_any_image``.
    """

    @wraps(original)
    def load_resource(path: str) -> Any:
        return [] if path.startswith("ec2/resources/ecs/") else original(path)

    return load_resource


_DATE = re.compile(r"(20[0-9]{2})\.?([01][0-9])\.?([0-3][0-9])")


def _made_at(name: str) -> str:
    """Defect: an image is as old as the process, and all of them are equally old.

    The date in its name counts. In AWS the newest of several images is not the same as any of them.
    """
    found = _DATE.search(name)
    return f"{'-'.join(found.groups()) if found else '2017-10-13'}T00:00:00.000Z"


def _any_image(original: Any) -> Any:
    """Defect: an image that RunInstances starts, whatever its identifier, is not described.

    Such an image is described like Ubuntu's, with the root device that ``_root_device`` gives it.
    """

    @wraps(original)
    def describe_images(self: Any, ami_ids: Any = None, *args: Any, **named: Any) -> Any:
        asked = set(ami_ids or ())
        made_up = {one for one in asked if _AN_IMAGE.fullmatch(one)} - set(self.amis)
        known = [one for one in ami_ids or () if one not in made_up]
        found = original(self, known, *args, **named) if known or not made_up else []
        return [*found, *(_like_ubuntu(self, one) for one in sorted(made_up))]

    return describe_images


_AN_IMAGE = re.compile(r"ami-(?:[0-9a-f]{8}|[0-9a-f]{17})")


def _like_ubuntu(backend: Any, image_id: str) -> Any:
    image = copy(next(one for one in backend.amis.values() if one.root_device_name == "/dev/sda1"))
    image.id, image.name, image.description = image_id, f"local-{image_id}", "An image of Ubuntu"
    return image


_launching = threading.local()


def _launches(original: Any) -> Any:
    """Notes for ``_volume_at_launch`` that the volumes of this thread belong to a launch."""

    @wraps(original)
    def add_block_device(self: Any, *args: Any, **named: Any) -> None:
        _launching.now = True
        try:
            original(self, *args, **named)
        finally:
            _launching.now = False

    return add_block_device


def _volume_at_launch(original: Any) -> Any:
    """Defect: an io1 or io2 volume cannot be launched, because its Iops are not passed on.

    ``_launch_parameters`` gives the volume the declared ones afterwards.
    """

    @wraps(original)
    def create_volume(self: Any, *args: Any, **asked: Any) -> Any:
        if getattr(_launching, "now", False) and asked.get("volume_type") in ("io1", "io2"):
            asked["iops"] = asked.get("iops") or 100
        return original(self, *args, **asked)

    return create_volume


def _set_state(instance: Any, name: str) -> None:
    instance._state.name, instance._state.code = name, _STATES[name]


def _hold(instance: Any, name: str, target: str) -> None:
    """Keep an instance in a passing state for the number of calls in ``TRANSITIONS``."""
    calls = getattr(TRANSITIONS, name.replace("-", "_"))
    instance.held = (target, calls) if calls else None
    if calls:
        _set_state(instance, name)


def _passes(passing: str, target: str) -> Any:
    """Defect: instances start, stop and end at once. ``TRANSITIONS`` says how long it takes
    here."""

    def make(original: Any) -> Any:
        @wraps(original)
        def move(self: Any) -> Any:
            ids = self._get_param("InstanceIds", [])
            there = {
                instance.id
                for instance in self.ec2_backend.all_instances()
                if instance.state == target
            }
            answer = original(self)
            for instance_id in ids:
                if instance_id not in there:
                    _hold(self.ec2_backend.get_instance(instance_id), passing, target)
            return answer

        return move

    return make


def _time_passes(original: Any) -> Any:
    """The second part of the transitions: each DescribeInstances call moves instances on."""

    @wraps(original)
    def describe_instances(self: Any) -> Any:
        for instance in self.ec2_backend.all_instances():
            held = getattr(instance, "held", None)
            if not held:
                continue
            target, left = held
            if left == 0:
                _set_state(instance, target)
            instance.held = (target, left - 1) if left else None
        return original(self)

    return describe_instances


def _group_in_use(original: Any) -> Any:
    """Defect: a security group can be deleted although instances, interfaces or rules use it."""

    @wraps(original)
    def delete_security_group(
        self: Any, name: str | None = None, group_id: str | None = None
    ) -> Any:
        group = self.get_security_group_by_name_or_id(group_id or name)
        if group is not None and (_on_instances(self, group.id) or _in_rules(self, group.id)):
            raise DependencyViolationError(f"resource {group.id} has a dependent object")
        return original(self, name=name, group_id=group_id)

    return delete_security_group


def _on_instances(backend: Any, group_id: str) -> bool:
    alive = [one for one in backend.all_instances() if one.state != "terminated"]
    used = [
        *(one.security_groups for one in alive),
        *(one._group_set for one in backend.enis.values()),
    ]
    return any(group_id in [group.id for group in groups] for groups in used)


def _in_rules(backend: Any, group_id: str) -> bool:
    return any(
        (rule.source_group or {}).get("GroupId") == group_id
        for groups in backend.groups.values()
        for other in groups.values()
        if other.id != group_id
        for rule in (*other.ingress_rules, *other.egress_rules)
    )
