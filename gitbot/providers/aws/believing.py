"""Believe sources of AWS that lag behind, where they say the same as state. Shell.

The index of tags has the tags of 50 objects in a call, where their services have a call for each object. It is
updated some time after a change, as are some listings. What it says like state is either true or was so a moment ago;
what it says otherwise may be old, so that such an object is read by a call of its service.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from gitbot.errors import CloudError
from gitbot.model.observed import ReadRequest, Remembered
from gitbot.model.tags import LINEAGE_TAG
from gitbot.providers.aws.tagging import tag_map

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

Described: TypeAlias = Mapping[str, Any]
_AT_ONCE = 50
"""A page has 50 objects unless the call names another number, which it may not beside ARNs."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What state has of the objects of one read, by identifier; ``identifier`` is that of a description."""

    by_id: Mapping[str, Remembered]
    identifier: Callable[[Described], str]

    @classmethod
    def of(cls, requests: Sequence[ReadRequest], identifier: Callable[[Described], str]) -> Memory:
        """The memory for these requests."""
        return cls(remembered(requests), identifier)

    def about(self, described: Described) -> Remembered | None:
        """What state has of a described object."""
        return self.by_id.get(self.identifier(described))

    def agrees(self, described: Described, shown: Mapping[str, Any], tags: str = "Tags") -> bool:
        """Whether a description of an object is like state: what it shows, and its tags in the property ``tags``."""
        known = self.about(described)
        if known is None or not same_tags(known, tags, tag_map(described.get("Tags"))):
            return False
        own = {name: value for name, value in known.properties.items() if name != tags}
        return all(shown[name] == value for name, value in own.items() if name in shown)

    @property
    def lineages(self) -> Sequence[str]:
        """The lineages that own the objects."""
        return sorted({one.marks[LINEAGE_TAG] for one in self.by_id.values()})


def remembered(requests: Sequence[ReadRequest]) -> Mapping[str, Remembered]:
    """What state has of the objects, by identifier. Nothing of one alone: to believe would save no call."""
    some = requests if len(requests) > 1 else ()
    known = {str(one.remote_id): one.remembered for one in some}
    return {own: one for own, one in known.items() if one is not None}


def same_tags(known: Remembered, property_: str, tags: Mapping[str, Any]) -> bool:
    """Whether these are the tags that state has in this property, and the owner's; others may be there too."""
    declared = tag_map(known.properties.get(property_))  # type: ignore[arg-type]  # as applied
    return all(tags.get(key) == value for key, value in {**declared, **known.marks}.items())


def believed_tags(
    aws: Connection, property_: str, objects: Mapping[str, Remembered]
) -> Mapping[str, list[dict[str, str]]]:
    """The tags of those objects that the index has with the same tags as state, by ARN.

    ``property_`` is the property with the tags. Empty where the role may not ask (``tag:GetResources``).
    """
    arns = sorted(objects)
    batches = [arns[at : at + _AT_ONCE] for at in range(0, len(arns), _AT_ONCE)]
    try:
        answers = aws.each(lambda batch: _tags_of(aws, batch), batches)
    except CloudError:
        return {}
    return {
        arn: tags
        for answer in answers
        for arn, tags in answer.items()
        if arn in objects and same_tags(objects[arn], property_, tag_map(tags))
    }


def _tags_of(aws: Connection, arns: Sequence[str]) -> Mapping[str, list[dict[str, str]]]:
    answer = aws.call("resourcegroupstaggingapi", "get_resources", ResourceARNList=list(arns))
    return {one["ResourceARN"]: one["Tags"] for one in answer["ResourceTagMappingList"]}
