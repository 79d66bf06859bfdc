"""AWS::EC2::RouteTable, Route and SubnetRouteTableAssociation as tables. Shell.

AWS::EC2::RouteTable: VpcId: replaces. Tags. Attributes: RouteTableId.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html

AWS::EC2::Route: RouteTableId, DestinationCidrBlock, DestinationIpv6CidrBlock,
DestinationPrefixListId (one destination): replace. GatewayId, NatGatewayId, TransitGatewayId,
VpcPeeringConnectionId, EgressOnlyInternetGatewayId, NetworkInterfaceId, InstanceId (one target):
changed in place. Its identifier is ``rtb-…|destination``. A route to an internet gateway should say
``lifecycle: {dependsOn: [attachment]}``; without it, the call is tried again for half a minute.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html

AWS::EC2::SubnetRouteTableAssociation: SubnetId, RouteTableId: replace. Attributes: Id.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Parent, Removal
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import (
    EC2,
    Ec2Listing,
    Ec2Tags,
    canonical,
    with_canonical_networks,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

ROUTE_TABLE = native_type(
    Table(
        name="AWS::EC2::RouteTable",
        noun="route table",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_route_tables", "RouteTables"),
            by="route-table-id",
            index=Index("ec2:route-table"),
        ),
        identifier=itemgetter("RouteTableId"),
        shows=shown("RouteTableId", "VpcId"),
        create=Create(
            call="create_route_table",
            sends=("VpcId",),
            gives=lambda answer, _: answer["RouteTable"]["RouteTableId"],
            token="ClientToken",
        ),
        delete=Delete(
            call="delete_route_table",
            parameters=lambda one: {"RouteTableId": one["RouteTableId"]},
        ),
        tags=Ec2Tags("route-table", "RouteTableId"),
    )
)

# --- route ---------------------------------------------------------------------------------------

DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
ROUTE_KEY = ("RouteTableId", *DESTINATIONS)
TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "InstanceId",  # EC2 shows its interface beside it
)


def _destination(route: Mapping[str, Any]) -> str:
    return next(str(canonical(route[name])) for name in DESTINATIONS if route.get(name))


def _route_id(route: Mapping[str, Any]) -> str:
    return f"{route['RouteTableId']}|{_destination(route)}"


def _routes(table: Described) -> Iterator[Described]:
    for route in table.get("Routes", ()):
        if route.get("Origin") == "CreateRoute":
            yield {**route, "RouteTableId": table["RouteTableId"]}


def _target(name: str) -> Surface:
    def write(aws: Connection, remote_id: str, value: Any) -> None:
        if value is not None:  # else another target is written, and takes its place
            table, _, destination = remote_id.partition("|")
            to = "DestinationPrefixListId" if destination.startswith("pl-") else DESTINATIONS[0]
            to = DESTINATIONS[1] if ":" in destination else to
            target = {"RouteTableId": table, to: destination, name: value}
            aws.call("ec2", "replace_route", **target)

    removal = Removal(default=None, says="another target takes its place")
    return Surface(property=name, write=write, removal=removal)


def _one_target(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    one_of = [{"requiredXor": list(TARGETS)}, {"requiredXor": list(DESTINATIONS)}]
    named = refining({f"/{name}": {"minLength": 1} for name in TARGETS})(schema)
    return {**named, "allOf": [*named.get("allOf", ()), *one_of]}


ROUTE = native_type(
    Table(
        name="AWS::EC2::Route",
        noun="route",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_route_tables", "RouteTables"),
            by="route-table-id",
            key=("route-table-id", "RouteTableId"),
            each=_routes,
            value=lambda remote_id: remote_id.partition("|")[0],
        ),
        identifier=_route_id,
        shows=lambda route: {
            **shown(*ROUTE_KEY, *TARGETS)(route),
            "CidrBlock": _destination(route),
        },
        create=Create(
            call="create_route",
            sends=(*ROUTE_KEY, *TARGETS),
            gives=lambda _, properties: _route_id(properties),
            taken=frozenset({"RouteAlreadyExists"}),
        ),
        delete=Delete(call="delete_route", parameters=shown(*ROUTE_KEY)),
        surfaces=tuple(_target(name) for name in TARGETS),
        calls=("replace_route",),
        natural_key=ROUTE_KEY,
        parent=Parent(type="AWS::EC2::RouteTable", reference="RouteTableId"),
        normalise=with_canonical_networks,
        refine=_one_target,
    )
)

# --- association ---------------------------------------------------------------------------------


def _associations(table: Described) -> Iterator[Described]:
    for one in table.get("Associations", ()):
        if one.get("SubnetId"):
            yield {**one, "Id": one["RouteTableAssociationId"]}


SUBNET_ROUTE_TABLE_ASSOCIATION = native_type(
    Table(
        name="AWS::EC2::SubnetRouteTableAssociation",
        noun="route table association",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_route_tables", "RouteTables"),
            by="association.route-table-association-id",
            key=("association.subnet-id", "SubnetId"),
            each=_associations,
        ),
        identifier=itemgetter("Id"),
        shows=shown("Id", "SubnetId", "RouteTableId"),
        create=Create(
            call="associate_route_table",
            sends=("SubnetId", "RouteTableId"),
            gives=lambda answer, _: answer["AssociationId"],
            taken=frozenset({"Resource.AlreadyAssociated"}),
        ),
        exists=lambda one: (
            one["AssociationState"]["State"] not in ("disassociating", "disassociated")
        ),
        ready=lambda one: bool(one["AssociationState"]["State"] == "associated"),
        delete=Delete(
            call="disassociate_route_table", parameters=lambda one: {"AssociationId": one["Id"]}
        ),
        natural_key=("SubnetId",),
        parent=Parent(type="AWS::EC2::Subnet", reference="SubnetId"),
    )
)
