"""Networks, gateways and addresses of which an account may have a few only. Shell.

https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gitbot.model.observed import Deed, Making, Objection, Removing
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.foretelling.quotas import HIGHER, RIGHTS, Quota, beyond, limits


@dataclass(frozen=True, slots=True)
class Counted:
    """A type of which objects are counted: its quota, and the call that lists them all."""

    quota: Quota
    call: str
    key: str
    paged: bool = True


COUNTED: Final[Mapping[str, Counted]] = {
    "AWS::EC2::EIP": Counted(
        Quota("ec2", "L-0263D0A3", "Elastic IP addresses"),
        *("describe_addresses", "Addresses"),
        paged=False,
    ),
    "AWS::EC2::InternetGateway": Counted(
        Quota("vpc", "L-A4707A72", "internet gateways"),
        *("describe_internet_gateways", "InternetGateways"),
    ),
    "AWS::EC2::VPC": Counted(Quota("vpc", "L-F678F1CE", "VPCs"), "describe_vpcs", "Vpcs"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The limit by quota, and how many there are by type."""

    region: str
    limits: Mapping[str, float]
    used: Mapping[str, int]


def concerns(deed: Deed) -> bool:
    """Whether an object is made that counts."""
    return isinstance(deed, Making) and deed.changed is None and deed.type in COUNTED


def ask(facts: Facts, deeds: Deeds) -> Answer:
    """For each type that is made, one call for the limit and one for what there is."""
    types = {deed.type for deed in deeds}
    found = limits(facts, {COUNTED[type_].quota for type_ in types})
    known = {type_ for type_ in types if COUNTED[type_].quota.code in found}
    used = {type_: _count(facts, type_) for type_ in sorted(known)}
    return Answer(region=facts.aws.region, limits=found, used=used)


def _count(facts: Facts, type_: str) -> int:
    row = COUNTED[type_]
    if row.paged:
        return facts.once(
            ("count", type_), lambda aws: sum(1 for _ in aws.pages("ec2", row.call, row.key))
        )
    return facts.once(("count", type_), lambda aws: len(aws.call("ec2", row.call)[row.key]))


def say(answer: Answer, concerned: Deeds, deeds: Deeds) -> Iterator[Objection]:
    """A remark for each type of which the plan makes more than there may be."""
    for type_ in sorted(answer.used):
        made = [deed for deed in concerned if deed.type == type_]
        gone = sum(isinstance(one, Removing) and one.first and one.type == type_ for one in deeds)
        quota, more = COUNTED[type_].quota, len(made) - gone
        used, limit = answer.used[type_], answer.limits[quota.code]
        if more > 0 and used + more > limit:
            yield Objection(
                address=made[0].address,
                why=beyond(quota, answer.region, used=used, more=more, limit=limit),
                fix=HIGHER,
                remark=True,
            )


NETWORK_QUOTAS = Question(
    concerns=concerns, ask=ask, say=say, rights=RIGHTS, about=COUNTED.__contains__
)
