"""Decide as IAM does whether policies allow an action, as far as they speak of what is asked. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
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


def listed(policy: Any) -> str:
    """The policy as text, with its statements in a list; a text that is no policy as it is."""
    try:
        document = json.loads(policy) if isinstance(policy, (str, bytes)) else policy
    except ValueError:
        document = None
    if not isinstance(document, Mapping):
        return policy.decode() if isinstance(policy, bytes) else str(policy)
    statements = document.get("Statement", [])
    many = [statements] if isinstance(statements, Mapping) else statements
    return json.dumps({**document, "Statement": many})


def statements_of(policy: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy, of which one alone may be a map; none in a text that is no policy."""
    try:
        document = json.loads(listed(policy))
    except ValueError:
        return []
    statements = document["Statement"] if isinstance(document, Mapping) else []
    return [one for one in statements if isinstance(one, Mapping)]


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
    wanted = [str(one) for one in _many(values)]
    quantifier, _, name = operator.removesuffix("IfExists").rpartition(":")
    if name == "Null":
        return str(known is None).lower() in map(str.lower, wanted)
    negated = "Not" in name
    if known is None:
        return negated or operator.endswith("IfExists") or quantifier == "ForAllValues"
    test = _TESTS[name.replace("Not", "", 1)]
    return any(test(known, one) for one in wanted) != negated


def _numbers(compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    return lambda known, wanted: compare(float(known), float(wanted))


def _instants(compare: Callable[[Any, Any], bool]) -> Callable[[str, str], bool]:
    return lambda known, wanted: compare(*map(datetime.fromisoformat, (known, wanted)))


def _is_inside(known: str, wanted: str) -> bool:
    return ip_address(known) in ip_network(wanted, strict=False)


_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": eq,
    "LessThan": lt,
    "LessThanEquals": le,
    "GreaterThan": gt,
    "GreaterThanEquals": ge,
}
_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    **{f"Numeric{name}": _numbers(compare) for name, compare in _COMPARED.items()},
    **{f"Date{name}": _instants(compare) for name, compare in _COMPARED.items()},
    **dict.fromkeys(("StringEquals", "BinaryEquals"), eq),
    **dict.fromkeys(("StringLike", "ArnLike", "ArnEquals"), _like),
    **dict.fromkeys(
        ("Bool", "StringEqualsIgnoreCase"), lambda known, wanted: known.lower() == wanted.lower()
    ),
    "IpAddress": _is_inside,
}
"""How a known value is compared, by the operator without its negation: IAM has no others."""


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
