"""AWS::CertificateManager::Certificate as a table. Shell.

DomainName, SubjectAlternativeNames (their order has no meaning), ValidationMethod (EMAIL when absent, DNS where an
option names a hosted zone), KeyAlgorithm, CertificateAuthorityArn, CertificateExport: replace. DomainValidationOptions:
ValidationDomain replaces, HostedZoneId is changed in place. Tags: changed in place. Attributes: CertificateArn. A
certificate is waited for until it is issued. Where an option has HostedZoneId, gitbot writes the record that proves the
name into that zone, and it stays there: other certificates of the account prove the name by the same record. Otherwise
what people must do is told while gitbot waits. Not handled: CertificateTransparencyLoggingPreference, which AWS takes
no more.
https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cautions import Caution
from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.route53.family import domain
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_ACM = Dialect(
    service="acm",
    absent=frozenset({"ResourceNotFoundException"}),
    busy=frozenset({"ResourceInUseException"}),
)
_OPTIONS, _ALSO = "DomainValidationOptions", "SubjectAlternativeNames"
_TAKES = ("DomainName", _ALSO, "ValidationMethod", "KeyAlgorithm", "CertificateAuthorityArn")
_SENDS = (*_TAKES, _OPTIONS, "CertificateExport")


class _Tags(PlainTags):
    """The tags of certificates: the call that removes some takes them as pairs."""

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """See ``table.Tagging``."""
        pairs = [{"Key": one} for one in keys]
        ask(aws, self.dialect, self.removing, **self.target(described), Tags=pairs)


_LISTING = Plain(
    dialect=_ACM,
    call="describe_certificate",
    answer="Certificate",
    asks=named("CertificateArn"),
    tags=_Tags(
        dialect=_ACM,
        target=shown("CertificateArn"),
        putting="add_tags_to_certificate",
        removing="remove_tags_from_certificate",
        reading="list_tags_for_certificate",
    ),
    index=Index("acm:certificate", own=str),
)


def _shows(one: Described) -> Properties:
    options: list[Mapping[str, Any]] = one.get(_OPTIONS) or []
    own = shown("CertificateArn", "DomainName", _ALSO, "KeyAlgorithm", "CertificateAuthorityArn")
    return {
        **own(one),
        "KeyAlgorithm": one["KeyAlgorithm"].replace("-", "_"),
        "ValidationMethod": next((each.get("ValidationMethod") for each in options), None),
        "CertificateExport": (one.get("Options") or {}).get("Export"),
        _OPTIONS: [shown("DomainName", "ValidationDomain")(each) for each in options],
    }


def _normalised(properties: Properties) -> Properties:
    """The properties with names in small letters; AWS shows the first one among the others, too."""
    done = {name: domain(one) if name == "DomainName" else one for name, one in properties.items()}
    others = done.get(_ALSO)
    if isinstance(others, (list, tuple)):
        done[_ALSO] = [one for one in map(domain, others) if one != done.get("DomainName")]
    options = done.get(_OPTIONS)
    if isinstance(options, (list, tuple)):
        done[_OPTIONS] = [_option(one) if isinstance(one, Mapping) else one for one in options]
    return done


def _option(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**given, "DomainName": domain(given.get("DomainName"))}


def _made(operation: Operation) -> Mapping[str, Any]:
    given: Mapping[str, Any] = operation.properties
    sent = {name: given[name] for name in _TAKES if given.get(name)}
    options: list[Mapping[str, Any]] = list(given.get(_OPTIONS) or ())
    mailed = [shown("DomainName", "ValidationDomain")(one) for one in options]
    mailed = [one for one in mailed if one.get("ValidationDomain")]
    if mailed:
        sent[_OPTIONS] = mailed
    if any(one.get("HostedZoneId") for one in options):
        sent.setdefault("ValidationMethod", "DNS")
    if given.get("CertificateExport"):
        sent["Options"] = {"Export": given["CertificateExport"]}
    return sent


def _prepare(aws: Connection, operation: Operation, arn: str) -> None:
    """Write the records that prove the names, once AWS tells them. Idempotent."""
    options: Any = operation.properties.get(_OPTIONS)
    if any(_zones(options).values()):
        what = f"the records that prove the names of {arn}"
        wait_until(what, lambda: _records(aws, arn) is not None, operation, aws.clock)
        _prove(aws, arn, options)


def _zones(options: Any) -> Mapping[str, str | None]:
    """The zones that the spec gives, by names."""
    return {domain(one["DomainName"]): one.get("HostedZoneId") for one in options or ()}


def _records(aws: Connection, arn: str) -> Mapping[str, Any] | None:
    """The records that prove names, by names; None while AWS does not tell them all."""
    told = next(_LISTING.untagged().by_id(aws, [arn]), {}).get(_OPTIONS) or ()
    found = {domain(one["DomainName"]): one.get("ResourceRecord") for one in told}
    return found if found and all(found.values()) else None


def _prove(aws: Connection, arn: str, options: Any) -> None:
    """Write the records that prove names into the zones that the options give."""
    records = _records(aws, arn) or {}
    for name, zone in _zones(options).items():
        if zone and name in records:
            _write(aws, zone, records[name])


def _write(aws: Connection, zone: str, record: Mapping[str, Any]) -> None:
    named = {"Name": record["Name"], "Type": record["Type"], "TTL": 300}
    wanted = {**named, "ResourceRecords": [{"Value": record["Value"]}]}
    changes = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": wanted}]}
    aws.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=changes)


def _asks_for(one: Described) -> str:
    """What people must do until the certificate is issued."""
    waiting = [
        each for each in one.get(_OPTIONS) or () if each.get("ValidationStatus") != "SUCCESS"
    ]
    records = [each["ResourceRecord"] for each in waiting if "ResourceRecord" in each]
    mailed = sorted({mail for each in waiting for mail in each.get("ValidationEmails") or ()})
    if records:
        lines = ", ".join(f"{each['Name']} {each['Type']} {each['Value']}" for each in records)
        return f"These records must be in the DNS of the names, and stay there: {lines}."
    return f"Somebody must follow the link in AWS's mail to {', '.join(mailed)}." if mailed else ""


def _failed(one: Described) -> str:
    if one["Status"] == "VALIDATION_TIMED_OUT":
        return "nobody proved within 72 hours that the names are yours"
    return (
        str(one.get("FailureReason") or "AWS gives no reason") if one["Status"] == "FAILED" else ""
    )


_NAME: Properties = {"minLength": 1}
# https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
_DOMAIN: Properties = {
    "pattern": r"^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$"
}
_LIMITS: Mapping[str, Properties] = {
    "DomainName": _DOMAIN,
    _ALSO: {"minItems": 1, "uniqueItems": True},
    f"{_ALSO}/*": _DOMAIN,
    _OPTIONS: {"minItems": 1, "uniqueKeys": ["DomainName"]},
    f"{_OPTIONS}/*": {
        "required": ["DomainName"],
        "requiredXor": ["HostedZoneId", "ValidationDomain"],
    },
    **{f"{_OPTIONS}/*/{one}": _NAME for one in ("DomainName", "HostedZoneId", "ValidationDomain")},
    "ValidationMethod": {"enum": ["DNS", "EMAIL"]},
    "KeyAlgorithm": {
        "enum": [
            *("RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096"),
            *("EC_prime256v1", "EC_secp384r1", "EC_secp521r1"),
        ]
    },
    "CertificateAuthorityArn": {"minLength": 20},
}
_INSTEAD = {
    "/CertificateTransparencyLoggingPreference": "Leave it out: AWS logs every public certificate."
}
_CREATE = Create(
    call="request_certificate",
    sends=_SENDS,
    parameters=_made,
    gives=lambda answer, _: str(answer["CertificateArn"]),
    token="IdempotencyToken",
)
_PROOF = Caution(
    made=True,
    says="The apply waits until its names are proven: by records in their DNS, which gitbot writes where "
    "DomainValidationOptions give the HostedZoneId and its progress tells otherwise, or by the links in AWS's mails.",
)

CERTIFICATE = native_type(
    Table(
        name="AWS::CertificateManager::Certificate",
        noun="certificate",
        dialect=_ACM,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("CertificateArn"),
        create=_CREATE,
        prepares=_prepare,
        surfaces=(Surface(property=_OPTIONS, write=_prove),),
        create_only=(f"/{_OPTIONS}/*/ValidationDomain",),
        ready=lambda one: one["Status"] != "PENDING_VALIDATION",
        asks_for=_asks_for,
        failed=_failed,
        delete=Delete(call="delete_certificate"),
        tags=_LISTING.tags,
        calls=("route53:ChangeResourceRecordSets",),
        normalise=_normalised,
        write_only=(f"/{_OPTIONS}/*/HostedZoneId",),
        sets=(f"/{_ALSO}",),
        open_lists=(f"/{_OPTIONS}",),
        identities={f"/{_OPTIONS}": ("DomainName",)},
        instead=_INSTEAD,
        cautions=(_PROOF,),
        losses=Losses(gone="its names must be proven again for a new one"),
        refine=refining(_LIMITS),
    )
)
