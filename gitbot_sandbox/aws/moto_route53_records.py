"""Make moto's records of hosted zones refuse, keep and show what Route 53 does. Shell.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap

_PLAIN = re.compile(r"[a-z0-9\-_.\\]")
_KEPT = ("GeoProximityLocation", "CidrRoutingConfig")
_OWN = {
    "GeoProximityLocation": "geo_proximity_location",
    "CidrRoutingConfig": "cidr_routing_config",
}


def patch() -> None:
    """Make all patches of this module."""
    from moto.route53.models import RecordSet
    from moto.route53.models import Route53Backend as Backend

    wrap(RecordSet, "__init__", _whole)
    wrap(Backend, "change_resource_record_sets", _checked)
    wrap(Backend, "list_resource_record_sets", _by_any_form)


def _name(value: str) -> str:
    """The name as Route 53 shows it: small letters, a dot at the end, other characters by their numbers."""
    name = "".join(
        one if _PLAIN.match(one) else f"\\{ord(one):03o}" for one in value.lower().rstrip(".")
    )
    return f"{name}."


def _whole(original: Any) -> Any:
    """Defect: some ways of routing are lost."""

    def init(self: Any, given: dict[str, Any]) -> None:
        original(self, given)
        self.given = deepcopy(given)
        for name in _KEPT:
            setattr(self, _OWN[name], given.get(name))

    return init


def _key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return (record["Name"], record["Type"], record.get("SetIdentifier"))


def _checked(original: Any) -> Any:
    """Defects: names are kept as they are given, a record is made a second time beside another one or an alias, and
    deleted with other values or with all that have its identifier."""

    def change(self: Any, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = self.get_hosted_zone(zoneid)
        for one in change_list:
            record = one["ResourceRecordSet"]
            record["Name"] = _name(record["Name"])
            _check(zone, one["Action"], record)
        for one in change_list:
            if one["Action"] == "DELETE":
                key = _key(one["ResourceRecordSet"])
                zone.rrsets = [each for each in zone.rrsets if _key_of(each) != key]
            else:
                zone.rr_changes.clear()  # moto compares with what it was asked for, not with what is there
                original(self, zoneid, [one])

    return change


def _key_of(one: Any) -> tuple[Any, ...]:
    return (_name(one.name), one.type, one.set_identifier)


def _check(zone: Any, action: str, record: Mapping[str, Any]) -> None:
    name, kind, identifier = _key(record)
    there = [one for one in zone.rrsets if _key_of(one) == (name, kind, identifier)]
    named = f"[name='{name}', type='{kind}'" + (
        f", set-identifier='{identifier}']" if identifier else "]"
    )
    if action == "DELETE":
        if not there:
            raise _refused(f"Tried to delete resource record set {named} but it was not found")
        if _values(there[0].given) != _values(record):
            raise _refused(
                f"Tried to delete resource record set {named} but the values provided do not match the "
                "current values"
            )
        return
    if action == "CREATE" and there:
        raise _refused(f"Tried to create resource record set {named} but it already exists")
    beside = [one for one in zone.rrsets if _name(one.name) == name]
    if any((one.type == "CNAME") != (kind == "CNAME") for one in beside):
        raise _refused(
            f"RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with other records "
            f"with the same DNS name in zone {zone.name}"
        )
    if any(one.type == kind and bool(one.set_identifier) != bool(identifier) for one in beside):
        raise _refused(
            f"RRSet with DNS name {name}, type {kind}, SetIdentifier {identifier} cannot be created as a "
            "non-multianswer RRSet exists with the same name and type"
        )


def _refused(message: str) -> Exception:
    from moto.route53.exceptions import Route53ClientError

    return Route53ClientError("InvalidChangeBatch", f"[{message}]")


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a deletion must have right."""
    told = {name: value for name, value in record.items() if value is not None and name != "Name"}
    if "TTL" in told:
        told["TTL"] = str(told["TTL"])
    values = told.get("ResourceRecords")
    if values:
        told["ResourceRecords"] = sorted(
            one["Value"] if isinstance(one, Mapping) else one for one in values
        )
    return told


def _by_any_form(original: Any) -> Any:
    """Defect: a list begins after a name that has another form."""

    def records(self: Any, zone_id: str, start_type: str, start_name: str, max_items: int) -> Any:
        start = _name(start_name) if start_name else start_name
        return original(self, zone_id, start_type, start, max_items)

    return records
