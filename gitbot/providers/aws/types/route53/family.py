"""Say how Route 53 names, refuses and carries changes out, for the types that are tables. Shell.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.providers.aws.dialect import Changes, Dialect

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

SEPARATOR = "|"
"""What parts the identifier of a record."""
_OCTAL = re.compile(r"\\(\d{3})")


def domain(value: Any) -> Any:
    """The name as Route 53 compares it: small letters, no dot at the end, no escapes but that of ``|``.

    What is no text stays.
    """
    if not isinstance(value, str):
        return value
    plain = _OCTAL.sub(_unescaped, value)
    return plain.lower().removesuffix(".")


def _unescaped(found: re.Match[str]) -> str:
    character = chr(int(found[1], 8))
    return found[0] if character == SEPARATOR else character


def zone_id(value: Any) -> Any:
    """The identifier of a zone without what the API puts before it; what is no text stays."""
    return value.removeprefix("/hostedzone/") if isinstance(value, str) else value


def record_id(zone: str, record: Mapping[str, Any]) -> str:
    """The identifier of a record of the zone."""
    name, kind = domain(record["Name"]), record["Type"]
    return SEPARATOR.join((name, zone, kind, record.get("SetIdentifier") or ""))


def records(aws: Connection, zone: str) -> Iterator[Mapping[str, Any]]:
    """The records that a zone does not have by itself."""
    found = list(
        aws.pages("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone)
    )
    apex = {domain(one["Name"]) for one in found if one["Type"] == "SOA"}
    for one in found:
        if one["Type"] not in ("NS", "SOA") or domain(one["Name"]) not in apex:
            yield one


def proves_a_name(record: Mapping[str, Any]) -> bool:
    """Whether the record is there for AWS Certificate Manager alone, to prove to it whose the name is.

    https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
    """
    values = [each["Value"].rstrip(".") for each in record.get("ResourceRecords") or ()]
    proofs = [value.endswith(".acm-validations.aws") for value in values]
    return record["Type"] == "CNAME" and bool(proofs) and all(proofs)


def _named(answer: Any) -> str:
    change = answer.get("ChangeInfo")
    if change is None or change["Status"] == "INSYNC":
        return ""
    return str(change["Id"]).removeprefix("/change/")


def _is_done(aws: Connection, remote_id: str, change: str) -> bool:
    """Whether all name servers have the change; one that Route 53 has forgotten is long carried out."""
    try:
        told = aws.call("route53", "get_change", Id=change)
    except CloudError as error:
        if error.code == "NoSuchChange":
            return True
        raise
    return bool(told["ChangeInfo"]["Status"] == "INSYNC")


ROUTE53 = Dialect(
    service="route53",
    absent=frozenset({"NoSuchHostedZone", "InvalidChangeBatch: not found"}),
    busy=frozenset({"HostedZoneNotEmpty"}),
    reads=("get_change",),
    changes=Changes(named=_named, done=_is_done),
)
