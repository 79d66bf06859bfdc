"""Bring rules and their targets into the form in which they are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.text_attributes import parsed

_ECS = {"PlacementStrategies": "PlacementStrategy", "TagList": "Tags"}


def normalised(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties with the pattern parsed, and with the bus by its name."""
    done = dict(properties)
    pattern, bus = done.get("EventPattern"), done.get("EventBusName")
    if pattern is not None:
        done["EventPattern"] = parsed(pattern)
    if isinstance(bus, str):
        done["EventBusName"] = bus.rpartition("/")[2]
    return done


def spelled_as_in_specs(target: Mapping[str, Any]) -> Mapping[str, Any]:
    """The target with CloudFormation's names where the API has others."""
    ecs = _renamed(target.get("EcsParameters"), {api: own for own, api in _ECS.items()})
    network = _renamed(
        ecs.get("NetworkConfiguration"), {"AwsvpcConfiguration": "AwsVpcConfiguration"}
    )
    if network:
        ecs = {**ecs, "NetworkConfiguration": network}
    return {**target, "EcsParameters": ecs} if ecs else target


def spelled_as_in_calls(target: Mapping[str, Any]) -> Mapping[str, Any]:
    """The target with the API's names where CloudFormation has others."""
    ecs = _renamed(target.get("EcsParameters"), _ECS)
    return {**target, "EcsParameters": ecs} if ecs else target


def _renamed(values: Any, names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in (values or {}).items()}
