"""Name what uses a network, a subnet, a group or an address and will not go by itself. Shell.

EC2 refuses to delete an object that is in use with ``DependencyViolation``, and does not say by what.
Only the network interfaces of what is ending disappear by themselves.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.providers.aws.refusals import DENIALS
from gitbot.providers.aws.table import Described
from gitbot.providers.aws.types.ec2.family import Ec2Listing
from gitbot.providers.aws.types.ec2.instances import INSTANCES, is_going

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_INTERFACES = Ec2Listing("describe_network_interfaces", "NetworkInterfaces", by="subnet-id")
_NATS = Ec2Listing(*("describe_nat_gateways", "NatGateways"), by="nat-gateway-id", filters="Filter")
_ENDPOINTS = Ec2Listing("describe_vpc_endpoints", "VpcEndpoints", by="vpc-endpoint-id")
_SERVICES = (
    (re.compile(r"\bnat-[0-9a-f]+"), _NATS, "NAT gateway", "NatGatewayId"),
    (re.compile(r"\bvpce-[0-9a-f]+"), _ENDPOINTS, "VPC endpoint", "VpcEndpointId"),
)
"""How the descriptions of interfaces name what made them. These services delete nothing by themselves."""
_ENDING = ("deleting", "deleted", "failed")
_GROUPS = Ec2Listing("describe_security_groups", "SecurityGroups", by="vpc-id")
_IN_VPC = (
    (Ec2Listing("describe_subnets", "Subnets", by="vpc-id"), "subnet", "SubnetId"),
    (
        Ec2Listing("describe_internet_gateways", "InternetGateways", by="attachment.vpc-id"),
        "internet gateway",
        "InternetGatewayId",
    ),
    (replace(_ENDPOINTS, by="vpc-id"), "VPC endpoint", "VpcEndpointId"),
)


def users_of_group(aws: Connection, group_id: str) -> list[str]:
    """What uses the security group and stays: interfaces, and other groups whose rules name it."""
    try:
        naming = [
            group["GroupId"]
            for kind in ("ip-permission.group-id", "egress.ip-permission.group-id")
            for group in _GROUPS.matching(aws, kind, [group_id])
            if group["GroupId"] != group_id
        ]
        interfaces = _staying_interfaces(aws, "group-id", group_id)
    except CloudError as error:
        return _unless_denied(error)
    return [*interfaces, *(f"a rule of security group {one}" for one in sorted(set(naming)))]


def users_of_subnet(aws: Connection, subnet: Described) -> list[str]:
    """The interfaces in the subnet that stay."""
    try:
        return _staying_interfaces(aws, "subnet-id", subnet["SubnetId"])
    except CloudError as error:
        return _unless_denied(error)


def users_of_vpc(aws: Connection, vpc: Described) -> list[str]:
    """The subnets, internet gateways and security groups in the VPC."""
    try:
        groups = [
            f"security group {group['GroupId']}"
            for group in _GROUPS.by_id(aws, [vpc["VpcId"]])
            if group["GroupName"] != "default"
        ]
        return groups + [
            f"{noun} {one[name]}"
            for listing, noun, name in _IN_VPC
            for one in listing.by_id(aws, [vpc["VpcId"]])
            if str(one.get("State")).lower() not in _ENDING
        ]
    except CloudError as error:
        return _unless_denied(error)


def users_of_interface(aws: Connection, interface: Described) -> list[str]:
    """The instance that has the interface and stays, or the service whose it is."""
    try:
        return _staying_interfaces(aws, "network-interface-id", interface["NetworkInterfaceId"])
    except CloudError as error:
        return _unless_denied(error)


def users_of_address(aws: Connection, address: Described) -> list[str]:
    """The interface that has the address, or whose it is, unless it is an instance's."""
    if not address.get("NetworkInterfaceId") or address.get("InstanceId"):
        return []
    return users_of_interface(aws, address)


def _staying_interfaces(aws: Connection, filter_: str, value: str) -> list[str]:
    interfaces = list(_INTERFACES.matching(aws, filter_, [value]))
    machines = {
        one["NetworkInterfaceId"]: one["Attachment"]["InstanceId"]
        for one in interfaces
        if one.get("Attachment", {}).get("InstanceId")
    }
    alive = {
        one["InstanceId"]
        for one in (INSTANCES.by_id(aws, machines.values()) if machines else ())
        if not is_going(one)
    }
    named = {key: f"instance {value}" for key, value in machines.items() if value in alive}
    for one in interfaces:
        # An interface that a service made (a load balancer, a function) goes with its service.
        if one.get("Status") == "available" and not one.get("RequesterManaged"):
            named[one["NetworkInterfaceId"]] = f"network interface {one['NetworkInterfaceId']}"
    return sorted({*named.values(), *_staying_services(aws, interfaces)})


def _staying_services(aws: Connection, interfaces: Iterable[Described]) -> Iterator[str]:
    """The NAT gateways and endpoints that the interfaces belong to, without those that are ending."""
    descriptions = " ".join(str(one.get("Description", "")) for one in interfaces)
    for pattern, listing, noun, name in _SERVICES:
        if ids := set(pattern.findall(descriptions)):
            for one in listing.by_id(aws, ids):
                if str(one["State"]).lower() not in _ENDING:
                    yield f"{noun} {one[name]}"


def _unless_denied(error: CloudError) -> list[str]:
    """Nothing, where the role may not look: then only waiting can tell."""
    if error.code in DENIALS:
        return []
    raise error
