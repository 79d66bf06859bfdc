"""Say how SNS names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags

PROTOCOLS = {
    "enum": [
        *("http", "https", "email", "email-json", "sms"),
        *("sqs", "application", "lambda", "firehose"),
    ]
}
SNS = Dialect(service="sns", absent=frozenset({"NotFound", "NotFoundException"}))
TAGS = PlainTags(
    dialect=SNS,
    target=lambda one: {"ResourceArn": one["TopicArn"]},
    reading="list_tags_for_resource",
)
