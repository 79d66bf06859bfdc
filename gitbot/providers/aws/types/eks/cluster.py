"""AWS::EKS::Cluster as a table. Shell.

Name (generated when absent), RoleArn, EncryptionConfig, OutpostConfig, BootstrapSelfManagedAddons, and of others the
parts that only a creation takes: replace. Version (one minor version after the other), ResourcesVpcConfig, Logging,
KubernetesNetworkConfig, ComputeConfig, StorageConfig, AccessConfig, UpgradePolicy, ZonalShiftConfig,
RemoteNetworkConfig, DeletionProtection, ControlPlaneScalingConfig, Tags: changed in place, one after the other;
each is waited for, and EKS's reason told where it could not make one. Attributes: Arn, Endpoint,
CertificateAuthorityData, ClusterSecurityGroupId, OpenIdConnectIssuerUrl, EncryptionConfigKeyArn. A cluster that has
node groups or Fargate profiles is not deleted. Settings of the API server, the scheduler and the controllers,
rollbacks and authorities for certificates are not handled.
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterVersion.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Losses, Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.asking import ask_pages
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.eks import shapes
from gitbot.providers.aws.types.eks.family import EKS, TAKEN, issues, tags_of
from gitbot.providers.aws.types.eks.shapes import ACCESS, ALONE, AUTO, LOGGING, NETWORK, REMOTE, VPC

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="Name", longest=100)
_TAGS = tags_of("Arn")
_LISTING = Plain(
    dialect=EKS,
    call="describe_cluster",
    answer="Cluster",
    asks=named("Name"),
    tags=_TAGS,
    name=_NAME,
    index=Index("eks:cluster"),
)


def _users(aws: Connection, one: Described) -> Sequence[str]:
    """The node groups and Fargate profiles of the cluster."""
    own = {"ClusterName": one["Name"]}
    groups = ask_pages(aws, EKS, "list_nodegroups", "Nodegroups", **own)
    profiles = ask_pages(aws, EKS, "list_fargate_profiles", "FargateProfileNames", **own)
    return [
        *(f"node group {name}" for name in groups),
        *(f"Fargate profile {name}" for name in profiles),
    ]


def _update(
    names: tuple[str, ...],
    changes: Callable[[Properties, Described], Mapping[str, Any]],
    call: str = "update_cluster_config",
) -> Update:
    return Update(call=call, sends=names, parameters=changes)


_UPDATES = (
    _update(("Version",), shapes.version, "update_cluster_version"),
    _update((VPC,), shapes.part(*shapes.PLACES)),
    _update((VPC,), shapes.part(*shapes.DOORS)),
    _update((VPC,), shapes.part("ControlPlaneEgressMode")),
    _update((LOGGING,), shapes.logging),
    _update(AUTO, shapes.differing(*AUTO)),
    *(_update((name,), shapes.differing(name)) for name in ALONE),
)
_RESETS = {
    LOGGING: Removal(
        default={"ClusterLogging": {"EnabledTypes": []}}, says="CloudWatch gets no logs"
    ),
    "ZonalShiftConfig": Removal(default={"Enabled": False}, says="zones are not shifted"),
    REMOTE: Removal(default=dict(shapes.NOWHERE), says="no machines elsewhere can be nodes"),
    "DeletionProtection": Removal(default=False, says="the cluster can be deleted"),
}
_REMOVALS = {
    f"/{REMOTE}/{name}": Removal(default=[], says="there are none") for name in shapes.NOWHERE
}
_MADE = (
    *(f"/{NETWORK}/{name}" for name in ("IpFamily", "ServiceIpv4Cidr")),
    f"/{ACCESS}/BootstrapClusterCreatorAdminPermissions",
)
_UNREAD = ("/BootstrapSelfManagedAddons", f"/{ACCESS}/BootstrapClusterCreatorAdminPermissions")
_FILLED = (
    *("Version", NETWORK, ACCESS, "UpgradePolicy", "ComputeConfig", "StorageConfig"),
    "ControlPlaneScalingConfig",
    *(f"{VPC}/{name}" for name in ("SecurityGroupIds", *shapes.DOORS, "ControlPlaneEgressMode")),
)
_PARTIAL = (
    *(VPC, NETWORK, ACCESS, REMOTE, "ComputeConfig", "StorageConfig", "UpgradePolicy"),
    *("ControlPlaneScalingConfig", f"{NETWORK}/ElasticLoadBalancing", "StorageConfig/BlockStorage"),
)
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "Name": {"pattern": "^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$"},
    "Version": {"pattern": r"^1\.\d\d$"},
    f"{VPC}/SubnetIds": {"minItems": 2, "uniqueItems": True},
    f"{VPC}/SecurityGroupIds": {"uniqueItems": True},
    f"{VPC}/PublicAccessCidrs": {"minItems": 1, "uniqueItems": True},
    f"{LOGGING}/ClusterLogging/EnabledTypes": {"uniqueKeys": ["Type"]},
    f"{LOGGING}/ClusterLogging/EnabledTypes/*": {"required": ["Type"]},
}
_CREATE = Create(
    call="create_cluster",
    sends=(*shapes.FIXED, *shapes.CHANGED),
    parameters=shapes.created_with,
    gives=lambda answer, _: str(answer["Cluster"]["Name"]),
    name=_NAME,
    token="ClientRequestToken",
    taken=TAKEN,
)
_DELETE = Delete(
    call="delete_cluster",
    users=_users,
    protected=lambda one: "DeletionProtection: false" if one.get("DeletionProtection") else "",
)

CLUSTER = native_type(
    Table(
        name="AWS::EKS::Cluster",
        noun="cluster",
        dialect=EKS,
        listing=_LISTING,
        shows=shapes.properties_of,
        addresses=shown("Name"),
        create=_CREATE,
        updates=_UPDATES,
        resets=_RESETS,
        removals=_REMOVALS,
        ready=lambda one: bool(one["Status"] == "ACTIVE"),
        failed=lambda one: issues(one) if one["Status"] == "FAILED" else "",
        delete=_DELETE,
        tags=_TAGS,
        natural_key=("Name",),
        create_only=_MADE,
        write_only=_UNREAD,
        filled=_FILLED,
        partial=tuple(f"/{path}" for path in _PARTIAL),
        stepwise=("/Version",),
        refine=refining(_LIMITS),
        looks=("list_nodegroups", "list_fargate_profiles"),
        passes_role_to="eks.amazonaws.com",
        kept_in_use=True,
        stateful=True,
        timeouts=minutes(create=120, update=240, delete=120),
        losses=Losses(gone="everything that runs in it and what its control plane knows is lost"),
    )
)
