"""Decide as IAM does whether policies allow an action, as far as they speak of what is asked. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Decision(StrEnum):
    """What the policies say, in the words of IAM's simulation."""

    ALLOWED = "allowed"
    DENIED = "explicitDeny"
    NOT_ALLOWED = "implicitDeny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody asks for an action on a resource; ``context`` has the values of condition keys."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def decide(documents: Iterable[Mapping[str, Any]], request: Request) -> Decision:
    """What these policies together say: a denial counts more than any permission."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _many(document["Statement"])
        if _speaks_of(statement, request)
    }
    if "Deny" in effects:
        return Decision.DENIED
    return Decision.ALLOWED if "Allow" in effects else Decision.NOT_ALLOWED


def _speaks_of(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        _covers(statement, "Action", request.action.lower(), str.lower)
        and _covers(statement, "Resource", request.resource, str)
        and all(
            _holds(operator, key, values, request.context)
            for operator, tests in statement.get("Condition", {}).items()
            for key, values in tests.items()
        )
    )


def _covers(statement: Mapping[str, Any], name: str, asked: str, spell: Any) -> bool:
    if f"Not{name}" in statement:
        return not any(_like(asked, spell(one)) for one in _many(statement[f"Not{name}"]))
    return any(_like(asked, spell(one)) for one in _many(statement.get(name, ())))


def _like(asked: str, pattern: str) -> bool:
    """Whether the text fits; only ``*`` and ``?`` stand for others."""
    return fnmatchcase(asked, pattern.replace("[", "[[]"))


def _holds(operator: str, key: str, values: Any, context: Mapping[str, str]) -> bool:
    """Whether the condition holds. Of what is not known, only a negated one does.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    known = {name.lower(): value for name, value in context.items()}.get(key.lower())
    if known is None:
        return operator.endswith("IfExists") or "Not" in operator
    wanted = [str(one) for one in _many(values)]
    match operator.removesuffix("IfExists"):
        case "StringEquals":
            return known in wanted
        case "StringNotEquals":
            return known not in wanted
        case "StringLike" | "ArnLike" | "ArnEquals":
            return any(_like(known, one) for one in wanted)
        case "StringNotLike" | "ArnNotLike" | "ArnNotEquals":
            return not any(_like(known, one) for one in wanted)
        case other:
            raise NotImplementedError(f"the local IAM does not know the condition operator {other}")


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
