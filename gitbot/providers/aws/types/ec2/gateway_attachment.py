"""AWS::EC2::VPCGatewayAttachment as a table. Shell.

VpcId, InternetGatewayId or VpnGatewayId: replace, the old one first: a network has one gateway of each kind.
Its identifier is ``IGW|vpc-…`` or ``VGW|vpc-…``. Attributes: AttachmentType.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVpnGateway.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent, ReplaceOrder
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, given, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.tagging import Marks
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_KINDS: Final = {"IGW": "InternetGatewayId", "VGW": "VpnGatewayId"}
_KEY: Final = ("attachment.vpc-id", "VpcId")


def _attachments(kind: str, list_: str) -> Any:
    """The attachments of one described gateway, each with the gateway and its kind."""
    name = _KINDS[kind]

    def each(gateway: Described) -> Iterator[Described]:
        for one in gateway.get(list_, ()):
            yield {**one, name: gateway[name], "AttachmentType": kind}

    return each


def _own_network(remote_id: str) -> str:
    return remote_id.partition("|")[2]


_INTERNET = Ec2Listing(
    *("describe_internet_gateways", "InternetGateways"),
    by="attachment.vpc-id",
    key=_KEY,
    each=_attachments("IGW", "Attachments"),
    value=_own_network,
)
_PRIVATE = Ec2Listing(
    *("describe_vpn_gateways", "VpnGateways"),
    by="attachment.vpc-id",
    key=_KEY,
    each=_attachments("VGW", "VpcAttachments"),
    value=_own_network,
    paged=False,
)


@dataclass(frozen=True, slots=True)
class _Attachments:
    """Lists the attachments of both kinds; fits ``table.Listing``. A call is made for each kind that is asked for."""

    calls: tuple[str, ...] = ()
    index: Index | None = None

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[Described]:
        """See ``table.Listing``."""
        wanted = sorted(set(ids))
        for kind, listing in (("IGW", _INTERNET), ("VGW", _PRIVATE)):
            if own := [one for one in wanted if one.startswith(f"{kind}|")]:
                yield from listing.by_id(aws, own)

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``: attachments have no tags."""
        return iter(())

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[Described]:
        """See ``table.Listing``: attachments have no tags."""
        return iter(())

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``: of the kind that the operation wants."""
        private = operation.properties.get("VpnGatewayId") is not None
        return (_PRIVATE if private else _INTERNET).by_key(aws, operation)


def _identifier(one: Properties) -> str:
    kind = "VGW" if one.get("VpnGatewayId") else "IGW"
    return f"{kind}|{one['VpcId']}"


def _exists(one: Described) -> bool:
    """Whether it is still there: a private gateway is busy until it is off, for minutes."""
    gone = ("detached",) if one["AttachmentType"] == "VGW" else ("detaching", "detached")
    return one["State"] not in gone


def _call(call: str, parameters: Mapping[str, Any]) -> str:
    private = parameters.get("VpnGatewayId") is not None
    return call.replace("internet", "vpn") if private else call


VPC_GATEWAY_ATTACHMENT = native_type(
    Table(
        name="AWS::EC2::VPCGatewayAttachment",
        noun="gateway attachment",
        dialect=EC2,
        listing=_Attachments(),
        identifier=_identifier,
        shows=shown("VpcId", *_KINDS.values(), "AttachmentType"),
        create=Create(
            call="attach_internet_gateway",
            sends=("VpcId", *_KINDS.values()),
            parameters=lambda operation: given(operation, ("VpcId", *_KINDS.values())),
            gives=lambda _, properties: _identifier(properties),
            # InvalidParameterValue and InvalidVpcState: the VPC has another gateway.
            taken=frozenset(
                {"Resource.AlreadyAssociated", "InvalidParameterValue", "InvalidVpcState"}
            ),
        ),
        variant=_call,
        exists=_exists,
        ready=lambda one: one["State"] in ("attached", "available"),
        delete=Delete(call="detach_internet_gateway", parameters=shown("VpcId", *_KINDS.values())),
        calls=("attach_vpn_gateway", "detach_vpn_gateway"),
        natural_key=("VpcId", "VpnGatewayId"),
        parent=Parent(type="AWS::EC2::VPC", reference="VpcId"),
        replace_order=ReplaceOrder.DELETE_FIRST,
        refine=refining({"": {"requiredXor": list(_KINDS.values())}}),
    )
)
