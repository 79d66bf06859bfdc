"""Write on the objects of a stack when it expires, for whoever looks at the console. Shell."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

from gitbot.errors import CloudError, UserError
from gitbot.jobs.steps.apply_stack import tools_of
from gitbot.jobs.steps.look import Engine
from gitbot.model.expiry import Expiry
from gitbot.model.recorded import IntentKind, Lease, RecordedResource, RecordedStack
from gitbot.model.tags import EXPIRES_TAG
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.recording import without_redacted
from gitbot.walk.means import Means, means_for, new_intent, operation_for

log = logging.getLogger("gitbot")

_NEVER = "never"


def tag_expiry(
    engine: Engine, cloud: Cloud, lease: Callable[[], Lease], recorded: RecordedStack, row: Expiry
) -> Expiry:
    """Put the tag on every object that does not carry it yet. Returns the row that says so.

    The tag is outside of desired state, digests and drift. An object that takes no tag, or no more,
    keeps no other from its tag. Idempotent.

    Raises:
        TransientError: the cloud did not answer; the next try goes on.
    """
    wanted = None if row.lifted else row.expires_at
    text = _NEVER if wanted is None else wanted.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
    means = means_for(tools_of(engine, cloud, lease), recorded, None)
    carry = {_name(one): one for one in recorded.resources.values()}
    known = set(row.tags_on) if row.tagged == wanted else set()
    for name in sorted(carry.keys() - known):
        lease()
        _tag(means, carry[name], text)
    return replace(
        row,
        tagged=wanted,
        tagged_serial=recorded.serial,
        tags_on=() if wanted is None else tuple(sorted(carry)),
    )


def _tag(means: Means, resource: RecordedResource, text: str) -> None:
    intent = new_intent(means, IntentKind.UPDATE, resource, means.generation)
    operation = operation_for(means, intent, without_redacted(resource.properties))
    marked = replace(operation, ownership={EXPIRES_TAG: text})
    try:
        means.cloud.adopt(marked, resource.remote_id)
    except (CloudError, UserError) as error:
        log.warning("%s carries no tag about its expiry: %s", resource.address, error)


def _name(resource: RecordedResource) -> str:
    return f"{resource.address}={resource.remote_id}"
