"""Change what state has by hand, under a lease and with a row in the audit trail. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gitbot.errors import UserError
from gitbot.jobs.steps.apply_stack import tools_of
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.observing import observe
from gitbot.model.names import StackId
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.model.values import Json
from gitbot.ports.cloud import Cloud
from gitbot.ports.records import Records
from gitbot.reconciler.refreshing import Refresh, refresh
from gitbot.reconciler.state_edits import Edit
from gitbot.walk.means import means_for
from gitbot.walk.ownership import refuse_anothers
from gitbot.walk.updating import take_over_tags


def look_again(
    engine: Engine, cloud: Cloud, stacks: Sequence[RecordedStack]
) -> tuple[Refresh, ...]:
    """What state of these stacks becomes when it is brought up to what the cloud shows.

    Raises:
        UserError: an apply of one was cut off in the middle of a change.
        CloudError, TransientError: the cloud could not be read.
    """
    for one in stacks:
        if one.intents:
            raise UserError(
                f"an apply of {one.id.label} was cut off in the middle of a change of "
                f"{one.intents[0].address}: apply it first"
            )
    looks = observe(engine, cloud, [(None, one) for one in stacks]) if stacks else ()
    return tuple(
        refresh(
            one, seen.observed, seen.owners, engine.clouds.schemas, engine.redactor, engine.hide
        )
        for one, seen in zip(stacks, looks, strict=True)
    )


def record_refresh(
    engine: Engine, records: Records, lease: Callable[[], Lease], each: Refresh, *, actor: str
) -> None:
    """Write the state. Raises StaleError where it moved meanwhile."""
    engine.state.rewrite(lease(), each.after)
    differs = [{"address": one.address, "path": one.path, "how": one.how} for one in each.taken]
    _audit(engine, records, each.before.id, actor, "state refresh", {"differences": differs})


def record_edit(
    engine: Engine,
    records: Records,
    cloud: Cloud,
    lease: Callable[[], Lease],
    before: RecordedStack,
    edit: Edit,
    *,
    actor: str,
) -> None:
    """Put the new addresses on the objects, then write the state. Safe to repeat after a crash.

    Raises:
        ConflictError: an object belongs to another stack by now; state is as it was.
        CloudError, TransientError: an object cannot be read or tagged; state is as it was.
        StaleError: the state moved meanwhile.
    """
    means = means_for(tools_of(engine, before.id, cloud, lease), before, None)
    for former, address in edit.moved.items():
        refuse_anothers(means, before.resources[former])
        take_over_tags(means, edit.after.resources[address])
    engine.state.rewrite(lease(), edit.after)
    action = "state mv" if edit.moved else "state rm"
    moved: dict[str, Json] = {former: address for former, address in edit.moved.items()}
    detail: dict[str, Json] = {"moved": moved, "removed": dict(edit.removed)}
    _audit(engine, records, before.id, actor, action, detail)


def _audit(
    engine: Engine,
    records: Records,
    stack: StackId,
    actor: str,
    action: str,
    detail: Mapping[str, Json],
) -> None:
    records.journal.audit(
        at=engine.clock.now(), actor=actor, action=action, subject=str(stack), detail=detail
    )
