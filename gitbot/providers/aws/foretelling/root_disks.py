"""Machines whose spec gives the root disk another device name than their image does. Shell.

A mapping is about the root disk only where it has the image's ``RootDeviceName``; any other adds a disk.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.images import Image, image_of, images
from gitbot.providers.aws.foretelling.machines import INSTANCE
from gitbot.providers.aws.foretelling.question import Deeds, Question

_LIKE_A_ROOT = re.compile(r"/dev/(?:sda|xvda)1?")


def concerns(deed: Deed) -> bool:
    """Whether a new machine names a disk that is meant as its root disk."""
    new = isinstance(deed, Making) and deed.changed is None and deed.type == INSTANCE
    return new and bool(_meant_as_root(deed)) and bool(image_of(deed))


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, Image]:
    """The images of the machines."""
    return images(facts, {image_of(deed) for deed in deeds})


def say(answer: Mapping[str, Image], concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """An objection to each machine that would start with a disk too many."""
    for deed in concerned:
        name = image_of(deed)
        image = answer.get(name)
        if image is not None and image.root and image.root not in _devices(deed):
            yield _objection(deed, name, image.root)


def _objection(deed: Deed, image: str, root: str) -> Objection:
    named = ", ".join(f"`{name}`" for name in _meant_as_root(deed))
    return Objection(
        address=deed.address,
        why=f"the root disk of the image {image} is called `{root}`, and BlockDeviceMappings has "
        f"{named}. AWS would add that as one more disk, and make the root disk as the image says.",
        fix=f"Write `DeviceName: {root}` for the root disk. For one more disk, use a name from "
        "`/dev/sdf` to `/dev/sdp`.",
    )


def _meant_as_root(deed: Deed) -> Sequence[str]:
    return [name for name in _devices(deed) if _LIKE_A_ROOT.fullmatch(name)]


def _devices(deed: Deed) -> Sequence[str]:
    assert isinstance(deed, Making)
    mappings: Any = deed.properties.get("BlockDeviceMappings")
    return [
        str(mapping.get("DeviceName"))
        for mapping in (mappings if isinstance(mappings, (list, tuple)) else ())
        if isinstance(mapping, Mapping)
    ]


ROOT_DISKS = Question(concerns=concerns, ask=ask, say=say, refuses=True)
