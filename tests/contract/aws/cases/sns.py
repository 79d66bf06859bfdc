"""Cases of the types of SNS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.cases.sqs import policy
from tests.contract.aws.world import AwsWorld

ARN = "arn:aws:sns:us-east-1:123456789012"
QUEUES = "arn:aws:sqs:us-east-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/firehose"


def topic(world: AwsWorld) -> dict[str, Any]:
    return {
        "TopicName": "done.fifo",
        "FifoTopic": True,
        "ContentBasedDeduplication": True,
        "FifoThroughputScope": "MessageGroup",
        "DisplayName": "training",
        "KmsMasterKeyId": "alias/aws/sns",
        "SignatureVersion": "2",
        "TracingConfig": "Active",
        "MaximumMessageSize": 2048,
        "ArchivePolicy": {},
        "Subscription": [
            {"Protocol": "sqs", "Endpoint": f"{QUEUES}:a.fifo"},
            {"Protocol": "email", "Endpoint": "ml@example.com"},
        ],
        "Tags": TAGS,
    }


def topic_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "ContentBasedDeduplication": False,
        "FifoThroughputScope": "Topic",
        "DisplayName": "done",
        "KmsMasterKeyId": "alias/other",
        "SignatureVersion": "1",
        "TracingConfig": "PassThrough",
        "MaximumMessageSize": 4096,
        "ArchivePolicy": {"MessageRetentionPeriod": 30},
        "Subscription": [
            {"Protocol": "email", "Endpoint": "ml@example.com"},
            {"Protocol": "sqs", "Endpoint": f"{QUEUES}:b.fifo"},
        ],
        "Tags": OTHER_TAGS,
    }


def a_topic(world: AwsWorld) -> str:
    """The ARN of a topic."""

    def make() -> str:
        return str(world.aws.client("sns").create_topic(Name="news")["TopicArn"])

    return str(world.thing("news", make))


def subscription(world: AwsWorld) -> dict[str, Any]:
    return {
        "TopicArn": a_topic(world),
        "Protocol": "sqs",
        "Endpoint": f"{QUEUES}:jobs",
        "FilterPolicy": {"event": ["done"]},
        "FilterPolicyScope": "MessageBody",
        "RawMessageDelivery": True,
        "RedrivePolicy": {"deadLetterTargetArn": f"{QUEUES}:dead"},
        "DeliveryPolicy": {"healthyRetryPolicy": {"numRetries": 5}},
        "SubscriptionRoleArn": ROLE,
        "Region": "us-east-1",
    }


def subscription_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "FilterPolicy": '{"event": ["failed"]}',
        "FilterPolicyScope": "MessageAttributes",
        "RawMessageDelivery": False,
        "RedrivePolicy": {"deadLetterTargetArn": f"{QUEUES}:dead-2"},
        "DeliveryPolicy": {"healthyRetryPolicy": {"numRetries": 3}},
        "SubscriptionRoleArn": f"{ROLE}-2",
        "Region": "us-east-1",
    }


def least_subscription(world: AwsWorld) -> dict[str, Any]:
    return {"TopicArn": a_topic(world), "Protocol": "sqs", "Endpoint": f"{QUEUES}:jobs"}


def beside_topic(world: AwsWorld, name: str) -> Mapping[str, Any]:
    of_fifo = name in ("ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy")
    return {"FifoTopic": True} if of_fifo else {}


def topic_policy(world: AwsWorld) -> dict[str, Any]:
    return {"Topics": [a_topic(world)], "PolicyDocument": policy("sns:Publish", f"{ARN}:news")}


CASES = (
    Case(
        type="AWS::SNS::TopicPolicy",
        creating="SetTopicAttributes",
        absent=f"{ARN}:gone",
        minimal=topic_policy,
        full=topic_policy,
        changes=lambda world: {"PolicyDocument": policy("sns:Subscribe", f"{ARN}:news")},
        attributes=frozenset({"Id"}),
        tagged=False,
        stack="""\
topic: {type: AWS::SNS::Topic}
policy:
  type: AWS::SNS::TopicPolicy
  properties:
    Topics: ["${topic.TopicArn}"]
    PolicyDocument:
      Version: 2012-10-17
      Statement:
        - Effect: Allow
          Principal: {Service: events.amazonaws.com}
          Action: "sns:Publish"
          Resource: ${topic.TopicArn}
""",
        samples={
            "Topics": [[f"{ARN}:{name}"] for name in ("one", "two")],
            "PolicyDocument": [
                policy(f"sns:{one}", f"{ARN}:news") for one in ("Publish", "Subscribe")
            ],
        },
    ),
    Case(
        type="AWS::SNS::Topic",
        creating="CreateTopic",
        absent=f"{ARN}:gone",
        minimal=lambda world: {},
        full=topic,
        changes=topic_changes,
        attributes=frozenset({"TopicArn", "TopicName"}),
        stack="""\
topic:
  type: AWS::SNS::Topic
  properties:
    DisplayName: done
    Subscription: [{Protocol: email, Endpoint: ml@example.com}]
ordered:
  type: AWS::SNS::Topic
  properties: {FifoTopic: true, ContentBasedDeduplication: true}
""",
        beside={"": beside_topic},
        samples={
            "TopicName": ["one", "two"],
            "KmsMasterKeyId": ["alias/aws/sns", "alias/other"],
            "ArchivePolicy": [{"MessageRetentionPeriod": days} for days in ("30", "60")],
            "Subscription/*/Protocol": ["lambda", "sqs"],
            "Subscription/*/Endpoint": [f"{QUEUES}:a", f"{QUEUES}:b"],
        },
    ),
    Case(
        type="AWS::SNS::Subscription",
        one_value=frozenset({"Region"}),
        creating="Subscribe",
        absent=f"{ARN}:news:00000000-0000-0000-0000-000000000000",
        minimal=least_subscription,
        full=subscription,
        changes=subscription_changes,
        attributes=frozenset({"Arn"}),
        tagged=False,
        stack="""\
topic: {type: AWS::SNS::Topic}
queue: {type: AWS::SQS::Queue}
subscription:
  type: AWS::SNS::Subscription
  properties:
    TopicArn: ${topic.TopicArn}
    Protocol: sqs
    Endpoint: ${queue.Arn}
    FilterPolicy: {event: [done]}
    RawMessageDelivery: true
""",
        beside={
            "": lambda world, name: (
                {"FilterPolicy": {"event": ["done"]}} if name == "FilterPolicyScope" else {}
            )
        },
        samples={
            "Region": ["us-east-1", "us-east-1"],
            "Protocol": ["sqs", "lambda"],
            "Endpoint": [f"{QUEUES}:a", f"{QUEUES}:b"],
            "FilterPolicy": [{"event": ["done"]}, {"event": ["failed"]}],
            "RedrivePolicy": [{"deadLetterTargetArn": f"{QUEUES}:{one}"} for one in "ab"],
            "DeliveryPolicy": [{"healthyRetryPolicy": {"numRetries": one}} for one in (3, 5)],
            "SubscriptionRoleArn": [ROLE, f"{ROLE}-2"],
        },
    ),
)
