"""Make moto's node groups of EKS keep, change, tell and refuse what AWS's do. Shell.

https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupConfig.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks import urls
from moto.eks.exceptions import ResourceInUseException
from moto.eks.models import EKSBackend, eks_backends
from moto.eks.responses import EKSResponse

from gitbot_sandbox.aws.eks_changes import change, delete, make, merged, network_of, trusts
from gitbot_sandbox.aws.eks_requests import (
    check_release,
    check_template,
    how_to_update,
    known,
    refuse,
)
from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import described
from gitbot_sandbox.aws.tag_index import index

_SIZES = {"minSize": 2, "maxSize": 2, "desiredSize": 2}
_FIRST_RELEASE = "20240102"


def patch() -> None:
    """Make all patches of this module."""
    wrap(EKSResponse, "create_nodegroup", _whole)
    wrap(EKSResponse, "describe_nodegroup", _passing)
    wrap(EKSBackend, "delete_nodegroup", _slowly)
    EKSResponse.update_nodegroup_config = _update_config  # type: ignore[method-assign]
    EKSResponse.update_nodegroup_version = _update_version  # type: ignore[attr-defined]
    path = "/clusters/(?P<name>[^/]+)/node-groups/(?P<nodegroupName>[^/]+)/update-version$"
    urls.url_paths[f"{{0}}{path}"] = EKSResponse.dispatch
    index(eks_backends, "eks:nodegroup", _tagged)


def _tagged(backend: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for cluster in backend.clusters.values():
        for one in cluster.nodegroups.values():
            yield one.arn, dict(one.tags)


def _whole(original: Any) -> Any:
    """Defect: some of what is asked for is dropped, the rest not checked, and the defaults are of old."""

    @wraps(original)
    def create_nodegroup(self: Any) -> Any:
        cluster = self.eks_backend.describe_cluster(self._get_param("name"))
        name, token = self._get_param("nodegroupName"), self._get_param("clientRequestToken")
        present = cluster.nodegroups.get(name)
        if present is not None and token and present.client_request_token == token:
            return ActionResult({"nodegroup": present})
        _check(self, cluster)
        answer = original(self)
        _fill(self, cluster, cluster.nodegroups[name])
        make(cluster.nodegroups[name], "CREATE_FAILED")
        return answer

    return create_nodegroup


def _check(self: Any, cluster: Any) -> None:
    backend, role = self.eks_backend, self._get_param("nodeRole")
    vpc, _ = network_of(backend, self._get_param("subnets"))
    if vpc != cluster.resources_vpc_config["vpcId"]:
        raise refuse("Subnets are not in the VPC of the cluster")
    if not trusts(backend, role, "ec2.amazonaws.com"):
        raise refuse(
            "Following required service principals [ec2.amazonaws.com] were not found in the trust "
            f"relationships of nodeRole {role}"
        )
    if self._get_param("version") not in (None, cluster.version):
        raise refuse(
            f"Nodegroup Kubernetes version should be equal to cluster version {cluster.version}"
        )
    check_release(self._get_param("releaseVersion"), cluster.version)
    check_template(self._get_param("launchTemplate"))
    sizes = {**_SIZES, **(self._get_param("scalingConfig") or {})}
    if sizes["minSize"] > sizes["desiredSize"]:
        raise refuse("minSize can't be greater than desiredSize")
    if sizes["desiredSize"] > sizes["maxSize"]:
        raise refuse("desiredSize can't be greater than maxSize")
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    key = (self._get_param("remoteAccess") or {}).get("ec2SshKey")
    if key and key not in ec2.key_pairs:
        raise refuse(f"The key pair '{key}' does not exist")


def _fill(self: Any, cluster: Any, group: Any) -> None:
    """What AWS shows of a new group."""
    template, group.version = self._get_param("launchTemplate"), cluster.version
    group.release_version = (
        self._get_param("releaseVersion") or f"{cluster.version}.0-{_FIRST_RELEASE}"
    )
    group.ami_type = self._get_param("amiType") or "AL2023_x86_64_STANDARD"
    group.disk_size = None if template else self._get_param("diskSize") or 20
    group.instance_types = self._get_param("instanceTypes") or (None if template else ["t3.medium"])
    group.remote_access = self._get_param("remoteAccess")
    group.scaling_config = {**_SIZES, **(self._get_param("scalingConfig") or {})}
    group.update_config = how_to_update(self._get_param("updateConfig"))
    group.node_repair_config = self._get_param("nodeRepairConfig")
    group.warm_pool_config = self._get_param("warmPoolConfig")
    if template:
        group.launch_template = known(self.eks_backend, template)


def _passing(original: Any) -> Any:
    """Defect: nothing takes time."""

    @wraps(original)
    def describe_nodegroup(self: Any) -> Any:
        cluster = self.eks_backend.clusters.get(self._get_param("name"))
        groups = {} if cluster is None else cluster.nodegroups
        described(groups.get(self._get_param("nodegroupName")))
        return original(self)

    return describe_nodegroup


def _slowly(original: Any) -> Any:
    """Defect: a group is gone at once, whatever is left of it. The failure of a deletion is told in the group."""

    @wraps(original)
    def delete_nodegroup(self: Any, cluster_name: str, nodegroup_name: str) -> Any:
        group = self.describe_nodegroup(cluster_name, nodegroup_name)
        if group.status != "DELETING":
            delete(group, lambda: original(self, cluster_name, nodegroup_name), "DELETE_FAILED")
        return group

    return delete_nodegroup


def _idle(self: Any) -> Any:
    """The group, if nothing is done to it now."""
    group = self.eks_backend.describe_nodegroup(
        self._get_param("name"), self._get_param("nodegroupName")
    )
    if group.status not in ("ACTIVE", "DEGRADED"):
        raise ResourceInUseException(
            clusterName=group.cluster_name,
            nodegroupName=group.nodegroup_name,
            addonName=None,
            message="Nodegroup cannot be updated as it is currently not in Active State",
        )
    return group


def _update_config(self: Any) -> Any:
    """Answer UpdateNodegroupConfig."""
    group = _idle(self)
    labels, taints = self._get_param("labels") or {}, self._get_param("taints") or {}
    wanted: dict[str, Any] = {
        "labels": {
            **{
                name: value
                for name, value in group.labels.items()
                if name not in labels.get("removeLabels", ())
            },
            **labels.get("addOrUpdateLabels", {}),
        },
        "taints": _tainted(group.taints, taints),
        "scaling_config": {**group.scaling_config, **(self._get_param("scalingConfig") or {})},
        "node_repair_config": merged(group.node_repair_config, self._get_param("nodeRepairConfig")),
        "warm_pool_config": merged(group.warm_pool_config, self._get_param("warmPoolConfig")),
    }
    if self._get_param("updateConfig"):
        wanted["update_config"] = how_to_update(self._get_param("updateConfig"))
    least, size, most = (
        wanted["scaling_config"][name] for name in ("minSize", "desiredSize", "maxSize")
    )
    if least > size:
        raise refuse(f"Minimum capacity {least} can't be greater than desired size {size}")
    if size > most:
        raise refuse(f"desired capacity {size} can't be greater than max size {most}")
    return change(group, "ConfigUpdate", wanted)


def _tainted(has: Any, asked: Mapping[str, Any]) -> list[Any]:
    changed = [*asked.get("addOrUpdateTaints", ()), *asked.get("removeTaints", ())]
    known = {(one["key"], one["effect"]) for one in changed}
    kept = [one for one in has if (one["key"], one["effect"]) not in known]
    return [*kept, *asked.get("addOrUpdateTaints", ())]


def _update_version(self: Any) -> Any:
    """Answer UpdateNodegroupVersion: what is not asked for becomes the newest."""
    group = _idle(self)
    cluster = self.eks_backend.describe_cluster(group.cluster_name)
    asked = self._get_param("launchTemplate")
    check_template(asked)
    version, release = self._get_param("version"), self._get_param("releaseVersion")
    version = version or cluster.version
    steps = [tuple(map(int, one.split("."))) for one in (group.version, version, cluster.version)]
    if steps != sorted(steps):
        raise refuse(f"Requested Kubernetes version {version} is not valid for the nodegroup")
    check_release(release, version)
    newest = f"{version}.0-{_FIRST_RELEASE}"
    has = group.release_version
    release = release or (max(has, newest) if version == group.version else newest)
    if version == group.version and release < has:
        raise refuse(f"Requested Nodegroup release version {release} is invalid.")
    wanted = {"version": version, "release_version": release}
    if asked is not None:
        own = group.launch_template
        if not own:
            raise refuse("Launch template can only be updated for a nodegroup that has one")
        there = known(self.eks_backend, asked)
        if there["id"] != own["id"]:
            raise refuse("You cannot use another launch template than that of the creation")
        wanted["launch_template"] = there
    return change(group, "VersionUpdate", wanted)
