"""Read CloudTrail's event records. Pure.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from gitbot.model.causes import CallerKind, Deed

CONSOLE = "console"
GITBOT = "gitbot"
_KINDS = {"AssumedRole": CallerKind.ROLE, "Root": CallerKind.ROOT}
_TOOLS = (
    ("console.amazonaws.com", CONSOLE),
    ("signin.amazonaws.com", CONSOLE),
    ("Terraform", "Terraform"),
    ("OpenTofu", "OpenTofu"),
    ("Pulumi", "Pulumi"),
    ("cloudformation.amazonaws.com", "CloudFormation"),
    ("aws-cli", "the AWS CLI"),
)
_ODD = re.compile(r"[^A-Za-z0-9 ._:/@+=,-]")
_LONGEST = 64


def deed_of(event: Mapping[str, Any], ours: str) -> Deed | None:
    """The deed that an element of ``Events`` tells; None for a read, or a call that failed.

    ``ours`` is the ARN of the role or user that gitbot changes things with.
    """
    record = json.loads(event.get("CloudTrailEvent") or "{}")
    if str(event.get("ReadOnly", "")).lower() == "true" or record.get("errorCode"):
        return None
    identity = record.get("userIdentity") or {}
    agent = str(record.get("userAgent") or "").strip("[]")
    through = _tool(record, agent)
    return Deed(
        call=f"{_plain(event['EventSource']).partition('.')[0]}:{_plain(event['EventName'])}",
        at=event["EventTime"].astimezone(UTC),
        kind=_kind(identity),
        who=_who(event, identity),
        role=_plain(_issuer(identity).get("userName")),
        address=_plain(record.get("sourceIPAddress")),
        through=through,
        ours=through == GITBOT and _same(identity, ours),
    )


def _kind(identity: Mapping[str, Any]) -> CallerKind:
    if identity.get("type") == "AWSService" or "type" not in identity:
        return CallerKind.SERVICE
    return _KINDS.get(str(identity["type"]), CallerKind.USER)


def _who(event: Mapping[str, Any], identity: Mapping[str, Any]) -> str:
    """The user, or the session of a role: an e-mail address where people sign in through SSO."""
    if _kind(identity) is CallerKind.SERVICE:
        return _plain(identity.get("invokedBy"))
    named = identity.get("userName") or event.get("Username")
    return _plain(named or str(identity.get("arn", "")).rpartition("/")[2])


def _issuer(identity: Mapping[str, Any]) -> Mapping[str, Any]:
    found = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return found if isinstance(found, Mapping) else {}


def _tool(record: Mapping[str, Any], agent: str) -> str:
    if str(record.get("sessionCredentialFromConsole", "")).lower() == "true":
        return CONSOLE
    if GITBOT in agent.split():
        return GITBOT
    known = (name for part, name in _TOOLS if part in agent)
    return next(known, _plain(agent.partition(" ")[0]))


def _same(identity: Mapping[str, Any], ours: str) -> bool:
    """Whether it is our identity. The sessions of one role are the same."""
    issuer = str(_issuer(identity).get("arn", ""))
    return ours in (str(identity.get("arn", "")), issuer) or _role(ours) == _role(issuer) != ""


def _role(arn: str) -> str:
    """``account/role`` of a role's ARN, or of a session's."""
    parts = arn.split(":")
    if len(parts) != 6:
        return ""
    kind, _, rest = parts[5].partition("/")
    if kind == "assumed-role":
        return f"{parts[4]}/{rest.partition('/')[0]}"
    return f"{parts[4]}/{rest.rpartition('/')[2]}" if kind == "role" else ""


def _plain(text: Any) -> str:
    """The text without characters that mean something to Markdown or a terminal, and not too long."""
    return _ODD.sub("?", str(text or ""))[:_LONGEST]
