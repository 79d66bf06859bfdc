"""Reads and checks the lifecycles of resources. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitbot.language.problems import Problems, quoted, suggest
from gitbot.language.written import Written
from gitbot.model.desired import Lifecycle
from gitbot.model.names import Address
from gitbot.model.schema import OnExpiry, ReplaceOrder

_NO_LIFECYCLE = Lifecycle()


def lifecycle_of(one: Written, prefix: str, problems: Problems) -> Lifecycle:
    """The lifecycle of the resource; ``prefix`` is what the addresses of its module begin with.

    Properties that its type does not have are problems."""
    given: Mapping[str, Any] = one.fields.get("lifecycle") or {}
    if not given:
        return _NO_LIFECYCLE
    ignored = given.get("ignoreChanges", ())
    _check_ignored(one, ignored, problems)
    order_ = given.get("replace")
    moved, on_expiry = given.get("moved"), given.get("onExpiry")
    return Lifecycle(
        protect=given.get("protect", False),
        ignore_changes=ignored,
        replace=None if order_ is None else ReplaceOrder(order_),
        retain=given.get("retain", False),
        empty_on_delete=given.get("emptyOnDelete", False),
        moved=None if moved is None else Address(f"{prefix}{moved}"),
        import_id=given.get("import"),
        on_expiry=None if on_expiry is None else OnExpiry(on_expiry),
    )


def _check_ignored(one: Written, pointers: Iterable[str], problems: Problems) -> None:
    if one.type is None:
        return
    for pointer in pointers:
        name = pointer.strip("/").split("/")[0]
        if name not in one.type.names:
            problems.add(
                "unknown-property",
                one.node.get("lifecycle", "ignoreChanges"),
                f"{pointer} is ignored, but {one.type_name} has no property {quoted(name)}.",
                suggest(name, one.type.names, "Remove it."),
            )
