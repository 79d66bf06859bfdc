"""The table of the fields of ``lifecycle``, and of a condition. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from gitbot.language.field_shapes import (
    ADDRESS,
    KEY,
    PROSE,
    Anything,
    Field,
    Flag,
    ListOf,
    MapOf,
    Parsed,
    Record,
    Text,
)
from gitbot.model.durations import DURATION_PATTERN, DURATION_RULE, duration_between
from gitbot.model.schema import OnExpiry, ReplaceOrder

_POINTER = Text(pattern=r"(?s)(/.+)", rule="a JSON pointer such as /Tags or /Rules/0/Status")

CONDITION: Final = Record(
    fields={
        "that": Field(
            shape=Anything(), required=True, doc="An expression that is true where all is well."
        ),
        "says": Field(shape=PROSE, required=True, doc="What is said where it is false."),
    }
)

_TIMEOUT: Final = Parsed(
    read=duration_between(timedelta(minutes=1), timedelta(days=1)),
    rule=DURATION_RULE,
    pattern=DURATION_PATTERN,
    longest=40,
)
TIMEOUTS: Final = Record(
    fields={
        "create": Field(shape=_TIMEOUT, doc="From the call that makes it until it is ready."),
        "update": Field(shape=_TIMEOUT, doc="For a change, with a restart if it needs one."),
        "delete": Field(shape=_TIMEOUT, doc="Until it is gone."),
    }
)

LIFECYCLE: Final = Record(
    fields={
        "protect": Field(
            shape=Anything(),
            doc="Refuse every plan that deletes or replaces it: true, or an expression over env.",
        ),
        "ignoreChanges": Field(
            shape=ListOf(item=_POINTER),
            doc="JSON pointers of properties that gitbot leaves as they are.",
        ),
        "ignoreDrift": Field(
            shape=ListOf(item=_POINTER),
            doc="JSON pointers of properties that others may change, until the spec does.",
        ),
        "replace": Field(
            shape=Text(choices=tuple(order.value for order in ReplaceOrder)),
            doc="Whether a replacement creates first or deletes first.",
        ),
        "retain": Field(shape=Flag(), doc="Leave the object in the cloud when it leaves the spec."),
        "emptyOnDelete": Field(
            shape=Flag(),
            doc="Delete what is in it with it: all versions of a bucket's objects, images, a domain's home.",
        ),
        "snapshotOnDelete": Field(
            shape=Flag(),
            doc="Keep what a volume, database or file system holds in a snapshot before its deletion.",
        ),
        "dependsOn": Field(
            shape=ListOf(item=Text(longest=255)), doc="Resources that must exist before this one."
        ),
        "moved": Field(
            shape=ADDRESS, doc="The address that the resource had before it was renamed."
        ),
        "import": Field(
            shape=Text(longest=2048), doc="The identifier of an existing object to adopt."
        ),
        "onExpiry": Field(
            shape=Text(choices=tuple(one.value for one in OnExpiry)),
            doc="keep or delete when the stack expires; default: keep what holds data.",
        ),
        "replaceWhen": Field(
            shape=MapOf(key=KEY, value=Anything()),
            doc="Values by name: when one becomes another, the object is replaced.",
        ),
        "timeouts": Field(shape=TIMEOUTS, doc="How long gitbot waits for it; default 15m each."),
        "preconditions": Field(
            shape=ListOf(item=CONDITION),
            doc="What must hold before the resource is touched.",
        ),
        "postconditions": Field(
            shape=ListOf(item=CONDITION),
            doc="What must hold after it was changed; self is the resource.",
        ),
    }
)
