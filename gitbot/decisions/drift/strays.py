"""Decides which tagged objects are told as unmanaged, and of which stack. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address, StackId, region_of
from gitbot.model.observed import Stray
from gitbot.model.recorded import RecordedStack
from gitbot.reconciler.recording import known_ids


def stray_differences(
    strays: Sequence[Stray],
    environment: StackId,
    states: Sequence[RecordedStack],
    wanted: Collection[str],
) -> Mapping[StackId, tuple[Difference, ...]]:
    """The unmanaged objects by stack, each as a difference.

    What an open intent made is none: recovery finds it. Nor is the old object of a replacement. An
    object with the lineage of another state is told only if we have a stack of that name, with the
    remark that it may be another gitbot's.
    """
    lineages = {state.lineage for state in states}
    names = {state.id.name for state in states} | set(wanted)
    begun = {intent.operation for state in states for intent in state.intents}
    known = frozenset[object]().union(*(known_ids(state) for state in states))
    found: dict[StackId, list[Difference]] = {}
    for one in strays:
        _, _, name = (one.found.stack or "").partition("/")
        ours = one.found.lineage in lineages
        if (one.type, one.found.remote_id) in known or one.found.operation in begun:
            continue
        if ours or name in names:
            region = region_of(name, environment.region)
            stack = replace(environment, name=name, region=region)
            found.setdefault(stack, []).append(_difference(one, ours=ours))
    return {stack: tuple(some) for stack, some in found.items()}


def _difference(one: Stray, *, ours: bool) -> Difference:
    remote_id = one.found.remote_id
    other = (
        ""
        if ours
        else "Its tags name a state that this gitbot does not have: it may belong to another "
        "gitbot in this account, or to a state that was lost."
    )
    return Difference(
        # Two strays may have one address: the identifier tells them apart.
        address=Address(one.found.address or remote_id),
        how=Differs.UNMANAGED,
        type=one.type,
        observed=remote_id,
        remote_id=remote_id,
        detail=other,
    )
