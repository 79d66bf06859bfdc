"""Tell how many calls a client makes, how long they take and what AWS throttles. Shell.

The events are botocore's: ``before-call`` and ``after-call`` stand around a call with all its repetitions,
``needs-retry`` comes after each answer.
https://boto3.amazonaws.com/v1/documentation/api/latest/guide/events.html
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Any

from gitbot.ports.telemetry import Metric, count, is_heard, note, observe, span
from gitbot.providers.aws.faults import THROTTLES, code_of

_OPEN = "gitbot_call"
"""Where the context of a call keeps what ``_before`` has begun."""


def tell_calls(client: Any) -> None:
    """Tell every call of this client, if anybody listens now."""
    if not is_heard():
        return
    service = str(client.meta.service_model.service_id.hyphenize())
    events = client.meta.events
    events.register(f"before-call.{service}", _before)
    events.register(f"after-call.{service}", _after)
    events.register(f"after-call-error.{service}", _after_error)
    events.register_first(f"needs-retry.{service}", _answered)


def _before(model: Any, context: dict[str, Any], **_: Any) -> None:
    names = {"service": str(model.service_model.service_name), "operation": str(model.name)}
    opened: AbstractContextManager[None] = span("aws", **names)
    opened.__enter__()
    context[_OPEN] = (opened, time.monotonic(), names)


def _after(http_response: Any, parsed: Any, context: dict[str, Any], **_: Any) -> None:
    outcome = "ok"
    if http_response.status_code >= 300:
        outcome = "throttled" if _is_throttle(http_response, parsed) else "refused"
    _end(context, outcome)


def _after_error(context: dict[str, Any], **_: Any) -> None:
    _end(context, "unanswered")


def _end(context: dict[str, Any], outcome: str) -> None:
    # An error after the answer was read comes here a second time.
    found = context.pop(_OPEN, None)
    if found is None:
        return
    opened, began, names = found
    note(outcome=outcome)
    opened.__exit__(None, None, None)
    count(Metric.AWS_CALLS, **names, outcome=outcome)
    observe(Metric.AWS_DURATION, time.monotonic() - began, service=names["service"])


def _answered(operation: Any, response: Any = None, **_: Any) -> None:
    if response is not None and _is_throttle(*response):
        service, name = str(operation.service_model.service_name), str(operation.name)
        count(Metric.AWS_THROTTLES, service=service, operation=name)


def _is_throttle(http: Any, parsed: Any) -> bool:
    return code_of(parsed) in THROTTLES or http.status_code == 429
