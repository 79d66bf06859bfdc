"""Convert an instance between CloudFormation's shape and EC2's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.providers.aws.types.ec2.common import tag_specifications
from gitbot.providers.aws.types.ec2.instance_changes import decoded

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
    "BlockDeviceMappings",
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


def launch_parameters(operation: Operation) -> dict[str, Any]:
    """The parameters of RunInstances."""
    properties: Mapping[str, Any] = operation.properties
    done = {name: properties[name] for name in AS_THEY_ARE if properties.get(name) is not None}
    if properties.get("UserData"):
        done["UserData"] = decoded(properties["UserData"])
    if properties.get("IamInstanceProfile"):
        done["IamInstanceProfile"] = {"Name": properties["IamInstanceProfile"]}
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
        "PrivateIp": instance.get("PrivateIpAddress", ""),
        "PublicIp": instance.get("PublicIpAddress", ""),
        "PrivateDnsName": instance.get("PrivateDnsName", ""),
        "PublicDnsName": instance.get("PublicDnsName", ""),
        "State": {"Code": str(instance["State"]["Code"]), "Name": instance["State"]["Name"]},
        "Tags": list(instance.get("Tags", ())),
    }
    return {key: value for key, value in done.items() if value is not None}
