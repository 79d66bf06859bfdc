"""AWS::EC2::EgressOnlyInternetGateway as a table. Shell.

VpcId: replaces. Tags: changed in place. Attributes: Id.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateEgressOnlyInternetGateway.html
"""

from __future__ import annotations

from gitbot.providers.aws.native import Index
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags


def _gateway(gateway: Described) -> Properties:
    networks = [one["VpcId"] for one in gateway.get("Attachments", ())]
    return {"Id": gateway["EgressOnlyInternetGatewayId"], "VpcId": next(iter(networks), None)}


EGRESS_ONLY_INTERNET_GATEWAY = native_type(
    Table(
        name="AWS::EC2::EgressOnlyInternetGateway",
        noun="egress-only internet gateway",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_egress_only_internet_gateways", "EgressOnlyInternetGateways"),
            by="",  # the call has filters for tags alone
            index=Index("ec2:egress-only-internet-gateway"),
        ),
        shows=_gateway,
        addresses=shown("EgressOnlyInternetGatewayId"),
        create=Create(
            call="create_egress_only_internet_gateway",
            sends=("VpcId",),
            gives=lambda answer, _: answer["EgressOnlyInternetGateway"][
                "EgressOnlyInternetGatewayId"
            ],
            token="ClientToken",
        ),
        ready=lambda one: any(
            each["State"] in ("attached", "available") for each in one.get("Attachments", ())
        ),
        delete=Delete(call="delete_egress_only_internet_gateway"),
        tags=Ec2Tags("egress-only-internet-gateway", "EgressOnlyInternetGatewayId"),
    )
)
