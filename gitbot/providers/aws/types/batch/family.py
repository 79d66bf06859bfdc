"""Say how Batch names, refuses, describes and tags, for the types that are tables. Shell.

https://docs.aws.amazon.com/batch/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, arn_of
from gitbot.providers.aws.table import Described

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

BATCH = Dialect(
    service="batch",
    absent=frozenset({"ClientException: does not exist"}),
    busy=frozenset({"ClientException: existing JobQueue relationship"}),
    renames=True,
)
TAKEN = frozenset({"ClientException: already exists"})
"""Batch's refusal of a name that is taken."""
NAMES: Mapping[str, Any] = {"pattern": "^[a-zA-Z0-9][a-zA-Z0-9_-]{0,127}$"}
ENABLED = Removal(default="ENABLED", says="it takes jobs")


def listing(noun: str, kind: str, name: Name) -> Plain:
    """How objects of a kind are described, a hundred in a call, by their ARNs: ``job_queues`` of ``job-queue``."""
    own = "".join(word.capitalize() for word in noun.split("_"))

    def target(one: Described) -> dict[str, Any]:
        return {"ResourceArn": one[f"{own[:-1]}Arn"]}

    tags = PlainTags(dialect=BATCH, target=target, mapped=True, as_map=True)
    return Plain(
        dialect=BATCH,
        call=f"describe_{noun}",
        many=own,
        answer=own,
        tags=tags,
        name=name,
        id_of=arn_of("batch", f"{kind}/"),
        index=Index(f"batch:{kind}", own=str),
    )


def disabling(call: str, kind: str) -> Callable[[Connection, Described], None]:
    """``Delete.first`` for a ``kind`` of object that ``call`` updates: Batch deletes none that takes jobs."""

    def disable(aws: Connection, one: Described) -> None:
        if one["State"] == "ENABLED":
            ask(aws, BATCH, call, **{kind: one[f"{kind}Arn"]}, State="DISABLED")

    return disable


def exists(one: Described) -> bool:
    """Whether the object is there: one that is being deleted is until it is gone."""
    return bool(one["Status"] != "DELETED")


def ready(one: Described) -> bool:
    """Whether no change of the object is under way."""
    return bool(one["Status"] == "VALID")


def failed(one: Described) -> str:
    """Why the object never will be usable; empty: it will."""
    if one["Status"] != "INVALID":
        return ""
    return str(one.get("StatusReason") or "Batch gives no reason")


def upper(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The properties with these values in capitals, as Batch writes them."""
    return {
        name: value.upper() if name in names and isinstance(value, str) else value
        for name, value in properties.items()
    }
