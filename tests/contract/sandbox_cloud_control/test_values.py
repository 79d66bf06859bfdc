"""What becomes of the values of an object: what AWS adds, hides, converts and forgets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from gitbot_sandbox.aws.cloud_control import CLOUD_CONTROL
from gitbot_sandbox.aws.server import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.contract.sandbox_cloud_control.conftest import Api

GROUP = "AWS::Logs::LogGroup"


def test_texts_become_what_the_schema_declares(api: Api) -> None:
    api.made(GROUP, {"LogGroupName": "runs", "RetentionInDays": "7"})
    assert api.read(GROUP, "runs")["RetentionInDays"] == 7
    patch = {"op": "replace", "path": "/RetentionInDays", "value": "30"}
    assert api.changed(GROUP, "runs", patch)["RetentionInDays"] == 30
    queue = api.made("AWS::SQS::Queue", {"FifoQueue": "true", "QueueName": "jobs.fifo"})
    assert api.read("AWS::SQS::Queue", queue)["FifoQueue"] is True
    tagged = {"LogGroupName": "other", "Tags": [{"Key": "cost", "Value": 7}]}
    assert api.read(GROUP, api.made(GROUP, tagged))["Tags"] == [{"Key": "cost", "Value": "7"}]


def test_write_only_values_are_never_read_and_lost_unless_sent_again(api: Api) -> None:
    kind, secret = "AWS::SecretsManager::Secret", {"op": "add", "path": "/SecretString"}
    name = api.made(kind, {"Name": "key", "SecretString": "one"})
    assert "SecretString" not in api.read(kind, name)
    region = CLOUD_CONTROL.region(ACCOUNT, REGION)
    assert region.of_type(kind)[name]["SecretString"] == "one"
    described = {"op": "add", "path": "/Description", "value": "a key"}
    api.changed(kind, name, described, {**secret, "value": "two"})
    assert region.of_type(kind)[name]["SecretString"] == "two"
    api.changed(kind, name, {**described, "value": "no key"})
    assert "SecretString" not in region.of_type(kind)[name]


def test_a_required_write_only_value_belongs_into_every_patch(api: Api) -> None:
    kind = "AWS::MSK::Configuration"
    name = api.made(kind, {"Name": "broker", "ServerProperties": "x=1"})
    described = {"op": "add", "path": "/Description", "value": "a broker"}
    with pytest.raises(ClientError, match=r"required key \[ServerProperties\] not found"):
        api.update(kind, name, described)
    again = {"op": "add", "path": "/ServerProperties", "value": "x=1"}
    assert api.changed(kind, name, described, again)["Description"] == "a broker"


def test_what_is_write_only_and_create_only_cannot_be_sent_again(api: Api) -> None:
    kind = "AWS::DataZone::Project"
    name = api.made(kind, {"DomainIdentifier": "dzd_abcdefgh", "Name": "models"})
    described = {"op": "add", "path": "/Description", "value": "all models"}
    with pytest.raises(ClientError, match=r"required key \[DomainIdentifier\] not found"):
        api.update(kind, name, described)
    again = {"op": "add", "path": "/DomainIdentifier", "value": "dzd_abcdefgh"}
    with pytest.raises(ClientError, match="NotUpdatableException"):
        api.update(kind, name, described, again)


def test_identifiers_of_several_parts_are_joined_in_the_schemas_order(api: Api) -> None:
    stream = {"LogStreamName": "one", "LogGroupName": "runs"}
    name = api.made("AWS::Logs::LogStream", stream)
    assert name == "runs|one"
    as_json = json.dumps(stream)
    assert api.read("AWS::Logs::LogStream", as_json) == api.read("AWS::Logs::LogStream", name)


def test_another_identifier_is_given_as_json(api: Api) -> None:
    kind = "AWS::AppConfig::Application"
    name = api.made(kind, {"Name": "models"})
    assert api.read(kind, json.dumps({"Name": "models"}))["ApplicationId"] == name
    with pytest.raises(ClientError, match="ResourceNotFound"):
        api.read(kind, "models")


def test_a_name_that_is_left_to_aws_is_made(api: Api) -> None:
    one, other = api.made(GROUP, {}), api.made(GROUP, {})
    assert one != other
    assert api.read(GROUP, one)["LogGroupName"] == one


def test_sets_come_in_an_order_of_their_own(api: Api) -> None:
    tags = [{"Key": key, "Value": "x"} for key in ("zone", "cost", "team")]
    name = api.made(GROUP, {"LogGroupName": "runs", "Tags": tags})
    assert [one["Key"] for one in api.read(GROUP, name)["Tags"]] == ["cost", "team", "zone"]


def test_regions_and_accounts_are_apart(api: Api) -> None:
    api.made(GROUP, {"LogGroupName": "runs"})
    role = "arn:aws:iam::210987654321:role/other"
    assumed = api.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    here = {"aws_access_key_id": "AKIATEST", "aws_secret_access_key": "test"}
    there = {
        "aws_access_key_id": assumed["AccessKeyId"],
        "aws_secret_access_key": assumed["SecretAccessKey"],
        "aws_session_token": assumed["SessionToken"],
    }
    seen = []
    for keys, region in ((here, "us-east-1"), (here, "eu-west-1"), (there, "us-east-1")):
        session = boto3.Session(region_name=region, **keys)
        client = session.client("cloudcontrol", endpoint_url=api.aws.url)
        seen.append(len(client.list_resources(TypeName=GROUP)["ResourceDescriptions"]))
    assert seen == [1, 0, 0]


def test_objects_are_listed_in_pages(api: Api) -> None:
    names = {api.made(GROUP, {"LogGroupName": f"runs-{number:02}"}) for number in range(45)}
    pages = list(api.client.get_paginator("list_resources").paginate(TypeName=GROUP))
    assert [len(page["ResourceDescriptions"]) for page in pages] == [20, 20, 5]
    assert {one["Identifier"] for page in pages for one in page["ResourceDescriptions"]} == names


def test_the_index_of_tags_knows_the_objects(api: Api) -> None:
    tags = [{"Key": "gitbot:stack", "Value": "trainer"}]
    name = api.made(GROUP, {"LogGroupName": "runs", "Tags": tags})
    index = api.aws.client("resourcegroupstaggingapi")
    wanted = [{"Key": "gitbot:stack", "Values": ["trainer"]}]
    found = index.get_resources(TagFilters=wanted)["ResourceTagMappingList"]
    arn = api.read(GROUP, name)["Arn"]
    assert found == [{"ResourceARN": arn, "Tags": tags}]
    others = [{"Key": "gitbot:stack", "Values": ["other"]}]
    assert index.get_resources(TagFilters=others)["ResourceTagMappingList"] == []


def test_natively_made_objects_are_apart(api: Api) -> None:
    api.aws.client("logs").create_log_group(logGroupName="native")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        api.read(GROUP, "native")


def test_what_is_attached_to_a_secret_has_the_identifier_of_the_secret(api: Api) -> None:
    """Templates use it as such: what refers to it waits until the secret knows its database."""
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"
    attached = {"SecretId": secret, "TargetId": "db", "TargetType": "AWS::RDS::DBInstance"}
    kind = "AWS::SecretsManager::SecretTargetAttachment"
    assert api.made(kind, attached) == secret
    assert api.read(kind, secret)["Id"] == secret
