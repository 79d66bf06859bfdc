"""Let moto's machines take the network interfaces that their launch made with them. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance
from moto.ec2.responses.instances import InstanceResponse

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(Instance, "prep_nics", _made_with_the_machine)
    wrap(Instance, "terminate", _gone_with_the_machine)
    wrap(InstanceResponse, "run_instances", _in_one_way)
    wrap(EC2Backend, "modify_instance_security_groups", _groups_of_the_interface)


def _made_with_the_machine(original: Any) -> Any:
    """Defects: an interface that a launch makes stays when its machine is terminated, and the first one
    has a description of moto's own.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html
    """

    @wraps(original)
    def prep_nics(self: Any, nic_spec: Any, *rest: Any, **more: Any) -> None:
        described = {str(one["DeviceIndex"]): one.get("Description", "") for one in nic_spec}
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
            if str(index) not in given:
                interface.description = described.get(str(index), "")

    return prep_nics


def _in_one_way(original: Any) -> Any:
    """Defects: a launch with interfaces may say for the machine too where it is and which groups it has; an
    interface that exists may be described anew; several may get a public address.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html
    """

    @wraps(original)
    def run_instances(self: Any) -> Any:
        interfaces = self._get_param("NetworkInterfaces", [])
        for name, words in _OF_THE_MACHINE.items() if interfaces else ():
            if self._get_param(name):
                raise _refused(
                    f"Network interfaces and an instance-level {words} may not be specified on the same request"
                )
        for one in interfaces:
            if one.get("NetworkInterfaceId") and _OF_A_NEW_ONE & one.keys():
                raise _refused(
                    "A network interface ID may not be specified with other parameters of a network interface"
                )
            if "AssociatePublicIpAddress" in one and len(interfaces) > 1:
                raise _refused(
                    "The associatePublicIPAddress parameter cannot be specified when launching with "
                    "multiple network interfaces."
                )
        return original(self)

    return run_instances


_OF_THE_MACHINE = {
    "SubnetId": "subnet ID",
    "SecurityGroupIds": "security groups",
    "SecurityGroups": "security groups",
    "PrivateIpAddress": "private address",
}
_OF_A_NEW_ONE = frozenset(
    {"AssociatePublicIpAddress", "Description", "Groups", "PrivateIpAddress", "SubnetId"}
)


def _refused(words: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameterCombination", words)


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
