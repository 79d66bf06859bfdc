"""A new object in place of the old one. Pure."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.plan import Action, PathChange
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import Disruption, ReplaceOrder
from gitbot.reconciler import reasons
from gitbot.reconciler.deciding.case import (
    Case,
    Decision,
    change_of,
    observed_properties,
    properties_hash,
)
from gitbot.reconciler.naming import natural_name
from gitbot.reconciler.placing import placement_text
from gitbot.reconciler.pointers import parse, values_at
from gitbot.reconciler.problems.collected import Problems
from gitbot.reconciler.problems.protection import say_protected_replacement, say_still_protected
from gitbot.reconciler.recording import kept_in_snapshot


def replacement(
    case: Case,
    recorded: RecordedResource,
    paths: tuple[PathChange, ...],
    why: tuple[str, ...],
    problems: Problems,
) -> Decision:
    """A new object is made and the old one deleted, in the order that names and the spec allow.

    Adds a problem where the resource is protected.
    """
    if case.resource.lifecycle.protect:
        say_protected_replacement(problems, case.resource, why)
    elif recorded.protect:
        say_still_protected(problems, case.resource, why)
    why = (*why, *_explained(case, recorded))
    named = _keeps_name(case, recorded) or _keeps_exclusive(case, recorded)
    wanted = case.resource.lifecycle.replace or case.schema.replace_order
    order = ReplaceOrder.DELETE_FIRST if named else wanted
    if named and wanted is ReplaceOrder.CREATE_FIRST:
        why = (*why, reasons.keeps_name(named))
    said = case.resource.lifecycle.snapshot_on_delete
    snapshots = kept_in_snapshot(recorded, case.former or case.schema, said=said)
    change = replace(
        change_of(case, Action.REPLACE, paths, why),
        remote_id=recorded.remote_id,
        disruption=Disruption.REPLACE,
        replace_order=order,
        stateful=any(
            schema.stateful or schema.stateful_replacement
            for schema in (case.schema, case.former)
            if schema is not None
        ),
        loses=reasons.lost_with(case.former or case.schema, snapshots=snapshots),
        properties_hash=properties_hash(case),
        empties=case.resource.lifecycle.empty_on_delete or recorded.empty_on_delete,
        snapshots=snapshots,
    )
    return Decision(change=change, attributes=case.properties, named=named)


def _explained(case: Case, recorded: RecordedResource) -> tuple[str, ...]:
    """What becomes of the old object's parts, and what people should know of the new one."""
    choices = placement_text(case.schema, case.properties)
    return (
        *reasons.fate(case.former or case.schema, observed_properties(recorded, case.observation)),
        *reasons.of_creation(case.schema, case.properties),
        *((reasons.placed(choices),) if choices else ()),
    )


def _keeps_name(case: Case, recorded: RecordedResource) -> str:
    """The name that the spec gives, if the object to be replaced has the same one; else empty."""
    if recorded.type != case.schema.name:
        return ""
    wanted = natural_name(case.schema, case.properties)
    return wanted if wanted == natural_name(case.schema, recorded.properties) else ""


def _keeps_exclusive(case: Case, recorded: RecordedResource) -> str:
    """The value that only one object can have at a time and that both objects would have."""
    for path in map(parse, case.schema.exclusive if recorded.type == case.schema.name else ()):
        before = [one for _, one in values_at(recorded.properties, path)]
        for _, wanted in values_at(case.properties, path):
            if isinstance(wanted, str) and wanted in before:
                return wanted
    return ""
