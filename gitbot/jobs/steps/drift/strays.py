"""Find the objects that carry the tags of an environment's stacks and that no state knows. Shell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from gitbot.decisions.drift.strays import stray_differences
from gitbot.jobs.steps.look import Engine
from gitbot.model.drift import Difference
from gitbot.model.names import Address, StackId
from gitbot.model.observed import Present, ReadRequest, Stray
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud


def find_strays(
    engine: Engine,
    cloud: Cloud,
    environment: StackId,
    states: Sequence[RecordedStack],
    wanted: Collection[str],
) -> Mapping[StackId, tuple[Difference, ...]]:
    """The stray objects by the stack that their tags name.

    ``environment`` is any stack of it. Costs the pages of the index, one query, and one read of what
    is left.

    Raises:
        CloudError: the role may not ask.
        TransientError: the cloud did not answer.
    """
    here = f"{environment.environment}/"
    named = [one for one in cloud.strays() if (one.found.stack or "").startswith(here)]
    held = engine.state.holders([(one.type, one.found.remote_id) for one in named])
    recorded = {(one.type, one.remote_id) for one in held}
    left = [one for one in named if (one.type, one.found.remote_id) not in recorded]
    live = _live(engine, cloud, left)
    return stray_differences(live, environment, states, wanted)


def _live(engine: Engine, cloud: Cloud, strays: Sequence[Stray]) -> list[Stray]:
    """Those that exist and still have the tags."""
    requests = []
    for number, one in enumerate(strays):
        schema = engine.clouds.schemas(one.type)
        if schema is not None:
            requests.append(
                ReadRequest(
                    address=Address(f"stray/{number}"),
                    type=one.type,
                    remote_id=one.found.remote_id,
                    route=schema.route,
                    surfaces=frozenset(),
                )
            )
    seen = cloud.read(requests) if requests else {}
    return [
        one
        for number, one in enumerate(strays)
        if isinstance(there := seen.get(Address(f"stray/{number}")), Present) and there.ownership
    ]
