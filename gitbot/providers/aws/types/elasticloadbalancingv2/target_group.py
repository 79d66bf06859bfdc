"""AWS::ElasticLoadBalancingV2::TargetGroup as a table. Shell.

Name (generated when absent), Protocol, ProtocolVersion, Port, VpcId, TargetType, IpAddressType: replace.
HealthCheckEnabled, HealthCheckProtocol, HealthCheckPort, HealthCheckPath, HealthCheckIntervalSeconds,
HealthCheckTimeoutSeconds, HealthyThresholdCount, UnhealthyThresholdCount, Matcher, Targets (wholly managed once
declared), TargetGroupAttributes (those in the spec; one is not taken out, but set), Tags: changed in place.
Attributes: TargetGroupArn, TargetGroupName, TargetGroupFullName. LoadBalancerArns is none: it is empty until
listeners are made, which need the group. Not handled: TargetControlPort, and identifiers of QUIC servers.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
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

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="Name", longest=32)
_FIXED = ("Protocol", "ProtocolVersion", "Port", "VpcId", "TargetType", "IpAddressType")
_HEALTH = (
    *("HealthCheckEnabled", "HealthCheckProtocol", "HealthCheckPort", "HealthCheckPath"),
    *("HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds", "HealthyThresholdCount"),
    *("UnhealthyThresholdCount", "Matcher"),
)
_PATH = "HealthCheckPath"
_GRPC_PATH = "/AWS.ALB/healthcheck"
_ATTRIBUTES = "TargetGroupAttributes"
_TARGET = ("Id", "Port", "AvailabilityZone")
_RESETS = {
    "HealthCheckPort": Removal(default="traffic-port", says="the port of the traffic is checked"),
    _PATH: Removal(default="/", says="the default of AWS for its protocol", asked=True),
    "UnhealthyThresholdCount": Removal(default=2, says="the default of AWS"),
}
_LISTING = listing(
    *("targetgroup", "describe_target_groups", "TargetGroups", "TargetGroupArn", _NAME)
)
_OWN = shown(
    *(*_FIXED, *_HEALTH, "TargetGroupArn", "TargetGroupName"),
    Name="TargetGroupName",
)


def _shows(one: Described) -> Properties:
    return {**_OWN(one), "TargetGroupFullName": one["TargetGroupArn"].split(":")[5]}


def _normalised(properties: Properties) -> Properties:
    """A target without a port has the port of the group."""
    properties = by_key(properties, _ATTRIBUTES)
    targets, port = properties.get("Targets"), properties.get("Port")
    if not isinstance(targets, (list, tuple)) or not isinstance(port, int):
        return properties
    filled = [{"Port": port, **one} if isinstance(one, Mapping) else one for one in targets]
    return {**properties, "Targets": filled}


def _read(aws: Connection, group: str) -> Any:
    told = aws.call("elbv2", "describe_target_health", TargetGroupArn=group)
    return [
        shown(*_TARGET)(one["Target"])
        for one in told["TargetHealthDescriptions"]
        if one["TargetHealth"].get("Reason") != "Target.DeregistrationInProgress"
    ]


def _is_same(wanted: Properties, has: Properties) -> bool:
    """Whether this target is wanted. AWS shows the zone of one in the network, too; ``all`` is only given."""
    everywhere = [one.get("AvailabilityZone") == "all" for one in (wanted, has)]
    return wanted.items() <= has.items() and everywhere[0] == everywhere[1]


def _write(aws: Connection, group: str, value: Any) -> None:
    [one] = aws.call("elbv2", "describe_target_groups", TargetGroupArns=[group])["TargetGroups"]
    port = {"Port": one["Port"]} if one.get("Port") else {}
    wanted, has = [{**port, **target} for target in value or ()], _read(aws, group)
    gone = [one for one in has if not any(_is_same(target, one) for target in wanted)]
    new = [target for target in wanted if not any(_is_same(target, one) for one in has)]
    if gone:
        aws.call("elbv2", "deregister_targets", TargetGroupArn=group, Targets=gone)
    if new:
        aws.call("elbv2", "register_targets", TargetGroupArn=group, Targets=new)


def _checks(values: Properties, one: Described) -> Properties:
    """The parameters of an update. A check by TCP has no path; a path that is removed goes back to AWS's."""
    wanted = {name: value for name, value in values.items() if value is not None}
    protocol = wanted.get("HealthCheckProtocol", one.get("HealthCheckProtocol"))
    if _PATH in wanted or _PATH not in values or protocol == "TCP":
        return wanted
    return {**wanted, _PATH: _GRPC_PATH if one.get("ProtocolVersion") == "GRPC" else "/"}


_TARGETS = Surface(
    property="Targets",
    read=_read,
    write=_write,
    removal=Removal(default=[], says="its targets are deregistered"),
)
_LIMITS: Mapping[str, Properties] = {
    "Name": {"pattern": f"^{NAMES}$"},
    _ATTRIBUTES: PAIRS,
    f"{_ATTRIBUTES}/*": PAIR,
    "Matcher": {"requiredXor": ["HttpCode", "GrpcCode"]},
    "Matcher/HttpCode": {"minLength": 3},
    "Matcher/GrpcCode": {"minLength": 1},
    "HealthCheckPort": {"minLength": 1},
    "HealthCheckProtocol": {"enum": ["HTTP", "HTTPS", "TCP"]},
    "Targets/*/Id": {"minLength": 1},
}
_CREATE = Create(
    call="create_target_group",
    sends=("Name", *_FIXED, *_HEALTH),
    gives=lambda answer, _: str(answer["TargetGroups"][0]["TargetGroupArn"]),
    name=_NAME,
    taken=frozenset({"DuplicateTargetGroupName"}),
    repeats=True,
)

TARGET_GROUP = native_type(
    Table(
        name="AWS::ElasticLoadBalancingV2::TargetGroup",
        noun="target group",
        dialect=ELB,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("TargetGroupArn"),
        create=_CREATE,
        updates=(Update(call="modify_target_group", sends=_HEALTH, parameters=_checks),),
        resets=_RESETS,
        surfaces=(attributes(_ATTRIBUTES, "target_group", "TargetGroupArn"), _TARGETS),
        handled=tuple(f"/Targets/*/{name}" for name in _TARGET),
        delete=Delete(call="delete_target_group"),
        kept_in_use=True,
        tags=_LISTING.tags,
        looks=("describe_target_group_attributes", "describe_target_health"),
        calls=("modify_target_group_attributes", "register_targets", "deregister_targets"),
        natural_key=("Name",),
        unshown=("LoadBalancerArns",),
        normalise=_normalised,
        partial=(f"/{_ATTRIBUTES}",),
        identities={"/Targets": ("Id", "Port")},
        refine=refining(_LIMITS),
    )
)
