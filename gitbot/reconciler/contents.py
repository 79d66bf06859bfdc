"""Tell that somebody replaced what nobody can read, by what the cloud shows of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gitbot.model.plan import Cause, PathChange, Unseen
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Redactor, Value, redact
from gitbot.reconciler.pointers import PatternSet, parse


def replaced(
    schema: TypeSchema,
    recorded: RecordedResource,
    desired: Mapping[str, Value],
    observed: Mapping[str, Any],
    ignore: Sequence[str],
    redactor: Redactor,
) -> tuple[PathChange, ...]:
    """The declared properties whose mark is another one than after the last apply, as drift.

    Where a part of the property is ignored, somebody else sets all of it. What has no recorded mark is
    trusted.
    """
    if not schema.marks:
        return ()
    found, ignored = [], PatternSet(ignore)
    for path, mark in schema.marks.items():
        was, now = recorded.attributes.get(mark), observed.get(mark)
        wanted = desired.get(path.removeprefix("/"))
        if not was or not now or was == now or wanted is None or ignored.touches(parse(path)):
            continue
        found.append(
            PathChange(
                path=path,
                before=f"{mark} {now}",
                after=redact(wanted, redactor),
                cause=Cause.DRIFT,
                unseen=Unseen.REPLACED,
                note=f"somebody replaced it: AWS shows another {mark} than after the last apply",
            )
        )
    return tuple(found)


def is_replaced(path: PathChange) -> bool:
    """Whether the change puts back what nobody can read: what is there cannot be written into a spec."""
    return path.unseen is Unseen.REPLACED


def with_replaced(
    paths: Sequence[PathChange], more: Sequence[PathChange]
) -> tuple[PathChange, ...]:
    """The paths, and those of ``more`` of which nothing is among them."""
    tops = {parse(path.path)[0] for path in paths}
    return (*paths, *(path for path in more if parse(path.path)[0] not in tops))


def marks_kept(
    schema: TypeSchema | None, attributes: Mapping[str, Value], sent: Collection[str]
) -> dict[str, Value]:
    """The recorded marks of what an update of the properties in ``sent`` does not send.

    What the cloud shows of it after the update may be somebody else's.
    """
    if schema is None:
        return {}
    all_sent = schema.requests.with_others(sent)
    return {
        mark: attributes[mark]
        for path, mark in schema.marks.items()
        if mark in attributes and path.removeprefix("/") not in all_sent
    }
