"""The calls that change an instance: in place, or only while it is stopped. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Read, Surface, Write, write_surfaces
from gitbot.providers.aws.types.ec2_common import described
from gitbot.providers.aws.types.ec2_volumes import change_devices, wait_for_volumes

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


def modify(aws: Connection, operation: Operation, remote_id: str, touched: frozenset[str]) -> None:
    """Make the touched properties equal to the operation's. Idempotent. EC2 refuses those of the
    ``stopped`` surfaces while the instance runs."""
    write_surfaces(aws, remote_id, SURFACES, operation.properties, touched)
    if "BlockDeviceMappings" in touched:
        wait_for_volumes(aws, remote_id, operation.deadline)


def _describe(aws: Connection, remote_id: str) -> Mapping[str, Any]:
    for reservation in described(
        aws, "describe_instances", "Reservations", "instance-id", [remote_id]
    ):
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] != "terminated":
                return instance  # type: ignore[no-any-return]  # botocore's own shape
    raise CloudError(f"instance {remote_id} is gone", code="InvalidInstanceID.NotFound")


def _told(attribute: str, answer: str) -> Read:
    """What DescribeInstances does not tell, a call for each instance."""

    def read(aws: Connection, remote_id: str) -> Any:
        asked = {"InstanceId": remote_id, "Attribute": attribute}
        return aws.call("ec2", "describe_instance_attribute", **asked).get(answer, {}).get("Value")

    return read


def _attribute(parameter: str, default: Any) -> Write:
    def write(aws: Connection, remote_id: str, value: Any) -> None:
        aws.call(
            "ec2",
            "modify_instance_attribute",
            InstanceId=remote_id,
            **{parameter: {"Value": default if value is None else value}},
        )

    return write


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


def _devices(aws: Connection, remote_id: str, value: Any) -> None:
    change_devices(aws, _describe(aws, remote_id), value or ())


SURFACES = (
    Surface(property="SecurityGroupIds", write=_groups),
    Surface(
        property="IamInstanceProfile",
        write=_profile,
        removal=Removal(default=None, says="the profile is taken away"),
    ),
    Surface(
        property="Monitoring",
        write=_monitoring,
        removal=Removal(default=False, says="detailed monitoring is turned off"),
    ),
    Surface(property="MetadataOptions", write=_metadata_options),
    Surface(
        property="DisableApiTermination",
        read=_told("disableApiTermination", "DisableApiTermination"),
        write=_attribute("DisableApiTermination", False),
        removal=Removal(default=False, says="the instance may be terminated through the API"),
    ),
    Surface(
        property="InstanceInitiatedShutdownBehavior",
        read=_told("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
        write=_shutdown_behaviour,
        removal=Removal(default="stop", says="a shutdown from inside stops the instance"),
    ),
    Surface(
        property="SourceDestCheck",
        write=_attribute("SourceDestCheck", True),
        removal=Removal(default=True, says="the source and destination check is turned on"),
    ),
    Surface(property="BlockDeviceMappings", write=_devices),
    Surface(property="InstanceType", write=_attribute("InstanceType", "m1.small"), stopped=True),
    Surface(
        property="UserData",
        read=_told("userData", "UserData"),
        write=_user_data,
        removal=Removal(default=None, says="the user data are deleted"),
        stopped=True,
    ),
    Surface(
        property="EbsOptimized",
        write=_attribute("EbsOptimized", False),
        removal=Removal(default=False, says="EBS optimisation is turned off"),
        stopped=True,
    ),
)
