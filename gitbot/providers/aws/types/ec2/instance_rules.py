"""Say what EC2 takes of a machine, and what gitbot may do to it. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.refining import refining, together
from gitbot.providers.aws.rights import Rights
from gitbot.providers.aws.types.ec2 import instance_interfaces as interfaces

# These are set when the volume is made, perhaps by a default of the account, and never change. An
# instance does not tell which of them the spec asked for.
EBS_AT_CREATION = ("Encrypted", "KmsKeyId", "SnapshotId")
EBS_IN_PLACE = ("DeleteOnTermination", "Iops", "Throughput", "VolumeSize", "VolumeType")
EBS = "/BlockDeviceMappings/*/Ebs"


def normalise_instance(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties in the form for comparison: base64 without line breaks."""
    user_data = properties.get("UserData")
    if not isinstance(user_data, str):
        return properties
    return {**properties, "UserData": "".join(user_data.split())}


_PROVISIONED = {"properties": {"VolumeType": {"enum": ["io1", "io2"]}}, "required": ["VolumeType"]}
_GP3 = {"properties": {"VolumeType": {"enum": ["gp3"]}}, "required": ["VolumeType"]}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    # An image comes from one of both. Names mean groups of the default VPC, in a subnet of its own choice, and one list sets the groups.
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
    "/": {
        "requiredOr": ["ImageId", "LaunchTemplate"],
        "dependentExcluded": {
            interfaces.INTERFACES: list(interfaces.OF_THE_MACHINE),
            "SubnetId": ["SecurityGroups"],
            "SecurityGroups": ["SecurityGroupIds", "SubnetId"],
        },
    },
    "/SecurityGroups": {"minItems": 1, "uniqueItems": True},
    # RunInstances refuses text that is not base64.
    "/UserData": {"pattern": r"^[A-Za-z0-9+/\s]*={0,2}\s*$"},
    "/BlockDeviceMappings": {"uniqueKeys": ["DeviceName"]},
    "/BlockDeviceMappings/*/VirtualName": {"pattern": "^ephemeral[0-9]{1,2}$"},
    "/CreditSpecification": {"required": ["CPUCredits"]},
    "/CreditSpecification/CPUCredits": {"enum": ["standard", "unlimited"]},
    "/CpuOptions": {"minProperties": 1},
    "/Volumes": {"uniqueKeys": ["Device"]},
    "/Volumes/*/VolumeId": {"minLength": 1},
    "/Volumes/*/Device": {"minLength": 1},
    "/BlockDeviceMappings/*/Ebs": {
        "minProperties": 1,
        "allOf": [
            {"if": _PROVISIONED, "then": {"required": ["Iops"]}},
            {"if": {"required": ["Throughput"]}, "then": _GP3},
        ],
    },
}


def _with_throughput(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with Throughput (MiB/s) of a disk, which RunInstances takes and the registry lacks."""
    ebs = schema["definitions"]["Ebs"]
    more = {**ebs, "properties": {**ebs["properties"], "Throughput": {"type": "integer"}}}
    return {**schema, "definitions": {**schema["definitions"], "Ebs": more}}


REFINE = together(_with_throughput, refining(_LIMITS), refining(interfaces.LIMITS))
RIGHTS = Rights.of(
    "ec2",
    reads=("Describe*",),
    makes="RunInstances",
    removes="TerminateInstances",
    writes=(
        "AssociateIamInstanceProfile",
        "AttachVolume",
        "CancelSpotInstanceRequests",
        "CreateTags",
        "DeleteTags",
        "DetachVolume",
        "DisassociateIamInstanceProfile",
        "ModifyInstanceAttribute",
        "ModifyInstanceCreditSpecification",
        "ModifyInstanceMetadataOptions",
        "ModifyNetworkInterfaceAttribute",
        "ModifyVolume",
        "MonitorInstances",
        "ReplaceIamInstanceProfileAssociation",
        "RunInstances",
        "StartInstances",
        "StopInstances",
        "TerminateInstances",
        "UnmonitorInstances",
    ),
)
