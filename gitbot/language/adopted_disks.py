"""Keeps disks that are attached on their own out of the machines that adopting writes. Pure.

A machine shows all its disks as BlockDeviceMappings. One that stands there and in a VolumeAttachment would be made anew,
empty, with each new machine, and its device would be taken when the volume is attached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gitbot.language.devices import ATTACHMENT, MACHINE

_DISKS: Final = "BlockDeviceMappings"


def without_attached(
    type_: str,
    remote_id: str,
    properties: Mapping[str, Any],
    others: Iterable[tuple[str, Mapping[str, Any]]],
) -> dict[str, Any]:
    """The properties without the disks of the machine that ``others`` (types with properties) attach to it."""
    attached = {
        given.get("Device")
        for other, given in others
        if other == ATTACHMENT and given.get("InstanceId") == remote_id
    }
    if type_ != MACHINE or not attached or _DISKS not in properties:
        return dict(properties)
    disks = [one for one in properties[_DISKS] if one.get("DeviceName") not in attached]
    rest = {name: value for name, value in properties.items() if name != _DISKS}
    return {**rest, _DISKS: disks} if disks else rest
