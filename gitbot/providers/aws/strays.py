"""List every object of an account and region that carries some tags, such as gitbot's. Shell.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
AWS's index of tags costs one call for 100 objects, of whatever types. It can lag, and name what was
deleted: so each object is read once more. It does not have IAM.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from gitbot.model.names import RemoteId
from gitbot.model.observed import Stray
from gitbot.model.tags import STACK_TAG
from gitbot.providers.aws.native import Index, kind_in
from gitbot.providers.aws.tagging import found, tag_map
from gitbot.providers.aws.types import NATIVE_TYPES

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


def strays(aws: Connection) -> Iterator[Stray]:
    """The tagged objects that the index names.

    Raises:
        CloudError: the role may not ask (``tag:GetResources``).
    """
    return tagged(aws, {"Key": STACK_TAG})


def tagged(aws: Connection, *filters: Mapping[str, Any]) -> Iterator[Stray]:
    """The objects that the index names for these ``TagFilters``, as far as their types are known.

    Raises:
        CloudError: the role may not ask (``tag:GetResources``).
    """
    in_part: dict[str, list[Stray]] = {}
    for one in aws.pages(
        "resourcegroupstaggingapi",
        "get_resources",
        "ResourceTagMappingList",
        TagFilters=list(filters),
        ResourcesPerPage=100,
    ):
        stray = _stray(one)
        if stray is not None and _index_of(stray.type).whole is not None:
            in_part.setdefault(stray.type, []).append(stray)
        elif stray is not None:
            yield stray
    for type_, some in in_part.items():
        yield from _whole(aws, _index_of(type_), some)


def _whole(aws: Connection, index: Index, strays: Iterable[Stray]) -> Iterator[Stray]:
    """Those that exist, with their whole identifiers."""
    by_part = {str(one.found.remote_id): one for one in strays}
    assert index.whole is not None
    for part, remote_id in index.whole(aws, by_part).items():
        stray = by_part[part]
        yield replace(stray, found=replace(stray.found, remote_id=RemoteId(remote_id)))


@cache
def _types() -> Mapping[str, tuple[str, Index]]:
    """The types whose objects the index has, by their kind in ARNs."""
    declared = [native.declaration for native in NATIVE_TYPES.values()]
    return {one.index.kind: (one.name, one.index) for one in declared if one.index is not None}


@cache
def _index_of(type_: str) -> Index:
    return dict(_types().values())[type_]


def _stray(one: Mapping[str, Any]) -> Stray | None:
    """The object, if its type is known."""
    arn = str(one["ResourceARN"])
    known = _types().get(kind_in(arn))
    if known is None:
        return None
    type_, index = known
    return Stray(type=type_, found=found(RemoteId(index.own(arn)), tag_map(one.get("Tags"))))
