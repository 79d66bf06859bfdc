"""Cases of the types of EKS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case, made_role
from tests.contract.aws.cases.elasticloadbalancingv2 import a_group, subnets
from tests.contract.aws.cases.stacks import TRUST, TWO_ZONES, role_of
from tests.contract.aws.world import AwsWorld

_SERVICE = "eks.amazonaws.com"
_TAG_MAP = {one["Key"]: one["Value"] for one in TAGS}
_OTHER_TAG_MAP = {one["Key"]: one["Value"] for one in OTHER_TAGS}
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


def made_cluster(world: AwsWorld, name: str = "a") -> str:
    """The name of a cluster."""

    def make() -> str:
        made = world.aws.client("eks").create_cluster(
            name=f"cluster-{name}",
            roleArn=made_role(world, _SERVICE),
            resourcesVpcConfig={"subnetIds": subnets(world, "a", "b")},
        )
        return str(made["cluster"]["name"])

    return str(world.thing(f"cluster-{name}", make))


def template(world: AwsWorld, name: str = "a") -> str:
    """The id of a launch template with two versions."""

    def make() -> str:
        ec2 = world.aws.client("ec2")
        asked = {"LaunchTemplateData": {"InstanceType": "t3.large"}}
        made = ec2.create_launch_template(LaunchTemplateName=f"nodes-{name}", **asked)
        own = str(made["LaunchTemplate"]["LaunchTemplateId"])
        ec2.create_launch_template_version(LaunchTemplateId=own, **asked)
        return own

    return str(world.thing(f"template-{name}", make))


def _key(world: AwsWorld, name: str) -> str:
    def make() -> str:
        return str(world.aws.client("ec2").create_key_pair(KeyName=f"nodes-{name}")["KeyName"])

    return str(world.thing(f"nodes-{name}", make))


def least_group(world: AwsWorld) -> dict[str, Any]:
    """A node group in one zone."""
    return {
        "ClusterName": made_cluster(world),
        "NodeRole": made_role(world, "ec2.amazonaws.com"),
        "Subnets": subnets(world, "a"),
    }


def _beside_size(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """What is asked for must fit what AWS takes for the others."""
    rest: dict[str, Mapping[str, Any]] = {
        "MinSize": {"DesiredSize": 3, "MaxSize": 4},
        "DesiredSize": {"MinSize": 0, "MaxSize": 4},
        "MaxSize": {"MinSize": 1, "DesiredSize": 1},
    }
    return rest.get(name, {})


def _two(make: Any, world: AwsWorld) -> list[Any]:
    return [make(world, name) for name in "ab"]


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
    Case(
        type="AWS::EKS::Nodegroup",
        creating="CreateNodegroup",
        absent="gone/gone",
        minimal=least_group,
        full=lambda world: {
            **least_group(world),
            "NodegroupName": "workers",
            "AmiType": "AL2023_x86_64_NVIDIA",
            "CapacityType": "SPOT",
            "DiskSize": 100,
            "InstanceTypes": ["g5.xlarge", "g5.2xlarge"],
            "RemoteAccess": {
                "Ec2SshKey": _key(world, "a"),
                "SourceSecurityGroups": [a_group(world, "a")],
            },
            "Version": "1.31",
            "ReleaseVersion": "1.31.0-20250103",
            "ScalingConfig": {"MinSize": 1, "MaxSize": 4, "DesiredSize": 2},
            "Labels": {"team": "ml", "gpu": "a10g"},
            "Taints": [
                {"Key": "gpu", "Value": "yes", "Effect": "NO_SCHEDULE"},
                {"Key": "spot", "Effect": "PREFER_NO_SCHEDULE"},
            ],
            "UpdateConfig": {"MaxUnavailable": 2, "UpdateStrategy": "DEFAULT"},
            "NodeRepairConfig": {"Enabled": True, "MaxParallelNodesRepairedCount": 1},
            "WarmPoolConfig": {"Enabled": True, "MinSize": 1, "PoolState": "STOPPED"},
            "ForceUpdateEnabled": True,
            "Tags": _TAG_MAP,
        },
        changes=lambda world: {
            "Version": "1.31",
            "ReleaseVersion": "1.31.0-20250201",
            "ScalingConfig": {"MinSize": 3, "MaxSize": 6, "DesiredSize": 5},
            "Labels": {"team": "platform", "stage": "dev"},
            "Taints": [
                {"Key": "gpu", "Effect": "NO_SCHEDULE"},
                {"Key": "gpu", "Value": "yes", "Effect": "NO_EXECUTE"},
            ],
            "UpdateConfig": {"MaxUnavailablePercentage": 50, "UpdateStrategy": "MINIMAL"},
            "NodeRepairConfig": {"Enabled": False, "MaxParallelNodesRepairedCount": 2},
            "WarmPoolConfig": {"Enabled": True, "MinSize": 2, "PoolState": "RUNNING"},
            "ForceUpdateEnabled": False,
            "Tags": _OTHER_TAG_MAP,
        },
        one_value=frozenset({"Version"}),
        elsewhere=frozenset({"LaunchTemplate"}),
        attributes=frozenset({"Id", "Arn"}),
        stack=_CLUSTER_STACK
        + f"""\
nodes:
  type: AWS::IAM::Role
  properties: {{AssumeRolePolicyDocument: {TRUST}}}
workers:
  type: AWS::EKS::Nodegroup
  properties:
    ClusterName: ${{cluster.Name}}
    NodeRole: ${{nodes.Arn}}
    Subnets: ["${{one.SubnetId}}", "${{two.SubnetId}}"]
    ScalingConfig: {{MinSize: 0, MaxSize: 4}}
    Labels: {{team: ml}}
""",
        samples={
            "ClusterName": partial(_two, made_cluster),
            "NodeRole": lambda world: [
                made_role(world, "ec2.amazonaws.com", name) for name in "ab"
            ],
            "Subnets": lambda world: [subnets(world, "a"), subnets(world, "b")],
            "InstanceTypes": [["t3.large"], ["m5.large", "m5.xlarge"]],
            "RemoteAccess/Ec2SshKey": partial(_two, _key),
            "RemoteAccess/SourceSecurityGroups": lambda world: [
                [a_group(world, name)] for name in "ab"
            ],
            "Version": ["1.31", "1.31"],
            "ReleaseVersion": ["1.31.0-20250103", "1.31.0-20250201"],
            "LaunchTemplate/Id": partial(_two, template),
            "LaunchTemplate/Name": lambda world: [
                f"nodes-{name}" for name in "ab" if template(world, name)
            ],
            "LaunchTemplate/Version": ["1", "2"],
            "ScalingConfig/MinSize": [1, 2],
            "ScalingConfig/MaxSize": [5, 6],
            "Labels": [{"team": "ml"}, {"team": "platform", "stage": "dev"}],
            "Tags": [_TAG_MAP, _OTHER_TAG_MAP],
        },
        beside={"ScalingConfig": _beside_size},
    ),
)
