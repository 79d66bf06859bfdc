"""Bring rules and their targets into the form in which they are compared. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any


def normalised(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties with the pattern parsed, and with the bus by its name."""
    done = dict(properties)
    pattern, bus = done.get("EventPattern"), done.get("EventBusName")
    if isinstance(pattern, str):
        with suppress(ValueError):
            done["EventPattern"] = json.loads(pattern)
    if isinstance(bus, str):
        done["EventBusName"] = bus.rpartition("/")[2]
    return done


def spelled_as_in_specs(target: Mapping[str, Any]) -> Mapping[str, Any]:
    """The target with the one name that CloudFormation writes otherwise than the API."""
    ecs = target.get("EcsParameters") or {}
    network = ecs.get("NetworkConfiguration") or {}
    if "AwsvpcConfiguration" not in network:
        return target
    spelled = {"AwsVpcConfiguration": network["AwsvpcConfiguration"]}
    return {**target, "EcsParameters": {**ecs, "NetworkConfiguration": spelled}}
