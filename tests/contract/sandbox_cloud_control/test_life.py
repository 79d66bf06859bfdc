"""The life of an object over HTTP: make, read, change, list, delete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.contract.sandbox_cloud_control.conftest import Api

GROUP = "AWS::Logs::LogGroup"


def test_an_object_lives(api: Api) -> None:
    begun = api.create(GROUP, {"LogGroupName": "runs", "RetentionInDays": 7})
    assert (begun["Operation"], begun["OperationStatus"]) == ("CREATE", "IN_PROGRESS")
    ended = api.status(begun)
    assert (ended["OperationStatus"], ended["Identifier"]) == ("SUCCESS", "runs")
    model = api.read(GROUP, "runs")
    assert model["RetentionInDays"] == 7
    assert model["Arn"].startswith("arn:aws:logs:us-east-1:123456789012:")
    patch = {"op": "replace", "path": "/RetentionInDays", "value": 30}
    assert api.changed(GROUP, "runs", patch) == {**model, "RetentionInDays": 30}
    listed = api.client.list_resources(TypeName=GROUP)["ResourceDescriptions"]
    assert [(one["Identifier"], json.loads(one["Properties"])) for one in listed] == [
        ("runs", {"LogGroupName": "runs"})
    ]
    assert api.status(api.delete(GROUP, "runs"))["OperationStatus"] == "SUCCESS"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        api.read(GROUP, "runs")


def test_a_reset_forgets_objects_and_requests(api: Api) -> None:
    event = api.create(GROUP, {"LogGroupName": "runs"})
    api.aws.reset()
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        api.read(GROUP, "runs")
    with pytest.raises(ClientError, match="RequestTokenNotFoundException"):
        api.status(event)
