"""Images that a machine or a launch template is to start from, and that there are not. Shell.

EC2 refuses the launch; of a launch template, only when somebody or a service starts a machine by it.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from gitbot.model.observed import Deed, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.images import Image, image_of, images
from gitbot.providers.aws.foretelling.machines import DATA, TEMPLATE, sets
from gitbot.providers.aws.foretelling.question import Deeds, Question

Answer: TypeAlias = tuple[str, Mapping[str, Image]]
"""The region, and what it says of the images."""


def concerns(deed: Deed) -> bool:
    """Whether the deed says from which image machines start, and the image is known."""
    return sets(deed, DATA if deed.type == TEMPLATE else "ImageId") and bool(image_of(deed))


def ask(facts: Facts, deeds: Deeds) -> Answer:
    """The images, with one call for each."""
    return facts.aws.region, images(facts, {image_of(deed) for deed in deeds})


def say(answer: Answer, concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """An objection to each image that the account does not see in the region."""
    region, found = answer
    for deed in concerned:
        name = image_of(deed)
        if name not in found:
            yield Objection(
                address=deed.address,
                why=f"{region} has no image {name} that this account may use.",
                fix="Name an image of this region: each region has its own identifiers, and a lookup finds them.",
            )


MISSING_IMAGES = Question(concerns=concerns, ask=ask, say=say, refuses=True)
