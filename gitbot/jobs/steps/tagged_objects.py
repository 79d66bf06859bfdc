"""Read the objects that carry gitbot's tags, and ask the store which stacks have them. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.jobs.steps.look import Engine
from gitbot.model.names import Address, StackId
from gitbot.model.observed import Present, ReadRequest
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.claimants import Named


class TaggedObjects:
    """The tagged objects of one region, read once, and which stacks of the store have them."""

    def __init__(self, engine: Engine, cloud: Cloud) -> None:
        self.engine, self.cloud = engine, cloud
        self.live = self.read(cloud.owned())
        place = (cloud.account(), cloud.region)
        self.taken = {
            (one.type, one.remote_id): one.stack
            for one in engine.state.holders(list(self.live))
            if (one.account, one.region) == place
        }

    def read(self, objects: Sequence[Named]) -> dict[Named, Present]:
        """Those of the objects that exist."""
        schemas = self.engine.clouds.schemas
        places = {Address(f"object/{number}"): each for number, each in enumerate(objects)}
        requests = [
            ReadRequest(
                address=address,
                type=each[0],
                remote_id=each[1],
                route=schema.route,
                surfaces=frozenset(),
            )
            for address, each in places.items()
            if (schema := schemas(each[0])) is not None
        ]
        seen = self.cloud.read(requests) if requests else {}
        return {places[at]: one for at, one in seen.items() if isinstance(one, Present)}

    def others(self, stack: StackId) -> frozenset[Named]:
        """The objects that other stacks of the store have."""
        return frozenset(each for each, holder in self.taken.items() if holder != stack)
