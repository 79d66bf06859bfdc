"""Keep and show the options of machines that moto's EC2 drops: cores, enclaves and CPU credits. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response
from moto.ec2.responses.instances import InstanceResponse

from gitbot_sandbox.aws.moto_patch import wrap

_UNLIMITED = ("t3", "t3a", "t4g")
"""The families that may use more credits than they have, unless they are told not to."""
_BURSTABLE = ("t2", *_UNLIMITED)


def patch() -> None:
    """Make the patches of this module."""
    wrap(InstanceResponse, "run_instances", _options_kept)
    wrap(InstanceResponse, "_validate_block_device_mapping", _host_disks_taken)
    wrap(InstanceResponse, "_parse_block_device_mapping", _host_disks_left_out)
    EC2Response.describe_instance_credit_specifications = _told  # type: ignore[method-assign]
    EC2Response.modify_instance_credit_specification = _changed  # type: ignore[attr-defined]


def _family(instance: Any) -> str:
    return str(instance.instance_type).partition(".")[0]


def _options_kept(original: Any) -> Any:
    """Defects: what is asked of cores, enclaves and credits is dropped."""

    @wraps(original)
    def run_instances(self: Any) -> Any:
        answer = original(self)
        for instance in answer.result.instances:
            instance.cpu_options = self._get_param("CpuOptions") or {}
            instance.enclave_options = self._get_param("EnclaveOptions") or {"Enabled": False}
            asked = (self._get_param("CreditSpecification") or {}).get("CpuCredits")
            instance.cpu_credits = asked or _usual(instance)
        return answer

    return run_instances


def _host_disks_taken(original: Any) -> Any:
    """Defect: a device that is a disk of the host is refused."""

    @staticmethod  # type: ignore[misc]
    def _validate_block_device_mapping(mapping: dict[str, Any]) -> None:
        if "VirtualName" not in mapping:
            original(mapping)

    return _validate_block_device_mapping


def _host_disks_left_out(original: Any) -> Any:
    """Such a device is no volume."""

    def _parse_block_device_mapping(self: Any) -> list[dict[str, Any]]:
        return [one for one in original(self) if not one["VirtualName"]]

    return _parse_block_device_mapping


def _usual(instance: Any) -> str:
    return "unlimited" if _family(instance) in _UNLIMITED else "standard"


def _told(self: Any) -> ActionResult:
    """Defect: every machine has standard credits, also one of a type that has none. Without identifiers, those
    with unlimited credits alone are listed."""
    ids = self._get_param("InstanceIds", [])
    only = self._filters_from_querystring().get("instance-id")
    found = (
        self.ec2_backend.get_multi_instances_by_id(ids)
        if ids
        else [
            one
            for one in self.ec2_backend.all_instances()
            if (only is None or one.id in only)
            and _credits(one) == "unlimited"
            and _family(one) in _BURSTABLE
        ]
    )
    if others := [one.id for one in found if _family(one) not in _BURSTABLE]:
        raise EC2ClientError(
            "InvalidParameterCombination", f"{others[0]} is no burstable performance instance"
        )
    told = [{"InstanceId": one.id, "CpuCredits": _credits(one)} for one in found]
    return ActionResult({"InstanceCreditSpecifications": told})


def _credits(instance: Any) -> str:
    return getattr(instance, "cpu_credits", None) or _usual(instance)


def _changed(self: Any) -> ActionResult:
    """Defect: the call is missing. Refusals come in an answer of success."""
    done, refused = [], []
    for asked in self._get_param("InstanceCreditSpecifications", []):
        [one] = self.ec2_backend.get_multi_instances_by_id([asked["InstanceId"]])
        if _family(one) in _BURSTABLE:
            one.cpu_credits = asked["CpuCredits"]
            done.append({"InstanceId": one.id})
            continue
        why = {
            "Code": "InstanceCreditSpecification.NotSupported",
            "Message": "The instance type has no CPU credits.",
        }
        refused.append({"InstanceId": one.id, "Error": why})
    return ActionResult(
        {
            "SuccessfulInstanceCreditSpecifications": done,
            "UnsuccessfulInstanceCreditSpecifications": refused,
        }
    )
