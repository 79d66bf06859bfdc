"""What the machines of a plan need, and what AWS says of types of machines. Shell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gitbot.model.observed import Deed, Making
from gitbot.model.placement import PLACEMENT, Candidate, candidates
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.types.ec2.launching import KIND

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

INSTANCE: Final = "AWS::EC2::Instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One machine that AWS may be asked for; None: not said, or not known yet."""

    type: str | None
    zone: str | None = None
    subnet: str | None = None
    spot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFacts:
    """What AWS says of a type of machines."""

    architectures: tuple[str, ...]
    vcpus: int


def gets_a_type(deed: Deed) -> bool:
    """Whether the deed starts a machine, or gives one another type."""
    return (
        isinstance(deed, Making)
        and deed.type == INSTANCE
        and (deed.changed is None or KIND.size in deed.changed)
    )


def choices_of(deed: Deed) -> Sequence[Choice]:
    """The machines that the deed may ask AWS for, in the order in which they are tried."""
    assert isinstance(deed, Making)
    given = deed.properties.get(PLACEMENT)
    chosen = (
        candidates(given, KIND)
        if isinstance(given, Mapping)
        else (Candidate(properties={}, spot=False),)
    )
    return [
        Choice(
            type=_text(wanted.get(KIND.size)),
            zone=_text(wanted.get(KIND.zone)),
            subnet=_text(wanted.get(KIND.subnet)),
            spot=each.spot,
        )
        for each in chosen
        for wanted in ({**deed.properties, **each.properties},)
    ]


def types_of(deeds: Sequence[Deed]) -> Iterator[str]:
    """The types that the machines may get, as far as they are known."""
    for deed in deeds:
        for choice in choices_of(deed):
            if choice.type is not None:
                yield choice.type


def known_types(facts: Facts, types: Collection[str]) -> Mapping[str, TypeFacts]:
    """What the region says of these types; one that it does not have is missing."""
    return facts.together("instance types", types, _describe)


def _describe(aws: Connection, types: Collection[str]) -> Mapping[str, TypeFacts]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html

    By filter: a list of types is refused as a whole where one is unknown.
    """
    wanted = [{"Name": "instance-type", "Values": list(types)}]
    return {
        str(one["InstanceType"]): TypeFacts(
            architectures=tuple(one["ProcessorInfo"]["SupportedArchitectures"]),
            vcpus=int(one["VCpuInfo"]["DefaultVCpus"]),
        )
        for one in aws.pages("ec2", "describe_instance_types", "InstanceTypes", Filters=wanted)
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
