"""The calls that change an instance: in place, or only while it is stopped. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.types.ec2_common import described
from gitbot.providers.aws.types.ec2_volumes import change_devices

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

Change = Callable[["Connection", str, Any], None]


def modify(aws: Connection, operation: Operation, remote_id: str, touched: frozenset[str]) -> None:
    """Make the touched properties equal to the operation's. Idempotent. EC2 refuses those of
    ``STOPPED`` while the instance runs."""
    properties: Mapping[str, Any] = operation.properties
    for name, change in (*IN_PLACE.items(), *STOPPED.items()):
        if name in touched:
            change(aws, remote_id, properties.get(name))
    if "BlockDeviceMappings" in touched:
        change_devices(aws, operation, _describe(aws, remote_id))


def _describe(aws: Connection, remote_id: str) -> Mapping[str, Any]:
    for reservation in described(
        aws, "describe_instances", "Reservations", "instance-id", [remote_id]
    ):
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] != "terminated":
                return instance  # type: ignore[no-any-return]  # botocore's own shape
    raise CloudError(f"instance {remote_id} is gone", code="InvalidInstanceID.NotFound")


def _attribute(parameter: str, default: Any) -> Change:
    def change(aws: Connection, remote_id: str, value: Any) -> None:
        aws.call(
            "ec2",
            "modify_instance_attribute",
            InstanceId=remote_id,
            **{parameter: {"Value": default if value is None else value}},
        )

    return change


def _shutdown_behaviour(aws: Connection, remote_id: str, value: Any) -> None:
    aws.call(
        "ec2",
        "modify_instance_attribute",
        InstanceId=remote_id,
        Attribute="instanceInitiatedShutdownBehavior",
        Value=value or "stop",
    )


def _user_data(aws: Connection, remote_id: str, value: Any) -> None:
    # botocore encodes the bytes again.
    content = base64.b64decode("".join(str(value or "").split()))
    aws.call("ec2", "modify_instance_attribute", InstanceId=remote_id, UserData={"Value": content})


def _groups(aws: Connection, remote_id: str, value: Any) -> None:
    if value:
        aws.call("ec2", "modify_instance_attribute", InstanceId=remote_id, Groups=list(value))


def _monitoring(aws: Connection, remote_id: str, value: Any) -> None:
    operation = "monitor_instances" if value else "unmonitor_instances"
    aws.call("ec2", operation, InstanceIds=[remote_id])


def _metadata_options(aws: Connection, remote_id: str, value: Any) -> None:
    if value:
        aws.call("ec2", "modify_instance_metadata_options", InstanceId=remote_id, **value)


def _profile(aws: Connection, remote_id: str, value: Any) -> None:
    associations = [
        one
        for one in described(
            aws,
            "describe_iam_instance_profile_associations",
            "IamInstanceProfileAssociations",
            "instance-id",
            [remote_id],
        )
        if one["State"] in ("associating", "associated")
    ]
    if not associations:
        if value:
            aws.call(
                "ec2",
                "associate_iam_instance_profile",
                InstanceId=remote_id,
                IamInstanceProfile={"Name": value},
            )
        return
    association = associations[0]["AssociationId"]
    if not value:
        aws.call("ec2", "disassociate_iam_instance_profile", AssociationId=association)
    elif associations[0]["IamInstanceProfile"]["Arn"].rpartition("/")[2] != value:
        aws.call(
            "ec2",
            "replace_iam_instance_profile_association",
            AssociationId=association,
            IamInstanceProfile={"Name": value},
        )


IN_PLACE: Mapping[str, Change] = {
    "SecurityGroupIds": _groups,
    "IamInstanceProfile": _profile,
    "Monitoring": _monitoring,
    "MetadataOptions": _metadata_options,
    "DisableApiTermination": _attribute("DisableApiTermination", False),
    "InstanceInitiatedShutdownBehavior": _shutdown_behaviour,
    "SourceDestCheck": _attribute("SourceDestCheck", True),
}
STOPPED: Mapping[str, Change] = {
    "InstanceType": _attribute("InstanceType", "m1.small"),
    "UserData": _user_data,
    "EbsOptimized": _attribute("EbsOptimized", False),
}
