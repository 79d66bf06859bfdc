"""What AWS says of images. Shell."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gitbot.errors import CloudError
from gitbot.model.observed import Deed
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.machines import launched_with
from gitbot.providers.aws.types.ec2.common import ignoring

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_IMAGE: Final = re.compile(r"ami-[0-9a-z]+")
_NO_IMAGE = frozenset(
    {"InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "InvalidAMIID.Unavailable"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image: the name of its root disk (empty: it has none) and its GiB (0: not told), and for which processors it is."""

    root: str
    architecture: str
    size: int = 0


def image_of(deed: Deed) -> str:
    """The image that a machine is, was, or by a launch template will be started with.

    Empty where it is not known, as where EC2 finds it by a parameter.
    """
    image = launched_with(deed).get("ImageId")
    return image if isinstance(image, str) and _IMAGE.fullmatch(image) else ""


def images(facts: Facts, wanted: Collection[str]) -> Mapping[str, Image]:
    """What AWS says of these images, with one call for each.

    One that the account cannot see here is missing: EC2 refuses it by name.
    """
    told = facts.each("image", wanted, _describe)
    return {name: image for name, image in told.items() if image is not None}


def _describe(aws: Connection, image: str) -> Image | None:
    """By identifier, because a filter leaves out images that are deprecated.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
    """
    try:
        answer = aws.call("ec2", "describe_images", ImageIds=[image])
    except CloudError as error:
        ignoring(_NO_IMAGE, error)
        return None
    for one in answer["Images"]:
        if one["ImageId"] == image:
            root = str(one.get("RootDeviceName") or "")
            sizes = {
                str(each.get("DeviceName")): (each.get("Ebs") or {}).get("VolumeSize")
                for each in one.get("BlockDeviceMappings") or ()
            }
            architecture = str(one.get("Architecture") or "")
            return Image(root=root, architecture=architecture, size=sizes.get(root) or 0)
    return None
