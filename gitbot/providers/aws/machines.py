"""Ask CloudWatch whether machines work, and run commands on them by SSM. Shell.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.hours import BusyMetric, PreStop
from gitbot.model.names import RemoteId
from gitbot.providers.aws.connection import Connection
from gitbot.providers.aws.waiting import wait_until

MOST_QUERIES = 500
"""How many metrics one GetMetricData takes."""
_ENDED = ("Success", "Cancelled", "TimedOut", "Failed", "Undeliverable", "Terminated")
_LONGEST_OUTPUT = 200


def measure(
    aws: Connection, metric: BusyMetric, remote_ids: Sequence[RemoteId]
) -> Mapping[RemoteId, float | None]:
    """See ``ports.Cloud.measure``. The window is one period, so there is one value at most."""
    found: dict[RemoteId, float | None] = dict.fromkeys(remote_ids)
    for start in range(0, len(remote_ids), MOST_QUERIES):
        some = remote_ids[start : start + MOST_QUERIES]
        names = {f"m{number}": remote_id for number, remote_id in enumerate(some)}
        now = aws.clock.now()
        answer = aws.call(
            "cloudwatch",
            "get_metric_data",
            MetricDataQueries=[_query(metric, name, names[name]) for name in names],
            StartTime=now - metric.window,
            EndTime=now,
        )
        for result in answer["MetricDataResults"]:
            if result.get("Values"):
                found[names[result["Id"]]] = float(max(result["Values"]))
    return found


def _query(metric: BusyMetric, name: str, remote_id: RemoteId) -> dict[str, Any]:
    # CloudWatch takes periods of whole minutes.
    period = max(60, int(metric.window / timedelta(minutes=1)) * 60)
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": "InstanceId", "Value": remote_id}],
            },
            "Period": period,
            "Stat": metric.statistic,
        },
    }


def run_command(
    aws: Connection, operation: Operation, remote_id: RemoteId, command: PreStop
) -> None:
    """See ``ports.Cloud.run_before_stop``."""
    seconds = str(int(command.timeout.total_seconds()))
    sent = aws.call(
        "ssm",
        "send_command",
        InstanceIds=[remote_id],
        DocumentName="AWS-RunShellScript",
        Parameters={"commands": [command.command], "executionTimeout": [seconds]},
        TimeoutSeconds=max(30, int(command.timeout.total_seconds())),
        Comment="gitbot: before off-hours stop the machine",
    )
    command_id = sent["Command"]["CommandId"]
    ended: dict[str, Any] = {}

    def is_over() -> bool:
        ended.update(_invocation(aws, command_id, remote_id))
        return ended.get("Status") in _ENDED

    wait_until(f"the command on {remote_id}", is_over, operation, clock=aws.clock)
    if ended["Status"] != "Success":
        said = str(ended.get("StandardErrorContent") or "").strip()[-_LONGEST_OUTPUT:]
        raise CloudError(
            f"preStop on {remote_id} ended with {ended['Status']}" + (f": {said}" if said else ""),
            code=str(ended["Status"]),
        )


def _invocation(aws: Connection, command_id: str, remote_id: RemoteId) -> Mapping[str, Any]:
    try:
        answer: Mapping[str, Any] = aws.call(
            "ssm", "get_command_invocation", CommandId=command_id, InstanceId=remote_id
        )
    except CloudError as error:
        if error.code != "InvocationDoesNotExist":  # SSM knows it a little later
            raise
        return {}
    return answer
