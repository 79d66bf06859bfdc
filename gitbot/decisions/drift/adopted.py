"""Decides whether the specs came to want what had differed in the cloud. Pure."""

from __future__ import annotations

from typing import Any

from gitbot.model.drift import Difference, Differs
from gitbot.model.recorded import RecordedStack
from gitbot.reconciler.pointers import MISSING, parse, value_at


def is_adopted(difference: Difference, now: RecordedStack) -> bool:
    """Whether the state of ``now`` has what the difference showed in the cloud.

    The state is that of a later apply than the one from which the cloud differed.
    """
    if difference.how is Differs.UNMANAGED:
        known = {(one.type, one.remote_id) for one in now.resources.values()}
        return (difference.type, difference.remote_id) in known
    resource = now.resources.get(difference.address)
    if resource is None:
        return True
    if not difference.path:
        return False
    path = difference.path.removesuffix("/-")
    found: Any = value_at(resource.properties, parse(path))
    if path != difference.path:
        return isinstance(found, (list, tuple)) and difference.observed in found
    return bool((None if found is MISSING else found) != difference.recorded)
