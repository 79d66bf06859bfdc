"""Make moto's clusters of EKS keep, change, tell and refuse what AWS's do. Shell.

Not refused are ways back: AWS takes an access mode, or its own egress, only in one direction.

https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterVersion.html
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.eks.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceInUseException,
)
from moto.eks.models import EKSBackend, eks_backends, validate_safe_to_delete
from moto.eks.responses import EKSResponse

from gitbot_sandbox.aws.eks_changes import change, delete, make, merged, network_of, trusts
from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import described
from gitbot_sandbox.aws.tag_index import index

_KEPT: Mapping[str, Any] = {
    "accessConfig": {"authenticationMode": "CONFIG_MAP"},
    "upgradePolicy": {"supportType": "EXTENDED"},
    "zonalShiftConfig": {"enabled": False},
    "computeConfig": {"enabled": False},
    "storageConfig": {"blockStorage": {"enabled": False}},
    "remoteNetworkConfig": None,
    "deletionProtection": False,
    "controlPlaneScalingConfig": {"tier": "standard"},
    "outpostConfig": None,
}
_AUTO = {"computeConfig", "storageConfig", "kubernetesNetworkConfig"}
_NETWORK = {
    "serviceIpv4Cidr": "172.20.0.0/16",
    "ipFamily": "ipv4",
    "elasticLoadBalancing": {"enabled": False},
}
_DOORS = {
    "endpointPublicAccess": True,
    "endpointPrivateAccess": False,
    "publicAccessCidrs": ["0.0.0.0/0"],
    "securityGroupIds": [],
    "controlPlaneEgressMode": "AWS_MANAGED",
}
_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")


def patch() -> None:
    """Make all patches of this module."""
    wrap(EKSResponse, "create_cluster", _whole)
    wrap(EKSResponse, "describe_cluster", _passing)
    wrap(EKSBackend, "delete_cluster", _unused)
    EKSResponse.update_cluster_config = _update_config  # type: ignore[method-assign]
    EKSResponse.update_cluster_version = _update_version  # type: ignore[attr-defined]
    index(eks_backends, "eks:cluster", _tagged)


def _tagged(backend: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for one in backend.clusters.values():
        yield one.arn, dict(one.tags)


def _snake(name: str) -> str:
    return re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", name)


def _whole(original: Any) -> Any:
    """Defect: most of what is asked for is dropped, and nothing has the defaults of AWS."""

    @wraps(original)
    def create_cluster(self: Any) -> Any:
        backend, name = self.eks_backend, self._get_param("name")
        present = backend.clusters.get(name)
        token = self._get_param("clientRequestToken")
        if present is not None and token and present.client_request_token == token:
            return ActionResult({"cluster": present})
        asked = self._get_param("resourcesVpcConfig")
        vpc = _two_zones(backend, asked["subnetIds"])
        _check_role(backend, self._get_param("roleArn"))
        answer = original(self)
        cluster = backend.clusters[name]
        for kept, default in _KEPT.items():
            value = merged(copy.deepcopy(default), self._get_param(kept))
            setattr(cluster, _snake(kept), value)
        cluster.kubernetes_network_config = merged(
            dict(_NETWORK), self._get_param("kubernetesNetworkConfig")
        )
        more = {"clusterSecurityGroupId": "sg-0123456789abcdef0", "vpcId": vpc}
        cluster.resources_vpc_config = {**copy.deepcopy(_DOORS), **more, **asked}
        cluster.logging = _logging({}, self._get_param("logging"))
        cluster.version = self._get_param("version") or "1.31"
        make(cluster, "FAILED")
        return answer

    return create_cluster


def _two_zones(backend: Any, subnets: Any) -> str:
    """The VPC of the subnets of a cluster, which are in two zones at least."""
    vpc, zones = network_of(backend, subnets)
    if len(zones) < 2:
        raise InvalidParameterException(
            message="Subnets specified must be in at least two different AZs"
        )
    return vpc


def _check_role(backend: Any, arn: str) -> None:
    trusted = trusts(backend, arn, "eks.amazonaws.com")
    if trusted is None:
        raise InvalidParameterException(message=f"roleArn, {arn}, does not exist")
    if not trusted:
        raise InvalidParameterException(
            message="Role could not be assumed because the trusted entity is not correct"
        )


def _passing(original: Any) -> Any:
    """Defect: nothing takes time."""

    @wraps(original)
    def describe_cluster(self: Any) -> Any:
        described(self.eks_backend.clusters.get(self._get_param("name")))
        return original(self)

    return describe_cluster


def _free(cluster: Any, what: str) -> Any:
    """The cluster, if nothing is done to it now."""
    if cluster.status not in ("ACTIVE", "FAILED"):
        under_way = cluster.updates[-1]["id"] if cluster.updates else cluster.status
        raise ResourceInUseException(
            clusterName=cluster.name,
            nodegroupName=None,
            addonName=None,
            message=f"Cannot {what} because cluster {cluster.name} currently has update "
            f"{under_way} in progress",
        )
    return cluster


def _logging(has: Mapping[str, bool], asked: Any) -> dict[str, Any]:
    on = {**dict.fromkeys(_LOGS, False), **has}
    for setup in (asked or {}).get("clusterLogging") or ():
        on |= dict.fromkeys(setup["types"], setup["enabled"])
    both = {enabled: [one for one in on if on[one] is enabled] for enabled in (True, False)}
    return {"clusterLogging": [{"types": t, "enabled": e} for e, t in both.items() if t]}


def _update_config(self: Any) -> Any:
    """Answer UpdateClusterConfig: one kind of change in a call, and one that changes nothing is refused."""
    cluster = _free(self.eks_backend.describe_cluster(self._get_param("name")), "ConfigUpdate")
    settings = (*_KEPT, "resourcesVpcConfig", "logging", "kubernetesNetworkConfig")
    asked = {name: self._get_param(name) for name in settings if self._get_param(name) is not None}
    network = set(asked.get("resourcesVpcConfig", ()))
    doors = {"endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs"}
    kinds = len(set(asked) - _AUTO) + bool(set(asked) & _AUTO)
    if kinds > 1 or (network & doors and network - doors):
        raise InvalidParameterException(message="Only one type of update can be allowed.")
    if "subnetIds" in network:
        vpc = _two_zones(self.eks_backend, asked["resourcesVpcConfig"]["subnetIds"])
        if vpc != cluster.resources_vpc_config["vpcId"]:
            raise InvalidParameterException(
                message="Provided subnets belong to a different VPC than the cluster's"
            )
    return change(cluster, "ConfigUpdate", _changes(cluster, asked))


def _changes(cluster: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of the cluster that are asked for."""
    found = {}
    for name, value in asked.items():
        has = getattr(cluster, _snake(name))
        if name == "logging":
            kinds = {
                kind: setup["enabled"] for setup in has["clusterLogging"] for kind in setup["types"]
            }
            found[name] = _logging(kinds, value)
        else:
            found[_snake(name)] = merged(has, value)
    return found


def _update_version(self: Any) -> Any:
    """Answer UpdateClusterVersion: the next minor version alone is taken, when all nodes have this one."""
    cluster = _free(self.eks_backend.describe_cluster(self._get_param("name")), "VersionUpdate")
    wanted = self._get_param("version")
    has, next_ = (int(one.split(".")[1]) for one in (cluster.version, wanted))
    if next_ != has + 1:
        raise InvalidParameterException(
            message=f"Unsupported Kubernetes minor version update from {cluster.version} to {wanted}"
        )
    groups = cluster.nodegroups.values()
    older = [one.nodegroup_name for one in groups if one.version != cluster.version]
    if older:
        raise InvalidRequestException(
            message=f"Nodegroups {', '.join(older)} must be updated to match cluster version "
            f"{cluster.version} before updating cluster version"
        )
    return change(cluster, "VersionUpdate", {"version": wanted})


def _unused(original: Any) -> Any:
    """Defects: a protected cluster is deleted, one that is being changed, and one with Fargate profiles."""

    @wraps(original)
    def delete_cluster(self: Any, name: str) -> Any:
        cluster = self.clusters.get(name)
        if cluster is None or cluster.status == "DELETING":
            return cluster or original(self, name)
        _free(cluster, "DeleteCluster")
        validate_safe_to_delete(cluster)
        refusal = ""
        if cluster.deletion_protection:
            refusal = "The cluster is protected against deletion."
        elif cluster.fargate_profiles:
            refusal = "Cluster has Fargate profiles attached"
        if refusal:
            raise ResourceInUseException(
                clusterName=name, nodegroupName=None, addonName=None, message=refusal
            )
        delete(cluster, lambda: original(self, name))
        return cluster

    return delete_cluster
