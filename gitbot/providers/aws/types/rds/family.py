"""Say how RDS names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_AddTagsToResource.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags
from gitbot.providers.aws.table import shown

RDS = Dialect(
    service="rds",
    absent=frozenset(
        {
            "DBInstanceNotFound",
            "DBSubnetGroupNotFoundFault",
            "InvalidDBInstanceState: already being deleted",
        }
    ),
    busy=frozenset({"InvalidDBSubnetGroupStateFault"}),
)
SMALL_LETTERS = {"pattern": "^[^A-Z]+$"}
"""What RDS keeps in small letters would be another name to a plan."""


def tags_of(arn: str) -> PlainTags:
    """The tags of an object whose description has its ARN under this name."""
    return PlainTags(
        dialect=RDS,
        target=shown(ResourceName=arn),
        putting="add_tags_to_resource",
        removing="remove_tags_from_resource",
        reading="list_tags_for_resource",
        answer="TagList",
    )
