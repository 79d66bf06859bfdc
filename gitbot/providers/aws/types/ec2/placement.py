"""AWS::EC2::PlacementGroup as a table. Shell.

Strategy, SpreadLevel, PartitionCount: replace. Tags: changed in place, although the registry says that
they replace. Its name is generated. Attributes: GroupName, GroupId.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreatePlacementGroup.html
"""

from __future__ import annotations

from operator import itemgetter

from gitbot.model.cloud import Operation
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.table import Create, Delete, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.tagging import generated_name
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags

_SENT = ("Strategy", "SpreadLevel", "PartitionCount")
_LONGEST = 255


def _made_with(operation: Operation) -> Properties:
    given = {name: operation.properties.get(name) for name in _SENT}
    named = {name: value for name, value in given.items() if value is not None}
    # The registry leaves the strategy out, and EC2 wants one.
    return {"Strategy": "cluster", **named, "GroupName": generated_name(operation, _LONGEST)}


PLACEMENT_GROUP = native_type(
    Table(
        name="AWS::EC2::PlacementGroup",
        noun="placement group",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_placement_groups", "PlacementGroups"),
            by="group-name",
            index=Index("ec2:placement-group"),
            paged=False,
        ),
        identifier=itemgetter("GroupName"),
        shows=shown("GroupName", "GroupId", *_SENT),
        create=Create(
            call="create_placement_group",
            sends=_SENT,
            gives=lambda answer, _: answer["PlacementGroup"]["GroupName"],
            parameters=_made_with,
            taken=frozenset({"InvalidPlacementGroup.Duplicate"}),
        ),
        ready=lambda one: one["State"] == "available",
        exists=lambda one: one["State"] not in ("deleting", "deleted"),
        delete=Delete(call="delete_placement_group", parameters=shown("GroupName")),
        tags=Ec2Tags("placement-group", "GroupId"),
        filled=_SENT,
    )
)
