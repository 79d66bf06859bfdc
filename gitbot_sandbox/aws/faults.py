"""Define faults that a test or a person switches on, and the replies AWS gives for them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any
from xml.sax.saxutils import escape

REQUEST_ID = "00000000-0000-0000-0000-00000000f417"
_QUERY_SERVICES = frozenset(
    {"autoscaling", "cloudformation", "elasticloadbalancing", "iam", "rds", "sns", "sts"}
)
_REQUESTS = frozenset({"CreateResource", "UpdateResource", "DeleteResource"})
"""The calls that start a request of the Cloud Control API."""


class FaultKind(StrEnum):
    """What goes wrong with a call."""

    THROTTLE = "throttle"
    ERROR = "error"
    DELAY = "delay"
    LOST_REPLY = "lost-reply"
    LOST_REQUEST = "lost-request"
    UNFILTERED = "unfiltered"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: which calls it meets, how many of them, and what happens to them.

    ``service`` and ``operation`` are shell patterns (``ec2``, ``*Instances``). The first ``skip``
    matching calls pass; with ``containing``, only calls with this text in their body match; then ``count`` calls fail. None lets all fail until the fault is cleared.
    ``error`` answers ``status`` with ``code`` (by default the service's own for that status);
    ``delay`` waits ``seconds``, or until the fault is cleared, and then applies the call; ``lost-reply`` applies the call and
    closes the connection; ``lost-request`` closes it without applying anything; ``unfiltered`` ignores
    the filters of an EC2 call, as some endpoints that imitate AWS do.

    ``progress`` is for the requests of the Cloud Control API for a resource type that fits the
    pattern ``type``: they stay in progress for ``polls`` looks and for ``seconds``. Then they fail
    with the handler error ``code``, if one is given; ``applied`` says that their object was made,
    changed or deleted nevertheless.
    """

    kind: FaultKind
    service: str = "*"
    operation: str = "*"
    count: int | None = 1
    skip: int = 0
    status: int = 500
    code: str = ""
    message: str = "injected by the sandbox"
    seconds: float = 0.0
    type: str = "*"
    polls: int = 0
    applied: bool = False
    containing: str = ""

    def meets(self, service: str, operation: str, type_name: str = "", body: bytes = b"") -> bool:
        """Whether the fault is for this call; ``type_name`` is the resource type that it names."""
        if self.kind is FaultKind.PROGRESS and operation not in _REQUESTS:
            return False
        return (
            fnmatchcase(service, self.service)
            and fnmatchcase(operation, self.operation)
            and fnmatchcase(type_name, self.type)
            and self.containing.encode() in body
        )


def fault_from_data(data: Mapping[str, Any]) -> Fault:
    """A fault from JSON data with the names of its fields.

    Raises:
        ValueError: an unknown field or kind, or a field of the wrong type; says which.
    """
    types: dict[str, tuple[type, ...]] = {
        "kind": (str,),
        "service": (str,),
        "operation": (str,),
        "count": (int, type(None)),
        "skip": (int,),
        "status": (int,),
        "code": (str,),
        "message": (str,),
        "seconds": (int, float),
        "type": (str,),
        "polls": (int,),
        "applied": (bool,),
        "containing": (str,),
    }
    for name, value in data.items():
        if name not in types:
            raise ValueError(f"a fault has no {name!r}; it has {', '.join(types)}")
        if not isinstance(value, types[name]):
            raise ValueError(f"{name!r} of a fault must not be {value!r}")
    try:
        kind = FaultKind(data.get("kind", ""))
    except ValueError as error:
        raise ValueError(f"'kind' of a fault is one of {', '.join(FaultKind)}") from error
    return Fault(**{**data, "kind": kind})


def failure_reply(service: str, fault: Fault) -> tuple[int, str, bytes]:
    """(status, content type, body) of a throttle or error, worded as that service does."""
    if fault.kind is FaultKind.THROTTLE:
        status, code = _throttling(service)
        return _reply(service, status, code, "Rate exceeded")
    return _reply(service, fault.status, fault.code or _code_of(service, fault), fault.message)


def _throttling(service: str) -> tuple[int, str]:
    if service == "ec2":
        return 503, "RequestLimitExceeded"
    if service == "s3":
        return 503, "SlowDown"
    return 400, "Throttling" if service in _QUERY_SERVICES else "ThrottlingException"


def _code_of(service: str, fault: Fault) -> str:
    if fault.status == 503:
        return "Unavailable" if service == "ec2" else "ServiceUnavailable"
    if fault.status >= 500:
        names = {"ec2": "InternalError", "s3": "InternalError", "iam": "ServiceFailure"}
        return names.get(service, "InternalFailure")
    return "AccessDenied"


def _reply(service: str, status: int, code: str, message: str) -> tuple[int, str, bytes]:
    if service == "ec2":
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>'
            f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            f"</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
        )
    elif service == "s3":
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Error>'
            f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            f"<RequestId>{REQUEST_ID}</RequestId></Error>"
        )
    elif service in _QUERY_SERVICES:
        kind = "Sender" if status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(code)}</Code>"
            f"<Message>{escape(message)}</Message></Error>"
            f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        )
    else:
        body = json.dumps({"__type": code, "message": message})
        return status, "application/x-amz-json-1.1", body.encode()
    return status, "text/xml; charset=utf-8", text.encode()
