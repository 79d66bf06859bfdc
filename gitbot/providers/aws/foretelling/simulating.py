"""Ask IAM what the role that applies may do, by its policy simulation. Shell.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.rights import resources_within

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_MOST_RESULTS: Final = 1000
RIGHTS: Final = frozenset({"iam:GetRole", "iam:SimulatePrincipalPolicy"})
_SOURCE: Final = re.compile(r"arn:[^:]+:iam::\d{12}:(?:role|user)/.+")
_SESSION: Final = re.compile(r"arn:[^:]+:sts::\d{12}:assumed-role/([^/]+)/.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Whom applies act as, and which of the actions or roles that were asked about IAM denies them.

    The value says how: ``explicitDeny`` or ``implicitDeny``.
    """

    who: str = ""
    denied: Mapping[str, str]


NOBODY: Final = Verdicts(denied={})
"""Whom applies act as cannot be simulated: the root user, or somebody of another account."""


def may_do(facts: Facts, actions: Collection[str]) -> Verdicts:
    """Which of the actions are denied, of all that nobody asked about yet.

    Costs one call, and one more for each service of which a role has rights on some resources alone.
    """
    who = _who(facts)
    if not who or not actions:
        return NOBODY
    region = facts.aws.region

    def ask(aws: Connection, names: Collection[str]) -> Mapping[str, str]:
        asked: dict[tuple[str, ...], list[str]] = {}
        for name in sorted(names):
            within = resources_within(name.partition(":")[0], region, aws.partition)
            asked.setdefault(within, []).append(name)
        context = [_context("aws:RequestedRegion", region)]
        told: dict[str, str] = {}
        for arns, some in asked.items():
            on = {"ResourceArns": list(arns)} if arns else {}
            results = _simulated(aws, who, ActionNames=some, ContextEntries=context, **on)
            for one in results:  # on any of the resources
                if told.get(one["EvalActionName"]) != "allowed":
                    told[one["EvalActionName"]] = one["EvalDecision"]
        return told

    return Verdicts(who=who, denied=_denied(facts.together("may do", actions, ask)))


def may_pass(facts: Facts, roles: Collection[str], service: str) -> Verdicts:
    """Which of the roles may not be given to the service, in one call."""
    who = _who(facts)
    if not who or not roles:
        return NOBODY

    def ask(aws: Connection, arns: Collection[str]) -> Mapping[str, str]:
        results = _simulated(
            aws,
            who,
            ActionNames=["iam:PassRole"],
            ResourceArns=list(arns),
            ContextEntries=[_context("iam:PassedToService", service)],
        )
        return {one["EvalResourceName"]: one["EvalDecision"] for one in results}

    told = facts.together(f"may pass to {service}", roles, ask)
    return Verdicts(who=who, denied=_denied(told))


def _denied(told: Mapping[str, str]) -> Mapping[str, str]:
    return {name: decision for name, decision in told.items() if decision != "allowed"}


def _who(facts: Facts) -> str:
    """The ARN of the role or user that applies act as; empty where it cannot be simulated."""
    arn = facts.applies_as()
    session = _SESSION.fullmatch(arn)
    if session is not None:
        # The ARN of a session has no path, which the role's may have.
        return facts.once(("role", session[1]), lambda aws: _role_arn(aws, session[1]))
    return arn if _SOURCE.fullmatch(arn) else ""


def _role_arn(aws: Connection, name: str) -> str:
    return str(aws.call("iam", "get_role", RoleName=name)["Role"]["Arn"])


def _context(key: str, value: str) -> Mapping[str, Any]:
    return {"ContextKeyName": key, "ContextKeyType": "string", "ContextKeyValues": [value]}


def _simulated(
    aws: Connection, who: str, **parameters: Sequence[Any]
) -> Iterator[Mapping[str, Any]]:
    """The results, but for those that depend on what the simulation was not told.

    Asked once and not again: where IAM cannot be reached, plans must not wait for it.
    """
    asked = {"PolicySourceArn": who, "MaxItems": _MOST_RESULTS, **parameters}
    results = aws.call_once("iam", "simulate_principal_policy", **asked)["EvaluationResults"]
    return (one for one in results if not one.get("MissingContextValues"))
