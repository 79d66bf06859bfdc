"""Say how SageMaker names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import Described, Dialect

SAGEMAKER = Dialect(
    service="sagemaker",
    # ValidationException: what DescribeX answers for a name that it does not know.
    absent=frozenset({"ResourceNotFound", "ValidationException"}),
    busy=frozenset({"ResourceInUse"}),
)


def tags_of(arn: str) -> PlainTags:
    """The tags of an object whose description has its ARN under this name."""

    def target(described: Described) -> dict[str, str]:
        return {"ResourceArn": described[arn]}

    return PlainTags(
        dialect=SAGEMAKER,
        target=target,
        putting="add_tags",
        removing="delete_tags",
        reading="list_tags",
    )
