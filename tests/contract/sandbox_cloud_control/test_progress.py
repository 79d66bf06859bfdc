"""How requests go on: slowly, badly, at the same time, twice, cancelled, forgotten."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.aws.cloud_control import CLOUD_CONTROL
from gitbot_sandbox.aws.trail_events import REMOVED
from tests.contract.test_sandbox_aws import control

if TYPE_CHECKING:
    from tests.contract.sandbox_cloud_control.conftest import Api

GROUP = "AWS::Logs::LogGroup"
RUNS = {"LogGroupName": "runs"}
WEEK = {"op": "add", "path": "/RetentionInDays", "value": 7}


def progress(operation: str, **fields: Any) -> Fault:
    return Fault(kind=FaultKind.PROGRESS, operation=operation, **fields)


def statuses(api: Api, event: Any, looks: int) -> list[str]:
    return [api.status(event)["OperationStatus"] for _ in range(looks)]


def test_a_request_stays_in_progress_for_some_looks(api: Api) -> None:
    api.aws.inject(progress("CreateResource", polls=2))
    event = api.create(GROUP, RUNS)
    assert statuses(api, event, 4) == ["IN_PROGRESS", "IN_PROGRESS", "SUCCESS", "SUCCESS"]
    assert api.aws.calls[0].fault == "progress"


def test_a_request_stays_in_progress_for_some_time(api: Api) -> None:
    api.aws.inject(progress("CreateResource", seconds=3))
    event = api.create(GROUP, RUNS)
    assert event["RetryAfter"] > datetime.now(UTC) - timedelta(seconds=1)
    assert statuses(api, event, 2) == ["IN_PROGRESS", "IN_PROGRESS"]
    time.sleep(3)
    assert statuses(api, event, 1) == ["SUCCESS"]


def test_only_requests_for_the_named_type_are_slow(api: Api) -> None:
    api.aws.inject(progress("*", type="AWS::SQS::*", polls=9))
    assert statuses(api, api.create(GROUP, RUNS), 1) == ["SUCCESS"]
    assert statuses(api, api.create("AWS::SQS::Queue", {}), 1) == ["IN_PROGRESS"]


def test_the_control_api_slows_requests_down(api: Api) -> None:
    control(api.aws, "POST", "faults", {"kind": "progress", "polls": 1, "type": GROUP})
    assert statuses(api, api.create(GROUP, RUNS), 2) == ["IN_PROGRESS", "SUCCESS"]


def test_a_create_fails_late_and_leaves_nothing(api: Api) -> None:
    api.aws.inject(progress("CreateResource", polls=1, code="ServiceLimitExceeded"))
    event = api.create(GROUP, RUNS)
    assert api.status(event)["OperationStatus"] == "IN_PROGRESS"
    ended = api.status(event)
    assert (ended["OperationStatus"], ended["ErrorCode"]) == ("FAILED", "ServiceLimitExceeded")
    assert ended["StatusMessage"] == "injected by the sandbox"
    assert "Identifier" not in ended
    api.made(GROUP, RUNS)


def test_a_create_fails_late_and_leaves_its_object(api: Api) -> None:
    api.aws.inject(progress("CreateResource", code="NotStabilized", applied=True))
    ended = api.status(api.create(GROUP, RUNS))
    assert (ended["ErrorCode"], ended["Identifier"]) == ("NotStabilized", "runs")
    assert api.read(GROUP, "runs")["LogGroupName"] == "runs"


@pytest.mark.parametrize(("applied", "retention"), [(False, None), (True, 7)])
def test_an_update_fails_late(api: Api, applied: bool, retention: int | None) -> None:
    api.made(GROUP, RUNS)
    api.aws.inject(progress("UpdateResource", code="InternalFailure", applied=applied))
    assert api.status(api.update(GROUP, "runs", WEEK))["OperationStatus"] == "FAILED"
    assert api.read(GROUP, "runs").get("RetentionInDays") == retention


def test_an_update_and_a_deletion_take_effect_when_their_requests_end(api: Api) -> None:
    api.made(GROUP, RUNS)
    api.aws.inject(progress("*", polls=1, count=2))
    event = api.update(GROUP, "runs", WEEK)
    assert "RetentionInDays" not in api.read(GROUP, "runs")
    assert statuses(api, event, 2) == ["IN_PROGRESS", "SUCCESS"]
    assert api.read(GROUP, "runs")["RetentionInDays"] == 7
    event = api.delete(GROUP, "runs")
    assert api.read(GROUP, "runs")["RetentionInDays"] == 7
    assert statuses(api, event, 2) == ["IN_PROGRESS", "SUCCESS"]
    with pytest.raises(ClientError, match="ResourceNotFound"):
        api.read(GROUP, "runs")


def test_one_object_has_one_request_at_a_time(api: Api) -> None:
    api.made(GROUP, RUNS)
    api.aws.inject(progress("UpdateResource", seconds=60))
    api.update(GROUP, "runs", WEEK)
    with pytest.raises(api.client.exceptions.ConcurrentOperationException):
        api.update(GROUP, "runs", {**WEEK, "value": 30})
    with pytest.raises(api.client.exceptions.ConcurrentOperationException):
        api.delete(GROUP, "runs")
    api.made(GROUP, {"LogGroupName": "others"})


def test_an_identifier_that_aws_makes_is_told_when_it_is_known(api: Api) -> None:
    begun = api.create("AWS::AppConfig::Application", {"Name": "models"})
    assert "Identifier" not in begun
    assert api.status(begun)["Identifier"]
    assert api.create(GROUP, RUNS)["Identifier"] == "runs"


def test_throttled_polls_are_errors_of_the_call(api: Api) -> None:
    event = api.create(GROUP, RUNS)
    api.aws.inject(Fault(kind=FaultKind.THROTTLE, operation="GetResourceRequestStatus"))
    with pytest.raises(api.client.exceptions.ThrottlingException):
        api.status(event)
    assert statuses(api, event, 1) == ["SUCCESS"]


def test_the_same_client_token_is_the_same_request(api: Api) -> None:
    first = api.create(GROUP, RUNS, ClientToken="op-1")
    again = api.create(GROUP, RUNS, ClientToken="op-1")
    assert first["RequestToken"] == again["RequestToken"]
    assert again["OperationStatus"] == "SUCCESS"


def test_a_client_token_belongs_to_what_was_said(api: Api) -> None:
    api.create(GROUP, RUNS, ClientToken="op-1")
    conflict = api.client.exceptions.ClientTokenConflictException
    with pytest.raises(conflict):
        api.create(GROUP, {"LogGroupName": "other"}, ClientToken="op-1")
    with pytest.raises(conflict):
        api.delete(GROUP, "runs", ClientToken="op-1")


def test_a_client_token_holds_for_36_hours_and_a_request_for_7_days(api: Api) -> None:
    event = api.create(GROUP, RUNS, ClientToken="op-1")
    api.status(event)
    later = datetime.now(UTC) + timedelta(hours=37)
    CLOUD_CONTROL.now = lambda: later
    again = api.create(GROUP, RUNS, ClientToken="op-1")
    assert again["RequestToken"] != event["RequestToken"]
    assert api.status(again)["ErrorCode"] == "AlreadyExists"
    CLOUD_CONTROL.now = lambda: later + timedelta(days=6)
    with pytest.raises(api.client.exceptions.RequestTokenNotFoundException):
        api.status(event)
    assert api.status(again)["OperationStatus"] == "FAILED"


def test_a_cancelled_update_changes_nothing(api: Api) -> None:
    api.made(GROUP, RUNS)
    api.aws.inject(progress("UpdateResource", seconds=60))
    event = api.update(GROUP, "runs", WEEK)
    cancelled = api.client.cancel_resource_request(RequestToken=event["RequestToken"])
    assert cancelled["ProgressEvent"]["OperationStatus"] == "CANCEL_IN_PROGRESS"
    assert statuses(api, event, 1) == ["CANCEL_COMPLETE"]
    assert "RetentionInDays" not in api.read(GROUP, "runs")
    with pytest.raises(ClientError, match="cannot be canceled"):
        api.client.cancel_resource_request(RequestToken=event["RequestToken"])


def test_requests_are_listed_by_operation_and_status_in_pages(api: Api) -> None:
    for number in range(3):
        api.made(GROUP, {"LogGroupName": f"runs-{number}"})
    api.delete(GROUP, "runs-0")

    def listed(**asked: Any) -> list[tuple[str, str]]:
        pages = api.client.get_paginator("list_resource_requests").paginate(**asked)
        return [
            (one["Operation"], one["OperationStatus"])
            for page in pages
            for one in page["ResourceRequestStatusSummaries"]
        ]

    assert listed() == [("DELETE", "IN_PROGRESS"), *3 * [("CREATE", "SUCCESS")]]
    assert listed(PaginationConfig={"PageSize": 1}) == listed()
    wanted = {"Operations": ["CREATE"], "OperationStatuses": ["SUCCESS"]}
    assert listed(ResourceRequestStatusFilter=wanted) == 3 * [("CREATE", "SUCCESS")]
    open_ones = {"OperationStatuses": ["IN_PROGRESS"]}
    assert listed(ResourceRequestStatusFilter=open_ones) == [("DELETE", "IN_PROGRESS")]


def test_cloudtrail_knows_the_call_but_not_the_values(api: Api) -> None:
    api.create(GROUP, RUNS)
    [event] = [one for one in api.aws.trail.events() if one.name == "CreateResource"]
    assert event.service == "cloudcontrolapi"
    assert (event.parameters["typeName"], event.parameters["desiredState"]) == (GROUP, REMOVED)
