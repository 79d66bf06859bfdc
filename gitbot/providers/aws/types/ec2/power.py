"""Tell whether an instance runs; stop and start it. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation, Power
from gitbot.providers.aws.types.ec2.instances import describe, gone, state_of
from gitbot.providers.aws.types.ec2.warnings import SWITCH
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

POWER = {state: Power(power) for state, power in SWITCH.states.items()}
"""The power by the name of the state. In any other state the instance is gone or going."""

NO_CAPACITY = frozenset(
    {
        "InsufficientInstanceCapacity",
        "InsufficientCapacity",
        "InsufficientHostCapacity",
        "InsufficientReservedInstanceCapacity",
    }
)
"""The codes by which EC2 says that it has no room for a machine now."""


def power_of(aws: Connection, instance_id: str) -> Power | None:
    """Whether the instance runs; None when it is gone or going."""
    instance = describe(aws, instance_id)
    return None if instance is None else POWER.get(state_of(instance))


def start(aws: Connection, operation: Operation, instance_id: str) -> None:
    """Start the instance and wait until it runs."""
    if power_of(aws, instance_id) is Power.STOPPING:  # EC2 refuses to start it until it has stopped
        _wait(aws, operation, instance_id, Power.STOPPED)
    try:
        aws.call("ec2", "start_instances", InstanceIds=[instance_id])
    except CloudError as error:
        raise _explained_start(aws, instance_id, error) from error
    _wait(aws, operation, instance_id, Power.RUNNING)


def stop(aws: Connection, operation: Operation, instance_id: str) -> None:
    """Stop the instance and wait until it is stopped."""
    if power_of(aws, instance_id) is Power.STARTING:  # EC2 refuses to stop it until it runs
        _wait(aws, operation, instance_id, Power.RUNNING)
    try:
        aws.call("ec2", "stop_instances", InstanceIds=[instance_id])
    except CloudError as error:
        raise _explained_stop(aws, instance_id, error) from error
    _wait(aws, operation, instance_id, Power.STOPPED)


def cancel_spot_request(aws: Connection, instance_id: str) -> None:
    """Cancel the spot request of the instance, if it has one: else it would launch another one.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CancelSpotInstanceRequests.html
    """
    instance = describe(aws, instance_id)
    request = None if instance is None else instance.get("SpotInstanceRequestId")
    if request:
        aws.call("ec2", "cancel_spot_instance_requests", SpotInstanceRequestIds=[request])


def _explained_start(aws: Connection, instance_id: str, error: CloudError) -> CloudError:
    """The refusal; without capacity, with the zones in which AWS offers such machines."""
    instance = describe(aws, instance_id)
    if error.code not in NO_CAPACITY or instance is None:
        return error
    size, zone = instance["InstanceType"], instance["Placement"]["AvailabilityZone"]
    answer = aws.call(
        "ec2",
        "describe_instance_type_offerings",
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": [size]}],
    )
    zones = sorted(one["Location"] for one in answer["InstanceTypeOfferings"])
    return CloudError(
        f"AWS has no capacity for {instance_id} ({size} in {zone}) now. In this region AWS offers "
        f"{size} in {', '.join(zones)}. Neither the machine nor its volumes can change zone: to go "
        "elsewhere, declare a new machine there.",
        code=error.code,
        call=error.call,
    )


def _explained_stop(aws: Connection, instance_id: str, error: CloudError) -> CloudError:
    """The refusal, with what to do where AWS does not stop the instance at all."""
    instance = describe(aws, instance_id)
    if error.code == "OperationNotPermitted":
        says = (
            f"instance {instance_id} is protected against being stopped, and was left as it is. To "
            "have it stopped, switch its stop protection off in the EC2 console."
        )
    elif instance is not None and instance.get("InstanceLifecycle") == "spot":
        says = (
            f"instance {instance_id} is a spot instance that AWS does not stop for anybody. "
            "`offhours: off` beside its type keeps off-hours from trying."
        )
    elif instance is not None and instance.get("RootDeviceType") == "instance-store":
        says = (
            f"instance {instance_id} has its root disk on the instance store, and AWS cannot stop "
            "it. `offhours: off` beside its type keeps off-hours from trying."
        )
    else:
        return error
    return CloudError(says, code=error.code, call=error.call)


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
