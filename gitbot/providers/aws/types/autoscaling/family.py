"""Say how EC2 Auto Scaling names, refuses, lists and tags. Shell.

AWS's index of tags has no groups, so that they are searched for with filters of their own call.
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateOrUpdateTags.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.table import Described
from gitbot.providers.aws.tagging import STRICT_TAGS, tag_list, tag_map

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

AUTO_SCALING = Dialect(
    service="autoscaling",
    absent=frozenset({"ValidationError: name not found"}),
    busy=frozenset({"ResourceInUse", "ScalingActivityInProgress"}),
)
ON_MACHINES = "PropagateAtLaunch"
"""What a tag says beside its key and value: new machines of the group get it too."""


def of_group(tags: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The declared tags in full. Those of labels and of the environment do not say it: machines get them."""
    return [{ON_MACHINES: True, **tag} for tag in tags]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTags(PlainTags):
    """Tags of groups; the ownership tags are on the group alone, not on its machines."""

    def at_creation(self, operation: Operation) -> Mapping[str, Any]:
        """See ``table.Tagging``."""
        declared = of_group(operation.properties.get(self.declared) or ())  # type: ignore[arg-type]  # schema-checked
        return {"Tags": [*declared, *_apart(operation.ownership)]}

    def put(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        """See ``table.Tagging``."""
        if tags:
            self._write(aws, described, _apart(tags))

    def put_declared(self, aws: Connection, described: Described, operation: Operation) -> None:
        """See ``table_protocols.Detailing``."""
        tags = of_group(operation.properties.get(self.declared) or ())  # type: ignore[arg-type]  # schema-checked
        if tags:
            self._write(aws, described, tags)

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """See ``table.Tagging``."""
        gone = [{**self.target(described), "Key": key} for key in keys]
        aws.call("autoscaling", self.removing, Tags=gone)

    def read(self, aws: Connection, described: Described) -> list[dict[str, Any]]:
        """The tags of a described group, with what they say of machines."""
        told = described.get("Tags") or ()
        return [
            {"Key": one["Key"], "Value": one.get("Value", ""), ON_MACHINES: one[ON_MACHINES]}
            for one in told
        ]

    def _write(
        self, aws: Connection, described: Described, tags: Iterable[Mapping[str, Any]]
    ) -> None:
        target = self.target(described)
        aws.call("autoscaling", self.putting, Tags=[{**target, **tag} for tag in tags])


def _apart(tags: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{**tag, ON_MACHINES: False} for tag in tag_list(tags)]


TAGS = GroupTags(
    dialect=AUTO_SCALING,
    limits=replace(STRICT_TAGS, details=(ON_MACHINES,)),
    target=lambda one: {
        "ResourceId": one["AutoScalingGroupName"],
        "ResourceType": "auto-scaling-group",
    },
    putting="create_or_update_tags",
    removing="delete_tags",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups(Plain):
    """Groups by their names; those with tags are searched for by filters."""

    def _searched(self, aws: Connection, wanted: Mapping[str, list[str]]) -> Iterator[Described]:
        filters = [{"Name": f"tag:{key}", "Values": values} for key, values in wanted.items()]
        found = aws.pages("autoscaling", self.call, self.answer, Filters=filters)
        for one in self.by_id(aws, [group["AutoScalingGroupName"] for group in found]):
            its = tag_map(one["Tags"])
            if all(its.get(key) in values for key, values in wanted.items()):
                yield one
