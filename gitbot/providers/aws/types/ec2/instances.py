"""List instances, and describe one that must exist. Shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.providers.aws.table import Described
from gitbot.providers.aws.types.ec2.family import Ec2Listing

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

INSTANCES = Ec2Listing(
    "describe_instances",
    "Reservations",
    by="instance-id",
    each=lambda reservation: reservation["Instances"],
)
NOT_FOUND = "InvalidInstanceID.NotFound"
"""The code for an instance that does not exist."""


def state_of(instance: Described) -> str:
    """The name of the instance's state."""
    return str(instance["State"]["Name"])


def is_going(instance: Described) -> bool:
    """Whether the instance counts as gone: it ends, or has ended."""
    return state_of(instance) in ("shutting-down", "terminated")


def describe(aws: Connection, instance_id: str) -> Described | None:
    """The instance, also one that has ended; None when EC2 does not list it (yet)."""
    return next(iter(INSTANCES.by_id(aws, [instance_id])), None)


def gone(instance_id: str) -> CloudError:
    """The error for an instance that does not exist."""
    return CloudError(f"instance {instance_id} is gone", code=NOT_FOUND)
