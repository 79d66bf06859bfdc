"""Serve placement groups, which moto's EC2 lacks, and keep machines in theirs. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.responses import EC2Response
from moto.ec2.responses.instances import InstanceResponse
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, EC2_RESOURCE_TO_PREFIX, random_id

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.tag_index import index

_STRATEGIES = ("cluster", "partition", "spread")


class PlacementGroup(TaggedEC2Resource):
    """One group."""

    def __init__(self, backend: Any, asked: dict[str, Any]) -> None:
        self.ec2_backend = backend
        self.id = random_id(prefix="pg")
        self.asked = asked

    @property
    def data(self) -> dict[str, Any]:
        """The group as EC2 describes it."""
        arn = f"arn:aws:ec2:{self.ec2_backend.region_name}:{self.ec2_backend.account_id}"
        return {
            "GroupId": self.id,
            "GroupArn": f"{arn}:placement-group/{self.asked['GroupName']}",
            "State": "available",
            "Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in self.get_tags()],
            **self.asked,
        }


def patch() -> None:
    """Make the patches of this module."""
    EC2_RESOURCE_TO_PREFIX["placement-group"] = "pg"
    EC2_PREFIX_TO_RESOURCE["pg"] = "placement-group"
    EC2Response.create_placement_group = _create  # type: ignore[attr-defined]
    EC2Response.describe_placement_groups = _describe  # type: ignore[attr-defined]
    EC2Response.delete_placement_group = _delete  # type: ignore[attr-defined]
    wrap(InstanceResponse, "run_instances", _placed)
    index(ec2_backends, "ec2:placement-group", _indexed)


def _placed(original: Any) -> Any:
    """Defect: a launch forgets its placement group, and takes one that does not exist."""

    @wraps(original)
    def run_instances(self: Any) -> Any:
        name = (self._get_param("Placement") or {}).get("GroupName")
        if name and name not in _groups(self.ec2_backend):
            raise _unknown(name)
        answer = original(self)
        for instance in answer.result.instances if name else ():
            instance.placement.group_name = name
        return answer

    return run_instances


def _unknown(name: str) -> EC2ClientError:
    return EC2ClientError(
        "InvalidPlacementGroup.Unknown", f"The Placement Group '{name}' is unknown."
    )


def _indexed(backend: Any) -> Iterator[tuple[str, Any]]:
    for one in _groups(backend).values():
        yield one.data["GroupArn"], backend.tags.get(one.id, {})


def _groups(backend: Any) -> dict[str, PlacementGroup]:
    """The groups of an account and region by name."""
    if not hasattr(backend, "placement_groups"):
        backend.placement_groups = {}
    known: dict[str, PlacementGroup] = backend.placement_groups
    return known


def _create(self: Any) -> ActionResult:
    name, strategy = self._get_param("GroupName"), self._get_param("Strategy") or "cluster"
    groups = _groups(self.ec2_backend)
    if name in groups:
        raise EC2ClientError(
            "InvalidPlacementGroup.Duplicate", f"The Placement Group '{name}' already exists."
        )
    if strategy not in _STRATEGIES:
        raise EC2ClientError("InvalidParameterValue", f"There is no strategy {strategy}.")
    asked: dict[str, Any] = {"GroupName": name, "Strategy": strategy}
    if strategy == "partition":
        asked["PartitionCount"] = self._get_param("PartitionCount") or 2
    if strategy == "spread":
        asked["SpreadLevel"] = self._get_param("SpreadLevel") or "rack"
    group = groups[name] = PlacementGroup(self.ec2_backend, asked)
    group.add_tags(self._parse_tag_specification().get("placement-group", {}))
    return ActionResult({"PlacementGroup": group.data})


def _describe(self: Any) -> ActionResult:
    found = [group.data for group in _groups(self.ec2_backend).values()]
    for name, values in self._filters_from_querystring().items():
        if name.startswith("tag:"):
            key = name.removeprefix("tag:")
            found = [
                one
                for one in found
                if {t["Key"]: t["Value"] for t in one["Tags"]}.get(key) in values
            ]
        elif name == "group-name":
            found = [one for one in found if one["GroupName"] in values]
        else:
            raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
    return ActionResult({"PlacementGroups": found})


def _delete(self: Any) -> EmptyResult:
    name = self._get_param("GroupName")
    if name not in _groups(self.ec2_backend):
        raise _unknown(name)
    if any(
        instance.state != "terminated" and instance.placement.group_name == name
        for instance in self.ec2_backend.all_instances()
    ):
        raise EC2ClientError(
            "InvalidPlacementGroup.InUse", f"The placement group '{name}' is in use."
        )
    del _groups(self.ec2_backend)[name]
    return EmptyResult()
