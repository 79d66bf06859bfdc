"""Whether a machine works by its metric, and the command before it is stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot.model.hours import BusyMetric, PreStop
from gitbot.model.names import RemoteId
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases.case import AMI
from tests.contract.aws.world import AwsWorld

INSTANCE = "AWS::EC2::Instance"
SPEC: dict[str, Any] = {"ImageId": AMI, "InstanceType": "t3.micro"}
GPU = BusyMetric(namespace="CWAgent", name="nvidia_smi_utilization_gpu", above=5)


def put(world: AwsWorld, remote_id: str, value: float, age: timedelta) -> None:
    world.aws.client("cloudwatch").put_metric_data(
        Namespace=GPU.namespace,
        MetricData=[
            {
                "MetricName": GPU.name,
                "Dimensions": [{"Name": "InstanceId", "Value": remote_id}],
                "Timestamp": datetime.now(UTC) - age,
                "Value": value,
            }
        ],
    )


def test_one_call_measures_many_machines_over_the_window(world: AwsWorld) -> None:
    ids = [RemoteId(f"i-{number}") for number in range(3)]
    put(world, "i-0", 3, timedelta(minutes=20))
    put(world, "i-0", 80, timedelta(minutes=10))
    put(world, "i-1", 80, timedelta(hours=2))
    world.aws.forget_calls()
    assert world.cloud.measure(GPU, ids) == {"i-0": 80, "i-1": None, "i-2": None}
    assert [call.operation for call in world.aws.calls] == ["GetMetricData"]
    assert world.cloud.measure(GPU, []) == {}


def test_a_command_runs_before_the_stop_and_is_waited_for(world: AwsWorld) -> None:
    operation = world.operation(INSTANCE, SPEC)
    remote_id = world.cloud.create(operation)
    world.cloud.settle(operation, remote_id)
    world.aws.forget_calls()
    world.cloud.run_before_stop(operation, remote_id, PreStop(command="./save.sh"))
    assert [call.operation for call in world.aws.calls][:1] == ["SendCommand"]
    (sent,) = world.aws.client("ssm").list_commands()["Commands"]
    assert sent["InstanceIds"] == [remote_id]
    assert sent["Parameters"] == {"commands": ["./save.sh"], "executionTimeout": ["300"]}


def test_a_machine_that_takes_no_commands_says_so(world: AwsWorld) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="ssm",
            operation="SendCommand",
            status=400,
            code="InvalidInstanceId",
            message="Instances not in a valid state for account",
        )
    )
    with pytest.raises(CloudError, match="not in a valid state"):
        world.cloud.run_before_stop(
            world.operation(INSTANCE, SPEC), RemoteId("i-1"), PreStop(command="true")
        )
