"""Cases of the types of ECS."""

from __future__ import annotations

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case

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
    ),
)
