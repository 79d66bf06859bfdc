"""Convert an instance between CloudFormation's shape and EC2's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.model.cloud import Operation
from gitbot.model.placement import MARKET, ON_DEMAND, SPOT
from gitbot.providers.aws.types.ec2.common import tag_specifications
from gitbot.providers.aws.types.ec2.instance_changes import decoded
from gitbot.providers.aws.types.ec2.instance_interfaces import (
    INTERFACES,
    interfaces_of,
    launched_with,
)
from gitbot.providers.aws.types.ec2.instance_options import launched_with_options, options_of

AS_THEY_ARE = (
    "ImageId",
    "InstanceType",
    "KeyName",
    "SecurityGroupIds",
    "SecurityGroups",
    "SubnetId",
    "EbsOptimized",
    "DisableApiTermination",
    "InstanceInitiatedShutdownBehavior",
    "PrivateIpAddress",
    "MetadataOptions",
    "LaunchTemplate",
)
PLACEMENT = {
    "AvailabilityZone": "AvailabilityZone",
    "Tenancy": "Tenancy",
    "PlacementGroupName": "GroupName",
}
METADATA = (
    "HttpEndpoint",
    "HttpProtocolIpv6",
    "HttpPutResponseHopLimit",
    "HttpTokens",
    "InstanceMetadataTags",
)


DISKS: Final = "gitbot:disks"
"""The attribute with the volumes of a machine, and whether each ends with it."""


def launch_parameters(operation: Operation) -> dict[str, Any]:
    """The parameters of RunInstances."""
    properties: Mapping[str, Any] = operation.properties
    done = {name: properties[name] for name in AS_THEY_ARE if properties.get(name) is not None}
    if properties.get("UserData"):
        done["UserData"] = decoded(properties["UserData"])
    if properties.get("IamInstanceProfile"):
        done["IamInstanceProfile"] = {"Name": properties["IamInstanceProfile"]}
    done |= launched_with_options(properties)
    if properties.get(INTERFACES):
        done[INTERFACES] = launched_with(properties[INTERFACES])
    if properties.get("Monitoring") is not None:
        done["Monitoring"] = {"Enabled": properties["Monitoring"]}
    placement = {
        theirs: properties[ours] for ours, theirs in PLACEMENT.items() if properties.get(ours)
    }
    if placement:
        done["Placement"] = placement
    kinds = (
        ("instance", "volume")
        if properties.get("PropagateTagsToVolumeOnCreation")
        else ("instance",)
    )
    if operation.request_token is not None:
        done["ClientToken"] = operation.request_token
    return done | {"TagSpecifications": tag_specifications(operation, *kinds)}


def properties_of(instance: Mapping[str, Any]) -> dict[str, Any]:
    """The properties and attributes of a described instance; those without a value are left out."""
    placement = instance.get("Placement", {})
    profile = instance.get("IamInstanceProfile", {}).get("Arn", "")
    done = {
        "InstanceId": instance["InstanceId"],
        "ImageId": instance.get("ImageId"),
        "InstanceType": instance.get("InstanceType"),
        "KeyName": instance.get("KeyName"),
        "SecurityGroupIds": [group["GroupId"] for group in instance.get("SecurityGroups", ())],
        "SecurityGroups": [group["GroupName"] for group in instance.get("SecurityGroups", ())],
        "SubnetId": instance.get("SubnetId"),
        "VpcId": instance.get("VpcId"),
        "EbsOptimized": instance.get("EbsOptimized", False),
        "SourceDestCheck": instance.get("SourceDestCheck"),
        "Monitoring": instance.get("Monitoring", {}).get("State") in ("enabled", "pending"),
        "IamInstanceProfile": profile.rpartition("/")[2] or None,
        "MetadataOptions": {
            key: value
            for key, value in instance.get("MetadataOptions", {}).items()
            if key in METADATA
        },
        **{ours: placement.get(theirs) or None for ours, theirs in PLACEMENT.items()},
        "PrivateIpAddress": instance.get("PrivateIpAddress"),
        **options_of(instance),
        INTERFACES: interfaces_of(instance),
        "PrivateIp": instance.get("PrivateIpAddress", ""),
        "PublicIp": instance.get("PublicIpAddress", ""),
        "PrivateDnsName": instance.get("PrivateDnsName", ""),
        "PublicDnsName": instance.get("PublicDnsName", ""),
        MARKET: SPOT if instance.get("InstanceLifecycle") == "spot" else ON_DEMAND,
        DISKS: _disks(instance),
        "State": {"Code": str(instance["State"]["Code"]), "Name": instance["State"]["Name"]},
        "Tags": list(instance.get("Tags", ())),
    }
    return {key: value for key, value in done.items() if value is not None}


def _disks(instance: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "Device": mapping["DeviceName"],
            "VolumeId": mapping["Ebs"]["VolumeId"],
            "Ends": mapping["Ebs"].get("DeleteOnTermination", False),
        }
        for mapping in instance.get("BlockDeviceMappings", ())
        if "VolumeId" in mapping.get("Ebs", {})
    ]


def fate_of_disks(observed: Mapping[str, Any]) -> tuple[str, ...]:
    """What becomes of the disks of a machine that is terminated, those that are lost first."""
    disks = sorted(observed.get(DISKS, ()), key=lambda disk: (not disk["Ends"], disk["Device"]))
    lost = [f"{one['Device']} ({one['VolumeId']})" for one in disks if one["Ends"]]
    kept = [f"{one['Device']} ({one['VolumeId']})" for one in disks if not one["Ends"]]
    return (
        *((f"Data loss: {', '.join(lost)} is deleted with it.",) if len(lost) == 1 else ()),
        *((f"Data loss: {', '.join(lost)} are deleted with it.",) if len(lost) > 1 else ()),
        *((f"{', '.join(kept)} outlives it, with all its data.",) if len(kept) == 1 else ()),
        *((f"{', '.join(kept)} outlive it, with all their data.",) if len(kept) > 1 else ()),
    )
