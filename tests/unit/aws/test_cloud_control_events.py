"""What a progress event means, and the error of a request that failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError, TransientError
from gitbot.model.cloud import FAILED, Operation
from gitbot.model.names import Address
from gitbot.model.schema import Route
from gitbot.providers.aws.cloud_control.events import (
    event_of,
    failure,
    handler_code,
    passes,
    spoilt,
    token_of,
)
from gitbot.providers.aws.cloud_control.requests import ended, named
from gitbot.providers.aws.passing import Stage
from gitbot.providers.aws.refusals import passing

OPERATION = Operation(
    token="op",
    request_token="client",
    address=Address("it"),
    type="AWS::Logs::LogGroup",
    route=Route.CLOUD_CONTROL,
    properties={},
    deadline=datetime(2026, 1, 1, tzinfo=UTC),
)


def event(status: str, **fields: Any) -> Any:
    told = {"RequestToken": "r", "Operation": "CREATE", "OperationStatus": status, **fields}
    return event_of({"ProgressEvent": told})


@pytest.mark.parametrize(
    ("status", "fields", "has_ended", "is_named", "has_failed"),
    [
        ("PENDING", {}, False, False, False),
        ("IN_PROGRESS", {}, False, False, False),
        ("IN_PROGRESS", {"Identifier": "x"}, False, True, False),
        ("CANCEL_IN_PROGRESS", {}, False, False, False),
        ("SUCCESS", {"Identifier": "x"}, True, True, False),
        ("FAILED", {"ErrorCode": "InvalidRequest"}, True, True, True),
        ("CANCEL_COMPLETE", {}, True, True, True),
    ],
)
def test_an_event_says_how_far_the_request_is(
    status: str, fields: Any, has_ended: bool, is_named: bool, has_failed: bool
) -> None:
    found = event(status, **fields)
    assert (ended(found), named(found), found.failed) == (has_ended, is_named, has_failed)


@pytest.mark.parametrize(
    ("code", "message", "kind", "words"),
    [
        ("AlreadyExists", "taken", ConflictError, "lifecycle: {import: runs}"),
        ("Throttling", "Rate exceeded", TransientError, "fewer requests"),
        (
            "AccessDenied",
            "User: x is not authorized to perform: logs:CreateLogGroup on resource: y",
            CloudError,
            "Allow `logs:CreateLogGroup` in its policy",
        ),
        ("AccessDenied", "no", CloudError, "Allow what the message names"),
        ("NotUpdatable", "fixed", CloudError, "fixed (NotUpdatable)"),
        ("InvalidRequest", "", CloudError, "AWS gives no reason (InvalidRequest)"),
    ],
)
def test_a_failure_is_the_error_that_its_code_means(
    code: str, message: str, kind: type[Exception], words: str
) -> None:
    error = failure(event("FAILED", ErrorCode=code, Identifier="runs"), OPERATION, message)
    assert type(error) is kind
    assert words in str(error)
    if isinstance(error, CloudError):
        assert (error.code, error.call) == (code, "cloudcontrol:CreateResource")


def test_a_creation_that_left_an_object_spoils_it() -> None:
    error = spoilt(event("FAILED", ErrorCode="NotStabilized", Identifier="x"), OPERATION, "late")
    assert error.code == FAILED
    assert "late (NotStabilized)" in str(error)


@pytest.mark.parametrize(
    ("code", "is_passing"),
    [
        ("Throttling", True),
        ("ServiceInternalError", True),
        ("GeneralServiceException", True),
        ("NotUpdatable", False),
        ("AlreadyExists", False),
        ("NotFound", False),
        ("AccessDenied", False),
        ("ServiceLimitExceeded", False),
    ],
)
@pytest.mark.parametrize("stage", Stage)
def test_the_table_says_which_failures_pass(code: str, is_passing: bool, stage: Stage) -> None:
    row = passing("cloudcontrol", passes(event("FAILED", ErrorCode=code)), stage)
    assert (row is not None) is is_passing


def test_each_attempt_has_a_client_token_of_its_own_and_the_same_in_every_process() -> None:
    assert [token_of(OPERATION, attempt) for attempt in (1, 2, 3)] == [
        "client",
        "client-2",
        "client-3",
    ]


def test_the_code_of_a_handler_is_read_from_the_text_of_a_refused_call() -> None:
    text = "Handler returned status FAILED: gone (HandlerErrorCode: NotFound, RequestToken: 1-2)"
    assert handler_code(CloudError(text, code="GeneralServiceException")) == "NotFound"
    assert handler_code(CloudError("x", code="ResourceNotFoundException")) == (
        "ResourceNotFoundException"
    )
