"""What the machines of a plan need, and what AWS says of types of machines. Shell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitbot.model.observed import Deed, Making
from gitbot.model.placement import PLACEMENT, Candidate, candidates
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.types.ec2.launching import KIND

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

INSTANCE: Final = "AWS::EC2::Instance"
TEMPLATE: Final = "AWS::EC2::LaunchTemplate"
DATA: Final = "LaunchTemplateData"
_LISTED: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::AutoScaling::AutoScalingGroup": (
        *("MixedInstancesPolicy", "LaunchTemplate", "Overrides", "*", "InstanceType"),
    ),
    "AWS::Batch::ComputeEnvironment": ("ComputeResources", "InstanceTypes", "*"),
    "AWS::EKS::Nodegroup": ("InstanceTypes", "*"),
}
"""Where types list the types of the machines that a service starts for them."""
_A_TYPE: Final = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+")
"""Batch takes whole families too, and words such as ``optimal``."""


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
    return deed.type == INSTANCE and sets(deed, KIND.size)


def describes_a_type(deed: Deed) -> bool:
    """Whether the deed gives a machine a type, or what machines start from."""
    return gets_a_type(deed) or (deed.type == TEMPLATE and sets(deed, DATA))


def lists_types(deed: Deed) -> bool:
    """Whether the deed says of which types machines may be, by itself or by what a service starts for it."""
    return describes_a_type(deed) or (
        deed.type in _LISTED and sets(deed, _LISTED[deed.type][0]) and any(types_of([deed]))
    )


def names_types(type_: str) -> bool:
    """Whether objects of the type may say of which types machines are."""
    return type_ in {INSTANCE, TEMPLATE, *_LISTED}


def sets(deed: Deed, name: str) -> bool:
    """Whether the deed makes an object, or changes this top-level property of it."""
    return isinstance(deed, Making) and (deed.changed is None or name in deed.changed)


def launched_with(deed: Deed) -> Mapping[str, Any]:
    """What says how a machine starts, or the machines of a launch template; nothing for any other deed."""
    if not isinstance(deed, Making):
        return {}
    given = deed.properties if deed.type == INSTANCE else None
    data = deed.properties.get(DATA) if deed.type == TEMPLATE else given
    return data if isinstance(data, Mapping) else {}


def choices_of(deed: Deed) -> Sequence[Choice]:
    """The machines that the deed may ask AWS for, in the order in which they are tried."""
    assert isinstance(deed, Making)
    if deed.type == TEMPLATE:
        return [_of_template(launched_with(deed))]
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


def _of_template(data: Mapping[str, Any]) -> Choice:
    """The machine that a launch template describes: its place is that of the first interface."""
    zones, subnets = (
        [_text(one) for one in _values(data, path)]
        for path in (("Placement", "AvailabilityZone"), ("NetworkInterfaces", "*", "SubnetId"))
    )
    return Choice(
        type=_text(data.get(KIND.size)),
        zone=next(iter(zones), None),
        subnet=next(iter(subnets), None),
    )


def _values(tree: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at the path; ``*`` stands for the items of a list."""
    if not path:
        yield tree
    elif path[0] == "*":
        for item in tree if isinstance(tree, (list, tuple)) else ():
            yield from _values(item, path[1:])
    elif isinstance(tree, Mapping) and path[0] in tree:
        yield from _values(tree[path[0]], path[1:])


def types_of(deeds: Sequence[Deed]) -> Iterator[str]:
    """The types that the machines may get, as far as they are known."""
    for deed in deeds:
        if isinstance(deed, Making) and deed.type in _LISTED:
            texts = map(_text, _values(deed.properties, _LISTED[deed.type]))
            yield from (one for one in texts if one is not None and _A_TYPE.fullmatch(one))
        else:
            yield from (one.type for one in choices_of(deed) if one.type is not None)


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
