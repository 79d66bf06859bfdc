"""Say, read and change options of a machine: its cores, its credits, its sleep, its enclaves. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceCreditSpecification.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gitbot.errors import CloudError
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Properties, shown
from gitbot.providers.aws.types.ec2.family import Ec2Listing

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

CREDITS: Final = "CreditSpecification"
_TOLD: Final = ("EnclaveOptions", "HibernationOptions")
NOT_TOLD: Final = ("CpuOptions", "Ipv6AddressCount")
"""What only the launch takes, and a described machine does not tell apart from what came later, or with its type."""
AT_LAUNCH: Final = (*_TOLD, *NOT_TOLD)
DEVICES: Final = "BlockDeviceMappings"
NO_DISKS: Final = ("NoDevice", "VirtualName")
"""What a device is instead of a disk of EBS: none, though the image has one, or a disk of the machine's host. A
described machine does not tell either."""

_CREDITS = Ec2Listing(
    *("describe_instance_credit_specifications", "InstanceCreditSpecifications"), by="instance-id"
)
options_of = shown(*_TOLD)


def launched_with_options(properties: Properties) -> dict[str, Any]:
    """The options as RunInstances takes them."""
    done = {name: properties[name] for name in AT_LAUNCH if properties.get(name) is not None}
    if properties.get(CREDITS):
        done[CREDITS] = {"CpuCredits": properties[CREDITS]["CPUCredits"]}
    if properties.get(DEVICES):
        done[DEVICES] = [_device(one) for one in properties[DEVICES]]
    return done


def _device(mapping: Properties) -> dict[str, Any]:
    """The mapping as the call takes it: an empty text leaves the image's device out."""
    return {name: "" if name == "NoDevice" else value for name, value in mapping.items()}


def _read(aws: Connection, remote_id: str) -> Any:
    """The credits: asked for by a filter, EC2 lists machines with unlimited ones alone, and refuses none."""
    for one in _CREDITS.by_id(aws, [remote_id]):
        return {"CPUCredits": one["CpuCredits"]}
    return {"CPUCredits": "standard"}


def _write(aws: Connection, remote_id: str, value: Any) -> None:
    """Let the machine have the credits. Raises CloudError: the call answers refusals as if they were none."""
    if not value:
        return
    wanted = {"InstanceId": remote_id, "CpuCredits": value["CPUCredits"]}
    call = "modify_instance_credit_specification"
    answer = aws.call("ec2", call, InstanceCreditSpecifications=[wanted])
    for one in answer.get("UnsuccessfulInstanceCreditSpecifications", ()):
        error = one["Error"]
        raise CloudError(
            f"the credits of instance {remote_id} stay as they are: {error.get('Message', '')}",
            code=str(error.get("Code", "")),
        )


SURFACE: Final = Surface(property=CREDITS, read=_read, write=_write)
