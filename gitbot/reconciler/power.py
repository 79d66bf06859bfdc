"""Tell which objects an earlier apply left stopped. Pure."""

from __future__ import annotations

from gitbot.model.cloud import Power
from gitbot.model.names import RemoteId
from gitbot.model.observed import Observation, Present
from gitbot.model.recorded import IntentKind, RecordedStack
from gitbot.model.schema import TypeSchema
from gitbot.reconciler.pointers import parse, value_at


def left_stopped(recorded: RecordedStack) -> frozenset[tuple[str, RemoteId]]:
    """Type and identifier of each object that the next apply starts (docs/adr/0013).

    The open intent was written before an apply stopped the object for a change. An object that a
    person stopped has none.
    """
    return frozenset(
        (intent.resource.type, intent.resource.remote_id)
        for intent in recorded.intents
        if intent.kind is IntentKind.POWER and intent.power is not Power.STOPPED
    )


def is_running(schema: TypeSchema, observation: Observation | None) -> bool:
    """Whether the cloud shows that the object runs: a person may have started it since."""
    if not schema.power or not isinstance(observation, Present):
        return False
    return bool(value_at(observation.properties, parse(schema.power)) == Power.RUNNING)


def power_in(schema: TypeSchema, observation: Observation | None) -> Power | None:
    """What the cloud shows of the object's power; None when it is gone or cannot be stopped."""
    if schema.switch is None or not isinstance(observation, Present):
        return None
    state = schema.switch.states.get(str(value_at(observation.properties, parse(schema.power))))
    return None if state is None else Power(state)
