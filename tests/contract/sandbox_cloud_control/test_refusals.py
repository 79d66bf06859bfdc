"""What the API refuses at once, and what fails as a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.contract.sandbox_cloud_control.conftest import Api

GROUP = "AWS::Logs::LogGroup"
RENAMED = {"op": "replace", "path": "/LogGroupName", "value": "other"}
WEEK = {"op": "add", "path": "/RetentionInDays", "value": 7}


def make_group(api: Api, patch: Any = WEEK) -> Any:
    name = api.made(GROUP, {"LogGroupName": "runs"})
    return api.update(GROUP, name, patch)


REFUSED: dict[str, tuple[Callable[[Api], Any], str]] = {
    "a type that the registry lacks": (
        lambda api: api.create("AWS::Logs::Nothing", {}),
        "TypeNotFoundException",
    ),
    "a type without a handler for reads": (
        lambda api: api.create("AWS::IAM::Policy", {"PolicyName": "read"}),
        "UnsupportedActionException",
    ),
    "a type without a handler for updates": (
        lambda api: api.update("AWS::Logs::LogStream", "a|b", WEEK),
        "UnsupportedActionException",
    ),
    "a model that is no JSON": (
        lambda api: api.client.create_resource(TypeName=GROUP, DesiredState="{"),
        "InvalidRequestException",
    ),
    "an unknown property": (
        lambda api: api.create(GROUP, {"Nmae": "runs"}),
        r"ValidationException.*\(#: extraneous key \[Nmae\] is not permitted\)",
    ),
    "a value of another type": (
        lambda api: api.create(GROUP, {"RetentionInDays": "a week"}),
        r"(?s)ValidationException.*#/RetentionInDays: expected type: integer, found: str",
    ),
    "a missing property": (
        lambda api: api.create("AWS::Logs::LogStream", {"LogStreamName": "one"}),
        r"ValidationException.*required key \[LogGroupName\] not found",
    ),
    "a read of an object that is not there": (
        lambda api: api.read(GROUP, "runs"),
        "ResourceNotFoundException",
    ),
    "an update of an object that is not there": (
        lambda api: api.update(GROUP, "runs", WEEK),
        "ResourceNotFoundException",
    ),
    "a patch of what is only set at creation": (
        lambda api: make_group(api, RENAMED),
        r"NotUpdatableException.*createOnlyProperties \[/properties/LogGroupName\]",
    ),
    "a patch of what only AWS sets": (
        lambda api: make_group(api, {"op": "add", "path": "/Arn", "value": "arn:aws:x"}),
        r"ValidationException.*readOnlyProperties \[/properties/Arn\]",
    ),
    "a patch of what is not there": (
        lambda api: make_group(api, {"op": "remove", "path": "/RetentionInDays"}),
        "InvalidRequestException",
    ),
    "a patch whose test fails": (
        lambda api: make_group(api, {"op": "test", "path": "/LogGroupName", "value": "x"}),
        "InvalidRequestException.*test",
    ),
    "a patch to what the schema refuses": (
        lambda api: make_group(api, {**WEEK, "value": 8}),
        "ValidationException.*enum",
    ),
    "a status of an unknown request": (
        lambda api: api.status({"RequestToken": "none"}),
        "RequestTokenNotFoundException",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_the_api_refuses(api: Api, case: tuple[Callable[[Api], Any], str]) -> None:
    act, words = case
    with pytest.raises(ClientError, match=words) as refused:
        act(api)
    # The client knows the code: its class is one of the service's own.
    code = refused.value.response["Error"]["Code"]
    assert code == "ValidationException" or type(refused.value).__name__ == code


def test_a_name_that_is_taken_fails_the_request(api: Api) -> None:
    api.made(GROUP, {"LogGroupName": "runs"})
    event = api.status(api.create(GROUP, {"LogGroupName": "runs", "RetentionInDays": 1}))
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "AlreadyExists")
    assert "RetentionInDays" not in api.read(GROUP, "runs")


def test_a_second_identifier_can_be_taken_too(api: Api) -> None:
    kind, model = "AWS::AppConfig::Application", {"Name": "models"}
    api.made(kind, model)
    event = api.status(api.create(kind, model))
    assert event["ErrorCode"] == "AlreadyExists"


def test_a_deletion_of_what_is_not_there_fails_the_request(api: Api) -> None:
    event = api.status(api.delete(GROUP, "runs"))
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "NotFound")


def test_read_only_properties_fail_the_request(api: Api) -> None:
    event = api.status(api.create(GROUP, {"LogGroupName": "runs", "Arn": "arn:aws:x"}))
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "InvalidRequest")
    assert "Identifier" not in event


def test_a_patch_is_applied_whole_or_not_at_all(api: Api) -> None:
    api.made(GROUP, {"LogGroupName": "runs"})
    with pytest.raises(ClientError):
        api.update(GROUP, "runs", WEEK, {"op": "remove", "path": "/Tags"})
    assert "RetentionInDays" not in api.read(GROUP, "runs")


def test_a_request_without_a_type_is_refused(api: Api) -> None:
    import urllib.error
    import urllib.request

    headers = {
        "X-Amz-Target": "CloudApiService.GetResource",
        "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/cloudcontrolapi/aws4_request",
    }
    request = urllib.request.Request(api.aws.url, data=b"{}", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    with refused.value as reply:
        assert json.loads(reply.read())["__type"] == "ValidationException"
