"""AWS::EC2::NetworkAcl as a table. Shell.

VpcId: replace. Tags: changed in place. Attributes: Id. Its rules and subnets are objects of their own.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAcl.html
"""

from __future__ import annotations

from operator import itemgetter

from gitbot.providers.aws.native import Index
from gitbot.providers.aws.table import Create, Delete, Described, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags


def _subnets(acl: Described) -> list[str]:
    return [f"subnet {one['SubnetId']}" for one in acl.get("Associations", ())]


NETWORK_ACL = native_type(
    Table(
        name="AWS::EC2::NetworkAcl",
        noun="network ACL",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_network_acls", "NetworkAcls"),
            by="network-acl-id",
            index=Index("ec2:network-acl"),
        ),
        identifier=itemgetter("NetworkAclId"),
        shows=shown("VpcId", Id="NetworkAclId"),
        create=Create(
            call="create_network_acl",
            sends=("VpcId",),
            gives=lambda answer, _: answer["NetworkAcl"]["NetworkAclId"],
            token="ClientToken",
        ),
        delete=Delete(
            call="delete_network_acl",
            parameters=shown("NetworkAclId"),
            users=lambda aws, acl: _subnets(acl),
        ),
        tags=Ec2Tags("network-acl", "NetworkAclId"),
    )
)
