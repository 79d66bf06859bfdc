"""Find machines whose spec gives the root disk another device name than their image does. Shell.

A mapping is about the root disk only where it has the image's ``RootDeviceName``; any other adds a disk.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.observed import Making, Objection
from gitbot.providers.aws.types.ec2.common import ignoring

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_LIKE_A_ROOT = re.compile(r"/dev/(?:sda|xvda)1?")
_NO_IMAGE = frozenset(
    {"InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "InvalidAMIID.Unavailable"}
)


def misnamed_root_disks(aws: Connection, makings: Sequence[Making]) -> Iterator[Objection]:
    """An objection to each machine that would start with a disk too many.

    One call for each image. Nothing is said of an image that the account cannot see here: EC2 refuses
    it by name.
    """
    asked = [
        each
        for each in makings
        if each.changed is None and _meant_as_root(each) and _image_of(each)
    ]
    images = sorted({_image_of(each) for each in asked})
    roots = dict(zip(images, aws.each(lambda image: _root_of(aws, image), images), strict=True))
    for each in asked:
        image = _image_of(each)
        root = roots[image]
        if root is not None and root not in _devices(each):
            yield _objection(each, image, root)


def _objection(making: Making, image: str, root: str) -> Objection:
    named = ", ".join(f"`{name}`" for name in _meant_as_root(making))
    return Objection(
        address=making.address,
        why=f"the root disk of the image {image} is called `{root}`, and BlockDeviceMappings has "
        f"{named}. AWS would add that as one more disk, and make the root disk as the image says.",
        fix=f"Write `DeviceName: {root}` for the root disk. For one more disk, use a name from "
        "`/dev/sdf` to `/dev/sdp`.",
    )


def _root_of(aws: Connection, image: str) -> str | None:
    """The name of the image's root disk; None if the account does not see the image.

    By identifier, because a filter leaves out images that are deprecated.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
    """
    try:
        answer = aws.call("ec2", "describe_images", ImageIds=[image])
    except CloudError as error:
        ignoring(_NO_IMAGE, error)
        return None
    roots = [one.get("RootDeviceName") for one in answer["Images"] if one["ImageId"] == image]
    return roots[0] if roots else None


def _image_of(making: Making) -> str:
    image = making.properties.get("ImageId")
    return image if isinstance(image, str) else ""


def _meant_as_root(making: Making) -> list[str]:
    return [name for name in _devices(making) if _LIKE_A_ROOT.fullmatch(name)]


def _devices(making: Making) -> list[str]:
    mappings: Any = making.properties.get("BlockDeviceMappings")
    return [
        str(mapping.get("DeviceName"))
        for mapping in (mappings if isinstance(mappings, (list, tuple)) else ())
        if isinstance(mapping, Mapping)
    ]
