"""Say how CloudWatch refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import Described

CLOUDWATCH = Dialect(
    service="cloudwatch", absent=frozenset({"ResourceNotFound", "ResourceNotFoundException"})
)


def tags_of(arn: str) -> PlainTags:
    """The tags of an object whose description has its ARN under this name."""

    def target(described: Described) -> dict[str, str]:
        return {"ResourceARN": described[arn]}

    return PlainTags(dialect=CLOUDWATCH, target=target, reading="list_tags_for_resource")
