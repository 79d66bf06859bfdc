"""Add what moto lacks to ask about rights: IAM's simulation, and the decoding of denials. Shell.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.responses import IamResponse
from moto.sts.responses import TokenResponse

from gitbot_sandbox.aws.denials import decoded
from gitbot_sandbox.aws.policies import Request, decide
from gitbot_sandbox.aws.role_policies import policies_of


def patch() -> None:
    """Make the patches of this module."""
    iam: Any = IamResponse
    sts: Any = TokenResponse
    iam.simulate_principal_policy = _simulate
    sts.decode_authorization_message = _decode


def _simulate(self: Any) -> ActionResult:
    """Defect: there is no simulation."""
    source = str(self._get_param("PolicySourceArn"))
    documents = policies_of(self.current_account, self.partition, source)
    if documents is None:
        raise NotFoundException(f"{source} cannot be found.")
    context = {
        entry["ContextKeyName"]: entry["ContextKeyValues"][0]
        for entry in self._get_param("ContextEntries", [])
    }
    asked = [
        Request(action=action, resource=resource, context=context)
        for action in self._get_param("ActionNames", [])
        for resource in self._get_param("ResourceArns", []) or ["*"]
    ]
    results: list[dict[str, Any]] = [
        {
            "EvalActionName": one.action,
            "EvalResourceName": one.resource,
            "EvalDecision": decide(documents, one).value,
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for one in asked
    ]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


class _NotEncodedError(ServiceException):
    code = "InvalidAuthorizationMessageException"


def _decode(self: Any) -> ActionResult:
    """Defect: nothing decodes the messages of denials."""
    told = decoded(str(self._get_param("EncodedMessage")))
    if told is None:
        raise _NotEncodedError("Invalid authorization message.")
    return ActionResult({"DecodedMessage": json.dumps(told)})
