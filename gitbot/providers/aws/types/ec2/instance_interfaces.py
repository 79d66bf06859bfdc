"""Say, read and change the network interfaces with which a machine is launched. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Described, Properties, shown
from gitbot.providers.aws.types.ec2.instances import describe, gone

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

INTERFACES: Final = "NetworkInterfaces"
EACH: Final = f"/{INTERFACES}/*"
_PUBLIC, _OWN = "AssociatePublicIpAddress", "NetworkInterfaceId"
AT_CREATION: Final = (_PUBLIC, "DeviceIndex", _OWN, "PrivateIpAddress", "SubnetId")
IN_PLACE: Final = ("DeleteOnTermination", "Description", "GroupSet")
NOT_TOLD: Final = (_PUBLIC,)
"""A public address may also come from the subnet, or be one that was associated later."""

OF_THE_MACHINE: Final = ("PrivateIpAddress", "SecurityGroupIds", "SecurityGroups", "SubnetId")
"""What a machine says itself where it has no list of interfaces: RunInstances refuses both."""
_OF_A_NEW_ONE = ("Description", "GroupSet", "PrivateIpAddress", "SubnetId")
LIMITS: Final[Mapping[str, Mapping[str, Any]]] = {
    f"/{INTERFACES}": {"minItems": 1, "uniqueKeys": ["DeviceIndex"]},
    f"{EACH}/DeviceIndex": {"pattern": "^[0-9]{1,2}$"},
    f"{EACH}/GroupSet": {"minItems": 1, "uniqueItems": True},
    EACH: {"dependentExcluded": {_OWN: [_PUBLIC, *_OF_A_NEW_ONE]}},
}
"""What RunInstances takes of interfaces: one that exists is as it is."""


def launched_with(interfaces: Sequence[Properties]) -> list[Properties]:
    """The interfaces as RunInstances takes them."""
    names = shown(*AT_CREATION, "DeleteOnTermination", "Description", Groups="GroupSet")
    return [{**names(one), "DeviceIndex": int(one["DeviceIndex"])} for one in interfaces]


def interfaces_of(instance: Described) -> list[Properties]:
    """``NetworkInterfaces`` of a described instance."""
    return [
        {
            **shown(_OWN, "PrivateIpAddress", "SubnetId", "Description")(one),
            "DeviceIndex": str(one["Attachment"]["DeviceIndex"]),
            "DeleteOnTermination": one["Attachment"]["DeleteOnTermination"],
            "GroupSet": [group["GroupId"] for group in one.get("Groups", ())],
        }
        for one in instance.get(INTERFACES, ())
    ]


def _write(aws: Connection, remote_id: str, value: Any) -> None:
    """Make the declared interfaces as they are declared; others stay. Each call takes one attribute."""
    instance = describe(aws, remote_id)
    if instance is None:
        raise gone(remote_id)
    there = {str(one["Attachment"]["DeviceIndex"]): one for one in instance.get(INTERFACES, ())}
    for wanted in value or ():
        one = there[wanted["DeviceIndex"]]
        for change in _changes(one, wanted):
            call = "modify_network_interface_attribute"
            aws.call("ec2", call, NetworkInterfaceId=one[_OWN], **change)


def _changes(one: Described, wanted: Properties) -> Iterator[Mapping[str, Any]]:
    [now] = interfaces_of({INTERFACES: [one]})
    if "GroupSet" in wanted and set(wanted["GroupSet"]) != set(now["GroupSet"]):
        yield {"Groups": list(wanted["GroupSet"])}
    if "Description" in wanted and wanted["Description"] != now.get("Description"):
        yield {"Description": {"Value": wanted["Description"]}}
    ends = wanted.get("DeleteOnTermination")
    if ends is not None and ends != now["DeleteOnTermination"]:
        attachment = one["Attachment"]["AttachmentId"]
        yield {"Attachment": {"AttachmentId": attachment, "DeleteOnTermination": ends}}


SURFACE: Final = Surface(property=INTERFACES, write=_write)
