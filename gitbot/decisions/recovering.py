"""Decide of which state the tagged objects of an environment are. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gitbot.errors import UserError
from gitbot.model.names import StackId
from gitbot.model.observed import Present
from gitbot.model.plan import Action, Change, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.recovery import Stranger
from gitbot.model.schema import SchemaLookup, TypeSchema
from gitbot.model.tags import LINEAGE_TAG, RESOURCE_TAG, STACK_TAG, address_from
from gitbot.reconciler.claimants import Named
from gitbot.reconciler.pointers import parse
from gitbot.reconciler.weaker import may_turn_out_weaker


def lineage_of(
    state: RecordedStack,
    labels: Collection[str],
    live: Mapping[Named, Present],
    taken: Collection[Named],
    given: str | None,
) -> str | None:
    """The lineage of the stack's objects: that of its state, or where it has none, that in their tags.

    None if no object names the stack. ``labels`` are the names that the stack has and had, ``taken``
    the objects that other stacks of the store have, ``given`` is the lineage that somebody named.

    Raises:
        UserError: objects of several lineages name the stack, or its state has another than ``given``.
    """
    if not state.empty:
        if given not in (None, state.lineage):
            raise UserError(
                f"this store has state of {state.id.label}, of lineage {state.lineage}: --lineage is for "
                "a stack of which it has none"
            )
        return state.lineage
    named: dict[str, list[str]] = {}
    for each, seen in live.items():
        lineage = seen.ownership.get(LINEAGE_TAG)
        if lineage and seen.ownership.get(STACK_TAG) in labels and each not in taken:
            named.setdefault(lineage, []).append(str(each[1]))
    if given is not None:
        return given if given in named else None
    if len(named) > 1:
        each_state = "; ".join(f"{one}: {', '.join(sorted(named[one]))}" for one in sorted(named))
        raise UserError(
            f"objects of several states carry the name {state.id.label} ({each_state}): say which state "
            "is meant with --lineage"
        )
    return next(iter(named), None)


def doubtful(recovered: RecordedStack, plan: Plan | None) -> str:
    """Why the objects may be another repository's, of a stack of which the store had nothing; "" where nothing says so.

    Tags name the stack and its lineage. Two repositories that use one account may both have a stack of that name, and then
    the objects of the other one are rarely what these specs say.
    """
    goes = (Action.REPLACE, Action.DELETE)
    changes = () if plan is None else plan.effective
    # The older of two objects of one address is deleted in any case, and a value that nobody knows yet may be the same.
    lost = [
        one
        for one in changes
        if one.action in goes and not one.deposed_operation and not may_turn_out_weaker(one)
    ]
    if not lost:
        return ""
    names = ", ".join(f"`{one.remote_id}` ({one.address})" for one in lost)
    label, lineage = recovered.id.label, recovered.lineage
    return (
        f"{label} is not recorded. Its objects carry lineage {lineage}, and the next plan would replace or delete "
        f"{names}. If another repository uses this account and has a stack of that name, they are its own: leave them, and "
        "rename your stack. If they are yours, check out the commit that was applied last, or say so: "
        f"--stack {recovered.id.name} --lineage {lineage}"
    )


def never_found(plan: Plan, schemas: SchemaLookup) -> tuple[Change, ...]:
    """The new resources of the plan whose objects may exist, and that nothing would find.

    They carry no tags, and the spec leaves the name to the cloud.
    """
    return tuple(
        change
        for change in plan.changes
        if change.action is Action.CREATE
        and (schema := schemas(change.type)) is not None
        and schema.tags_path is None
        and schema.tag_limits is None
        and not _is_named(schema, change)
    )


def _is_named(schema: TypeSchema, change: Change) -> bool:
    """Whether the spec gives the parts of the name by which the cloud knows the object."""
    declared = {parse(path.path)[0] for path in change.paths}
    names = {parse(name)[0] for name in schema.natural_key or ()}
    whole = {name for name in names if f"/{name}" in schema.primary_identifier}
    return whole <= declared if whole else bool(names & declared)


def strangers(
    environment: str,
    live: Mapping[Named, Present],
    lineages: Mapping[str, StackId],
    taken: Mapping[Named, StackId],
) -> tuple[Stranger, ...]:
    """The objects that name a stack of this environment and that no recovered state takes.

    ``lineages`` are those of the stacks that were looked at, ``taken`` the objects of other stacks of
    the store.
    """
    found = []
    for each, seen in sorted(live.items()):
        stack, lineage = (seen.ownership.get(tag, "") for tag in (STACK_TAG, LINEAGE_TAG))
        if not stack.startswith(f"{environment}/") or lineage in lineages:
            continue
        if (holder := taken.get(each)) is not None:
            why = f"this store has it in the state of {holder.label} of repository {holder.repository}"
        elif stack in {one.label for one in lineages.values()}:
            why = "it belongs to another state of that name: of another repository, or one that was lost"
        else:
            why = (
                "no spec declares that stack: put its file back and recover again. If no other repository uses "
                "this account, and nobody needs the object, delete it by hand"
            )
        found.append(
            Stranger(
                stack=stack,
                lineage=lineage,
                address=address_from(seen.ownership.get(RESOURCE_TAG, "")),
                type=each[0],
                remote_id=each[1],
                why=why,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.stack, one.lineage, one.why, one.address)))
