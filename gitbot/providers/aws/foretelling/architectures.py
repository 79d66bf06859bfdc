"""Machines whose image is for other processors than their type has. Shell.

EC2 refuses the launch, and the start of a stopped machine that got such a type.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ComponentsAMIs.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from gitbot.model.observed import Deed, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.images import Image, image_of, images
from gitbot.providers.aws.foretelling.machines import (
    TypeFacts,
    describes_a_type,
    known_types,
    types_of,
)
from gitbot.providers.aws.foretelling.question import Deeds, Question

Answer: TypeAlias = tuple[Mapping[str, Image], Mapping[str, TypeFacts]]


def concerns(deed: Deed) -> bool:
    """Whether a machine gets a type, and the image and the type are known."""
    return describes_a_type(deed) and bool(image_of(deed)) and any(types_of([deed]))


def ask(facts: Facts, deeds: Deeds) -> Answer:
    """The images and the types of the machines."""
    found = images(facts, {image_of(deed) for deed in deeds})
    return found, known_types(facts, set(types_of(deeds)))


def say(answer: Answer, concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """An objection to each type whose processors do not run the image."""
    found, types = answer
    for deed in concerned:
        name = image_of(deed)
        image = found.get(name)
        for type_ in dict.fromkeys(types_of([deed])):
            runs = types[type_].architectures if type_ in types else ()
            if runs and image is not None and image.architecture not in ("", *runs):
                yield _objection(deed, name, image, type_, runs)


def _objection(deed: Deed, name: str, image: Image, type_: str, runs: tuple[str, ...]) -> Objection:
    wanted = " or ".join(f"`{one}`" for one in runs)
    return Objection(
        address=deed.address,
        why=f"the image {name} is for `{image.architecture}`, and a `{type_}` runs {wanted} only.",
        fix=f"Choose an image for {wanted}, or a type that runs `{image.architecture}`.",
    )


ARCHITECTURES = Question(concerns=concerns, ask=ask, say=say, refuses=True)
