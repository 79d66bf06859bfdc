"""AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress as tables. Shell.

One rule of a security group. GroupId, IpProtocol, FromPort, ToPort, and one end (CidrIp, CidrIpv6,
SourcePrefixListId, SourceSecurityGroupId with SourceSecurityGroupOwnerId; for egress
DestinationPrefixListId, DestinationSecurityGroupId): replace. Description: changed in place.
Attributes: Id. The egress rule that EC2 gives a new group is taken over by who wants just that one, whose
deletion ends it. The rule carries ownership tags, though the registry's types have no Tags. A group
of the same stack that declares its rules of this direction itself would delete it again: the two
together are refused.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent, PartOf, Removal
from gitbot.providers.aws.native import NativeType
from gitbot.providers.aws.refining import refining, together
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags, requiring
from gitbot.providers.aws.types.ec2.rules import (
    ALLOW_ALL,
    ALLOW_ALL_IPV6,
    EGRESS,
    INGRESS,
    Direction,
    limits_of_rules,
    normalised_rules,
    permission,
    with_ports,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


_ALL_RULES = ("GroupId", "IpProtocol", "FromPort", "ToPort")


def _rule(name: str, direction: Direction, *more: str) -> NativeType:
    """The type of one direction's rules; ``more`` are properties that only this direction has."""
    listing = Ec2Listing(
        "describe_security_group_rules",
        "SecurityGroupRules",
        by="security-group-rule-id",
        key=("group-id", "GroupId"),
        each=lambda rule: _of(direction, rule),
    )
    ends = ("CidrIp", "CidrIpv6", direction.group, direction.prefix_list)
    table = Table(
        name=name,
        noun=f"{direction.word} rule",
        dialect=EC2,
        listing=listing,
        identifier=itemgetter("SecurityGroupRuleId"),
        shows=lambda rule: _shows(direction, rule),
        create=Create(
            call=f"authorize_security_group_{direction.word}",
            sends=(*_ALL_RULES, *ends, "Description", *more),
            parameters=lambda operation: _permission(direction, operation),
            gives=lambda answer, _: answer["SecurityGroupRules"][0]["SecurityGroupRuleId"],
            taken=frozenset({"InvalidPermission.Duplicate"}),
            nobodys=_came_with_the_group,
        ),
        delete=Delete(call=f"revoke_security_group_{direction.word}", parameters=_named),
        tags=Ec2Tags("security-group-rule", "SecurityGroupRuleId", declared=""),
        surfaces=(_description(direction, listing),),
        calls=(f"update_security_group_rule_descriptions_{direction.word}",),
        natural_key=(*_ALL_RULES, *ends),
        normalise=with_ports,
        refine=together(requiring("GroupId"), refining(limits_of_rules(direction, ""))),
        filled=more,
        part_of=PartOf(
            owner="AWS::EC2::SecurityGroup", reference="GroupId", property=direction.property
        ),
        parent=Parent(type="AWS::EC2::SecurityGroup", reference="GroupId"),
    )
    return native_type(table)


def _came_with_the_group(rule: Described) -> bool:
    """Whether it is a rule that EC2 gives every new group; who wants just that rule has it already."""
    if not rule["IsEgress"] or rule.get("Tags") or rule.get("Description"):
        return False
    shown = _shows(EGRESS, rule)
    return any(
        shown["IpProtocol"] == one["IpProtocol"]
        and all(shown[end] == one.get(end) for end in ("CidrIp", "CidrIpv6"))
        for one in (*ALLOW_ALL, *ALLOW_ALL_IPV6)
    )


def _of(direction: Direction, rule: Described) -> Iterator[Described]:
    if rule["IsEgress"] == (direction is EGRESS):
        yield rule


def _shows(direction: Direction, rule: Described) -> Properties:
    group = rule.get("ReferencedGroupInfo", {})
    done = {
        "Id": rule["SecurityGroupRuleId"],
        "GroupId": rule["GroupId"],
        "IpProtocol": rule["IpProtocol"],
        "FromPort": rule.get("FromPort"),
        "ToPort": rule.get("ToPort"),
        "CidrIp": rule.get("CidrIpv4"),
        "CidrIpv6": rule.get("CidrIpv6"),
        direction.prefix_list: rule.get("PrefixListId"),
        direction.group: group.get("GroupId"),
        "Description": rule.get("Description"),
    }
    if direction is INGRESS:
        done["SourceSecurityGroupOwnerId"] = group.get("UserId")
    return done


def _permission(direction: Direction, operation: Operation) -> dict[str, Any]:
    [rule] = normalised_rules([operation.properties])
    return {"GroupId": rule["GroupId"], "IpPermissions": [permission(rule, direction)]}


def _named(rule: Described) -> dict[str, Any]:
    return {"GroupId": rule["GroupId"], "SecurityGroupRuleIds": [rule["SecurityGroupRuleId"]]}


def _description(direction: Direction, listing: Ec2Listing) -> Surface:
    def write(aws: Connection, remote_id: str, value: Any) -> None:
        for rule in listing.by_id(aws, [remote_id]):
            described = {"SecurityGroupRuleId": remote_id, "Description": value or ""}
            aws.call(
                "ec2",
                f"update_security_group_rule_descriptions_{direction.word}",
                GroupId=rule["GroupId"],
                SecurityGroupRuleDescriptions=[described],
            )

    removal = Removal(default=None, says="the description is deleted")
    return Surface(property="Description", write=write, removal=removal)


SECURITY_GROUP_INGRESS = _rule(
    "AWS::EC2::SecurityGroupIngress", INGRESS, "SourceSecurityGroupOwnerId"
)
SECURITY_GROUP_EGRESS = _rule("AWS::EC2::SecurityGroupEgress", EGRESS)
