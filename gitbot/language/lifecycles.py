"""Reads and checks the lifecycles of resources. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from gitbot.language.frame import Frame
from gitbot.language.nodes import Node, kind_name
from gitbot.language.problems import Problems, quoted, suggest
from gitbot.language.trees import NameSpace, TreeEvaluator
from gitbot.language.written import Written
from gitbot.model.desired import Lifecycle
from gitbot.model.names import Address
from gitbot.model.schema import OnExpiry, ReplaceOrder, Snapshots
from gitbot.model.timeouts import Timeouts
from gitbot.model.values import Unknown, Value


def lifecycle_of(
    one: Written, frame: Frame, evaluator: TreeEvaluator, properties: Mapping[str, Value]
) -> Lifecycle:
    """The lifecycle of the resource with these properties. Those that its type does not have are problems.

    What it does not say about its removal is as the environment has it.
    """
    given: Mapping[str, Any] = one.fields.get("lifecycle") or {}
    retains = frame.shared.retains
    if not given:
        return _unsaid(retains, _snapshots(one, None, properties))
    ignored, drifting = given.get("ignoreChanges", ()), given.get("ignoreDrift", ())
    _check_ignored(one, "ignoreChanges", ignored)
    _check_ignored(one, "ignoreDrift", drifting)
    order_ = given.get("replace")
    moved, on_expiry = given.get("moved"), given.get("onExpiry")
    return Lifecycle(
        protect=_protect(given.get("protect"), evaluator, one.problems),
        ignore_changes=ignored,
        may_drift=drifting,
        replace=None if order_ is None else ReplaceOrder(order_),
        retain=given.get("retain", retains),
        empty_on_delete=given.get("emptyOnDelete", False),
        snapshot_on_delete=_snapshots(one, given.get("snapshotOnDelete"), properties),
        moved=None if moved is None else Address(f"{frame.prefix}{moved}"),
        import_id=given.get("import"),
        on_expiry=None if on_expiry is None else OnExpiry(on_expiry),
        timeouts=Timeouts(**given.get("timeouts", {})),
    )


@cache
def _unsaid(retains: bool, snapshots: bool) -> Lifecycle:
    """The lifecycle of a resource that says nothing of it."""
    return Lifecycle(retain=retains, snapshot_on_delete=snapshots)


def _protect(node: Node | None, evaluator: TreeEvaluator, problems: Problems) -> bool:
    """Whether it is protected: by what the environment says, and by nothing else."""
    if node is None or isinstance(node.value, bool):
        return node is not None and node.value is True
    names = NameSpace(inputs={"env": evaluator.names.inputs.get("env")})
    value = replace(evaluator, names=names).evaluate(node)
    if isinstance(value, Unknown):
        return True  # it has a problem already, or a placeholder stands for the environment
    if not isinstance(value, bool):
        problems.add(
            "wrong-type",
            node,
            f"lifecycle.protect must be true or false; this is {kind_name(value)}.",
            'Write true, false, or a comparison: ${env.name == "prod"}.',
        )
    return value is True


def _snapshots(one: Written, said: bool | None, properties: Mapping[str, Value]) -> bool:
    """Whether a snapshot is made before its deletion; a problem where none can be made."""
    if one.type is None:
        return said is True
    schema, why = one.type.schema, ""
    if schema.unkept is not None:
        why = schema.unkept(properties)
    made = Snapshots.NEVER if why else schema.snapshots
    wanted = made is Snapshots.UNASKED if said is None else said
    if wanted and made is Snapshots.NEVER:
        one.problems.add(
            "no-snapshots",
            one.node.get("lifecycle", "snapshotOnDelete"),
            f"gitbot makes no snapshots of {one.type_name}{': ' if why else ''}{why}.",
            "Remove lifecycle.snapshotOnDelete.",
        )
    return wanted


def _check_ignored(one: Written, field: str, pointers: Iterable[str]) -> None:
    if one.type is None:
        return
    for pointer in pointers:
        name = pointer.strip("/").split("/")[0]
        if name not in one.type.names:
            one.problems.add(
                "unknown-property",
                one.node.get("lifecycle", field),
                f"{pointer} is ignored, but {one.type_name} has no property {quoted(name)}.",
                suggest(name, one.type.names, "Remove it."),
            )
