"""Check and compare what a launch template says of machines. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.instants import one_instant
from gitbot.providers.aws.refining import Schema, refining, together

DATA = "LaunchTemplateData"
_DISKS, _INTERFACES = f"{DATA}/BlockDeviceMappings", f"{DATA}/NetworkInterfaces"
_TAGS = f"{DATA}/TagSpecifications"
_GROUPS = ("SecurityGroupIds", "SecurityGroups")
_PLACE = ("NetworkCardIndex", "DeviceIndex")
"""Each network card of a machine counts its devices from 0; a device without a card is on card 0.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html
"""

SETS = (
    *(f"/{DATA}/{name}" for name in _GROUPS),
    *(f"/{name}" for name in (_DISKS, _INTERFACES, _TAGS, f"{_INTERFACES}/*/Groups")),
)
IDENTITIES: Mapping[str, tuple[str, ...]] = {
    f"/{_DISKS}": ("DeviceName",),
    f"/{_INTERFACES}": _PLACE,
    f"/{_TAGS}": ("ResourceType",),
    f"/{_TAGS}/*/Tags": ("Key",),
    "/TagSpecifications/*/Tags": ("Key",),
}


def plain_data(value: Any, name: str = "") -> Any:
    """The value in the form for comparison.

    A query has no empty lists and maps, EC2 adds to the metadata options whether they are applied,
    times have many spellings, and a network interface that names no card is on the first one.
    """
    if isinstance(value, Mapping):
        card = {_PLACE[0]: 0} if name == "NetworkInterfaces" else {}
        inner = {**card, **{key: plain_data(item, key) for key, item in value.items()}}
        return {
            key: item
            for key, item in inner.items()
            if item not in (None, {}, []) and (name, key) != ("MetadataOptions", "State")
        }
    if isinstance(value, (list, tuple)):
        return [plain_data(item, name) for item in value]
    if name == "UserData" and isinstance(value, str):
        return "".join(value.split())
    return one_instant(value) if name == "ValidUntil" else value


def _nothing_blank(schema: Schema) -> Schema:
    """EC2 takes empty texts and maps for nothing, or refuses them; only NoDevice has a meaning with one."""
    definitions = {
        name: {
            **one,
            "minProperties": 1,
            "properties": {
                key: _filled_in(node) if key != "NoDevice" else node
                for key, node in one.get("properties", {}).items()
            },
        }
        if "properties" in one
        else one
        for name, one in schema["definitions"].items()
        if name != "Tag"
    }
    return {**schema, "definitions": {**schema["definitions"], **definitions}}


def _filled_in(node: Schema) -> Schema:
    if node.get("type") == "string" and "enum" not in node:
        return {"minLength": 1, **node}
    if node.get("type") == "array":
        return {**node, "items": _filled_in(node["items"])}
    return node


_LIMITS: Mapping[str, Schema] = {
    "LaunchTemplateName": {"pattern": r"^[a-zA-Z0-9().\-/_]{3,128}$"},
    "VersionDescription": {"minLength": 1},
    "TagSpecifications": {"maxItems": 1},
    "TagSpecifications/*": {"required": ["ResourceType", "Tags"]},
    "TagSpecifications/*/ResourceType": {"enum": ["launch-template"]},
    "TagSpecifications/*/Tags": {"minItems": 1, "uniqueKeys": ["Key"]},
    DATA: {
        "minProperties": 1,
        "not": {
            "additionalProperties": {
                "anyOf": [{"type": "array", "maxItems": 0}, {"type": "object", "maxProperties": 0}]
            }
        },
        "dependentExcluded": {
            "InstanceType": ["InstanceRequirements"],
            "InstanceRequirements": ["InstanceType"],
            "NetworkInterfaces": list(_GROUPS),
            **{name: ["NetworkInterfaces"] for name in _GROUPS},
        },
    },
    **{f"{DATA}/{name}": {"uniqueItems": True} for name in _GROUPS},
    f"{DATA}/UserData": {"pattern": r"^[A-Za-z0-9+/\s]+={0,2}\s*$"},
    f"{DATA}/MetadataOptions/HttpPutResponseHopLimit": {"minimum": 1, "maximum": 64},
    f"{DATA}/CreditSpecification": {"required": ["CpuCredits"]},
    f"{DATA}/InstanceRequirements": {"required": ["VCpuCount", "MemoryMiB"]},
    f"{DATA}/InstanceRequirements/VCpuCount": {"required": ["Min"]},
    f"{DATA}/InstanceRequirements/MemoryMiB": {"required": ["Min"]},
    f"{DATA}/InstanceMarketOptions/SpotOptions/ValidUntil": {
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$"
    },
    f"{DATA}/IamInstanceProfile": {"requiredXor": ["Arn", "Name"]},
    _DISKS: {"uniqueKeys": ["DeviceName"]},
    f"{_DISKS}/*": {"required": ["DeviceName"]},
    _INTERFACES: {"uniqueKeys": list(_PLACE)},
    f"{_INTERFACES}/*": {"required": ["DeviceIndex"]},
    f"{_INTERFACES}/*/Groups": {"uniqueItems": True},
    _TAGS: {"uniqueKeys": ["ResourceType"]},
    f"{_TAGS}/*": {"required": ["ResourceType", "Tags"]},
    f"{_TAGS}/*/ResourceType": {
        "enum": ["instance", "network-interface", "spot-instances-request", "volume"]
    },
    f"{_TAGS}/*/Tags": {"minItems": 1, "uniqueKeys": ["Key"]},
}
REFINE = together(_nothing_blank, refining(_LIMITS))
