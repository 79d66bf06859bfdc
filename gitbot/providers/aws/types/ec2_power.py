"""Tell whether an instance runs; stop and start it. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation, Power
from gitbot.providers.aws.types.ec2_instances import describe, gone, state_of
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

POWER = {
    "pending": Power.STARTING,
    "running": Power.RUNNING,
    "stopping": Power.STOPPING,
    "stopped": Power.STOPPED,
}
"""The power by the name of the state. In any other state the instance is gone or going."""


def power_of(aws: Connection, instance_id: str) -> Power | None:
    """Whether the instance runs; None when it is gone or going."""
    instance = describe(aws, instance_id)
    return None if instance is None else POWER.get(state_of(instance))


def start(aws: Connection, operation: Operation, instance_id: str) -> None:
    """Start the instance and wait until it runs."""
    if power_of(aws, instance_id) is Power.STOPPING:  # EC2 refuses to start it until it has stopped
        _wait(aws, operation, instance_id, Power.STOPPED)
    aws.call("ec2", "start_instances", InstanceIds=[instance_id])
    _wait(aws, operation, instance_id, Power.RUNNING)


def stop(aws: Connection, operation: Operation, instance_id: str) -> None:
    """Stop the instance and wait until it is stopped."""
    if power_of(aws, instance_id) is Power.STARTING:  # EC2 refuses to stop it until it runs
        _wait(aws, operation, instance_id, Power.RUNNING)
    aws.call("ec2", "stop_instances", InstanceIds=[instance_id])
    _wait(aws, operation, instance_id, Power.STOPPED)


def _wait(aws: Connection, operation: Operation, instance_id: str, power: Power) -> None:
    wait_until(
        f"instance {instance_id} to be {power.value}",
        lambda: _has(aws, instance_id, power),
        operation,
        clock=aws.clock,
    )


def _has(aws: Connection, instance_id: str, power: Power) -> bool:
    found = power_of(aws, instance_id)
    if found is None:
        raise gone(instance_id)
    if power is Power.RUNNING and found is Power.STOPPED:
        raise CloudError(
            f"instance {instance_id} stopped again while it started: look at its state reason in "
            "the EC2 console",
            code="InstanceStopped",
        )
    return found is power
