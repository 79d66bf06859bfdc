"""AWS::Route53::RecordSet as a table. Shell.

HostedZoneId, Name (with or without the dot at its end), Type, SetIdentifier: replace. TTL (s), ResourceRecords
(their order has no meaning; texts in quotes), AliasTarget, HealthCheckId, Weight, Region, Failover, GeoLocation,
GeoProximityLocation, CidrRoutingConfig, MultiValueAnswer: changed in place. Comment: goes with a change, and nobody
can read it. A record has no tags: it belongs to whom the zone belongs to. Not handled: HostedZoneName.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent, Removal
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.refusals import means
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.route53.family import ROUTE53, SEPARATOR, domain, record_id, zone_id

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_KEY = ("Name", "HostedZoneId", "Type", "SetIdentifier")
_ROUTED = (
    *("Weight", "Region", "Failover", "GeoLocation", "GeoProximityLocation"),
    *("CidrRoutingConfig", "MultiValueAnswer"),
)
"""The ways of routing: a record has one of them, and an identifier, or neither."""
_TYPES = (
    *("A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR"),
    *("SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"),
)
_SETS = ("TTL", "ResourceRecords", "AliasTarget", "HealthCheckId", *_ROUTED)
_RESETS = {
    **dict.fromkeys(_SETS, Removal(default=None, says="the record has none")),
    "Comment": Removal(default=None, says="changes have no comment"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Records(Plain):
    """The records of zones: one call for each that is wanted, or the pages of the zone for many."""

    def _described(self, aws: Connection, ids: list[str]) -> Iterable[Described | None]:
        of_zones: dict[str, list[str]] = {}
        for one in ids:
            if one.count(SEPARATOR) == 3:
                of_zones.setdefault(one.split(SEPARATOR)[1], []).append(one)
        told = aws.each(lambda zone: _listed(aws, zone, of_zones[zone]), sorted(of_zones))
        return [one for some in told for one in some if _identifier(one) in ids]

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        given = _normalised(operation.properties)
        return self.by_id(aws, [record_id(given["HostedZoneId"], given)])


_FEW = 3
"""For so many records of a zone it is cheaper to ask for each than to list the zone."""
_ALIKE = "100"
"""How many records can have one name and type."""


def _listed(aws: Connection, zone: str, ids: list[str]) -> list[Described]:
    call = "list_resource_record_sets"
    try:
        if len(ids) > _FEW:
            found = list(aws.pages("route53", call, "ResourceRecordSets", HostedZoneId=zone))
        else:
            found = [
                record
                for name, _, kind, _ in (one.split(SEPARATOR) for one in ids)
                for record in aws.call(
                    *("route53", call),
                    HostedZoneId=zone,
                    StartRecordName=name,
                    StartRecordType=kind,
                    MaxItems=_ALIKE,
                )["ResourceRecordSets"]
            ]
    except CloudError as error:
        if means(error, ROUTE53.absent):
            return []
        raise
    by_id = {record_id(zone, one): {"HostedZoneId": zone, "Record": one} for one in found}
    return list(by_id.values())


def _identifier(one: Described) -> str:
    return record_id(one["HostedZoneId"], one["Record"])


def _shows(one: Described) -> Properties:
    record: Mapping[str, Any] = one["Record"]
    values = [each["Value"] for each in record.get("ResourceRecords") or ()]
    own = shown("Type", "SetIdentifier", "TTL", "AliasTarget", "HealthCheckId", *_ROUTED)(record)
    told = {**own, "Name": record["Name"], "HostedZoneId": one["HostedZoneId"]}
    return _normalised({**told, "ResourceRecords": values or None})


def _normalised(properties: Properties) -> Properties:
    forms: dict[str, Any] = {"Name": domain, "HostedZoneId": zone_id, "TTL": _text}
    done = {name: forms.get(name, lambda same: same)(one) for name, one in properties.items()}
    if done.get("MultiValueAnswer") is False:
        del done["MultiValueAnswer"]
    alias = done.get("AliasTarget")
    if isinstance(alias, Mapping):
        done["AliasTarget"] = {
            name: domain(one) if name == "DNSName" else one for name, one in alias.items()
        }
    return done


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


def _batch(action: str, zone: str, record: Properties, comment: Any = None) -> dict[str, Any]:
    changes = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    said = {"Comment": comment} if comment else {}
    return {"HostedZoneId": zone, "ChangeBatch": {**said, **changes}}


def _record(given: Properties) -> dict[str, Any]:
    """The record as the API takes it."""
    record = {name: one for name, one in given.items() if name != "Comment" and one is not None}
    if record.get("MultiValueAnswer") is False:
        del record["MultiValueAnswer"]
    if "TTL" in record:
        record["TTL"] = int(record["TTL"])
    if "ResourceRecords" in record:
        record["ResourceRecords"] = [{"Value": one} for one in record["ResourceRecords"]]
    if "AliasTarget" in record:
        record["AliasTarget"] = {"EvaluateTargetHealth": False, **record["AliasTarget"]}
    return record


def _made(operation: Operation) -> dict[str, Any]:
    given: Mapping[str, Any] = operation.properties
    record = {name: given.get(name) for name in ("Name", "Type", "SetIdentifier", *_SETS)}
    zone = str(zone_id(given["HostedZoneId"]))
    return _batch("CREATE", zone, _record(record), given.get("Comment"))


def _changed(values: Properties, one: Described) -> dict[str, Any]:
    key = shown("Name", "Type", "SetIdentifier")(one["Record"])
    return _batch("UPSERT", one["HostedZoneId"], _record({**key, **values}), values["Comment"])


_QUOTED = {"properties": {"ResourceRecords": {"items": {"pattern": '^".*"$'}}}}
_LIMITS: Mapping[str, Properties] = {
    "": {
        "required": ["HostedZoneId", "Name", "Type"],
        "allOf": [
            {"requiredXor": ["AliasTarget", "ResourceRecords"]},
            {"requiredXor": ["AliasTarget", "TTL"]},
            {"if": {"properties": {"Type": {"enum": ["TXT", "SPF"]}}}, "then": _QUOTED},
            *({"dependentRequired": {name: ["SetIdentifier"]}} for name in _ROUTED),
            {
                "if": {"required": ["SetIdentifier"]},
                "then": {"anyOf": [{"required": [name]} for name in _ROUTED]},
            },
        ],
    },
    "Name": {"minLength": 1},
    "Type": {"enum": [*_TYPES]},
    "SetIdentifier": {"minLength": 1},
    "TTL": {"pattern": "^[0-9]+$"},
    "ResourceRecords": {"minItems": 1},
    "ResourceRecords/*": {"minLength": 1},
    "HealthCheckId": {"minLength": 1},
    "Region": {"minLength": 1},
    "Weight": {"minimum": 0, "maximum": 255},
    "AliasTarget/DNSName": {"minLength": 1},
    "AliasTarget/HostedZoneId": {"minLength": 1},
}
_INSTEAD = {"/HostedZoneName": "Give `HostedZoneId`: a name can belong to several zones."}

_CREATE = Create(
    call="change_resource_record_sets",
    sends=(*_KEY, *_SETS, "Comment"),
    parameters=_made,
    gives=lambda _, given: record_id(str(zone_id(given["HostedZoneId"])), given),
    taken=frozenset({"InvalidChangeBatch: already exists"}),
)

_UPDATE = Update(
    call="change_resource_record_sets",
    sends=(*_SETS, "Comment"),
    whole=True,
    along=("Comment",),
    parameters=_changed,
)

RECORD_SET = native_type(
    Table(
        name="AWS::Route53::RecordSet",
        noun="record",
        dialect=ROUTE53,
        listing=_Records(dialect=ROUTE53, call="list_resource_record_sets"),
        identifier=_identifier,
        shows=_shows,
        create=_CREATE,
        updates=(_UPDATE,),
        resets=_RESETS,
        write_only=("/Comment",),
        removals={"/AliasTarget/EvaluateTargetHealth": Removal(default=False, says="it is not")},
        delete=Delete(
            call="change_resource_record_sets",
            parameters=lambda one: _batch("DELETE", one["HostedZoneId"], one["Record"]),
        ),
        natural_key=_KEY,
        normalise=_normalised,
        sets=("/ResourceRecords",),
        parent=Parent(type="AWS::Route53::HostedZone", reference="HostedZoneId"),
        exclusive=("Name",),  # an alias and other types cannot share one
        instead=_INSTEAD,
        refine=refining(_LIMITS),
    )
)
