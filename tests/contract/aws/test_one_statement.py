"""The local AWS takes a policy whose ``Statement`` is one map wherever AWS does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.aws.world import AwsWorld

OTHER = "123456789012"


def policy(action: str, **more: Any) -> str:
    statement = {
        "Sid": "one",
        "Effect": "Allow",
        "Principal": "*",
        "Action": action,
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement | more})


def test_a_key_is_described(world: AwsWorld) -> None:
    kms = world.aws.client("kms")
    key = kms.create_key(Policy=policy("kms:*"))["KeyMetadata"]["KeyId"]
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == json.loads(
        policy("kms:*")
    )


def test_a_key_of_a_template_is_described(world: AwsWorld) -> None:
    api, kms = world.aws.client("cloudformation"), world.aws.client("kms")
    properties = {"KeyPolicy": json.loads(policy("kms:*"))}
    body = json.dumps({"Resources": {"A": {"Type": "AWS::KMS::Key", "Properties": properties}}})
    api.create_stack(StackName="made", TemplateBody=body)
    (made,) = api.describe_stack_resources(StackName="made")["StackResources"]
    key = made["PhysicalResourceId"]
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key
    assert (
        json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        == properties["KeyPolicy"]
    )


def test_a_registry_and_a_bus_take_one(world: AwsWorld) -> None:
    ecr, events = world.aws.client("ecr"), world.aws.client("events")
    ecr.put_registry_policy(policyText=policy("ecr:ReplicateImage"))
    events.create_event_bus(Name="b")
    events.put_permission(EventBusName="b", Policy=policy("events:PutEvents"))
    (one,) = json.loads(events.describe_event_bus(Name="b")["Policy"])["Statement"]
    assert one["Sid"] == "one"


@pytest.mark.parametrize("service", ["sns", "sqs"])
def test_a_permission_is_added_to_it(world: AwsWorld, service: str) -> None:
    api = world.aws.client(service)
    text = policy(f"{service}:*")
    if service == "sns":
        arn = api.create_topic(Name="t")["TopicArn"]
        api.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)
        api.add_permission(TopicArn=arn, Label="two", AWSAccountId=[OTHER], ActionName=["Publish"])
        found = api.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    else:
        url = api.create_queue(QueueName="q", Attributes={"Policy": text})["QueueUrl"]
        api.add_permission(
            QueueUrl=url, Label="two", AWSAccountIds=[OTHER], Actions=["SendMessage"]
        )
        found = api.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]  # fmt: skip
    assert [one["Sid"] for one in json.loads(found)["Statement"]] == ["one", "two"]
