"""Say how SQS names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import shown

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

SQS = Dialect(
    service="sqs",
    absent=frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}),
)
TAGS = PlainTags(
    dialect=SQS,
    target=shown("QueueUrl"),
    at="tags",
    putting="tag_queue",
    removing="untag_queue",
    reading="list_queue_tags",
    arn="QueueArn",
    mapped=True,
)


def url_of(aws: Connection, name: str) -> str:
    """The URL of the queue with this name, which is its identifier."""
    return own_url(f"arn:{aws.partition}:sqs:{aws.region}:{aws.account}:{name}")


def own_url(arn: str) -> str:
    """The URL of the queue with this ARN."""
    _, partition, _, region, account, name = arn.split(":")
    domain = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return f"https://sqs.{region}.{domain}/{account}/{name}"
