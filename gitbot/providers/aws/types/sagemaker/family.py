"""Say how SageMaker describes, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, arn_of, named
from gitbot.providers.aws.table import Described

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

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
    busy=frozenset({"ConflictException", "ResourceInUse"}),
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


def listing(kind: str, call: str, name: Name, *, arn: str) -> Plain:
    """The listing of a type whose objects are identified by their ARN and described by their name.

    ``kind`` stands before the name in an ARN, ``arn`` is the ARN's name in descriptions.
    """

    def asks(own: str) -> Mapping[str, Any]:
        return {name.property: own.rpartition("/")[2]}

    return Plain(
        dialect=SAGEMAKER,
        call=call,
        asks=asks,
        tags=tags_of(arn),
        name=name,
        id_of=arn_of("sagemaker", f"{kind}/"),
        index=Index(f"sagemaker:{kind}", own=str),
    )


def named_listing(kind: str, call: str, name: Name, *, arn: str) -> Plain:
    """The listing of a type whose objects are identified by their name; for the rest see ``listing``.

    The call takes an ARN too: SageMaker writes names in ARNs with small letters, so that these cannot give
    the identifier.
    """

    def whole(aws: Connection, arns: Iterable[str]) -> Mapping[str, str]:
        return {one[arn]: one[name.property] for one in found.by_id(aws, arns)}

    found = Plain(
        dialect=SAGEMAKER,
        call=call,
        asks=named(name.property),
        tags=tags_of(arn),
        name=name,
        index=Index(f"sagemaker:{kind}", own=str, whole=whole),
    )
    return found


def failure(status: str, *failed: str) -> Callable[[Described], str]:
    """``failed`` of a table: SageMaker's reason, where the status is one of these."""

    def why(one: Described) -> str:
        if one.get(status) not in failed:
            return ""
        return str(
            one.get("FailureReason") or f"it is {one[status]}, and SageMaker gives no reason"
        )

    return why
