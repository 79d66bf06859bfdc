"""Cases of the types of SQS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld

ARN = "arn:aws:sqs:us-east-1:123456789012"
URL = "https://sqs.us-east-1.amazonaws.com/123456789012"


def dead(world: AwsWorld, name: str) -> str:
    """The ARN of a queue for what nobody could handle."""
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    world.thing(name, lambda: world.aws.client("sqs").create_queue(QueueName=name, Attributes=fifo))
    return f"{ARN}:{name}"


def queue(world: AwsWorld) -> dict[str, Any]:
    return {
        "QueueName": "jobs.fifo",
        "FifoQueue": True,
        "ContentBasedDeduplication": True,
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "DelaySeconds": 5,
        "MaximumMessageSize": 2048,
        "MessageRetentionPeriod": 3600,
        "ReceiveMessageWaitTimeSeconds": 20,
        "VisibilityTimeout": 600,
        "RedrivePolicy": {
            "deadLetterTargetArn": dead(world, "dead.fifo"),
            "maxReceiveCount": 3,
        },
        "RedriveAllowPolicy": {"redrivePermission": "denyAll"},
        "KmsMasterKeyId": "alias/aws/sqs",
        "KmsDataKeyReusePeriodSeconds": 600,
        "SqsManagedSseEnabled": False,
        "Tags": TAGS,
    }


def queue_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "ContentBasedDeduplication": False,
        "DeduplicationScope": "queue",
        "FifoThroughputLimit": "perQueue",
        "DelaySeconds": 0,
        "MaximumMessageSize": 4096,
        "MessageRetentionPeriod": 7200,
        "ReceiveMessageWaitTimeSeconds": 1,
        "VisibilityTimeout": 0,
        "RedrivePolicy": f'{{"deadLetterTargetArn": "{ARN}:dead.fifo", "maxReceiveCount": "5"}}',
        "RedriveAllowPolicy": {
            "redrivePermission": "byQueue",
            "sourceQueueArns": [f"{ARN}:a.fifo"],
        },
        "KmsMasterKeyId": "alias/other",
        "KmsDataKeyReusePeriodSeconds": 60,
        "SqsManagedSseEnabled": False,
        "Tags": OTHER_TAGS,
    }


def beside_queue(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name in ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"):
        return {"FifoQueue": True, "DeduplicationScope": "messageGroup"}
    return {"KmsMasterKeyId": "alias/aws/sqs"} if name == "KmsDataKeyReusePeriodSeconds" else {}


def policy(action: str, resource: str) -> dict[str, Any]:
    """A policy that lets topics of the account send."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": [action],
                "Resource": resource,
            }
        ],
    }


def queue_policy(world: AwsWorld) -> dict[str, Any]:
    dead(world, "theirs")
    return {
        "Queues": [f"{URL}/theirs"],
        "PolicyDocument": policy("sqs:SendMessage", f"{ARN}:theirs"),
    }


CASES = (
    Case(
        type="AWS::SQS::QueuePolicy",
        creating="SetQueueAttributes",
        absent=f"{URL}/gone",
        minimal=queue_policy,
        full=queue_policy,
        changes=lambda world: {"PolicyDocument": policy("sqs:*", f"{ARN}:theirs")},
        attributes=frozenset({"Id"}),
        tagged=False,
        stack="""\
queue: {type: AWS::SQS::Queue}
policy:
  type: AWS::SQS::QueuePolicy
  properties:
    Queues: ["${queue.QueueUrl}"]
    PolicyDocument:
      Version: 2012-10-17
      Statement:
        - Effect: Allow
          Principal: {Service: sns.amazonaws.com}
          Action: "sqs:SendMessage"
          Resource: ${queue.Arn}
""",
        samples={
            "Queues": [[f"{URL}/{name}"] for name in ("one", "two")],
            "PolicyDocument": [
                policy(f"sqs:{one}", f"{ARN}:theirs") for one in ("SendMessage", "*")
            ],
        },
    ),
    Case(
        type="AWS::SQS::Queue",
        one_value=frozenset({"SqsManagedSseEnabled"}),
        creating="CreateQueue",
        absent=f"{URL}/gone",
        minimal=lambda world: {},
        full=queue,
        changes=queue_changes,
        attributes=frozenset({"Arn", "QueueUrl", "QueueName"}),
        stack="""\
dead:
  type: AWS::SQS::Queue
  properties: {FifoQueue: true}
jobs:
  type: AWS::SQS::Queue
  properties:
    FifoQueue: true
    ContentBasedDeduplication: true
    VisibilityTimeout: 300
    RedrivePolicy: {deadLetterTargetArn: "${dead.Arn}", maxReceiveCount: 3}
plain:
  type: AWS::SQS::Queue
  properties: {FifoQueue: false, ContentBasedDeduplication: false}
""",
        beside={"": beside_queue},
        samples={
            "QueueName": ["one", "two"],
            "RedrivePolicy/deadLetterTargetArn": lambda world: [
                dead(world, name) for name in ("dead-a", "dead-b")
            ],
            "RedrivePolicy/maxReceiveCount": [3, 5],
            "RedriveAllowPolicy": [
                {"redrivePermission": "denyAll"},
                {"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}:a"]},
            ],
            "KmsMasterKeyId": ["alias/aws/sqs", "alias/other"],
        },
    ),
)
