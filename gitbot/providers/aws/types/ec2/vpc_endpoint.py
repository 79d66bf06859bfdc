"""AWS::EC2::VPCEndpoint as a table. Shell.

VpcId, ServiceName, VpcEndpointType: replace. PolicyDocument, RouteTableIds, SubnetIds, SecurityGroupIds,
PrivateDnsEnabled, IpAddressType, Tags: changed in place. Attributes: Id, NetworkInterfaceIds, DnsEntries,
CreationTimestamp. One of type Gateway (the default) stands in route tables, the others in subnets.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.model.timeouts import minutes
from gitbot.model.values import Json
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags

_FIXED = ("VpcId", "ServiceName", "VpcEndpointType")
_LISTS = ("RouteTableIds", "SubnetIds", "SecurityGroupIds")
_IN_PLACE = ("PolicyDocument", *_LISTS, "PrivateDnsEnabled", "IpAddressType")
_EVERYTHING: Json = normalised_policy(
    {
        "Version": "2008-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
    }
)
"""https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"""
_RESETS = {
    "PolicyDocument": Removal(default=_EVERYTHING, says="the endpoint lets everything through"),
    "RouteTableIds": Removal(default=[], says="no route leads to it"),
}


def _endpoint(endpoint: Described) -> Properties:
    names = (*_FIXED, *_IN_PLACE, "NetworkInterfaceIds")
    entries = endpoint.get("DnsEntries", ())
    return {
        **shown(*names, Id="VpcEndpointId")(endpoint),
        "SecurityGroupIds": [group["GroupId"] for group in endpoint.get("Groups", ())],
        "DnsEntries": [f"{one.get('HostedZoneId', '')}:{one['DnsName']}" for one in entries],
        "CreationTimestamp": endpoint["CreationTimestamp"].isoformat(),
    }


def _failure(endpoint: Described) -> str:
    if _state(endpoint) not in ("failed", "rejected", "expired"):
        return ""
    error = endpoint.get("LastError", {})
    said = f"{error.get('Code', '')} {error.get('Message', '')}".strip()
    return f"its state is {endpoint['State']}. {said}".strip()


def _state(endpoint: Described) -> str:
    """Its state in small letters: the API gives ``available``, its documentation ``Available``."""
    return str(endpoint["State"]).lower()


def _with_text(properties: Properties) -> dict[str, Any]:
    """The properties with the policy as the text that the calls take."""
    policy = properties.get("PolicyDocument")
    return {**properties, **({} if policy is None else {"PolicyDocument": policy_text(policy)})}


def _creating(operation: Operation) -> Properties:
    return _with_text(shown(*_FIXED, *_IN_PLACE)(operation.properties))


def _modifying(values: Properties, endpoint: Described) -> Properties:
    """Lists are changed by what is added and what is taken out."""
    had = _endpoint(endpoint)
    done = {name: value for name, value in values.items() if name not in _LISTS}
    for name in [one for one in _LISTS if one in values]:
        wanted, there = values[name] or (), had.get(name) or ()
        done[f"Add{name}"] = [one for one in wanted if one not in there]
        done[f"Remove{name}"] = [one for one in there if one not in wanted]
    return _with_text({name: value for name, value in done.items() if value not in (None, [])})


def _normalised(properties: Properties) -> Properties:
    if "PolicyDocument" not in properties:
        return properties
    return {**properties, "PolicyDocument": normalised_policy(properties["PolicyDocument"])}


def _by_kind(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """One of type Gateway has no interfaces, and no other one has routes."""
    none = {"maxItems": 0}
    gateway = {
        "if": {"properties": {"VpcEndpointType": {"const": "Gateway"}}},
        "then": {"properties": {"SubnetIds": none, "SecurityGroupIds": none}},
        "else": {"properties": {"RouteTableIds": none, "SecurityGroupIds": {"minItems": 1}}},
    }
    required = sorted({*schema.get("required", ()), "ServiceName"})
    known = refining({"/PolicyDocument": {"minLength": 1}})(schema)
    return {**known, "required": required, "allOf": [*schema.get("allOf", ()), gateway]}


_LISTING = Ec2Listing(
    *("describe_vpc_endpoints", "VpcEndpoints"),
    by="vpc-endpoint-id",
    index=Index("ec2:vpc-endpoint"),
)

_FOLLOWS = {
    "NetworkInterfaceIds": ("SubnetIds",),
    "DnsEntries": ("SubnetIds", "PrivateDnsEnabled", "IpAddressType"),
}

VPC_ENDPOINT = native_type(
    Table(
        name="AWS::EC2::VPCEndpoint",
        noun="VPC endpoint",
        dialect=EC2,
        timeouts=minutes(create=30, delete=30),
        listing=_LISTING,
        shows=_endpoint,
        addresses=shown("VpcEndpointId"),
        create=Create(
            call="create_vpc_endpoint",
            sends=(*_FIXED, *_IN_PLACE),
            parameters=_creating,
            gives=lambda answer, _: answer["VpcEndpoint"]["VpcEndpointId"],
            token="ClientToken",
        ),
        updates=(Update(call="modify_vpc_endpoint", sends=_IN_PLACE, parameters=_modifying),),
        resets=_RESETS,
        exists=lambda one: _state(one) != "deleted",
        ready=lambda one: _state(one) in ("available", "pendingacceptance"),
        failed=_failure,
        delete=Delete(
            call="delete_vpc_endpoints",
            parameters=lambda one: {"VpcEndpointIds": [one["VpcEndpointId"]]},
        ),
        tags=Ec2Tags("vpc-endpoint", "VpcEndpointId"),
        normalise=_normalised,
        follows=_FOLLOWS,
        refine=_by_kind,
    )
)
