"""Convert rules of security groups between CloudFormation's flat shape and EC2's nested one. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
RULE_KEYS = ("IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", "Description")
ALLOW_ALL: list[dict[str, Any]] = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
ALLOW_ALL_IPV6: list[dict[str, Any]] = [{"IpProtocol": "-1", "CidrIpv6": "::/0"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """Ingress or egress, and the names of its parts in CloudFormation and EC2."""

    word: str
    property: str
    permissions: str
    group: str
    prefix_list: str


INGRESS = Direction(
    word="ingress",
    property="SecurityGroupIngress",
    permissions="IpPermissions",
    group="SourceSecurityGroupId",
    prefix_list="SourcePrefixListId",
)
EGRESS = Direction(
    word="egress",
    property="SecurityGroupEgress",
    permissions="IpPermissionsEgress",
    group="DestinationSecurityGroupId",
    prefix_list="DestinationPrefixListId",
)


ITSELF = "self"
"""Stands in a rule for the identifier of the group that has it."""


def keys_of(direction: Direction) -> tuple[str, ...]:
    """The keys by which EC2 tells the rules of this direction apart: all but the description."""
    ends = ("CidrIp", "CidrIpv6", direction.group, direction.prefix_list)
    return ("IpProtocol", "FromPort", "ToPort", *ends)


def normalised_rules(rules: Any) -> Any:
    """Each rule in the form for comparison, without duplicates.

    Anything that is not a list of rules is returned unchanged.
    """
    if not isinstance(rules, (list, tuple)):
        return rules
    done: list[Any] = []
    for rule in rules:
        one = _normalised(rule)
        if one not in done:
            done.append(one)
    return done


def _normalised(rule: Any) -> Any:
    if not isinstance(rule, Mapping):
        return rule
    done = {key: value for key, value in rule.items() if value is not None}
    protocol = done.get("IpProtocol")
    if isinstance(protocol, (str, int)):
        text = str(protocol).lower()
        done["IpProtocol"] = PROTOCOLS.get(text, text)
    if done.get("IpProtocol") not in ("tcp", "udp", "icmp", "icmpv6"):
        # Other protocols have no ports. Specs often say -1 for them, and EC2 leaves them out.
        if isinstance(protocol, (str, int)):
            done.pop("FromPort", None)
            done.pop("ToPort", None)
    elif done["IpProtocol"] == "icmpv6":
        done.setdefault("FromPort", -1)
        done.setdefault("ToPort", -1)
    for key in ("CidrIp", "CidrIpv6"):
        if isinstance(done.get(key), str):
            done[key] = _network(done[key])
    return done


_WITH_PORTS = {"properties": {"IpProtocol": {"enum": ["tcp", "udp", "6", "17", "TCP", "UDP"]}}}
_OF_A_RULE: Mapping[str, Mapping[str, Any]] = {
    "": {
        "allOf": [{"if": _WITH_PORTS, "then": {"required": ["FromPort", "ToPort"]}}],
        "dependentRequired": {"SourceSecurityGroupOwnerId": ["SourceSecurityGroupId"]},
    },
    "/IpProtocol": {"minLength": 1},
    "/SourcePrefixListId": {"pattern": "^pl-"},
    "/DestinationPrefixListId": {"pattern": "^pl-"},
    "/SourceSecurityGroupOwnerId": {"pattern": "^[0-9]{12}$"},
}


def limits_of_rules(direction: Direction, below: str) -> Mapping[str, Mapping[str, Any]]:
    """What EC2 wants of the rules of this direction that are at the path, for ``refining``."""
    there = {"", "/IpProtocol", f"/{direction.prefix_list}"}
    there |= {"/SourceSecurityGroupOwnerId"} if direction is INGRESS else set()
    return {f"{below}{path}": limits for path, limits in _OF_A_RULE.items() if path in there}


def with_ports(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """A rule that is a resource of its own, in the form for comparison.

    If the protocol has no ports, the ports are -1, as in DescribeSecurityGroupRules.
    """
    [done] = normalised_rules([rule])
    ports = {name: -1 for name in ("FromPort", "ToPort") if name in rule and name not in done}
    return {**rule, **done, **ports}


def _network(text: str) -> str:
    # EC2 stores the network, not the address: 10.1.2.3/8 becomes 10.0.0.0/8.
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        return text


def rule_key(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    """What identifies a rule: everything except its description."""
    kinds = (
        "CidrIp",
        "CidrIpv6",
        *(x for d in (INGRESS, EGRESS) for x in (d.group, d.prefix_list)),
    )
    return tuple(rule.get(key) for key in ("IpProtocol", "FromPort", "ToPort", *kinds))


def rules_of(group: Mapping[str, Any], direction: Direction) -> list[dict[str, Any]]:
    """The rules of a described group, one for each source or destination."""
    flat = [rule for one in group.get(direction.permissions, ()) for rule in _flat(one, direction)]
    own = group["GroupId"]
    return [
        {**rule, direction.group: ITSELF} if rule.get(direction.group) == own else rule
        for rule in flat
    ]


def of_group(rules: Any, direction: Direction, group_id: str) -> list[Mapping[str, Any]]:
    """The normalised rules, with the group's identifier where a rule names the group itself."""
    own = {direction.group: group_id}
    return [
        {**rule, **own} if rule.get(direction.group) in (ITSELF, group_id) else rule
        for rule in normalised_rules(list(rules))
    ]


def _flat(permission_: Mapping[str, Any], direction: Direction) -> list[dict[str, Any]]:
    base = {
        key: permission_[key]
        for key in ("IpProtocol", "FromPort", "ToPort")
        if permission_.get(key) is not None
    }
    ends: list[tuple[Mapping[str, Any], dict[str, Any]]] = [
        *((one, {"CidrIp": one["CidrIp"]}) for one in permission_.get("IpRanges", ())),
        *((one, {"CidrIpv6": one["CidrIpv6"]}) for one in permission_.get("Ipv6Ranges", ())),
        *(
            (one, {direction.prefix_list: one["PrefixListId"]})
            for one in permission_.get("PrefixListIds", ())
        ),
        *((one, _group_end(one, direction)) for one in permission_.get("UserIdGroupPairs", ())),
    ]
    return [_normalised(base | end | _description(one.get("Description"))) for one, end in ends]


def _group_end(pair: Mapping[str, Any], direction: Direction) -> dict[str, Any]:
    end = {direction.group: pair.get("GroupId")}
    if direction is INGRESS and pair.get("UserId"):
        end["SourceSecurityGroupOwnerId"] = pair["UserId"]
    return end


def _description(text: Any) -> dict[str, Any]:
    return {"Description": text} if text else {}


def permission(rule: Mapping[str, Any], direction: Direction) -> dict[str, Any]:
    """A normalised rule as an EC2 ``IpPermission``."""
    done: dict[str, Any] = {"IpProtocol": rule["IpProtocol"]}
    for key in ("FromPort", "ToPort"):
        if key in rule:
            done[key] = rule[key]
    words = _description(rule.get("Description"))
    if "CidrIp" in rule:
        done["IpRanges"] = [{"CidrIp": rule["CidrIp"], **words}]
    elif "CidrIpv6" in rule:
        done["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **words}]
    elif direction.prefix_list in rule:
        done["PrefixListIds"] = [{"PrefixListId": rule[direction.prefix_list], **words}]
    elif direction.group in rule:
        pair = {"GroupId": rule[direction.group], **words}
        if rule.get("SourceSecurityGroupOwnerId"):
            pair["UserId"] = rule["SourceSecurityGroupOwnerId"]
        done["UserIdGroupPairs"] = [pair]
    return done
