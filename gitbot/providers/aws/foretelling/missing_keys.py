"""Key pairs that a machine or a launch template names, and that there are not. Shell.

A remark: the pair may come from another stack of the same run, or from somebody before the apply.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.machines import DATA, TEMPLATE, launched_with, sets
from gitbot.providers.aws.foretelling.question import Deeds, Question

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_PAIR: Final = "AWS::EC2::KeyPair"
_NAME: Final = "KeyName"
Answer: TypeAlias = tuple[str, Collection[str]]
"""The region, and which of the names it has."""


def concerns(deed: Deed) -> bool:
    """Whether the deed says with which key people enter machines, and the name is known."""
    return sets(deed, DATA if deed.type == TEMPLATE else _NAME) and bool(_key_of(deed))


def ask(facts: Facts, deeds: Deeds) -> Answer:
    """One call for all names."""
    return facts.aws.region, facts.together("key pairs", set(map(_key_of, deeds)), _known)


def _known(aws: Connection, names: Collection[str]) -> Mapping[str, bool]:
    """By filter: a list of names is refused as a whole where one is unknown.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html
    """
    wanted = [{"Name": "key-name", "Values": sorted(names)}]
    answer = aws.call("ec2", "describe_key_pairs", Filters=wanted)
    return {str(one["KeyName"]): True for one in answer["KeyPairs"]}


def say(answer: Answer, concerned: Deeds, deeds: Deeds) -> Iterator[Objection]:
    """A remark on each name that neither the region has nor the plan makes."""
    region, known = answer
    made = set(map(_pair_of, deeds))
    for deed in concerned:
        name = _key_of(deed)
        if name not in known and name not in made:
            yield Objection(
                address=deed.address,
                why=f"{region} has no key pair `{name}`: EC2 starts no machine with it.",
                fix="Make the key pair before the apply, or name another one.",
                remark=True,
            )


def _pair_of(deed: Deed) -> object:
    """The name of the key pair that the deed makes; None: it makes none."""
    if isinstance(deed, Making) and deed.type == _PAIR:
        return deed.properties.get(_NAME)
    return None


def _key_of(deed: Deed) -> str:
    name = launched_with(deed).get(_NAME)
    return name if isinstance(name, str) else ""


MISSING_KEYS = Question(concerns=concerns, ask=ask, say=say)
