"""AWS::EKS::Nodegroup as a table. Shell.

NodegroupName (generated when absent), ClusterName, NodeRole, Subnets, AmiType, CapacityType, DiskSize, InstanceTypes,
RemoteAccess, and of LaunchTemplate its Id or Name: replace. Version, ReleaseVersion and the version of LaunchTemplate
(each drains and replaces all machines, with ForceUpdateEnabled also those that cannot be drained), ScalingConfig (a
DesiredSize that is not declared is left to whoever scales the group), Labels (those of others stay), Taints, UpdateConfig, NodeRepairConfig, WarmPoolConfig, Tags: changed in place; each change is waited
for, and EKS's reason told where it could not make one. Attributes: Id, Arn.
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupConfig.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_DeleteNodegroup.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cautions import Caution
from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.eks.family import EKS, TAKEN, issues, tags_of
from gitbot.providers.aws.types.eks.node_shapes import (
    FIXED,
    FORCE,
    KEPT,
    RUNS,
    SCALING,
    TEMPLATE,
    compared,
    configured,
    identity,
    properties_of,
    remade,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="NodegroupName", longest=63)
_BROKEN = ("CREATE_FAILED", "DEGRADED", "DELETE_FAILED")


def _asked(remote_id: str) -> dict[str, str]:
    cluster, _, group = remote_id.partition("/")
    return {"ClusterName": cluster, "NodegroupName": group}


def _keyed(aws: Connection, operation: Operation) -> Iterable[str]:
    cluster = operation.properties.get("ClusterName")
    return [f"{cluster}/{_NAME.of(operation)}"] if cluster else []


_LISTING = Plain(
    dialect=EKS,
    call="describe_nodegroup",
    answer="Nodegroup",
    asks=_asked,
    tags=tags_of("NodegroupArn", as_map=True),
    name=_NAME,
    keyed=_keyed,
    index=Index("eks:nodegroup", own=lambda arn: "/".join(arn.split("/")[1:3])),
)


def _stuck(one: Described) -> str:
    return issues(one) if one["Status"] == "DELETE_FAILED" else ""


_UPDATES = (
    Update(
        call="update_nodegroup_version",
        sends=(*RUNS, FORCE),
        along=(FORCE,),
        whole=True,
        parameters=remade,
    ),
    Update(call="update_nodegroup_config", sends=KEPT, parameters=configured, shared=("/Labels",)),
)
_RESETS = {
    FORCE: Removal(default=None, says="machines that cannot be drained are not replaced"),
    "Labels": Removal(default={}, says="the labels that the spec set are deleted"),
    "Taints": Removal(default=[], says="the taints are deleted"),
    "UpdateConfig": Removal(
        default={"MaxUnavailable": 1, "UpdateStrategy": "DEFAULT"},
        says="machines are replaced one by one",
    ),
    "NodeRepairConfig": Removal(default={"Enabled": False}, says="machines are not repaired"),
    "WarmPoolConfig": Removal(default={"Enabled": False}, says="no machines are kept warm"),
}
_REMOVALS = {
    "/UpdateConfig/UpdateStrategy": Removal(default="DEFAULT", says="the default of AWS"),
    "/NodeRepairConfig/Enabled": Removal(default=False, says="machines are not repaired"),
    "/WarmPoolConfig/Enabled": Removal(default=False, says="no machines are kept warm"),
    "/WarmPoolConfig/MinSize": Removal(default=0, says="none need be warm"),
    "/WarmPoolConfig/PoolState": Removal(default="STOPPED", says="they are stopped"),
    "/WarmPoolConfig/ReuseOnScaleIn": Removal(default=False, says="none goes back to them"),
    "/WarmPoolConfig/MaxGroupPreparedCapacity": Removal(default=-1, says="the default of AWS"),
}
_FILLED = (
    *("AmiType", "CapacityType", "DiskSize", "InstanceTypes", "Version", "ReleaseVersion", SCALING),
    *(f"{SCALING}/{one}" for one in ("MinSize", "MaxSize", "DesiredSize")),
    *(f"{TEMPLATE}/{one}" for one in ("Id", "Name", "Version")),
)
_COUNTED = ("MaxUnhealthyNodeThreshold", "MaxParallelNodesRepaired")
_REPAIR = "NodeRepairConfig/NodeRepairConfigOverrides"
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "dependentExcluded": {
            TEMPLATE: ["DiskSize", "RemoteAccess"],
            "DiskSize": [TEMPLATE],
            "RemoteAccess": [TEMPLATE],
        }
    },
    "NodegroupName": {"pattern": "^[0-9A-Za-z][A-Za-z0-9_-]{0,62}$"},
    "Version": {"pattern": r"^1\.\d\d$"},
    "ReleaseVersion": {"minLength": 1},
    "CapacityType": {"enum": ["CAPACITY_BLOCK", "ON_DEMAND", "SPOT"]},
    "Subnets": {"minItems": 1, "uniqueItems": True},
    "InstanceTypes": {"minItems": 1, "uniqueItems": True},
    "RemoteAccess/SourceSecurityGroups": {"uniqueItems": True},
    f"{TEMPLATE}/Version": {
        "not": {
            "pattern": r"^\$",
            "title": "is turned into a number by EKS, so that every plan would change it; give the number, such as "
            "${template.LatestVersionNumber}",
        }
    },
    TEMPLATE: {"requiredXor": ["Id", "Name"]},
    "UpdateConfig": {"requiredXor": ["MaxUnavailable", "MaxUnavailablePercentage"]},
    "NodeRepairConfig": {
        "dependentExcluded": {
            f"{name}{one}": [f"{name}{other}"]
            for name in _COUNTED
            for one, other in (("Count", "Percentage"), ("Percentage", "Count"))
        }
    },
    _REPAIR: {"uniqueItems": True},
    f"{_REPAIR}/*": {
        "required": [
            *("MinRepairWaitTimeMins", "NodeMonitoringCondition", "NodeUnhealthyReason"),
            "RepairAction",
        ]
    },
    f"{_REPAIR}/*/NodeMonitoringCondition": {"minLength": 1},
    f"{_REPAIR}/*/NodeUnhealthyReason": {"minLength": 1},
    "Taints": {"uniqueKeys": ["Key", "Effect"], "maxItems": 50},
    "Taints/*": {"required": ["Key", "Effect"]},
}
_CAUTIONS = tuple(
    Caution(changed=f"/{name}", says="Each machine is drained and replaced by a new one.")
    for name in RUNS
)
_CREATE = Create(
    call="create_nodegroup",
    sends=(*FIXED, *RUNS, *KEPT),
    gives=lambda answer, _: identity(answer["Nodegroup"]),
    name=_NAME,
    token="ClientRequestToken",
    taken=TAKEN,
)

NODEGROUP = native_type(
    Table(
        name="AWS::EKS::Nodegroup",
        noun="node group",
        dialect=EKS,
        listing=_LISTING,
        identifier=identity,
        shows=properties_of,
        addresses=shown("ClusterName", "NodegroupName"),
        create=_CREATE,
        updates=_UPDATES,
        resets=_RESETS,
        removals=_REMOVALS,
        ready=lambda one: bool(one["Status"] == "ACTIVE"),
        failed=lambda one: issues(one) if one["Status"] in _BROKEN else "",
        delete=Delete(call="delete_nodegroup", stuck=_stuck),
        tags=_LISTING.tags,
        natural_key=("ClusterName", "NodegroupName"),
        create_only=(f"/{TEMPLATE}/Id", f"/{TEMPLATE}/Name"),
        write_only=(f"/{FORCE}",),
        filled=_FILLED,
        partial=(f"/{SCALING}", "/NodeRepairConfig", "/WarmPoolConfig"),
        identities={"/Taints": ("Key", "Effect")},
        normalise=compared,
        refine=refining(_LIMITS),
        calls=("ec2:RunInstances",),
        passes_role_to="eks.amazonaws.com",
        cautions=_CAUTIONS,
        timeouts=minutes(create=120, update=1440, delete=120),
        losses=Losses(gone="its machines are terminated, and what is on their disks is lost"),
    )
)
