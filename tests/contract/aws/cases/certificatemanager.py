"""Cases of the types of AWS Certificate Manager."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.cases.route53 import ZONE, made_zone
from tests.contract.aws.world import AwsWorld

CA = "arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/01234567-89ab-cdef-0123-456789abcde"


def proven_in(world: AwsWorld, turn: str = "") -> dict[str, Any]:
    """The name, with the zone in which it is proven."""
    zone = made_zone(world, "a", turn)
    return {"DomainValidationOptions": [{"DomainName": "api.a.example", "HostedZoneId": zone}]}


def certificate(world: AwsWorld) -> dict[str, Any]:
    return {
        "DomainName": "Api.a.example",
        "SubjectAlternativeNames": ["*.api.a.example", "www.a.example"],
        **proven_in(world),
        "ValidationMethod": "DNS",
        "KeyAlgorithm": "EC_prime256v1",
        "CertificateExport": "DISABLED",
        "Tags": TAGS,
    }


def beside_option(world: AwsWorld, name: str) -> dict[str, Any]:
    domain = {} if name in ("HostedZoneId", "ValidationDomain") else {"ValidationDomain": "example"}
    return {"DomainName": "api.a.example", **domain}


CASES = (
    Case(
        type="AWS::CertificateManager::Certificate",
        creating="RequestCertificate",
        absent="arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
        minimal=lambda world: {"DomainName": "api.a.example"},
        full=certificate,
        changes=lambda world: {"Tags": OTHER_TAGS, **proven_in(world, "other")},
        attributes=frozenset({"CertificateArn"}),
        stack=f"""\
{ZONE}certificate:
  type: AWS::CertificateManager::Certificate
  properties:
    DomainName: ml.example.org
    SubjectAlternativeNames: ["*.ml.example.org"]
    ValidationMethod: DNS
    DomainValidationOptions:
      - {{DomainName: ml.example.org, HostedZoneId: "${{zone.Id}}"}}
""",
        samples={
            "DomainName": ["one.a.example", "two.a.example"],
            "SubjectAlternativeNames": [["one.a.example"], ["two.a.example", "one.a.example"]],
            "ValidationMethod": ["DNS", "EMAIL"],
            "KeyAlgorithm": ["RSA_2048", "EC_prime256v1"],
            "CertificateAuthorityArn": [f"{CA}f", f"{CA}e"],
            "DomainValidationOptions/*/DomainName": ["api.a.example", "api.a.example"],
            "DomainValidationOptions/*/HostedZoneId": lambda world: [
                made_zone(world, "a", turn) for turn in ("", "other")
            ],
            "DomainValidationOptions/*/ValidationDomain": ["a.example", "example"],
        },
        beside={"DomainValidationOptions/*": beside_option},
    ),
)
