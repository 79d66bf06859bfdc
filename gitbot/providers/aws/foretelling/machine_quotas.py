"""Machines with more virtual processors than an account may run, by family and market. Shell.

New accounts may run none with GPUs, which people learn when EC2 refuses the launch.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gitbot.model.observed import Deed, Making, Objection, Removing
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.machines import (
    INSTANCE,
    TypeFacts,
    choices_of,
    gets_a_type,
    known_types,
)
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.foretelling.quotas import HIGHER, RIGHTS, Quota, beyond, limits

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_FAMILY: Final = re.compile(r"([a-z]+)([0-9]*)[a-z0-9-]*\.")
_FIRST: Final = {
    **dict.fromkeys(("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"), "Standard"),
    **dict.fromkeys(("g", "gr", "vt"), "G and VT"),
    **dict.fromkeys(("p",), "P"),
    **dict.fromkeys(("f",), "F"),
    **dict.fromkeys(("x",), "X"),
    **dict.fromkeys(("inf",), "Inf"),
    **dict.fromkeys(("trn",), "Trn"),
    **dict.fromkeys(("dl",), "DL"),
}
"""The quota's name for the families that begin with these letters. Others have quotas of their own kind."""
_ON_DEMAND: Final = {
    "Standard": "L-1216C47A",
    "G and VT": "L-DB2E81BA",
    "P": "L-417A185B",
    "F": "L-74FC7D96",
    "X": "L-7295265B",
    "Inf": "L-1945791B",
    "Trn": "L-2C3B7624",
    "DL": "L-6E869C2A",
}
_SPOT: Final = {
    "Standard": "L-34B43A08",
    "G and VT": "L-3819A6DF",
    "P": "L-7212CCBC",
    "P5": "L-C4BD4855",
    "F": "L-88CF9481",
    "X": "L-E3A00192",
    "Inf": "L-B5D1601B",
    "Trn": "L-6B0D517C",
    "DL": "L-85EED4F7",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A machine that runs."""

    type: str
    spot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The limit by quota, the machines that run by identifier, and the types of all of them."""

    region: str
    limits: Mapping[str, float]
    running: Mapping[str, Running]
    types: Mapping[str, TypeFacts]

    def vcpus(self, type_: str) -> int:
        """How many virtual processors a machine of the type has; 0 if nobody knows."""
        return self.types[type_].vcpus if type_ in self.types else 0


def quota_of(type_: str, *, spot: bool) -> Quota | None:
    """The quota that a machine of the type counts for; None: none that is known here."""
    family = _FAMILY.match(type_)
    name = _FIRST.get(family[1]) if family is not None else None
    if name is None or family is None:
        return None
    if spot and name == "P" and family[2] not in ("2", "3", "4"):
        name = f"P{family[2]}"
    codes, market = (_SPOT, "spot") if spot else (_ON_DEMAND, "on-demand")
    if name not in codes:
        return None
    return Quota("ec2", codes[name], f"vCPUs of {market} {name} instances")


def _wanted(deed: Deed) -> tuple[Quota, str] | None:
    """The quota of the machine and its type; None where several choices count for several quotas."""
    choices = choices_of(deed)
    quotas = {quota_of(each.type or "", spot=each.spot) for each in choices}
    [quota, *others] = quotas
    if quota is None or others or choices[0].type is None:
        return None
    return quota, choices[0].type


def concerns(deed: Deed) -> bool:
    """Whether a machine gets a type whose quota is known."""
    return gets_a_type(deed) and _wanted(deed) is not None


def ask(facts: Facts, deeds: Deeds) -> Answer:
    """One call for each quota; then one for what runs, and one for the types."""
    wanted = [both for deed in deeds if (both := _wanted(deed)) is not None]
    found = limits(facts, {quota for quota, _ in wanted})
    running = facts.once("running machines", _running) if found else {}
    types = {*(type_ for _, type_ in wanted), *(one.type for one in running.values())}
    return Answer(
        region=facts.aws.region,
        limits=found,
        running=running,
        types=known_types(facts, types) if found else {},
    )


def _running(aws: Connection) -> Mapping[str, Running]:
    up = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    return {
        str(one["InstanceId"]): Running(
            type=str(one["InstanceType"]), spot=one.get("InstanceLifecycle") == "spot"
        )
        for reservation in aws.pages("ec2", "describe_instances", "Reservations", Filters=up)
        for one in reservation["Instances"]
    }


def say(answer: Answer, concerned: Deeds, deeds: Deeds) -> Iterator[Objection]:
    """A remark for each quota that the plan's machines go beyond."""
    for quota, making in _by_quota(concerned).items():
        limit = answer.limits.get(quota.code)
        used = _vcpus(answer, quota, answer.running)
        freed = _vcpus(answer, quota, {str(deed.remote_id) for deed in deeds if _frees(deed)})
        more = sum(answer.vcpus(type_) for deed, type_ in making if _runs(deed, answer)) - freed
        if limit is not None and more > 0 and used + more > limit:
            yield Objection(
                address=making[0][0].address,
                why=beyond(quota, answer.region, used=used, more=more, limit=limit),
                fix=HIGHER,
                remark=True,
            )


def _by_quota(concerned: Deeds) -> Mapping[Quota, list[tuple[Deed, str]]]:
    found: dict[Quota, list[tuple[Deed, str]]] = {}
    for deed in concerned:
        both = _wanted(deed)
        assert both is not None
        found.setdefault(both[0], []).append((deed, both[1]))
    return found


def _vcpus(answer: Answer, quota: Quota, among: Collection[str]) -> int:
    """The virtual processors that these machines run and that count for the quota."""
    return sum(
        answer.vcpus(one.type)
        for own, one in answer.running.items()
        if own in among and quota_of(one.type, spot=one.spot) == quota
    )


def _frees(deed: Deed) -> bool:
    """Whether a machine ends, or is stopped for its change, before another one is started."""
    if isinstance(deed, Removing):
        return deed.first and deed.type == INSTANCE
    return deed.remote_id is not None and gets_a_type(deed)


def _runs(deed: Deed, answer: Answer) -> bool:
    """Whether the machine runs afterwards: one that is stopped stays so."""
    new = isinstance(deed, Making) and deed.changed is None
    return new or str(deed.remote_id) in answer.running


MACHINE_QUOTAS = Question(
    concerns=concerns, ask=ask, say=say, rights=RIGHTS, about=lambda type_: type_ == INSTANCE
)
