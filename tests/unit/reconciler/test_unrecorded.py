"""What an apply that was cut off may have done is not told as somebody else's work."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.names import Address
from gitbot.model.recorded import IntentKind
from gitbot.reconciler import reasons
from gitbot.reconciler.unrecorded import GONE, RECREATED, telling_begun
from tests.unit.reconciler.planning_world import (
    absent,
    change_of,
    plan_of,
    power_intent,
    record,
    resource,
    stack,
    state,
)


def test_what_it_may_have_deleted_is_not_said_to_be_deleted_outside_gitbot():
    desired = stack(resource("kept"), resource("other"))
    recorded = state(*map(record, ("kept", "other", "old", "older")))
    seen = {key: one for name in recorded.resources for key, one in absent(name).items()}
    plan = plan_of(desired, recorded, seen)
    begun = [
        replace(power_intent(recorded.resources[Address(name)]), kind=IntentKind.DELETE)
        for name in ("kept", "old")
    ]
    told = telling_begun(plan, begun, None)
    assert {one.address: one.reasons for one in told.changes} == {
        "kept": (RECREATED,),
        "other": (reasons.RECREATED,),
        "old": (GONE,),
        "older": (reasons.GONE,),
    }
    assert (told.begun is not None, told.digest) == (True, plan.digest)
    assert telling_begun(plan, [power_intent(recorded.resources[Address("old")])], None) == plan
    assert change_of(plan, "kept").reasons == (reasons.RECREATED,)
