"""Machines of a type that their zone does not offer. Shell.

Not every zone of a region has every type, and least of all the large ones with GPUs. EC2 refuses the launch
with ``Unsupported``; a machine with choices then gets the next one.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitbot.model.observed import Deed, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.machines import Choice, choices_of, describes_a_type
from gitbot.providers.aws.foretelling.question import Deeds, Question

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The zones that offer each type, and the zone of each subnet."""

    zones: Mapping[str, frozenset[str]]
    subnets: Mapping[str, str]

    def place(self, choice: Choice) -> str | None:
        """The zone in which the choice is started; None: EC2 chooses, or nobody knows yet."""
        return self.subnets.get(choice.subnet) if choice.subnet else choice.zone

    def lacks(self, choice: Choice) -> bool:
        """Whether the zone does not offer the type, and another one of the region does."""
        place, zones = self.place(choice), self.zones.get(choice.type or "")
        return place is not None and bool(zones) and place not in (zones or ())


def concerns(deed: Deed) -> bool:
    """Whether a machine gets a type in a place that is known."""
    return describes_a_type(deed) and any(map(_is_placed, choices_of(deed)))


def _is_placed(choice: Choice) -> bool:
    return choice.type is not None and bool(choice.zone or choice.subnet)


def ask(facts: Facts, deeds: Deeds) -> Answer:
    """One call for the zones of all types, and one for those of all subnets."""
    placed = [each for deed in deeds for each in choices_of(deed) if _is_placed(each)]
    subnets = {each.subnet for each in placed if each.subnet}
    types = {each.type for each in placed if each.type}
    return Answer(
        zones=facts.together("zones of types", types, _zones),
        subnets=facts.together("zones of subnets", subnets, _subnets) if subnets else {},
    )


def _zones(aws: Connection, types: Collection[str]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in aws.pages(
        "ec2",
        "describe_instance_type_offerings",
        "InstanceTypeOfferings",
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": list(types)}],
    ):
        found.setdefault(str(one["InstanceType"]), set()).add(str(one["Location"]))
    return {type_: frozenset(zones) for type_, zones in found.items()}


def _subnets(aws: Connection, subnets: Collection[str]) -> Mapping[str, str]:
    wanted = [{"Name": "subnet-id", "Values": list(subnets)}]
    return {
        str(one["SubnetId"]): str(one["AvailabilityZone"])
        for one in aws.pages("ec2", "describe_subnets", "Subnets", Filters=wanted)
    }


def say(answer: Answer, concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """An objection where no choice can be started; a remark on each that is passed over."""
    for deed in concerned:
        choices = choices_of(deed)
        lacking = [each for each in choices if answer.lacks(each)]
        if len(lacking) == len(choices):
            yield _refused(deed, lacking, answer)
        elif lacking:
            yield Objection(
                address=deed.address,
                why=f"{_pairs(lacking, answer)}, so AWS refuses these choices of its placement and the next "
                "ones are tried.",
                fix="Take them out of the placement.",
                remark=True,
            )


def _refused(deed: Deed, lacking: Sequence[Choice], answer: Answer) -> Objection:
    offering = sorted({zone for each in lacking for zone in answer.zones[each.type or ""]})
    return Objection(
        address=deed.address,
        why=f"{_pairs(lacking, answer)}.",
        fix=f"Choose another type, or a subnet or zone among {', '.join(offering)}.",
    )


def _pairs(lacking: Sequence[Choice], answer: Answer) -> str:
    pairs = dict.fromkeys((answer.place(each), each.type) for each in lacking)
    return "; ".join(f"{zone} does not offer `{type_}`" for zone, type_ in pairs)


ZONES = Question(concerns=concerns, ask=ask, say=say, refuses=True)
