"""Machines whose spec gives the root disk another device name than their image does, or less room. Shell.

A mapping is about the root disk only where it has the image's ``RootDeviceName``; any other adds a disk. A launch
template says it for the machines that start from it. EC2 makes no volume that is smaller than its snapshot, of which an
image tells no more than how large it makes the disk by itself: that is a remark.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.images import Image, image_of, images
from gitbot.providers.aws.foretelling.machines import DATA, INSTANCE, TEMPLATE, launched_with, sets
from gitbot.providers.aws.foretelling.question import Deeds, Question

_LIKE_A_ROOT = re.compile(r"/dev/(?:sda|xvda)1?")


def concerns(deed: Deed) -> bool:
    """Whether a new machine, or what machines start from, names a disk that is meant as its root disk."""
    fresh = isinstance(deed, Making) and deed.type == INSTANCE and deed.changed is None
    said = fresh or (deed.type == TEMPLATE and sets(deed, DATA))
    return said and bool(image_of(deed)) and bool(_meant_as_root(deed))


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, Image]:
    """The images of the machines."""
    return images(facts, {image_of(deed) for deed in deeds})


def say(answer: Mapping[str, Image], concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """An objection to each machine that would start with a disk too many, a remark on a root disk without room."""
    for deed in concerned:
        name = image_of(deed)
        image = answer.get(name)
        if image is None or not image.root:
            continue
        if image.root not in _devices(deed):
            yield _another_disk(deed, name, image.root)
        else:
            yield from _too_small(deed, name, image)


def _another_disk(deed: Deed, image: str, root: str) -> Objection:
    named = ", ".join(f"`{name}`" for name in _meant_as_root(deed))
    return Objection(
        address=deed.address,
        why=f"the root disk of the image {image} is called `{root}`, and BlockDeviceMappings has "
        f"{named}. AWS would add that as one more disk, and make the root disk as the image says.",
        fix=f"Write `DeviceName: {root}` for the root disk. For one more disk, use a name from "
        "`/dev/sdf` to `/dev/sdp`.",
    )


def _too_small(deed: Deed, name: str, image: Image) -> Iterator[Objection]:
    for mapping in _mappings(deed):
        disk = mapping.get("Ebs")
        if mapping.get("DeviceName") != image.root or not isinstance(disk, Mapping):
            continue
        size = disk.get("VolumeSize")
        if isinstance(size, int) and size < image.size and not disk.get("SnapshotId"):
            yield Objection(
                address=deed.address,
                why=f"the root disk of the image {name} has {image.size} GiB, and VolumeSize is {size}: EC2 makes "
                "no disk that is smaller than the snapshot of the image.",
                fix=f"Write at least {image.size}, or leave VolumeSize out.",
                remark=True,
            )


def _meant_as_root(deed: Deed) -> Sequence[str]:
    return [name for name in _devices(deed) if _LIKE_A_ROOT.fullmatch(name)]


def _devices(deed: Deed) -> Sequence[str]:
    return [str(mapping.get("DeviceName")) for mapping in _mappings(deed)]


def _mappings(deed: Deed) -> Sequence[Mapping[str, Any]]:
    mappings = launched_with(deed).get("BlockDeviceMappings")
    found = mappings if isinstance(mappings, (list, tuple)) else ()
    return [mapping for mapping in found if isinstance(mapping, Mapping)]


ROOT_DISKS = Question(concerns=concerns, ask=ask, say=say, refuses=True)
