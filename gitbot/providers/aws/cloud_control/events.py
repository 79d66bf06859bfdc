"""Read what AWS says about a request, and make the error of one that failed. Pure.

https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ProgressEvent.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gitbot.errors import CloudError, ConflictError, GitbotError, TransientError
from gitbot.model.cloud import FAILED, Operation
from gitbot.providers.aws.refusals import DENIALS, named_right

SERVICE: Final = "cloudcontrol"

ALREADY_EXISTS: Final = "AlreadyExists"
NOT_FOUND: Final = frozenset({"NotFound", "ResourceNotFoundException"})
"""The code of a failed request for an object that is gone, and that of a refused call."""
FORGOTTEN: Final = "RequestTokenNotFoundException"
"""AWS keeps requests for seven days."""
_THROTTLING: Final = "Throttling"
_DENIED: Final = frozenset({"AccessDenied", "UnauthorizedTaggingOperation", *DENIALS})
_RUNNING: Final = frozenset({"PENDING", "IN_PROGRESS", "CANCEL_IN_PROGRESS"})
_HANDLER_CODE: Final = re.compile(r"HandlerErrorCode: (\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """How far a request is. ``code`` and ``message`` say why it failed.

    ``again_at`` is when AWS wants to be asked next.
    """

    receipt: str
    status: str
    verb: str = ""
    identifier: str = ""
    code: str = ""
    message: str = ""
    again_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self.status not in _RUNNING

    @property
    def failed(self) -> bool:
        """Whether it has ended without what was asked for."""
        return self.ended and self.status != "SUCCESS"

    @property
    def call(self) -> str:
        """The call that made the request, as errors name it."""
        return f"{SERVICE}:{self.verb.capitalize()}Resource"


def event_of(answer: Mapping[str, Any]) -> Event:
    """The event in an answer of botocore."""
    told = answer["ProgressEvent"]
    status = told.get("OperationStatus", "IN_PROGRESS")
    return Event(
        receipt=told.get("RequestToken", ""),
        status=status,
        verb=told.get("Operation", ""),
        identifier=told.get("Identifier", ""),
        code=told.get("ErrorCode", status),
        message=told.get("StatusMessage", ""),
        again_at=told.get("RetryAfter"),
    )


def failure(event: Event, operation: Operation, message: str) -> GitbotError:
    """The error for a request that failed; ``message`` is AWS's, without secrets."""
    what = f"{event.call} of {operation.type}"
    if event.code == ALREADY_EXISTS:
        return taken(operation, event.identifier, message)
    if event.code == _THROTTLING:
        return TransientError(f"{what}: AWS asks for fewer requests: {message}", retry_after_s=15.0)
    if event.code in _DENIED:
        return CloudError(
            f"{what}: the role that gitbot uses may not do this ({message}). "
            f"Allow {named_right(message) or 'what the message names'} in its policy.",
            code=event.code,
            call=event.call,
        )
    text = f"{what}: {message or 'AWS gives no reason'} ({event.code})"
    return CloudError(text, code=event.code, call=event.call)


def spoilt(event: Event, operation: Operation, message: str) -> CloudError:
    """The error for a creation that failed and left an object, which the next apply replaces."""
    return CloudError(str(failure(event, operation, message)), code=FAILED, call=event.call)


def taken(operation: Operation, identifier: str, message: str) -> ConflictError:
    """The error for an object that somebody else has made under the wanted name."""
    named = identifier or "it"
    return ConflictError(
        f"{operation.address}: AWS says that {named} exists already ({message}). Choose another name, "
        f"or take it over with `lifecycle: {{import: {identifier or 'its identifier'}}}`."
    )


def passes(event: Event) -> CloudError:
    """The failure as the table of refusals reads it."""
    return CloudError(event.message, code=event.code, call=event.call)


def token_of(operation: Operation, attempt: int) -> str:
    """The client token of an attempt, counted from 1.

    AWS remembers the end of a request by its token, so a request that failed needs another one. The
    same attempts get the same tokens in whatever process, so that none is carried out twice.
    """
    base = operation.request_token or operation.token
    return base if attempt == 1 else f"{base}-{attempt}"


def handler_code(error: CloudError) -> str:
    """The handler's code in the text of a refused call, else the code of the call.

    Reading and listing give the handler's errors in such texts.
    """
    named = _HANDLER_CODE.search(str(error))
    return named[1] if named is not None else error.code
