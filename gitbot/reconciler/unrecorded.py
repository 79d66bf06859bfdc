"""Tell in a plan what an apply has begun and not recorded, and what may be its own work. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from gitbot.model.plan import Plan
from gitbot.model.recorded import Intent, Lease
from gitbot.reconciler import reasons
from gitbot.reconciler.leases import begun_of

RECREATED: Final = "It is gone, maybe by the apply that is not finished, so it is created again."
GONE: Final = (
    "It is gone, maybe by the apply that is not finished, so it is only taken out of state."
)
_OURS: Final = {reasons.RECREATED: RECREATED, reasons.GONE: GONE}


def telling_begun(plan: Plan, intents: Sequence[Intent], lease: Lease | None) -> Plan:
    """The plan with what is begun. What that may have deleted is not said to be deleted outside gitbot."""
    begun = begun_of(intents, lease)
    if begun is None:
        return plan
    changes = (
        replace(change, reasons=tuple(_OURS.get(one, one) for one in change.reasons))
        if change.address in begun.addresses
        else change
        for change in plan.changes
    )
    return replace(plan, begun=begun, changes=tuple(changes))
