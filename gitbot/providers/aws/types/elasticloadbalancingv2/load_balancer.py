"""AWS::ElasticLoadBalancingV2::LoadBalancer as a table. Shell.

Name (generated when absent), Type, Scheme: replace. Subnets or SubnetMappings, SecurityGroups, IpAddressType,
LoadBalancerAttributes (those in the spec; one is not taken out, but set), Tags: changed in place. Attributes:
LoadBalancerArn, DNSName, CanonicalHostedZoneID, LoadBalancerName, LoadBalancerFullName. Not handled: pools of
addresses, IPv6 source NAT, capacity that is reserved, rules for PrivateLink.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.elasticloadbalancingv2.family import (
    ELB,
    NAMES,
    PAIR,
    PAIRS,
    attributes,
    by_key,
    listing,
)

_KEPT = "internal-"
"""No name begins with it: AWS puts it before the DNS names of internal load balancers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name(Name):
    """The name of a load balancer; a generated one begins as AWS allows."""

    def of(self, operation: Operation) -> str:
        """See ``Name``."""
        name = super(_Name, self).of(operation)
        given = operation.properties.get(self.property)
        return f"lb-{name}" if not given and name.startswith(_KEPT) else name


_NAME = _Name(property="Name", longest=29)
_NETWORK = ("Subnets", "SubnetMappings")
_ATTRIBUTES = "LoadBalancerAttributes"
_PLACES = ("SubnetId", "AllocationId", "PrivateIPv4Address", "IPv6Address")
_LISTING = listing(
    *("loadbalancer", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn", _NAME)
)
_OWN = shown(
    *("Type", "Scheme", "IpAddressType", "SecurityGroups"),
    *("LoadBalancerArn", "LoadBalancerName", "DNSName"),
    Name="LoadBalancerName",
    CanonicalHostedZoneID="CanonicalHostedZoneId",
)


def _shows(one: Described) -> Properties:
    mappings = [
        {"SubnetId": zone["SubnetId"], **shown(*_PLACES)(address)}
        for zone in one["AvailabilityZones"]
        for address in (zone.get("LoadBalancerAddresses") or [{}])[:1]
    ]
    full = one["LoadBalancerArn"].partition("loadbalancer/")[2]
    return {**_OWN(one), "SubnetMappings": mappings, "LoadBalancerFullName": full}


def _normalised(properties: Properties) -> Properties:
    """The properties with the subnets in one form."""
    properties = by_key(properties, _ATTRIBUTES)
    subnets = properties.get("Subnets")
    if "SubnetMappings" in properties or not isinstance(subnets, (list, tuple)):
        return properties
    rest = {name: value for name, value in properties.items() if name != "Subnets"}
    return {**rest, "SubnetMappings": [{"SubnetId": one} for one in subnets]}


_LIMITS: Mapping[str, Properties] = {
    "Name": {"pattern": f"^(?!{_KEPT}){NAMES}$"},
    "Subnets": {"minItems": 1},
    "SubnetMappings": {"minItems": 1, "uniqueKeys": ["SubnetId"]},
    "SecurityGroups": {"minItems": 1},
    _ATTRIBUTES: PAIRS,
    f"{_ATTRIBUTES}/*": PAIR,
}


def _failed(one: Described) -> str:
    state: Mapping[str, Any] = one["State"]
    failed = state["Code"] == "failed"
    return str(state.get("Reason") or "AWS gives no reason") if failed else ""


_CREATE = Create(
    call="create_load_balancer",
    sends=("Name", "Type", "Scheme", "IpAddressType", *_NETWORK, "SecurityGroups"),
    gives=lambda answer, _: str(answer["LoadBalancers"][0]["LoadBalancerArn"]),
    name=_NAME,
    taken=frozenset({"DuplicateLoadBalancerName"}),
    repeats=True,
)
_UPDATES = (
    Update(call="set_subnets", sends=_NETWORK, whole=True),
    Update(call="set_security_groups", sends=("SecurityGroups",)),
    Update(call="set_ip_address_type", sends=("IpAddressType",)),
)

LOAD_BALANCER = native_type(
    Table(
        name="AWS::ElasticLoadBalancingV2::LoadBalancer",
        noun="load balancer",
        dialect=ELB,
        timeouts=minutes(create=30),
        listing=_LISTING,
        shows=_shows,
        addresses=shown("LoadBalancerArn"),
        create=_CREATE,
        updates=_UPDATES,
        resets={"IpAddressType": Removal(default="ipv4", says="it has IPv4 addresses alone")},
        surfaces=(attributes(_ATTRIBUTES, "load_balancer", "LoadBalancerArn"),),
        handled=tuple(f"/SubnetMappings/*/{name}" for name in _PLACES),
        ready=lambda one: one["State"]["Code"] in ("active", "active_impaired"),
        failed=_failed,
        delete=Delete(call="delete_load_balancer"),
        tags=_LISTING.tags,
        looks=("describe_load_balancer_attributes",),
        calls=("modify_load_balancer_attributes",),
        natural_key=("Name",),
        normalise=_normalised,
        partial=(f"/{_ATTRIBUTES}",),
        identities={"/SubnetMappings": ("SubnetId",)},
        refine=refining(_LIMITS),
    )
)
