"""Read the tags of described objects, and search for objects by tags. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.providers.aws.believing import Described, Memory, believed_tags
from gitbot.providers.aws.native import Index, kind_in
from gitbot.providers.aws.refusals import means

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection
    from gitbot.providers.aws.plain import PlainTags


def read_tags(
    aws: Connection, tags: PlainTags, found: Sequence[Described], memory: Memory | None
) -> Sequence[list[dict[str, str]] | None]:
    """The tags of each object; None for one that has gone since it was described.

    Where descriptions lack them, costs one call for 50 objects of which AWS's index says the same as
    state, and one for each other. Without a memory the index is not asked.
    """
    believed: Mapping[str, list[dict[str, str]]] = {}
    if memory is not None and tags.reading:
        known = {tags.arn_of(one): memory.about(one) for one in found}
        asked = {arn: one for arn, one in known.items() if one and arn.startswith("arn:")}
        believed = believed_tags(aws, tags.declared, asked) if asked else {}
    rest = [one for one in found if tags.arn_of(one) not in believed]
    read = iter(aws.each(lambda one: _tags_of(aws, tags, one), rest))
    return [believed[arn] if (arn := tags.arn_of(one)) in believed else next(read) for one in found]


def _tags_of(aws: Connection, tags: PlainTags, described: Described) -> list[dict[str, str]] | None:
    """The object's tags; None if it has gone since it was described."""
    try:
        return tags.read(aws, described)
    except CloudError as error:
        if means(error, tags.dialect.absent):
            return None
        raise


def indexed(aws: Connection, index: Index, wanted: Mapping[str, list[str]]) -> list[str]:
    """The identifiers of the objects that AWS's index has with one of the values of each key."""
    found = aws.pages(
        *("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList"),
        ResourceTypeFilters=[index.searched],
        TagFilters=[{"Key": key, "Values": values} for key, values in wanted.items()],
    )
    arns = (str(one["ResourceARN"]) for one in found)
    return [index.own(arn) for arn in arns if kind_in(arn) == index.kind]
