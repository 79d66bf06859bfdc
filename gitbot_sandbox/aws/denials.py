"""Refuse calls that the policies of the role behind them do not allow, as AWS does. Shell.

moto allows everything. Only roles that exist and have policies are held to them: the sandbox's own key and
roles that nobody made may do everything.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from gitbot.providers.aws.faults import PREFIXES, S3_ACTIONS
from gitbot_sandbox.aws.faults import Fault, FaultKind
from gitbot_sandbox.aws.policies import Decision, Request, decide
from gitbot_sandbox.aws.role_policies import policies_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_CREDENTIAL: Final = re.compile(r"Credential=(ASIA[A-Z0-9]+)/\d+/([a-z0-9-]+)/")
_PASSED: Final = re.compile(r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+")
_PROFILE: Final = re.compile(r"IamInstanceProfile\.Name=([\w+=,.@-]+)")
_NAMES: Final = {
    "monitoring": "cloudwatch",
    "tagging": "tag",
    "cloudcontrolapi": "cloudformation",
    **PREFIXES,
}
_OWN: Final = frozenset({"iam", "s3", "sns", "sqs", "kms", "sts", "ssm", "secretsmanager"})
"""Services whose requests name roles in policies and values, and are given none."""
_METHODS: Final = "apigateway"
"""The service whose IAM knows the methods of HTTP, on what the path names.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html"""
_GIVEN_TO: Final = {"CreateFlowLogs": "vpc-flow-logs", "RegisterTaskDefinition": "ecs-tasks"}
"""Who takes the role, where it is not the service that is called."""


def is_of_a_role(environ: WSGIEnvironment) -> bool:
    """Whether the call is signed with the key of an assumed role."""
    return _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", "")) is not None


def denial(
    environ: WSGIEnvironment, service: str, operation: str, body: bytes, account: str
) -> Fault | None:
    """The refusal of the call; None if it is allowed."""
    signed = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    caller = _role_behind(signed[1], account) if signed is not None else None
    if signed is None or caller is None or operation == "GetCallerIdentity":
        return None
    documents = policies_of(account, "aws", caller)
    if not documents:
        return None
    context = {"aws:RequestedRegion": signed[2]}
    asked = [Request(action=_action(service, operation), context=context)]
    if service == _METHODS:
        asked = [*_of_http(environ, operation, body, context)]
    asked += _passes(service, operation, unquote_plus(body.decode(errors="replace")), account)
    for one in asked:
        decision = decide(documents, one)
        if decision is not Decision.ALLOWED:
            return _refusal(service, caller, one, decision)
    return None


def _role_behind(key: str, account: str) -> str | None:
    """The ARN of the role that was assumed for the access key."""
    from moto.sts.models import sts_backends

    found: Any = sts_backends[account]["aws"].get_assumed_role_from_access_key(key)
    return None if found is None else str(found.role_arn)


def _action(service: str, operation: str) -> str:
    if service in ("s3", "s3control"):
        return f"s3:{S3_ACTIONS.get(operation, operation)}"
    return f"{_NAMES.get(service, service)}:{operation}"


def _of_http(
    environ: WSGIEnvironment, operation: str, body: bytes, context: Mapping[str, str]
) -> Iterator[Request]:
    """The method on the path, and what tags need beside it."""
    region, path = context["aws:RequestedRegion"], environ["PATH_INFO"].removeprefix("/v2")
    actions = [environ["REQUEST_METHOD"]]
    if operation in ("TagResource", "UntagResource"):
        actions.append(operation)
    elif operation.startswith("Create") and b'"tags"' in body:
        actions.append("TagResource")
    for action in actions:
        arn = f"arn:aws:{_METHODS}:{region}::{path}"
        yield Request(action=f"{_METHODS}:{action}", resource=arn, context=context)


def _passes(service: str, operation: str, body: str, account: str) -> Iterator[Request]:
    """A request to pass each role that the call gives to its service."""
    if service in _OWN or not operation.startswith(("Create", "Update", "Run", "Put", "Register")):
        return
    roles = set(_PASSED.findall(body))
    if (profile := _PROFILE.search(body)) is not None:
        roles |= _of_profile(profile[1], account)
    for role in sorted(roles):
        given = {"iam:PassedToService": f"{_GIVEN_TO.get(operation, service)}.amazonaws.com"}
        yield Request(action="iam:PassRole", resource=role, context=given)


def _of_profile(name: str, account: str) -> set[str]:
    from moto.iam.models import iam_backends

    profiles: Any = iam_backends[account]["aws"].instance_profiles
    found = (one for one in profiles.values() if one.name == name)
    return {role.arn for one in found for role in one.roles}


def _refusal(service: str, caller: str, request: Request, decision: Decision) -> Fault:
    why = "an explicit deny in an identity-based policy"
    if decision is Decision.NOT_ALLOWED:
        why = f"no identity-based policy allows the {request.action} action"
    words = (
        f"User: {caller} is not authorized to perform: {request.action} on resource: {request.resource} because "
        f"{why}"
    )
    code = "AccessDenied" if service in ("s3", "iam", "sts", "sns") else "AccessDeniedException"
    if service == "ec2":
        code = "UnauthorizedOperation"
        words = (
            "You are not authorized to perform this operation. Encoded authorization failure message: "
            f"{_encoded(caller, request, decision)}"
        )
    return Fault(kind=FaultKind.ERROR, status=403, code=code, message=words)


def _encoded(caller: str, request: Request, decision: Decision) -> str:
    told = {
        "allowed": False,
        "explicitDeny": decision is Decision.DENIED,
        "matchedStatements": {"items": []},
        "failures": {"items": []},
        "context": {
            "principal": {"id": caller.rpartition("/")[2], "arn": caller},
            "action": request.action,
            "resource": request.resource,
            "conditions": {"items": []},
        },
    }
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def decoded(message: str) -> Mapping[str, Any] | None:
    """What the encoded message of a denial says; None if it is none."""
    try:
        told = json.loads(base64.urlsafe_b64decode(message.encode()))
    except ValueError:
        return None
    return told if isinstance(told, dict) and "allowed" in told else None
