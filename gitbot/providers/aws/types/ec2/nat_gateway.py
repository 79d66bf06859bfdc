"""AWS::EC2::NatGateway as a table. Shell.

SubnetId, ConnectivityType, AllocationId, PrivateIpAddress: replace. Tags: changed in place. Attributes:
NatGatewayId, EniId, VpcId. A public one needs an address, and its network an internet gateway: say
``lifecycle: {dependsOn: [attachment]}``. It takes a minute or two to be made, and as long to be deleted.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.timeouts import minutes
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags, is_available


def _nat_gateway(gateway: Described) -> Properties:
    addresses = gateway.get("NatGatewayAddresses", ())
    first: Described = next((one for one in addresses if one.get("IsPrimary", True)), {})
    return {
        **shown("NatGatewayId", "SubnetId", "VpcId", "ConnectivityType")(gateway),
        **shown("AutoProvisionZones", "AutoScalingIps", "RouteTableId")(gateway),  # regional ones
        "AllocationId": first.get("AllocationId"),
        "PrivateIpAddress": first.get("PrivateIp"),
        "EniId": first.get("NetworkInterfaceId"),
    }


def _failure(gateway: Described) -> str:
    if gateway["State"] != "failed":
        return ""
    return f"{gateway.get('FailureCode', 'unknown')}: {gateway.get('FailureMessage', '')}"


def _with_its_address(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """It is in a subnet, and has an address unless it is private."""
    private = {
        "required": ["ConnectivityType"],
        "properties": {"ConnectivityType": {"const": "private"}},
    }
    address = {
        "if": private,
        "then": {"not": {"required": ["AllocationId"]}},
        "else": {"required": ["AllocationId"]},
    }
    required = sorted({*schema.get("required", ()), "SubnetId"})
    return {**schema, "required": required, "allOf": [*schema.get("allOf", ()), address]}


NAT_GATEWAY = native_type(
    Table(
        name="AWS::EC2::NatGateway",
        noun="NAT gateway",
        dialect=EC2,
        timeouts=minutes(create=30, delete=30),
        listing=Ec2Listing(
            *("describe_nat_gateways", "NatGateways"),
            by="nat-gateway-id",
            filters="Filter",
            index=Index("ec2:natgateway"),
        ),
        shows=_nat_gateway,
        create=Create(
            call="create_nat_gateway",
            sends=("SubnetId", "ConnectivityType", "AllocationId", "PrivateIpAddress"),
            gives=lambda answer, _: answer["NatGateway"]["NatGatewayId"],
            token="ClientToken",
        ),
        exists=lambda one: one["State"] != "deleted",
        ready=is_available,
        failed=_failure,
        addresses=shown("NatGatewayId"),
        delete=Delete(call="delete_nat_gateway"),
        tags=Ec2Tags("natgateway", "NatGatewayId"),
        filled=("PrivateIpAddress",),
        exclusive=("AllocationId", "PrivateIpAddress"),
        refine=_with_its_address,
    )
)
