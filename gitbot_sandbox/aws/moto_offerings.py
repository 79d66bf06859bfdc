"""Let moto's EC2 refuse machines that their zone, or the processors of their type, cannot run. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES
from moto.ec2.responses import subnets
from moto.ec2.responses.instances import InstanceResponse

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(InstanceResponse, "run_instances", _runs_there)
    wrap(InstanceResponse, "start_instances", _still_runs_there)
    # Defect: the zone of a subnet without one is drawn by lot, so that a machine in it runs today and not tomorrow.
    # AWS promises none: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
    vars(subnets)["random"] = _InOrder


def _runs_there(original: Any) -> Any:
    """Defect: any type is launched in any zone and from any image."""

    @wraps(original)
    def run_instances(self: Any) -> Any:
        type_ = self._get_param("InstanceType") or "m1.small"
        subnet = self._get_param("SubnetId")
        zone = self._get_param("Placement.AvailabilityZone")
        _refuse_zone(self.region, type_, _zone(self.ec2_backend, subnet) if subnet else zone)
        _refuse_image(self.ec2_backend, type_, self._get_param("ImageId"))
        return original(self)

    return run_instances


class _InOrder:
    """Takes what is first instead of what a lot falls on."""

    @staticmethod
    def choice(zones: Sequence[Any]) -> Any:
        return zones[0]


def _zone(backend: Any, subnet: str) -> str | None:
    """The zone of the subnet; None if there is none, which is checked elsewhere."""
    found = (zone for zone, subnets in backend.subnets.items() if subnet in subnets)
    return next(found, None)


def _still_runs_there(original: Any) -> Any:
    """Defect: a stopped machine starts again, whatever type it was given."""

    @wraps(original)
    def start_instances(self: Any) -> Any:
        for instance_id in self._get_param("InstanceIds", []):
            instance = self.ec2_backend.get_instance(instance_id)
            _refuse_zone(self.region, instance.instance_type, instance.placement.zone)
            _refuse_image(self.ec2_backend, instance.instance_type, instance.image_id)
        return original(self)

    return start_instances


def _refuse_zone(region: str, type_: str, zone: str | None) -> None:
    zones = {
        one["Location"]
        for one in INSTANCE_TYPE_OFFERINGS["availability-zone"].get(region, ())
        if one["InstanceType"] == type_
    }
    if zone and zones and zone not in zones:
        raise EC2ClientError(
            "Unsupported",
            f"Your requested instance type ({type_}) is not supported in your requested Availability Zone "
            f"({zone}). Please retry your request by not specifying an Availability Zone or choosing "
            f"{', '.join(sorted(zones))}.",
        )


def _refuse_image(backend: Any, type_: str, image_id: str | None) -> None:
    runs = INSTANCE_TYPES.get(type_, {}).get("ProcessorInfo", {}).get("SupportedArchitectures", ())
    for image in _images(backend, image_id):
        if runs and image.architecture not in runs:
            raise EC2ClientError(
                "InvalidParameterValue",
                f"The architecture '{','.join(runs)}' of the specified instance type does not match the architecture "
                f"'{image.architecture}' of the specified AMI. Specify an instance type and an AMI that have "
                "matching architectures, and try again.",
            )


def _images(backend: Any, image_id: str | None) -> Any:
    try:
        return backend.describe_images(ami_ids=[image_id]) if image_id else ()
    except EC2ClientError:
        return ()  # whether it is known is checked elsewhere
