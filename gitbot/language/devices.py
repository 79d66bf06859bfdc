"""Finds disks of one machine that would have one device name, and volumes that it would get twice. Pure.

A machine has volumes that it names (Volumes), and attachments that are resources of their own. EC2 refuses the second
one of a name. What BlockDeviceMappings say is left to EC2: of an adopted machine they may mean the same disks.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from gitbot.language.neighbours import Desired, Path, add_at, referred
from gitbot.language.written import Written
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.model.values import Value

MACHINE: Final = "AWS::EC2::Instance"
ATTACHMENT: Final = "AWS::EC2::VolumeAttachment"


class _Disk(NamedTuple):
    """One disk of a machine: who says so, and where. ``key`` tells it: the name of its device, or the volume."""

    machine: Address
    key: str
    words: str
    of: Address
    path: Path


def check_devices(desired: Desired, written: Mapping[Address, Written]) -> None:
    """Add a problem for each disk whose device or volume another disk of the same machine has."""
    first: dict[tuple[Address, str], _Disk] = {}
    for one in (disk for each in desired.values() for disk in _disks(desired, each)):
        other = first.setdefault((one.machine, one.key), one)
        if other is not one:
            what = f"{other.of} says of {one.machine} that it has {one.words} already."
            fix = "Give each disk a device of its own, and each volume once."
            add_at("device-twice", written[one.of], one.path, what, fix)


def _disks(desired: Desired, one: DesiredResource) -> Iterator[_Disk]:
    given = one.properties
    if one.type == MACHINE:
        for at, disk in _maps(given.get("Volumes")):
            yield from _told(desired, one, one.address, disk, ("Volumes", at))
    elif one.type == ATTACHMENT:
        machine = referred(desired, given.get("InstanceId"))
        if machine is not None and machine.type == MACHINE:
            yield from _told(desired, one, machine.address, given, ())


def _maps(value: Value) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for at, item in enumerate(value) if isinstance(value, (list, tuple)) else ():
        if isinstance(item, Mapping):
            yield at, item


def _told(
    desired: Desired,
    one: DesiredResource,
    machine: Address,
    disk: Mapping[str, Any],
    path: Path,
) -> Iterator[_Disk]:
    """The disk by the name of its device, and by its volume, as far as both are known."""
    name, volume = disk.get("Device"), disk.get("VolumeId")
    if isinstance(name, str):
        yield _Disk(machine, name, f"a disk at {name}", one.address, (*path, "Device"))
    made = referred(desired, volume)
    known = made.address if made is not None else volume
    if isinstance(known, str):
        place = (*path, "VolumeId")
        yield _Disk(machine, f"volume {known}", f"the volume {known}", one.address, place)
