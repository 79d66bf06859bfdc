"""Change the properties of an instance, in place or while it is stopped. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Read, Surface, Write, write_surfaces
from gitbot.providers.aws.types.ec2 import instance_interfaces, instance_options
from gitbot.providers.aws.types.ec2.family import Ec2Listing
from gitbot.providers.aws.types.ec2.instance_volumes import VOLUMES, bring_volumes
from gitbot.providers.aws.types.ec2.instances import describe, gone, state_of
from gitbot.providers.aws.types.ec2.volumes import change_devices, wait_for_volumes

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


_PROFILES = Ec2Listing(
    "describe_iam_instance_profile_associations",
    "IamInstanceProfileAssociations",
    by="instance-id",
)
_NAMED_GROUPS = Ec2Listing("describe_security_groups", "SecurityGroups", by="group-id")


def modify(aws: Connection, operation: Operation, remote_id: str, touched: frozenset[str]) -> None:
    """Make the touched properties equal to the operation's. Idempotent.

    EC2 refuses to change those with a ``stopped`` surface while the instance runs.
    """
    off = not operation.properties.get("EbsOptimized")
    # A type may allow no EBS optimisation: turn it off before the type changes, and on after that.
    surfaces = sorted(SURFACES, key=lambda one: not (off and one.property == "EbsOptimized"))
    write_surfaces(aws, remote_id, surfaces, operation.properties, touched)
    if VOLUMES in touched:
        bring_volumes(aws, operation, remote_id)
    if "BlockDeviceMappings" in touched:
        wait_for_volumes(aws, remote_id, operation)


def decoded(user_data: Any) -> bytes:
    """The bytes that the base64 text stands for; botocore encodes them again.

    Raises:
        CloudError: it is not base64.
    """
    try:
        return base64.b64decode("".join(str(user_data).split()), validate=True)
    except binascii.Error as error:
        raise CloudError(
            f"UserData must be base64 text, as CloudFormation has it: {error}",
            code="InvalidUserData",
        ) from error


def _attribute_reader(attribute: str, answer: str) -> Read:
    """Reads an attribute that DescribeInstances leaves out, with one call for each instance."""

    def read(aws: Connection, remote_id: str) -> Any:
        asked = {"InstanceId": remote_id, "Attribute": attribute}
        return aws.call("ec2", "describe_instance_attribute", **asked).get(answer, {}).get("Value")

    return read


def _attribute_writer(parameter: str, default: Any) -> Write:
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
    data = {"Value": decoded(value or "")}
    aws.call("ec2", "modify_instance_attribute", InstanceId=remote_id, UserData=data)


def _groups(aws: Connection, remote_id: str, value: Any) -> None:
    if value:
        aws.call("ec2", "modify_instance_attribute", InstanceId=remote_id, Groups=list(value))


def _named_groups(aws: Connection, remote_id: str, names: Any) -> None:
    """Put the machine into the groups of its VPC that have these names: a change takes identifiers.

    Raises:
        CloudError: the VPC has no group of that name.
    """
    instance = describe(aws, remote_id)
    if instance is None:
        raise gone(remote_id)
    found = _NAMED_GROUPS.matching(aws, "group-name", names or ())
    ids = {one["GroupName"]: one["GroupId"] for one in found if one["VpcId"] == instance["VpcId"]}
    for name in names or ():
        if name not in ids:
            raise CloudError(
                f"the VPC of instance {remote_id} has no security group called {name}",
                code="InvalidGroup.NotFound",
            )
    _groups(aws, remote_id, sorted(ids.values()))


def _monitoring(aws: Connection, remote_id: str, value: Any) -> None:
    operation = "monitor_instances" if value else "unmonitor_instances"
    aws.call("ec2", operation, InstanceIds=[remote_id])


def _metadata_options(aws: Connection, remote_id: str, value: Any) -> None:
    if value:
        aws.call("ec2", "modify_instance_metadata_options", InstanceId=remote_id, **value)


def _profile(aws: Connection, remote_id: str, value: Any) -> None:
    associations = [
        one
        for one in _PROFILES.by_id(aws, [remote_id])
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
    instance = describe(aws, remote_id)
    if instance is None or state_of(instance) == "terminated":
        raise gone(remote_id)
    change_devices(aws, instance, value or ())


METADATA_REMOVALS = {
    "HttpProtocolIpv6": Removal(default="disabled", says="the IPv6 endpoint is turned off"),
}
"""The account or the image decides on the other options, so they have no default to go back to.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataDefaults.html"""

SURFACES = (
    Surface(property="SecurityGroupIds", write=_groups),
    Surface(property="SecurityGroups", write=_named_groups),
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
        read=_attribute_reader("disableApiTermination", "DisableApiTermination"),
        write=_attribute_writer("DisableApiTermination", False),
        removal=Removal(default=False, says="the instance may be terminated through the API"),
    ),
    Surface(
        property="InstanceInitiatedShutdownBehavior",
        read=_attribute_reader(
            "instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"
        ),
        write=_shutdown_behaviour,
        removal=Removal(default="stop", says="a shutdown from inside stops the instance"),
    ),
    Surface(
        property="SourceDestCheck",
        write=_attribute_writer("SourceDestCheck", True),
        removal=Removal(default=True, says="the source and destination check is turned on"),
    ),
    Surface(property="BlockDeviceMappings", write=_devices),
    instance_interfaces.SURFACE,
    instance_options.SURFACE,
    Surface(
        property="InstanceType", write=_attribute_writer("InstanceType", "m1.small"), stopped=True
    ),
    Surface(
        property="UserData",
        read=_attribute_reader("userData", "UserData"),
        write=_user_data,
        removal=Removal(default=None, says="the user data are deleted"),
        stopped=True,
    ),
    Surface(
        property="EbsOptimized",
        write=_attribute_writer("EbsOptimized", False),
        removal=Removal(default=False, says="EBS optimisation is turned off"),
        stopped=True,
    ),
)
