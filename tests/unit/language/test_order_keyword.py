"""A least number above the most is refused when the spec is loaded, by either route.

The kind: two numbers that the registry checks each by itself, and that the service refuses in the apply.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from gitbot.language.load import load_tree
from gitbot.language.order_keyword import misfit_of
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.values import Unknown
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.value_orders import with_orders
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, tree

OPEN = Unknown(template="${a.Arn}", references={})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"Min": 3, "Max": 2}, "has Min 3, which is above Max 2"),
        ({"Min": "10", "Max": "9"}, "has Min 10, which is above Max 9"),
        ({"Min": 2.5, "Max": "2"}, "has Min 2.5, which is above Max 2"),
        ({"Min": 1, "Max": 0}, "has Min 1, which is above Max 0"),
        ({"Min": 2, "Max": 2}, None),
        ({"Min": 2, "Max": -1}, None),  # no limit
        ({"Min": 2}, None),
        ({"Min": OPEN, "Max": 2}, None),
        ({"Min": "many", "Max": 2}, None),
        ({"Min": True, "Max": 0}, None),
        ([3, 2], None),
    ],
)
def test_numbers_that_fall_are_told(value: Any, says: str | None) -> None:
    assert misfit_of(value, [("Min", "Max")]) == says


def test_they_go_by_their_names_with_what_stands_between() -> None:
    properties = {name: {} for name in ("MinSize", "MaxSize", "DesiredCapacity", "Minutes", "Max")}
    schema = with_orders(
        {"properties": properties, "definitions": {"A": {"properties": {"Min": {}, "Max": {}}}}}
    )
    assert schema["ascending"] == [
        ("MinSize", "DesiredCapacity"),
        ("MinSize", "MaxSize"),
        ("DesiredCapacity", "MaxSize"),
    ]
    assert schema["definitions"]["A"]["ascending"] == [("Min", "Max")]


@pytest.mark.parametrize(
    ("name", "lower", "upper"),
    [
        ("AWS::AutoScaling::AutoScalingGroup", "MinSize", "MaxSize"),
        ("AWS::ApplicationAutoScaling::ScalableTarget", "MinCapacity", "MaxCapacity"),
    ],
)
def test_types_of_both_routes_have_it(name: str, lower: str, upper: str) -> None:
    schema = open_catalog().lookup(name)
    assert schema is not None
    assert (lower, upper) in schema.json_schema["ascending"]


def test_a_hidden_number_is_not_told() -> None:
    group = dict(MinSize="4242", MaxSize="${vars.most}", DesiredCapacity="${vars.most}")
    found = told({"AvailabilityZones": ["us-east-1a"], "LaunchConfigurationName": "l", **group})
    assert [one.code for one in found] == ["property-value"]
    assert "is not shown, because the value is sensitive" in found[0].detail
    assert "31" not in found[0].detail + found[0].fix


def told(properties: dict[str, Any]) -> Sequence[Diagnostic]:
    group = {"type": "AWS::AutoScaling::AutoScalingGroup", "properties": properties}
    hidden = {"most": {"type": "string", "default": "31", "sensitive": True}}
    spec = json.dumps({"variables": hidden, "resources": {"g": group}})
    environment = ENVIRONMENT + "  account: '123456789012'\n"
    files = {"specs/dev/environment.yaml": environment, "specs/dev/demo.yaml": f"{HEAD} {spec}"}
    types = open_catalog()
    return load_tree(tree(files), types.lookup, types.names, types.native_names).errors()
