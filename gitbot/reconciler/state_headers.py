"""What a whole state says in its header, and which objects it holds. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gitbot.model.names import RemoteId
from gitbot.model.ownership import Holding
from gitbot.model.recorded import RecordedStack, StackHeader


def header_of(state: RecordedStack) -> StackHeader:
    """The header of the state."""
    objects = [
        *state.resources.values(),
        *(old.resource for old in state.deposed),
        *(intent.resource for intent in state.intents),
    ]
    return StackHeader(
        id=state.id,
        lineage=state.lineage,
        serial=state.serial,
        resources=len(state.resources),
        left=len(objects),
        places=frozenset((one.account, one.region) for one in objects),
        desired_hash=state.desired_hash,
        commit=state.commit,
        complete=state.complete,
        lifetime=state.lifetime,
        born_at=state.born_at,
        module_tags=state.module_tags,
        uses=state.uses,
    )


def holdings_of(
    state: RecordedStack, wanted: Collection[tuple[str, RemoteId]]
) -> Iterator[Holding]:
    """The records of these objects (type, identifier) in the state, but for deposed ones."""
    for address, resource in state.resources.items():
        if (resource.type, resource.remote_id) in wanted:
            yield Holding(
                stack=state.id,
                address=address,
                type=resource.type,
                remote_id=resource.remote_id,
                account=resource.account,
                region=resource.region,
            )
