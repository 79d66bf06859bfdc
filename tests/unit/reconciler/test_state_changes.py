"""Tests for the state of a stack after each kind of write, and for its header."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.errors import ConflictError, InvariantError, StaleError
from gitbot.model.expiry import Life, Lifetime
from gitbot.model.lookups import KeptLookup
from gitbot.model.names import Address, RemoteId, Sha, StackId
from gitbot.model.recorded import (
    Deposed,
    Intent,
    IntentKind,
    Moved,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
)
from gitbot.reconciler import state_changes as changes
from gitbot.reconciler.state_headers import header_of, holdings_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
STACK = StackId(repository="7", environment="dev", name="web", region="eu-west-1")
BUCKET, OTHER = Address("bucket"), Address("other")
EMPTY = RecordedStack(id=STACK, lineage="l")
LIFE = Life(at=NOON, lifetime=Lifetime(text="ttl: 3d", ttl=timedelta(days=3)))


def resource(address: Address = BUCKET, remote: str = "r-1", **more: str) -> RecordedResource:
    return RecordedResource(
        address=address,
        type="AWS::S3::Bucket",
        remote_id=RemoteId(remote),
        properties={},
        account="1",
        region=more.get("region", "eu-west-1"),
    )


def intent(kind: IntentKind = IntentKind.CREATE, operation: str = "op", **more: object) -> Intent:
    given: dict[str, object] = {"address": BUCKET, "resource": resource(), **more}
    return Intent(operation=operation, kind=kind, epoch=1, begun_at=NOON, deadline=NOON, **given)  # type: ignore[arg-type]


def with_resources(*resources: RecordedResource) -> RecordedStack:
    return replace(EMPTY, serial=3, resources={one.address: one for one in resources})


def test_a_lineage_is_fixed_by_the_first_write() -> None:
    assert changes.in_lineage(EMPTY, "mine").lineage == "mine"
    with pytest.raises(StaleError, match="plan again"):
        changes.in_lineage(with_resources(), "mine")
    assert changes.in_lineage(with_resources(), "l") == with_resources()


def test_a_create_is_begun_identified_and_finished() -> None:
    begun = changes.begun(changes.begun(EMPTY, intent(operation="a")), intent())
    assert (begun.serial, begun.complete) == (2, False)
    again = changes.begun(begun, intent(desired_hash="h"))
    assert [one.operation for one in again.intents] == ["a", "op"]
    known = changes.identified(again, "op", RemoteId("r-1"))
    assert [one.remote_id for one in known.intents] == [None, "r-1"]
    done = changes.finished(known, "op", resource())
    assert (list(done.resources), [one.operation for one in done.intents]) == ([BUCKET], ["a"])
    assert changes.abandoned(done, "a").intents == ()
    for close in (
        lambda: changes.abandoned(EMPTY, "op"),
        lambda: changes.identified(EMPTY, "op", RemoteId("x")),
        lambda: changes.finished(begun, "op", None),
    ):
        with pytest.raises(InvariantError):
            close()


def test_a_replacement_that_creates_first_deposes_the_old_object_and_a_deletion_removes_it() -> (
    None
):
    old, new = resource(remote="old"), resource(remote="new")
    begun = changes.begun(with_resources(old), intent(resource=new, deposes=True))
    made = changes.finished(begun, "op", new)
    assert made.deposed == (Deposed(resource=old, operation="op"),)
    gone = changes.begun(made, intent(IntentKind.DELETE, "d", resource=old, deposed=True))
    assert changes.finished(gone, "d", None).deposed == ()
    last = changes.begun(made, intent(IntentKind.DELETE, "d"))
    assert changes.finished(last, "d", None).resources == {}
    same = changes.finished(changes.begun(made, intent(deposes=True)), "op", new)
    assert len(same.deposed) == 1


def test_resources_are_put_moved_and_forgotten_in_the_order_of_their_addresses() -> None:
    state = changes.put(with_resources(resource(OTHER)), resource(), None)
    assert list(state.resources) == [BUCKET, OTHER]
    moved = changes.put(state, resource(Address("z")), BUCKET)
    assert list(moved.resources) == [OTHER, "z"]
    assert changes.forgotten(moved, OTHER).serial == moved.serial + 1
    kept = {Address("lookups.vpc"): KeptLookup(question="q", identifiers=("vpc-1",), at=NOON)}
    assert changes.looked_up(state, kept).lookups == kept


def test_an_apply_is_completed_once_no_intent_is_open() -> None:
    outputs = {"name": RecordedOutput(value="x")}
    done = changes.completed(EMPTY, outputs, "h", Sha("c" * 40), LIFE)
    assert (done.outputs, done.desired_hash, done.born_at) == (outputs, "h", NOON)
    later = replace(LIFE, at=NOON + timedelta(days=1))
    assert changes.completed(done, outputs, "h", None, later).born_at == NOON
    assert changes.completed(done, {}, None, None, later).born_at is None
    with pytest.raises(InvariantError, match="open intent"):
        changes.completed(changes.begun(EMPTY, intent()), {}, "h", None, LIFE)


def test_a_state_is_rewritten_from_what_was_read() -> None:
    state = with_resources(resource())
    wanted = replace(state, resources={}, complete=False)
    after = changes.rewritten(state, wanted)
    assert (after.resources, after.complete, after.edited) == ({}, False, True)
    with pytest.raises(StaleError, match="moved meanwhile"):
        changes.rewritten(after, wanted)
    begun = changes.begun(state, intent())
    with pytest.raises(InvariantError, match="open intent"):
        changes.rewritten(begun, begun)


def test_a_state_is_renamed_brought_and_retired() -> None:
    state = with_resources(resource())
    renamed = changes.renamed(state, replace(EMPTY, serial=9), "api")
    assert (renamed.id.name, renamed.serial, renamed.lineage) == ("api", 10, "l")
    with pytest.raises(ConflictError, match="dev/web cannot become dev/api"):
        changes.renamed(state, state, "api")
    assert changes.brought(EMPTY, state).serial == 4
    with pytest.raises(ConflictError, match="has state of dev/web already"):
        changes.brought(state, state)
    moved = Moved(to="new.db", lineage="l", serial=4)
    retired = changes.retired(state, "other", moved)
    assert (retired.lineage, retired.moved, retired.serial) == ("other", moved, state.serial + 1)
    assert changes.settled(retired).moved is None
    # A copy that lies here does not stand in the way of what comes back.
    assert changes.brought(retired, state).lineage == "l"


def test_a_header_counts_what_is_left_and_where() -> None:
    far = resource(OTHER, "r-2", region="us-east-1")
    state = replace(
        with_resources(resource(), far),
        deposed=(Deposed(resource=resource(remote="old"), operation="op"),),
        intents=(intent(),),
    )
    header = header_of(state)
    assert (header.resources, header.left) == (2, 4)
    assert header.places == {("1", "eu-west-1"), ("1", "us-east-1")}
    wanted = {("AWS::S3::Bucket", RemoteId("r-2")), ("AWS::S3::Bucket", RemoteId("old"))}
    assert [(one.address, one.region) for one in holdings_of(state, wanted)] == [
        (OTHER, "us-east-1")
    ]
