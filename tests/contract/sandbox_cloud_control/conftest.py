"""A local AWS, and a client of its Cloud Control API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from gitbot_sandbox.aws import LocalAws


@dataclass(frozen=True)
class Api:
    """The client's calls, with models instead of JSON text."""

    aws: LocalAws
    client: Any

    def create(self, type_name: str, model: Mapping[str, Any], **more: Any) -> Any:
        answer = self.client.create_resource(
            TypeName=type_name, DesiredState=json.dumps(model), **more
        )
        return answer["ProgressEvent"]

    def update(self, type_name: str, identifier: str, *patch: Any, **more: Any) -> Any:
        answer = self.client.update_resource(
            TypeName=type_name, Identifier=identifier, PatchDocument=json.dumps(patch), **more
        )
        return answer["ProgressEvent"]

    def delete(self, type_name: str, identifier: str, **more: Any) -> Any:
        answer = self.client.delete_resource(TypeName=type_name, Identifier=identifier, **more)
        return answer["ProgressEvent"]

    def status(self, event: Mapping[str, Any]) -> Any:
        token = event["RequestToken"]
        return self.client.get_resource_request_status(RequestToken=token)["ProgressEvent"]

    def made(self, type_name: str, model: Mapping[str, Any]) -> str:
        """The identifier of an object whose request has succeeded."""
        event = self.status(self.create(type_name, model))
        assert event["OperationStatus"] == "SUCCESS", event
        return str(event["Identifier"])

    def changed(self, type_name: str, identifier: str, *patch: Any) -> Any:
        event = self.status(self.update(type_name, identifier, *patch))
        assert event["OperationStatus"] == "SUCCESS", event
        return self.read(type_name, identifier)

    def read(self, type_name: str, identifier: str) -> Any:
        answer = self.client.get_resource(TypeName=type_name, Identifier=identifier)
        return json.loads(answer["ResourceDescription"]["Properties"])


@pytest.fixture(scope="session")
def _aws() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture(scope="session")
def _client(_aws: LocalAws) -> Any:
    session = boto3.Session(
        aws_access_key_id="AKIATEST", aws_secret_access_key="test", region_name="us-east-1"
    )
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return session.client("cloudcontrol", endpoint_url=_aws.url, config=config)


@pytest.fixture
def api(_aws: LocalAws, _client: Any) -> Api:
    _aws.reset()
    return Api(_aws, _client)
