"""Who holds a lease, and when it may be taken from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.decisions.unlocking import holding_of, refuse_unlock
from gitbot.errors import RefusedError, UserError
from gitbot.model.names import Address, EnvironmentKey, RemoteId, StackId
from gitbot.model.recorded import Intent, IntentKind, Lease, RecordedResource, RecordedStack

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DEV = EnvironmentKey(repository="7", environment="dev")


def lease(holder: str = "far:12:abc-1.5 ada at a command line") -> Lease:
    return Lease(environment=DEV, epoch=4, holder=holder, expires_at=NOON)


def state(epoch: int) -> RecordedStack:
    resource = RecordedResource(
        address=Address("data"),
        type="AWS::S3::Bucket",
        remote_id=RemoteId("b"),
        properties={},
        account="1",
        region="eu-west-1",
    )
    intent = Intent(
        operation="op",
        kind=IntentKind.CREATE,
        address=Address("data"),
        resource=resource,
        epoch=epoch,
        begun_at=NOON,
        deadline=NOON + MINUTE,
    )
    stack = StackId(repository="7", environment="dev", name="web", region="eu-west-1")
    return RecordedStack(id=stack, lineage="l", serial=3, intents=(intent,), complete=False)


@pytest.mark.parametrize("newest", [None, lease("")])
def test_a_lease_that_nobody_holds_cannot_be_unlocked(newest: Lease | None) -> None:
    with pytest.raises(UserError, match="nobody holds the lease of dev"):
        holding_of("dev", newest, (), NOON)


@pytest.mark.parametrize(("now", "expired"), [(NOON - MINUTE, False), (NOON, True)])
def test_the_holder_is_told_with_its_machine_its_process_and_its_end(
    now: datetime, expired: bool
) -> None:
    held = holding_of("dev", lease(), (), now)
    assert (held.host, held.process, held.purpose) == ("far", "12", "ada at a command line")
    assert (held.epoch, held.until, held.expired) == (4, NOON, expired)


@pytest.mark.parametrize(
    ("epoch", "since", "by_holder"),
    [(4, None, True), (3, None, False), (4, NOON, True), (4, NOON + MINUTE, False)],
)
def test_open_intents_are_told_with_the_lease_that_they_were_begun_under(
    epoch: int, since: datetime | None, by_holder: bool
) -> None:
    """One of before it was taken comes from another store, whose epochs are others."""
    held = holding_of("dev", replace(lease(), since=since), [state(epoch)], NOON)
    assert held.since == since
    (stack,) = held.stacks
    assert (stack.stack, stack.serial, stack.complete) == (state(epoch).id.label, 3, False)
    assert [(one.address, one.by_holder) for one in stack.intents] == [("data", by_holder)]


@pytest.mark.parametrize(
    ("alive_here", "epoch", "words"),
    [
        (True, None, "process 12 on this machine holds the lease of dev and is alive"),
        (True, 4, "process 12 on this machine"),
        (False, 3, "has epoch 4 now, not 3"),
    ],
)
def test_what_may_not_be_taken_over_is_refused(
    alive_here: bool, epoch: int | None, words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        refuse_unlock(holding_of("dev", lease(), (), NOON), alive_here=alive_here, epoch=epoch)


@pytest.mark.parametrize("epoch", [None, 4])
def test_the_lease_of_a_holder_elsewhere_may_be_taken_over(epoch: int | None) -> None:
    refuse_unlock(holding_of("dev", lease(), (), NOON), alive_here=False, epoch=epoch)
