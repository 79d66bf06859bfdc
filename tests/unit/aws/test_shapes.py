"""Rules of buckets and security groups survive the change between both shapes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.model.values import Redacted, Sensitive, Unknown
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot.providers.aws.types.budgets.shapes import normalised, sent
from gitbot.providers.aws.types.ec2.rules import (
    EGRESS,
    INGRESS,
    Direction,
    normalised_rules,
    of_group,
    permission,
    rules_of,
)
from gitbot.providers.aws.types.s3.lifecycle import (
    lifecycle_from_s3,
    lifecycle_to_s3,
    normalised_lifecycle,
)

LIFECYCLES: list[dict[str, Any]] = [
    {"Status": "Enabled", "ExpirationInDays": 3},
    {"Id": "x", "Status": "Disabled", "ExpiredObjectDeleteMarker": True},
    {"Id": "p", "Status": "Enabled", "Prefix": "tmp/", "ExpirationInDays": 1},
    {"Id": "t", "Status": "Enabled", "TagFilters": [{"Key": "a", "Value": "b"}]},
    {
        "Id": "and",
        "Status": "Enabled",
        "Prefix": "a/",
        "TagFilters": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}],
        "ObjectSizeGreaterThan": "1024",
        "ObjectSizeLessThan": 4096,
        "ExpirationDate": "2031-02-03T00:00:00.000Z",
    },
    {"Id": "size", "Status": "Enabled", "ObjectSizeGreaterThan": "10"},
    {
        "Id": "old",
        "Status": "Enabled",
        "Transition": {"StorageClass": "Glacier", "TransitionInDays": 1},
        "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionDate": "2031-01-01"}],
        "NoncurrentVersionTransition": {"StorageClass": "STANDARD_IA", "TransitionInDays": 30},
        "NoncurrentVersionTransitions": [
            {"StorageClass": "GLACIER", "TransitionInDays": 60, "NewerNoncurrentVersions": 2}
        ],
        "NoncurrentVersionExpirationInDays": 90,
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
]


@pytest.mark.parametrize("rule", LIFECYCLES, ids=lambda rule: rule.get("Id", "none"))
def test_a_lifecycle_rule_survives_a_round_trip_to_s3(rule: dict[str, Any]) -> None:
    there = lifecycle_to_s3({"Rules": [rule]})
    back = lifecycle_from_s3(there)
    assert back == normalised_lifecycle({"Rules": [rule]})


def test_legacy_singular_forms_become_plural_ones() -> None:
    [rule] = normalised_lifecycle({"Rules": [LIFECYCLES[-1]]})["Rules"]
    assert [one["StorageClass"] for one in rule["Transitions"]] == ["STANDARD_IA", "GLACIER"]
    assert rule["Transitions"][0]["TransitionDate"] == "2031-01-01T00:00:00Z"
    assert [one["TransitionInDays"] for one in rule["NoncurrentVersionTransitions"]] == [60, 30]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


def test_rules_without_an_id_get_one_that_no_other_rule_has() -> None:
    rules = [{"Status": "Enabled"}, {"Id": "rule-1", "Status": "Enabled"}, {"Status": "Enabled"}]
    ids = [rule["Id"] for rule in normalised_lifecycle({"Rules": rules})["Rules"]]
    assert ids == ["rule-1-", "rule-1", "rule-3"]


def test_a_rule_without_a_filter_is_read_with_its_prefix() -> None:
    answer = {
        "Rules": [
            {
                "ID": "a",
                "Status": "Enabled",
                "Prefix": "logs/",
                "Expiration": {"Date": datetime(2031, 1, 1, tzinfo=UTC)},
            }
        ],
        "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
    }
    assert lifecycle_from_s3(answer) == {
        "Rules": [
            {
                "Id": "a",
                "Status": "Enabled",
                "Prefix": "logs/",
                "ExpirationDate": "2031-01-01T00:00:00Z",
            }
        ],
        "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"IpProtocol": 6, "FromPort": 1, "ToPort": 2}, {"IpProtocol": "tcp"}),
        ({"IpProtocol": "UDP", "FromPort": 1, "ToPort": 2}, {"IpProtocol": "udp"}),
        ({"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}, {"IpProtocol": "-1"}),
        ({"IpProtocol": -1}, {"IpProtocol": "-1"}),
        ({"IpProtocol": "50", "FromPort": 0, "ToPort": 0}, {"IpProtocol": "50"}),
        ({"IpProtocol": "tcp", "CidrIp": "10.1.2.3/8"}, {"CidrIp": "10.0.0.0/8"}),
        ({"IpProtocol": "tcp", "CidrIpv6": "2001:DB8:0::1/32"}, {"CidrIpv6": "2001:db8::/32"}),
        ({"IpProtocol": "tcp", "CidrIp": "nonsense"}, {"CidrIp": "nonsense"}),
        ({"IpProtocol": "58"}, {"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1}),
    ],
)
def test_a_rule_is_compared_as_ec2_keeps_it(written: Any, meant: dict[str, Any]) -> None:
    [rule] = normalised_rules([written])
    assert {key: rule[key] for key in meant} == meant
    if rule["IpProtocol"] in ("-1", "50"):
        assert "FromPort" not in rule
        assert "ToPort" not in rule


def test_duplicate_rules_count_once() -> None:
    once = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "CidrIp": "10.0.0.0/8"}
    assert normalised_rules([once, {**once, "CidrIp": "10.5.0.0/8"}]) == [once]


@pytest.mark.parametrize("direction", [INGRESS, EGRESS], ids=lambda one: one.word)
def test_every_kind_of_end_survives_a_round_trip_to_ec2(direction: Direction) -> None:
    base = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 9}
    rules = [
        base | {"CidrIp": "10.0.0.0/8", "Description": "v4"},
        base | {"CidrIpv6": "2001:db8::/32"},
        base | {direction.prefix_list: "pl-1", "Description": "list"},
        base | {direction.group: "sg-1"},
    ]
    group = {
        "GroupId": "sg-0",
        direction.permissions: [permission(rule, direction) for rule in rules],
    }
    assert rules_of(group, direction) == rules


@pytest.mark.parametrize("direction", [INGRESS, EGRESS], ids=lambda one: one.word)
def test_a_group_that_names_itself_reads_back_as_the_spec_says_it(direction: Direction) -> None:
    rule = {"IpProtocol": "-1", direction.group: "self"}
    [sent] = of_group([rule], direction, "sg-0")
    assert sent == {"IpProtocol": "-1", direction.group: "sg-0"}
    group = {"GroupId": "sg-0", direction.permissions: [permission(sent, direction)]}
    assert rules_of(group, direction) == [rule]


def test_the_owner_of_a_source_group_is_kept() -> None:
    rule = {
        "IpProtocol": "-1",
        "SourceSecurityGroupId": "sg-1",
        "SourceSecurityGroupOwnerId": "123456789012",
    }
    group = {"GroupId": "sg-0", "IpPermissions": [permission(rule, INGRESS)]}
    assert rules_of(group, INGRESS) == [rule]


LEAVES = [
    Unknown(template="${a.Id}"),
    Sensitive("x"),
    Redacted(digest="0", key_id="k"),
    None,
    True,
    "text",
    [],
]


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
@pytest.mark.parametrize("leaf", LEAVES, ids=repr)
def test_normalising_takes_any_leaf_at_any_depth(name: str, leaf: Any) -> None:
    declaration = NATIVE_TYPES[name].declaration
    if declaration.normalise is None:
        return
    tops = sorted({path.split("/")[1] for path in declaration.handled})
    nests: list[Any] = [
        leaf,
        [leaf],
        {"Rules": leaf},
        {"Rules": [leaf]},
        [{"PolicyDocument": leaf, "IpProtocol": leaf, "CidrIp": leaf, "FromPort": leaf}],
        {"Rules": [{"Id": leaf, "Transitions": leaf, "Prefix": leaf, "Status": leaf}]},
        {"Rules": [{"Transitions": [leaf], "ExpirationDate": leaf, "ObjectSizeLessThan": leaf}]},
        {"Rules": [{"Transitions": [{"StorageClass": leaf, "TransitionDate": leaf}]}]},
        {"Rules": [{"Transition": leaf, "NoncurrentVersionTransition": leaf}]},
        {"Statement": [{"Action": [leaf, "b"], "Principal": {"AWS": leaf}}]},
    ]
    for nest in nests:
        once = declaration.normalise(dict.fromkeys(tops, nest))
        assert declaration.normalise(once) == once
        assert set(once) == set(tops)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1546300800", 1546300800),
        ("2019-01-01", 1546300800),
        ("2019-01-01 00:00", 1546300800),
        ("2019-01-01T00:00:00Z", 1546300800),
        ("2019-01-01T01:00:00.5+01:00", 1546300800),
        ("2019-01-01 00:00 UTC", None),
        ("2019-01-01 at noon", None),
        ("2019-13-01", None),
        ("2019-01-01T24:00", None),
        ("06/15/87 00:00 UTC", None),
    ],
)
def test_a_budget_has_no_time_that_cannot_be_compared(written: str, seconds: int | None) -> None:
    """The kind: what a spec may have and the comparison cannot read is a difference for ever."""
    schema = open_catalog().lookup("AWS::Budgets::Budget")
    assert schema is not None
    period = schema.json_schema["properties"]["Budget"]["properties"]["TimePeriod"]
    told = {"TimePeriod": {"Start": written, "End": written}}
    for name in told["TimePeriod"]:
        pattern = period["properties"][name]["pattern"]
        assert bool(re.search(pattern, written)) == (seconds is not None)
    if seconds is not None:
        wanted = {"Start": seconds, "End": seconds}
        assert normalised({"Budget": told})["Budget"]["TimePeriod"] == wanted
        assert sent(told)["TimePeriod"] == wanted


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("AWS::Batch::ComputeEnvironment", "ServiceRole"),
        ("AWS::ECS::Service", "Role"),
        ("AWS::ECS::TaskDefinition", "TaskRoleArn"),
        ("AWS::CodeBuild::Project", "ServiceRole"),
    ],
)
def test_a_role_is_the_same_by_its_arn_and_by_its_path_and_name(type_: str, name: str) -> None:
    """An account has each name of a role but once, whatever its path."""
    normalise = NATIVE_TYPES[type_].declaration.normalise
    assert normalise is not None
    arn = "arn:aws:iam::123456789012:role/"
    forms = (f"{arn}ml/run", "ml/run", "/ml/run", "run")
    assert {normalise({name: one})[name] for one in forms} == {"run"}
