"""What can be looked up by filter, or although no handler serves its type: one row for each type. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.model.lookups import LookupKind

TAGS: Final = "Tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How the objects of one type are listed.

    ``call`` is the service and the operation, ``under`` the key of the objects in its answer (empty:
    the answer itself is the object; a map in place of a list is one object). ``identifier`` is the
    field of an object that names it. ``by_id`` is the parameter that takes an identifier, ``listed``
    whether it takes a list of them. ``filters`` maps a field of ``filter`` to a parameter, or to the
    name of a filter of EC2: ``Owner`` is the parameter ``Owners``, ``Name`` is ``filter:name``. ``domains``
    are filters that no call takes: what the answer has under this key is compared as a domain.
    ``before`` is what stands before the identifier in an answer.
    ``tagged``: the filter ``Tags`` is taken. ``fixed`` is sent always. ``shows`` are attributes that
    objects in the answer have; of a row without any, the type's handler reads them. ``dated`` is the
    field that says when the object was made. ``never`` are values of fields with which an object is
    never shown. ``absent`` are error codes that say that there is none.
    """

    type: str
    call: tuple[str, str]
    under: str
    identifier: str
    by_id: str = ""
    listed: bool = True
    paged: bool = True
    filters: Mapping[str, str] = field(default_factory=dict)
    domains: frozenset[str] = frozenset()
    before: str = ""
    tagged: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    shows: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    through: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    dated: str = ""
    never: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    def kind(self, attributes: frozenset[str]) -> LookupKind:
        """What specs can ask of the type, whose handler reads ``attributes``."""
        filters = {*self.filters, *self.domains, *self.through, *((TAGS,) if self.tagged else ())}
        return LookupKind(
            type=self.type,
            attributes=self.shows or attributes,
            identified=bool(self.by_id) or not self.shows,
            alone=not (self.by_id or filters),
            filters=frozenset(filters),
            needs=self.needs,
            through=self.through,
            dated=bool(self.dated),
        )


PARAMETER: Final = "AWS::SSM::Parameter"

ROWS: Final[Mapping[str, Row]] = {
    row.type: row
    for row in (
        # Without an owner, anybody's image of a well-known name would do.
        Row(
            type="AWS::EC2::Image",
            call=("ec2", "describe_images"),
            under="Images",
            identifier="ImageId",
            by_id="ImageIds",
            filters={
                "Owner": "Owners",
                "Name": "filter:name",
                "Architecture": "filter:architecture",
                "RootDeviceType": "filter:root-device-type",
                "VirtualizationType": "filter:virtualization-type",
            },
            tagged=True,
            fixed={"Filters": [{"Name": "state", "Values": ["available"]}]},
            shows=frozenset(
                {
                    "Architecture",
                    "CreationDate",
                    "DeprecationTime",
                    "Description",
                    "ImageId",
                    "ImageLocation",
                    "Name",
                    "OwnerId",
                    "PlatformDetails",
                    "RootDeviceName",
                    "RootDeviceType",
                    "Tags",
                    "VirtualizationType",
                }
            ),
            needs=frozenset({"Owner", "Parameter"}),
            through={"Parameter": (PARAMETER, "Value")},
            dated="CreationDate",
            absent=frozenset({"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"}),
        ),
        # It is asked without decryption. What is encrypted is not shown, not even as it is stored.
        Row(
            type=PARAMETER,
            call=("ssm", "get_parameter"),
            under="Parameter",
            identifier="Name",
            by_id="Name",
            listed=False,
            paged=False,
            shows=frozenset({"ARN", "DataType", "Name", "Type", "Value", "Version"}),
            never={"Type": "SecureString"},
            absent=frozenset({"ParameterNotFound", "ParameterVersionNotFound"}),
        ),
        Row(
            type="AWS::STS::CallerIdentity",
            call=("sts", "get_caller_identity"),
            under="",
            identifier="Account",
            paged=False,
            # Not the role: it differs between plan and apply.
            shows=frozenset({"Account"}),
        ),
        Row(
            type="AWS::EC2::AvailabilityZone",
            call=("ec2", "describe_availability_zones"),
            under="AvailabilityZones",
            identifier="ZoneName",
            by_id="ZoneNames",
            paged=False,
            filters={
                "State": "filter:state",
                "ZoneType": "filter:zone-type",
                "GroupName": "filter:group-name",
            },
            fixed={
                "Filters": [
                    {"Name": "opt-in-status", "Values": ["opt-in-not-required", "opted-in"]}
                ]
            },
            shows=frozenset({"GroupName", "RegionName", "State", "ZoneId", "ZoneName", "ZoneType"}),
        ),
        Row(
            type="AWS::EC2::VPC",
            call=("ec2", "describe_vpcs"),
            under="Vpcs",
            identifier="VpcId",
            filters={"CidrBlock": "filter:cidr", "IsDefault": "filter:is-default"},
            tagged=True,
        ),
        Row(
            type="AWS::EC2::Subnet",
            call=("ec2", "describe_subnets"),
            under="Subnets",
            identifier="SubnetId",
            filters={
                "VpcId": "filter:vpc-id",
                "AvailabilityZone": "filter:availability-zone",
                "CidrBlock": "filter:cidr-block",
            },
            tagged=True,
        ),
        Row(
            type="AWS::EC2::SecurityGroup",
            call=("ec2", "describe_security_groups"),
            under="SecurityGroups",
            identifier="GroupId",
            filters={"VpcId": "filter:vpc-id", "GroupName": "filter:group-name"},
            tagged=True,
        ),
        Row(
            type="AWS::EC2::RouteTable",
            call=("ec2", "describe_route_tables"),
            under="RouteTables",
            identifier="RouteTableId",
            filters={"VpcId": "filter:vpc-id"},
            tagged=True,
        ),
        Row(
            type="AWS::EC2::InternetGateway",
            call=("ec2", "describe_internet_gateways"),
            under="InternetGateways",
            identifier="InternetGatewayId",
            filters={"VpcId": "filter:attachment.vpc-id"},
            tagged=True,
        ),
        Row(
            type="AWS::Route53::HostedZone",
            call=("route53", "list_hosted_zones"),
            under="HostedZones",
            identifier="Id",
            before="/hostedzone/",
            domains=frozenset({"Name"}),
        ),
    )
}
