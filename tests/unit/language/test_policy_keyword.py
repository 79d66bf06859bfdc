"""A policy that AWS would not take as one is refused when the spec is loaded.

The kind: a document that is any JSON to the registry, and that IAM refuses in the apply.
"""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.language.policy_keyword import misfit_of
from gitbot.model.values import Unknown

OPEN = Unknown(template="${a.Arn}", references={})
MAY: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TAKES: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}


def policy(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def without(statement: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key not in names}


@pytest.mark.parametrize(
    ("document", "kind", "says"),
    [
        ('{"Statement": [', "identity", "is no JSON text: Expecting value: line 1"),
        ("[]", "identity", "must be a map"),
        ('"text"', "trust", "must be a map"),
        ([MAY], "identity", "must be a map"),
        ({}, "identity", "has no Statement"),
        ('{"Version": "2012-10-17"}', "resource", "has no Statement"),
        (policy(), "trust", "has no Statement"),
        (policy(), "identity", "has no Statement"),
        (policy(MAY, Version="2012-10-18"), "identity", "has Version 2012-10-18: write"),
        (policy("Allow"), "identity", "that is no map"),
        (policy(without(MAY, "Effect")), "identity", "without Effect"),
        (policy({**MAY, "Effect": "allow"}), "identity", "with Effect allow: write Allow or Deny"),
        ({"Statement": {**MAY, "Effect": "Permit"}}, "identity", "with Effect Permit"),
        (policy(without(MAY, "Action")), "identity", "without Action"),
        (policy(without(MAY, "Resource")), "identity", "without Resource"),
        (policy({**MAY, "Principal": "*"}), "identity", "with Principal, which only"),
        (policy({**MAY, "NotPrincipal": "*"}), "identity", "with NotPrincipal, which only"),
        (policy(MAY), "resource", "without Principal"),
        (policy(without(MAY, "Resource")), "trust", "without Principal"),
        (policy({**TAKES, "Resource": "*"}), "trust", "with Resource: who may take a role"),
        (policy(MAY, without(MAY, "Effect")), "identity", "without Effect"),
        (policy(MAY), "identity", None),
        ({"Statement": MAY}, "identity", None),
        (
            '{"Statement": {"Effect": "Deny", "NotAction": "*", "NotResource": "*"}}',
            "identity",
            None,
        ),
        (policy(MAY, Version="2008-10-17", Id="x"), "identity", None),
        (policy({**TAKES, "Principal": {"Service": "lambda"}}), "trust", "with the Service lambda"),
        (
            policy({**MAY, "Principal": {"Service": ["s3.amazonaws.com", "sns"]}}),
            "resource",
            "with the Service sns: write sns.amazonaws.com",
        ),
        (policy({**TAKES, "Principal": {"Service": "x.eu-west-1.amazonaws.com"}}), "trust", None),
        (policy(TAKES), "trust", None),
        (policy({**TAKES, "Principal": {"Service": OPEN}}), "trust", None),
        (policy({**MAY, "Principal": "*"}), "resource", None),
        (policy(without({**MAY, "NotPrincipal": "*"}, "Resource")), "resource", None),
        (policy(), "resource", None),
        (OPEN, "identity", None),
        ({"Statement": OPEN}, "identity", None),
        (policy(OPEN, Version=OPEN), "trust", None),
        (policy({"Effect": OPEN, "Action": OPEN, "Resource": OPEN}), "identity", None),
    ],
)
def test_a_document_that_aws_takes_for_no_policy(
    document: Any, kind: str, says: str | None
) -> None:
    found = misfit_of(document, kind)
    if says is None:
        assert found is None
    else:
        assert found is not None
        assert says in found
