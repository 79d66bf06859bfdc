"""Cases of the types of EKS."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case, made_role
from tests.contract.aws.cases.elasticloadbalancingv2 import a_group, subnets
from tests.contract.aws.cases.stacks import TWO_ZONES, role_of
from tests.contract.aws.world import AwsWorld

_SERVICE = "eks.amazonaws.com"
_KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-12345678901{0}"


def least_cluster(world: AwsWorld) -> dict[str, Any]:
    """A cluster in two zones."""
    return {
        "RoleArn": made_role(world, _SERVICE),
        "ResourcesVpcConfig": {"SubnetIds": subnets(world, "a", "b")},
    }


def _network(world: AwsWorld, zones: str, group: str, *, private: bool, net: str) -> dict[str, Any]:
    return {
        "SubnetIds": subnets(world, *zones),
        "SecurityGroupIds": [a_group(world, group)],
        "EndpointPublicAccess": True,
        "EndpointPrivateAccess": private,
        "PublicAccessCidrs": [net],
        "ControlPlaneEgressMode": "CUSTOMER_ROUTED" if private else "AWS_MANAGED",
    }


def logs(*kinds: str) -> dict[str, Any]:
    """The kinds of logs that CloudWatch gets."""
    return {"ClusterLogging": {"EnabledTypes": [{"Type": kind} for kind in kinds]}}


def _auto(*, on: bool) -> dict[str, Any]:
    return {
        "ComputeConfig": {"Enabled": on, **({"NodePools": ["system"]} if on else {})},
        "StorageConfig": {"BlockStorage": {"Enabled": on}},
        "KubernetesNetworkConfig": {
            "IpFamily": "ipv4",
            "ServiceIpv4Cidr": "10.100.0.0/16",
            "ElasticLoadBalancing": {"Enabled": on},
        },
    }


def _remote(node: str, pod: str) -> dict[str, Any]:
    return {"RemoteNodeNetworks": [{"Cidrs": [node]}], "RemotePodNetworks": [{"Cidrs": [pod]}]}


_CLUSTER_STACK = (
    TWO_ZONES
    + role_of("eks")
    + """\
cluster:
  type: AWS::EKS::Cluster
  properties:
    Name: every-type
    RoleArn: ${role.Arn}
    ResourcesVpcConfig: {SubnetIds: ["${one.SubnetId}", "${two.SubnetId}"]}
"""
)


CASES = (
    Case(
        type="AWS::EKS::Cluster",
        creating="CreateCluster",
        absent="gone",
        minimal=least_cluster,
        full=lambda world: {
            "Name": "training",
            "RoleArn": made_role(world, _SERVICE),
            "Version": "1.30",
            "ResourcesVpcConfig": _network(world, "ab", "a", private=False, net="10.0.0.0/8"),
            "EncryptionConfig": [
                {"Resources": ["secrets"], "Provider": {"KeyArn": _KMS_KEY.format(1)}}
            ],
            "BootstrapSelfManagedAddons": False,
            "Logging": logs("api", "audit"),
            "AccessConfig": {
                "AuthenticationMode": "CONFIG_MAP",
                "BootstrapClusterCreatorAdminPermissions": True,
            },
            "UpgradePolicy": {"SupportType": "STANDARD"},
            "ZonalShiftConfig": {"Enabled": True},
            "RemoteNetworkConfig": _remote("10.80.0.0/16", "10.85.0.0/16"),
            "DeletionProtection": False,
            "ControlPlaneScalingConfig": {"Tier": "standard"},
            **_auto(on=False),
            "Tags": TAGS,
        },
        changes=lambda world: {
            "Version": "1.31",
            "ResourcesVpcConfig": _network(world, "bc", "b", private=True, net="10.1.0.0/16"),
            "Logging": logs("scheduler"),
            "AccessConfig": {
                "AuthenticationMode": "API_AND_CONFIG_MAP",
                "BootstrapClusterCreatorAdminPermissions": True,
            },
            "UpgradePolicy": {"SupportType": "EXTENDED"},
            "ZonalShiftConfig": {"Enabled": False},
            "RemoteNetworkConfig": _remote("10.90.0.0/16", "10.95.0.0/16"),
            "DeletionProtection": True,
            "ControlPlaneScalingConfig": {"Tier": "tier-xl"},
            **_auto(on=True),
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset(
            {"Arn", "Endpoint", "CertificateAuthorityData", "OpenIdConnectIssuerUrl"}
        ),
        stack=_CLUSTER_STACK,
        samples={
            "RoleArn": lambda world: [made_role(world, _SERVICE, name) for name in "ab"],
            "Version": ["1.31", "1.32"],
            "ResourcesVpcConfig/SubnetIds": lambda world: [
                subnets(world, "a", "b"),
                subnets(world, "b", "c"),
            ],
            "ResourcesVpcConfig/SecurityGroupIds": lambda world: [
                [a_group(world, name)] for name in "ab"
            ],
            "ResourcesVpcConfig/PublicAccessCidrs": [["10.0.0.0/8"], ["10.1.0.0/16"]],
            "EncryptionConfig/*/Provider/KeyArn": [_KMS_KEY.format(number) for number in (1, 2)],
            "EncryptionConfig/*/Resources": [["secrets"], ["secrets"]],
            "KubernetesNetworkConfig/ServiceIpv4Cidr": ["10.100.0.0/16", "10.101.0.0/16"],
            "RemoteNetworkConfig/RemoteNodeNetworks/*/Cidrs": [["10.80.0.0/16"], ["10.81.0.0/16"]],
            "RemoteNetworkConfig/RemotePodNetworks/*/Cidrs": [["10.85.0.0/16"], ["10.86.0.0/16"]],
            "ComputeConfig/NodePools": [["system"], ["general-purpose"]],
            "ComputeConfig/NodeRoleArn": lambda world: [
                made_role(world, "ec2.amazonaws.com", name) for name in "ab"
            ],
        },
    ),
)
