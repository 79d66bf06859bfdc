"""Decide whose an object is: by state, then by its tags, then by its parent. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Observation, Present, ReadRequest
from gitbot.model.ownership import Claimed, Holding, Owner, Whose
from gitbot.model.recorded import RecordedStack, StackHeader
from gitbot.model.schema import TypeSchema
from gitbot.model.tags import LINEAGE_TAG, STACK_TAG
from gitbot.reconciler.recording import known_ids

OURS = Owner(whose=Whose.OURS)
NOBODYS = Owner(whose=Whose.NOBODYS)


def owner_of(
    claimed: Claimed,
    holders: Sequence[Holding],
    parent: Owner | None = None,
    lineages: Mapping[str, StackHeader] = MappingProxyType({}),
) -> Owner:
    """Whose the claimed object is.

    ``holders`` are the records of it in all stacks of the store, in the account and region of the
    claim. ``parent`` is the owner of the object that it is part of; None if it is part of none.
    ``lineages`` are those of the store's stacks, which may tag an object before they record it, or have let go of it.

    An object that nobody records and whose tag names another stack is not taken for nobody's, though no lineage says so.
    A lineage tag decides between two records, and against a record that it contradicts: such a
    record is old. An object without one belongs to the stack that records it, unless its parent
    belongs to a stack that this store does not know. Without a record it belongs to whom its parent
    belongs.
    """
    others = [each for each in holders if each.stack != claimed.stack]
    lineage = claimed.tags.get(LINEAGE_TAG)
    named = claimed.tags.get(STACK_TAG, claimed.stack.label)
    # Two stacks of one lineage: somebody copied the state of one by hand.
    theirs = named != claimed.stack.label and any(each.stack.label == named for each in others)
    ours_by_tag = lineage == claimed.lineage and not theirs
    if (lineage is not None and not ours_by_tag) or (
        others and not (ours_by_tag and claimed.recorded)
    ):
        return _anothers(claimed, others, lineages)
    if ours_by_tag:
        return OURS
    if parent is not None and parent.whose is Whose.ANOTHERS:
        return OURS if claimed.recorded and parent.here is not None else parent
    if claimed.recorded or (parent is not None and parent.whose is Whose.OURS):
        return OURS
    return NOBODYS if named == claimed.stack.label else _anothers(claimed, (), lineages)


def _anothers(
    claimed: Claimed, others: Sequence[Holding], lineages: Mapping[str, StackHeader]
) -> Owner:
    if others:
        first = others[0]
        words = f"the stack {first.stack.label}, which has it in state as `{first.address}`"
        return Owner(whose=Whose.ANOTHERS, name=words, here=first.stack)
    label = claimed.tags.get(STACK_TAG, "")
    stack = f"the stack {label} of another state" if label else "a stack of another state"
    lineage = claimed.tags.get(LINEAGE_TAG)
    here = lineages.get(lineage or "")
    if here is not None:
        words = f"the stack {here.id.label} (its tags say lineage {lineage})"
        finished = here.complete and here.left == here.resources
        return Owner(whose=Whose.ANOTHERS, name=words, let_go=finished)
    says = f"its tags say lineage {lineage}" if lineage else f"its tag {STACK_TAG} says so"
    return Owner(whose=Whose.ANOTHERS, name=f"{stack} ({says})")


def claims_of(
    state: RecordedStack,
    requests: Sequence[ReadRequest],
    observed: Mapping[Address, Observation],
) -> Mapping[Address, Claimed]:
    """The claims of a stack on the objects that it asked to read; none on absent ones."""
    recorded = known_ids(state)
    return {
        request.address: Claimed(
            stack=state.id,
            lineage=state.lineage,
            type=request.type,
            remote_id=request.remote_id,
            recorded=(request.type, request.remote_id) in recorded,
            properties=seen.properties,
            tags=seen.ownership,
        )
        for request in requests
        if isinstance(seen := observed.get(request.address), Present)
    }


def parent_of(schema: TypeSchema | None, claimed: Claimed) -> tuple[str, RemoteId] | None:
    """Type and identifier of the object that the claimed one is part of; None if unknown."""
    if schema is None or schema.parent is None:
        return None
    properties = claimed.properties
    if schema.normalise is not None:  # an ARN and an identifier may name one object
        properties = schema.normalise(properties)
    for parent in (schema.parent, *schema.parent.others):
        named = properties.get(parent.reference)
        if isinstance(named, (list, tuple)) and len(named) == 1:
            [named] = named
        if isinstance(named, str) and named:
            return parent.type, RemoteId(named)
    return None
