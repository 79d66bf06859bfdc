"""AWS::Route53::HostedZone as a table. Shell.

Name, DelegationSetId: replace. HostedZoneConfig (the comment), VPCs (of a private zone; at least one),
QueryLoggingConfig, HostedZoneTags: changed in place. Attributes: Id, NameServers. Not handled:
HostedZoneFeatures. A zone is deleted only when nothing is in it but its own NS and SOA records, and those by
which AWS Certificate Manager knows whose its names are: they go with it.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.tagging import tag_list
from gitbot.providers.aws.types.route53.family import (
    ROUTE53,
    domain,
    proves_a_name,
    records,
    zone_id,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Zones(Plain):
    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``. A zone says with which reference it was made, tags or not."""
        zones = aws.pages("route53", "list_hosted_zones", "HostedZones")
        own = [zone_id(one["Id"]) for one in zones if one["CallerReference"] == operation.token]
        for one in self.by_id(aws, own):
            yield {**one, "Tags": [*tag_list(operation.ownership), *one["Tags"]]}


_GROUP = "CloudWatchLogsLogGroupArn"
_UNSIGNED = "NOT_SIGNING"
_BATCH = 100  # records are deleted with one call
_MOST = 10  # tags are taken by one call


class _Tags(PlainTags):
    """The tags of zones: a call takes few of them."""

    def put(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        """See ``table.Tagging``."""
        pairs = sorted(tags.items())
        for at in range(0, len(pairs), _MOST):
            super().put(aws, described, dict(pairs[at : at + _MOST]))

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """See ``table.Tagging``."""
        some = sorted(keys)
        for at in range(0, len(some), _MOST):
            super().remove(aws, described, some[at : at + _MOST])


_LISTING = _Zones(
    dialect=ROUTE53,
    call="get_hosted_zone",
    asks=named("Id"),
    tags=_Tags(
        dialect=ROUTE53,
        target=lambda one: {"ResourceType": "hostedzone", "ResourceId": one["Id"]},
        declared="HostedZoneTags",
        at="",
        putting="change_tags_for_resource",
        removing="change_tags_for_resource",
        put_as="AddTags",
        remove_as="RemoveTagKeys",
        reading="list_tags_for_resource",
        answer="ResourceTagSet/Tags",
    ),
    listing=("list_hosted_zones", "HostedZones", lambda one: str(zone_id(one["Id"]))),
)


def _shows(one: Described) -> Properties:
    zone, servers = one["HostedZone"], one.get("DelegationSet") or {}
    comment = (zone.get("Config") or {}).get("Comment")
    return {
        "Id": one["Id"],
        "Name": domain(zone["Name"]),
        "NameServers": servers.get("NameServers"),
        "DelegationSetId": (servers.get("Id") or "").rpartition("/")[2] or None,
        "HostedZoneConfig": {"Comment": comment} if comment else None,
        "VPCs": one.get("VPCs") or None,
    }


def _made(operation: Operation) -> Mapping[str, Any]:
    given: Mapping[str, Any] = operation.properties
    networks: Sequence[Any] = given.get("VPCs") or ()
    sent = {name: given[name] for name in ("Name", "DelegationSetId") if given.get(name)}
    return {
        **sent,
        "CallerReference": operation.token,
        "HostedZoneConfig": {
            **(given.get("HostedZoneConfig") or {}),
            "PrivateZone": bool(networks),
        },
        **({"VPC": networks[0]} if networks else {}),
    }


def _comment(values: Properties, _: Described) -> Properties:
    return {"Comment": (values["HostedZoneConfig"] or {}).get("Comment", "")}


def _associate(aws: Connection, zone: str, value: Any) -> None:
    has = aws.call("route53", "get_hosted_zone", Id=zone).get("VPCs") or []
    for one in value:
        if one not in has:
            call = "associate_vpc_with_hosted_zone"
            aws.call("route53", call, HostedZoneId=zone, VPC=one)
    for one in has:
        if one not in value:
            call = "disassociate_vpc_from_hosted_zone"
            aws.call("route53", call, HostedZoneId=zone, VPC=one)


def _logs(aws: Connection, zone: str) -> list[Any]:
    call = ("route53", "list_query_logging_configs", "QueryLoggingConfigs")
    return list(aws.pages(*call, HostedZoneId=zone))


def _read_logs(aws: Connection, zone: str) -> Any:
    arns = [one[_GROUP] for one in _logs(aws, zone)]
    return {_GROUP: arns[0]} if arns else None


def _write_logs(aws: Connection, zone: str, value: Any) -> None:
    if value:
        value = {_GROUP: value[_GROUP].removesuffix(":*")}
        if _read_logs(aws, zone) == value:
            return
    for one in _logs(aws, zone):
        aws.call("route53", "delete_query_logging_config", Id=one["Id"])
    if value:
        aws.call("route53", "create_query_logging_config", HostedZoneId=zone, **value)


def _users(aws: Connection, one: Described) -> Sequence[str]:
    """The records in the zone, which whoever made them must delete, and the signing of the zone."""
    found = [each for each in records(aws, one["Id"]) if not proves_a_name(each)]
    users = [f"the record {each['Type']} {domain(each['Name'])}" for each in found]
    if not (one["HostedZone"].get("Config") or {}).get("PrivateZone"):
        told = aws.call("route53", "get_dnssec", HostedZoneId=one["Id"])
        if told["Status"].get("ServeSignature", _UNSIGNED) != _UNSIGNED:
            users.append("the signing of the zone (DNSSEC)")
    return users


def _without_proofs(aws: Connection, one: Described) -> None:
    """Delete the records that prove names of the zone: without it they prove nothing."""
    found = filter(proves_a_name, records(aws, one["Id"]))
    changes = [{"Action": "DELETE", "ResourceRecordSet": each} for each in found]
    for at in range(0, len(changes), _BATCH):
        batch = {"Changes": changes[at : at + _BATCH]}
        aws.call(
            "route53", "change_resource_record_sets", HostedZoneId=one["Id"], ChangeBatch=batch
        )


def _normalised(properties: Properties) -> Properties:
    done = {name: domain(one) if name == "Name" else one for name, one in properties.items()}
    logs = done.get("QueryLoggingConfig")
    arn = logs.get(_GROUP) if isinstance(logs, Mapping) else None
    if isinstance(arn, str):  # CloudFormation's attribute of a group ends so
        done["QueryLoggingConfig"] = {_GROUP: arn.removesuffix(":*")}
    return done


_LIMITS: Mapping[str, Properties] = {
    "": {"required": ["Name"]},
    "Name": {"minLength": 1},
    "VPCs": {"minItems": 1},
    "DelegationSetId": {"minLength": 1},
    f"QueryLoggingConfig/{_GROUP}": {"minLength": 1},
}
_UPDATE = Update(
    call="update_hosted_zone_comment", sends=("HostedZoneConfig",), parameters=_comment
)
_SURFACES = (
    Surface(property="VPCs", write=_associate),
    Surface(
        property="QueryLoggingConfig",
        read=_read_logs,
        write=_write_logs,
        removal=Removal(default=None, says="queries are not logged"),
    ),
)
_CALLS = (
    *("associate_vpc_with_hosted_zone", "disassociate_vpc_from_hosted_zone"),
    *("create_query_logging_config", "delete_query_logging_config", "ec2:DescribeVpcs"),
    "change_resource_record_sets",
)

_CREATE = Create(
    call="create_hosted_zone",
    sends=("Name", "DelegationSetId", "HostedZoneConfig"),
    parameters=_made,
    gives=lambda answer, _: str(zone_id(answer["HostedZone"]["Id"])),
    taken=frozenset({"HostedZoneAlreadyExists"}),
)

_LOOKS = (
    *("list_query_logging_configs", "list_resource_record_sets", "get_dnssec"),
    "list_tags_for_resources",  # whoever looks for what a lost state had
)

HOSTED_ZONE = native_type(
    Table(
        name="AWS::Route53::HostedZone",
        noun="hosted zone",
        dialect=ROUTE53,
        listing=_LISTING,
        identifier=lambda one: str(one["Id"]),
        shows=_shows,
        addresses=lambda one: {"Id": one["Id"]},
        create=_CREATE,
        updates=(_UPDATE,),
        resets={"HostedZoneConfig": Removal(default=None, says="the comment is deleted")},
        surfaces=_SURFACES,
        delete=Delete(
            call="delete_hosted_zone",
            users=_users,
            clears=("QueryLoggingConfig",),
            first=_without_proofs,
            barred=True,
        ),
        tags=_LISTING.tags,
        looks=_LOOKS,
        calls=_CALLS,
        normalise=_normalised,
        refine=refining(_LIMITS),
        stateful=True,
        losses=Losses(gone="the domain leads nowhere, and a new zone has other name servers"),
    )
)
