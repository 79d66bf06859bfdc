"""Let moto's machines take the network interfaces that their launch made with them. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(Instance, "prep_nics", _made_with_the_machine)
    wrap(Instance, "terminate", _gone_with_the_machine)
    wrap(EC2Backend, "modify_instance_security_groups", _groups_of_the_interface)


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
    """Defects: what terminates a machine a second time fails, since its interface is gone, and an
    interface that stays is still attached."""

    @wraps(original)
    def terminate(self: Any) -> Any:
        answer = original(self)
        for interface in self.nics.values():
            interface.delete_on_termination = False
            interface.attachment_id, interface.instance = None, None
        return answer

    return terminate


def _groups_of_the_interface(original: Any) -> Any:
    """Defect: the interface of a machine keeps the groups that it was launched with.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
    """

    @wraps(original)
    def modify_instance_security_groups(self: Any, *given: Any, **more: Any) -> Any:
        machine = original(self, *given, **more)
        for interface in list(machine.nics.values())[:1]:
            interface._group_set = list(machine.security_groups)
        return machine

    return modify_instance_security_groups
