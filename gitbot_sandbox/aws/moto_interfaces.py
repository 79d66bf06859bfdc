"""Let moto's machines take the network interfaces that their launch made with them. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.models.instances import Instance

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(Instance, "prep_nics", _made_with_the_machine)
    wrap(Instance, "terminate", _gone_with_the_machine)


def _made_with_the_machine(original: Any) -> Any:
    """Defect: an interface that a launch makes stays when its machine is terminated.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html
    """

    @wraps(original)
    def prep_nics(self: Any, nic_spec: Any, *rest: Any, **more: Any) -> None:
        original(self, nic_spec, *rest, **more)
        given = {str(one.get("DeviceIndex")) for one in nic_spec if one.get("NetworkInterfaceId")}
        kept = {
            str(one.get("DeviceIndex"))
            for one in nic_spec
            if one.get("DeleteOnTermination") is False
        }
        for index, interface in self.nics.items():
            if str(index) not in given | kept:
                interface.delete_on_termination = True

    return prep_nics


def _gone_with_the_machine(original: Any) -> Any:
    """Defect: what terminates a machine a second time fails, since its interface is gone."""

    @wraps(original)
    def terminate(self: Any) -> Any:
        answer = original(self)
        for interface in self.nics.values():
            interface.delete_on_termination = False
        return answer

    return terminate
