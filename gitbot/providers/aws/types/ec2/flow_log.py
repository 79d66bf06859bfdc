"""AWS::EC2::FlowLog as a table. Shell.

ResourceId, ResourceType, TrafficType, LogDestinationType, LogDestination, LogGroupName,
DeliverLogsPermissionArn, DeliverCrossAccountRole, LogFormat, MaxAggregationInterval, DestinationOptions:
replace. Tags: changed in place. Attributes: Id.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing, Ec2Tags

_KINDS = {
    "eni": "NetworkInterface",
    "nat": "RegionalNatGateway",
    "subnet": "Subnet",
    "tgw": "TransitGateway",
    "tgw-attach": "TransitGatewayAttachment",
    "vpc": "VPC",
}
"""What flow logs are of, by how its identifier begins: descriptions do not say it."""
_SHOWN = (
    *("ResourceId", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName"),
    *("DeliverLogsPermissionArn", "DeliverCrossAccountRole", "LogFormat"),
    *("MaxAggregationInterval", "DestinationOptions"),
)


def _log(log: Described) -> Properties:
    kind = _KINDS.get(str(log["ResourceId"]).rpartition("-")[0])
    return {**shown(*_SHOWN, Id="FlowLogId")(log), "ResourceType": kind}


def _creating(operation: Operation) -> Mapping[str, Any]:
    given = shown("ResourceType", *_SHOWN)(operation.properties)
    one = given["ResourceId"]
    return {name: value for name, value in given.items() if name != "ResourceId"} | {
        "ResourceIds": [one]
    }


FLOW_LOG = native_type(
    Table(
        name="AWS::EC2::FlowLog",
        noun="flow log",
        dialect=EC2,
        listing=Ec2Listing(
            *("describe_flow_logs", "FlowLogs"),
            by="flow-log-id",
            filters="Filter",
            index=Index("ec2:vpc-flow-log"),
        ),
        identifier=itemgetter("FlowLogId"),
        shows=_log,
        create=Create(
            call="create_flow_logs",
            sends=("ResourceType", *_SHOWN),
            parameters=_creating,
            gives=lambda answer, _: answer["FlowLogIds"][0],
            token="ClientToken",
        ),
        delete=Delete(
            call="delete_flow_logs", parameters=lambda one: {"FlowLogIds": [one["FlowLogId"]]}
        ),
        tags=Ec2Tags("vpc-flow-log", "FlowLogId"),
        passes_role_to="vpc-flow-logs.amazonaws.com",
        exclusive=("ResourceId",),  # AWS makes no second log of it with the same destination
        filled=("LogDestinationType", "LogFormat", "MaxAggregationInterval"),
    )
)
