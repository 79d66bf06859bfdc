"""Machines of a type that the region does not have, before anything is stopped for it. Shell.

EC2 refuses such a type only when the machine is launched, or already stopped to be changed; of a launch template or a
group, only when somebody or a service starts a machine by it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from gitbot.model.observed import Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.machines import (
    known_types,
    lists_types,
    names_types,
    types_of,
)
from gitbot.providers.aws.foretelling.question import Deeds, Question

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_MOST_MEANT = 3
Answer: TypeAlias = tuple[str, frozenset[str], tuple[str, ...]]
"""The region, which of the types it has, and, where one is missing, all that it has."""


def ask(facts: Facts, deeds: Deeds) -> Answer:
    """One call for all types; where one is unknown, those of the region are listed to say what is meant."""
    wanted = set(types_of(deeds))
    known = frozenset(known_types(facts, wanted) if wanted else ())
    offered = facts.once("offered types", _offered) if wanted - known else ()
    return facts.aws.region, known, offered


def _offered(aws: Connection) -> tuple[str, ...]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html"""
    listing = ("describe_instance_type_offerings", "InstanceTypeOfferings")
    return tuple(sorted({str(one["InstanceType"]) for one in aws.pages("ec2", *listing)}))


def say(answer: Answer, concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """An objection to each type that the region does not have."""
    region, known, offered = answer
    for deed in concerned:
        for type_ in dict.fromkeys(types_of([deed])):
            if type_ not in known:
                yield Objection(
                    address=deed.address,
                    why=f"{region} has no instance type `{type_}`.",
                    fix=_fix(type_, offered),
                )


def _fix(type_: str, offered: Collection[str]) -> str:
    meant = get_close_matches(type_, offered, n=_MOST_MEANT)
    names = ", ".join(f"`{one}`" for one in meant)
    return f"Did you mean {names}?" if names else "Choose one that this region has."


INSTANCE_TYPES = Question(
    concerns=lists_types,
    ask=ask,
    say=say,
    rights=frozenset({"ec2:DescribeInstanceTypes", "ec2:DescribeInstanceTypeOfferings"}),
    about=names_types,
    refuses=True,
)
