"""Make moto tell of the changes of EKS's clusters and node groups, and tag both. Shell.

https://docs.aws.amazon.com/eks/latest/APIReference/API_ListUpdates.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeUpdate.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_TagResource.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.eks import urls
from moto.eks.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.eks.responses import EKSResponse

from gitbot_sandbox.aws.moto_patch import MOST_TAGS
from gitbot_sandbox.aws.states import described


def patch() -> None:
    """Make all patches of this module."""
    calls = (list_updates, describe_update, tag_resource, untag_resource, list_tags_for_resource)
    for call in calls:
        setattr(EKSResponse, call.__name__, call)
    for path in ("/updates$", "/updates/(?P<updateId>[^/]+)$"):
        urls.url_paths[f"{{0}}/clusters/(?P<name>[^/]+){path}"] = EKSResponse.dispatch


def _changed(self: Any) -> Any:
    """The object whose changes are asked for: a node group, or else the cluster."""
    name, group = self._get_param("name"), self._get_param("nodegroupName")
    if group:
        return self.eks_backend.describe_nodegroup(name, group)
    return self.eks_backend.describe_cluster(name)


def list_updates(self: Any) -> Any:
    """Answer ListUpdates."""
    return ActionResult({"updateIds": [one["id"] for one in _changed(self).updates]})


def describe_update(self: Any) -> Any:
    """Answer DescribeUpdate."""
    one, wanted = _changed(self), self._get_param("updateId")
    described(one)
    for update in one.updates:
        if update["id"] == wanted:
            return ActionResult({"update": update})
    raise ResourceNotFoundException(message=f"No update found for ID: {wanted}")


def _tagged(self: Any) -> Any:
    """The object with the ARN that is asked about. Defect: moto tags clusters alone."""
    arn = self._extract_arn_from_path()
    for cluster in self.eks_backend.clusters.values():
        for one in (cluster, *cluster.nodegroups.values()):
            if one.arn == arn:
                return one
    raise ResourceNotFoundException(message=f"No resource found with ARN: {arn}")


def tag_resource(self: Any) -> Any:
    """Answer TagResource."""
    one, tags = _tagged(self), self._get_param("tags")
    if len({*one.tags, *tags}) > MOST_TAGS:
        raise InvalidParameterException(message="Too many tags")
    one.tags.update(tags)
    return EmptyResult()


def untag_resource(self: Any) -> Any:
    """Answer UntagResource. Defect: of several keys, only the first is removed."""
    one = _tagged(self)
    for key in self.querystring.get("tagKeys") or ():
        one.tags.pop(key, None)
    return EmptyResult()


def list_tags_for_resource(self: Any) -> Any:
    """Answer ListTagsForResource."""
    return ActionResult({"tags": _tagged(self).tags})
