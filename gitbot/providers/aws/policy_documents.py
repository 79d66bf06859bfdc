"""Bring IAM policy documents into the one form in which they are compared. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gitbot.model.values import keeps_hidden

OLDEST = "2008-10-17"
_ROOT = re.compile(r"^arn:[^:]+:iam::(\d{12}):root$")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")


_UNIQUE_ID = re.compile(r"\bA(?:ROA|IDA)[A-Z0-9]{12,}\b")


def deleted_principals(observed: Any) -> tuple[str, ...]:
    """A sentence for each id that AWS shows in place of a role or user that was deleted.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    ids = sorted(set(_UNIQUE_ID.findall(json.dumps(observed, default=str))))
    return tuple(
        f"{each} stands where a {'role' if each.startswith('AROA') else 'user'} was named that has been "
        "deleted: AWS shows its id then. An apply names the one that has the name now; make it first "
        "if there is none."
        for each in ids
    )


@keeps_hidden
def normalised_policy(document: Any) -> Any:
    """The document with text parsed, single elements as lists, and lists in one order.

    A document without ``Version`` has the version that AWS takes it for. Anything else (an unknown leaf, broken text) is returned unchanged.
    """
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return document
    if not isinstance(document, Mapping):
        return document
    policy = {"Version": OLDEST, **document}
    if "Statement" in policy:
        statements = policy["Statement"]
        many = statements if isinstance(statements, (list, tuple)) else [statements]
        policy["Statement"] = _ordered([_statement(one) for one in many])
    return policy


def policy_text(document: Any) -> str:
    """The document as the JSON text that the APIs take."""
    return document if isinstance(document, str) else json.dumps(document)


def _statement(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    done = dict(statement)
    for key in _LISTS:
        if key in done:
            done[key] = _ordered(_many(done[key]))
    for key in _PRINCIPALS:
        if key in done:
            done[key] = _principals(done[key])
    if done.get("Condition") == {}:
        del done["Condition"]
    elif isinstance(done.get("Condition"), Mapping):
        done["Condition"] = {
            operator: _condition(tests) for operator, tests in done["Condition"].items()
        }
    return done


def _principals(principal: Any) -> Any:
    if principal == "*":
        return {"AWS": ["*"]}
    if not isinstance(principal, Mapping):
        return principal
    return {
        kind: _ordered([_account(one) for one in _many(names)]) for kind, names in principal.items()
    }


@keeps_hidden
def _account(name: Any) -> Any:
    # AWS stores a bare account number as the ARN of its root; both mean the account.
    match = _ROOT.match(name) if isinstance(name, str) else None
    return match.group(1) if match else name


def _condition(tests: Any) -> Any:
    if not isinstance(tests, Mapping):
        return tests
    return {key: _ordered([_text(one) for one in _many(values)]) for key, values in tests.items()}


@keeps_hidden
def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _ordered(values: list[Any]) -> list[Any]:
    # Leaves that are not JSON yet sort by their repr, which is stable and never shown.
    return [item for _, item in sorted({_sortable(value): value for value in values}.items())]


def _sortable(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
