"""Cases of the types of Route 53."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import REGION, AwsWorld

KIND = "AWS::Route53"


def made_zone(world: AwsWorld, name: str = "a", turn: str = "") -> str:
    """A public zone; with ``turn`` another one of the name."""

    def make() -> str:
        made = world.aws.client("route53").create_hosted_zone(
            Name=f"{name}.example", CallerReference=f"zone-{name}{turn}"
        )
        return str(made["HostedZone"]["Id"].removeprefix("/hostedzone/"))

    return str(world.thing(f"zone-{name}{turn}", make))


def network(world: AwsWorld, name: str) -> dict[str, str]:
    """A network, as zones name it."""

    def make() -> str:
        return str(world.aws.client("ec2").create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"])

    return {"VPCId": str(world.thing(f"zone-vpc-{name}", make)), "VPCRegion": REGION}


def log_group(world: AwsWorld, name: str) -> str:
    """The ARN of a log group that Route 53 may write to."""

    def make() -> str:
        logs = world.aws.client("logs")
        logs.create_log_group(logGroupName=f"/aws/route53/{name}")
        [one] = logs.describe_log_groups(logGroupNamePrefix=f"/aws/route53/{name}")["logGroups"]
        return str(one["arn"].removesuffix(":*"))

    return str(world.thing(f"zone-logs-{name}", make))


def delegation_set(world: AwsWorld, name: str) -> str:
    """A set of name servers that zones can share."""

    def make() -> str:
        made = world.aws.client("route53").create_reusable_delegation_set(
            CallerReference=f"set-{name}"
        )
        return str(made["DelegationSet"]["Id"].removeprefix("/delegationset/"))

    return str(world.thing(f"zone-set-{name}", make))


def public_zone(world: AwsWorld) -> dict[str, Any]:
    return {
        "Name": "ml.example.com.",
        "DelegationSetId": delegation_set(world, "a"),
        "HostedZoneConfig": {"Comment": "the models"},
        "QueryLoggingConfig": {"CloudWatchLogsLogGroupArn": log_group(world, "a")},
        "HostedZoneTags": TAGS,
    }


def zone_changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "HostedZoneConfig": {"Comment": "the models of all"},
        "QueryLoggingConfig": {"CloudWatchLogsLogGroupArn": log_group(world, "b")},
        "HostedZoneTags": OTHER_TAGS,
    }


def health_check(world: AwsWorld, name: str) -> str:
    """A health check."""

    def make() -> str:
        made = world.aws.client("route53").create_health_check(
            CallerReference=f"check-{name}",
            HealthCheckConfig={"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 80},
        )
        return str(made["HealthCheck"]["Id"])

    return str(world.thing(f"zone-check-{name}", make))


def least_record(world: AwsWorld) -> dict[str, Any]:
    return {
        "HostedZoneId": made_zone(world),
        "Name": "api.a.example",
        "Type": "A",
        "TTL": "300",
        "ResourceRecords": ["192.0.2.1"],
    }


def record(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_record(world),
        "Name": "*.API.a.example.",
        "SetIdentifier": "one",
        "Weight": 10,
        "HealthCheckId": health_check(world, "a"),
    }


def record_changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "TTL": "60",
        "ResourceRecords": ["192.0.2.2", "192.0.2.3"],
        "Weight": 0,
        "HealthCheckId": health_check(world, "b"),
    }


_ROUTED = (
    *("Weight", "Region", "Failover", "GeoLocation", "GeoProximityLocation"),
    *("CidrRoutingConfig", "MultiValueAnswer"),
)


def beside_record(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name in _ROUTED:
        return {"SetIdentifier": "one", "Name": "routed.a.example"}
    if name == "SetIdentifier":
        return {"Weight": 10}
    return {}


def beside_alias(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"HostedZoneId": made_zone(world), "DNSName": "api.a.example"}


def beside_place(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {} if name in ("AWSRegion", "LocalZoneGroup", "Coordinates") else {"AWSRegion": REGION}


def beside_country(world: AwsWorld, name: str) -> Mapping[str, Any]:
    return {"CountryCode": "US"} if name == "SubdivisionCode" else {}


ZONE = """\
zone:
  type: AWS::Route53::HostedZone
  properties:
    Name: ml.example.org
    HostedZoneConfig: {Comment: models}
    HostedZoneTags: [{Key: owner, Value: ml}]
"""
RECORDS = f"""\
{ZONE}api:
  type: AWS::Route53::RecordSet
  properties:
    HostedZoneId: ${{zone.Id}}
    Name: api.ml.example.org
    Type: CNAME
    TTL: "300"
    ResourceRecords: [one.example.net]
every:
  type: AWS::Route53::RecordSet
  properties:
    HostedZoneId: ${{zone.Id}}
    Name: "*.ml.example.org."
    Type: A
    AliasTarget: {{HostedZoneId: "${{zone.Id}}", DNSName: one.ml.example.org}}
blue:
  type: AWS::Route53::RecordSet
  properties:
    HostedZoneId: ${{zone.Id}}
    Name: one.ml.example.org
    Type: A
    TTL: "60"
    SetIdentifier: blue
    Weight: 1
    ResourceRecords: [192.0.2.1]
"""

CASES = (
    Case(
        type=f"{KIND}::HostedZone",
        creating="CreateHostedZone",
        absent="Z0123456789ABCDEFGHIJ",
        minimal=lambda world: {"Name": "example.com"},
        full=public_zone,
        changes=zone_changes,
        attributes=frozenset({"Id", "NameServers"}),
        elsewhere=frozenset({"VPCs"}),
        stack=ZONE,
        samples={
            "Name": ["one.example", "two.example"],
            "DelegationSetId": lambda world: [delegation_set(world, one) for one in "ab"],
            "VPCs": lambda world: [
                [network(world, "a")],
                [network(world, "a"), network(world, "b")],
            ],
            "QueryLoggingConfig/CloudWatchLogsLogGroupArn": lambda world: [
                log_group(world, one) for one in "ab"
            ],
            "HostedZoneTags": [TAGS, OTHER_TAGS],
        },
        beside={"": lambda world, name: {"Name": "inner.example"} if name == "VPCs" else {}},
    ),
    Case(
        type=f"{KIND}::RecordSet",
        creating="ChangeResourceRecordSets",
        absent="gone.example|Z0123456789ABCDEFGHIJ|A|",
        minimal=least_record,
        full=record,
        changes=record_changes,
        others=lambda world: {},
        elsewhere=frozenset(
            {
                *("AliasTarget", "Comment", "Region", "Failover", "GeoLocation"),
                *("GeoProximityLocation", "CidrRoutingConfig", "MultiValueAnswer"),
            }
        ),
        needed=frozenset({"TTL", "ResourceRecords", "Weight"}),
        tagged=False,
        stack=RECORDS,
        samples={
            "HostedZoneId": lambda world: [made_zone(world, one) for one in "ab"],
            "Name": ["one.a.example", "two.a.example"],
            "Type": ["A", "PTR"],
            "TTL": ["60", "120"],
            "ResourceRecords": [["192.0.2.1"], ["192.0.2.2", "192.0.2.3"]],
            "SetIdentifier": ["one", "two"],
            "Region": ["us-east-1", "eu-west-1"],
            "HealthCheckId": lambda world: [health_check(world, one) for one in "ab"],
            "AliasTarget/HostedZoneId": lambda world: [made_zone(world, one) for one in "ab"],
            "AliasTarget/DNSName": ["one.a.example", "two.a.example."],
            "GeoLocation/ContinentCode": ["EU", "AF"],
            "GeoLocation/CountryCode": ["DE", "FR"],
            "GeoLocation/SubdivisionCode": ["CA", "NY"],
            "GeoProximityLocation/AWSRegion": ["us-east-1", "eu-west-1"],
            "GeoProximityLocation/LocalZoneGroup": ["us-east-1-bue-1", "us-east-1-atl-1"],
            "GeoProximityLocation/Coordinates": [
                {"Latitude": "49.22", "Longitude": "-74.01"},
                {"Latitude": "50.1", "Longitude": "8.68"},
            ],
            "CidrRoutingConfig/CollectionId": [
                f"{one * 8}-aaaa-bbbb-cccc-123456789012" for one in "ab"
            ],
            "CidrRoutingConfig/LocationName": ["office", "home"],
            "MultiValueAnswer": [True, True],
            "Comment": ["one", "two"],
        },
        beside={
            "": beside_record,
            "AliasTarget": beside_alias,
            "GeoProximityLocation": beside_place,
            "GeoLocation": beside_country,
        },
    ),
)
