"""Read what time has done to the stacks of an environment. Shell."""

from __future__ import annotations

from datetime import datetime

from gitbot.model.names import EnvironmentKey
from gitbot.model.wanted import TimeFacts, Tombstone
from gitbot.ports.records import Records


def time_facts(records: Records, environment: EnvironmentKey, now: datetime) -> TimeFacts:
    """The tombstones of the environment.

    A tombstone counts from when it was written, also when the clock has been set back since.
    """
    return TimeFacts(
        tombstones={
            (row.stack.environment, row.stack.name): Tombstone(
                at=min(row.stage_at, now), mark=row.mark
            )
            for row in records.expiries.of_environment(environment)
            if row.ended
        }
    )
