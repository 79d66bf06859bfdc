"""Cases of the types of ECS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld

_FARGATE = ["FARGATE", "FARGATE_SPOT"]


def _cluster(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """A strategy may name only providers of the cluster."""
    return {"CapacityProviders": _FARGATE} if name == "DefaultCapacityProviderStrategy" else {}


def _logging(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """Only OVERRIDE has a place of its own for the log, and it must have one."""
    return {"Logging": "OVERRIDE"} if name == "LogConfiguration" else {}


CASES = (
    Case(
        type="AWS::ECS::Cluster",
        creating="CreateCluster",
        absent="gone",
        minimal=lambda world: {},
        full=lambda world: {
            "ClusterName": "training",
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}},
            "CapacityProviders": ["FARGATE"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}],
            "Tags": TAGS,
        },
        changes=lambda world: {
            "ClusterSettings": [{"Name": "containerInsights", "Value": "disabled"}],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "DEFAULT"}},
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 2}],
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"Arn", "ClusterName"}),
        stack="""\
cluster:
  type: AWS::ECS::Cluster
  properties: {CapacityProviders: [FARGATE_SPOT]}
""",
        samples={
            "CapacityProviders": [["FARGATE"], ["FARGATE_SPOT"]],
            "DefaultCapacityProviderStrategy/*/CapacityProvider": _FARGATE,
            "ClusterSettings/*/Name": ["containerInsights", "containerInsights"],
            "ClusterSettings/*/Value": ["enabled", "disabled"],
            "Configuration/ExecuteCommandConfiguration/Logging": ["NONE", "DEFAULT"],
        },
        beside={"": _cluster, "Configuration/ExecuteCommandConfiguration": _logging},
    ),
)
