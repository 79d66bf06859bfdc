"""Write on the objects of a stack when it expires, for whoever looks at the console. Shell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from gitbot.decisions.expiry.changes import tagged
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.apply_stack import tools_of
from gitbot.jobs.steps.look import Engine
from gitbot.model.expiry import Expiry
from gitbot.model.recorded import IntentKind, Lease, RecordedResource, RecordedStack
from gitbot.model.tags import EXPIRES_TAG
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.recording import without_redacted
from gitbot.walk.means import Means, means_for, new_intent, operation_for

_NEVER = "never"


def tag_expiry(
    engine: Engine,
    cloud: Cloud,
    lease: Callable[[], Lease],
    recorded: RecordedStack,
    row: Expiry,
    now: datetime,
) -> Callable[[Expiry], Expiry]:
    """Put the tag on every object that does not carry it yet. Returns what to note in the row.

    The tag is outside of desired state, digests and drift. An object that takes no tag, or no more,
    keeps no other from its tag, and is tried again later. Idempotent.
    """
    wanted = None if row.lifted else row.expires_at
    text = _NEVER if wanted is None else wanted.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
    stack = recorded.id
    means = means_for(tools_of(engine, stack, cloud.at(stack.region), lease), recorded, None)
    carry = {_name(one): one for one in recorded.resources.values()}
    known = set(row.tags_on) & carry.keys()
    if wanted is None:
        todo, on = known, set[str]()  # what never carried the tag needs none that says "never"
    else:
        on = known if row.tagged == wanted else set[str]()
        todo = carry.keys() - on
    refused: dict[str, str] = {}
    for name in sorted(todo):
        lease()
        why = _refusal(means, carry[name], text)
        if why:
            refused[name] = f"{carry[name].address}: {engine.hide(why)}"
    on = set(refused) if wanted is None else carry.keys() - refused.keys()
    return partial(
        tagged, wanted=wanted, serial=recorded.serial, on=on, refused=refused.values(), now=now
    )


def _refusal(means: Means, resource: RecordedResource, text: str) -> str:
    """Put the tag on the object. Why it does not carry it; empty when it does, or takes no tags."""
    intent = new_intent(means, IntentKind.UPDATE, resource, means.generation)
    operation = operation_for(means, intent, without_redacted(resource.properties))
    marked = replace(operation, ownership={EXPIRES_TAG: text})
    try:
        means.cloud.adopt(marked, resource.remote_id)
    except (CloudError, UserError, TransientError) as error:
        return str(error)
    return ""


def _name(resource: RecordedResource) -> str:
    return f"{resource.address}={resource.remote_id}"
