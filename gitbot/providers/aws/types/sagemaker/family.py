"""Say how SageMaker names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import Described

SAGEMAKER = Dialect(
    service="sagemaker",
    absent=frozenset(
        {
            "ResourceNotFound",
            "ValidationException: Could not find",
            "ValidationException: Cannot find",
            "ValidationException: does not exist",
            "ValidationException: RecordNotFound",
        }
    ),
    busy=frozenset({"ResourceInUse"}),
)


TAKEN = frozenset(
    {
        "ResourceInUse",
        "ValidationException: already exist",
        "ValidationException: duplicate",
    }
)
"""The codes for a name that is taken."""


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
