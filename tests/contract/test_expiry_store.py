"""Expiries, their delivered warnings and their history are kept whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gitbot.adapters.stores.database import writing
from gitbot.adapters.stores.tables.expiry import expiries as tables
from gitbot.errors import RowChangedError
from gitbot.model.codec import to_data
from gitbot.model.expiry import Delivery, Expiry, Stage, Transition
from gitbot.model.names import StackId
from gitbot.model.values import canonical_json
from gitbot.ports.records import Records
from tests.contract.records_world import DAY, DEV, NOON, OTHER, PROD, STACK

HOUR = timedelta(hours=1)
ROW = Expiry(
    stack=STACK,
    lineage="l1",
    stage=Stage.DESTROYING,
    born_at=NOON,
    nominal=NOON + DAY,
    expires_at=NOON + 2 * DAY,
    source="ttl: 24h",
    stage_at=NOON + 3 * DAY,
    extensions=1,
    pull_request=7,
    issue=12,
    requested="d1",
    requested_by="ada",
    mark="h1",
    stopped=("trainer",),
    noticed={"trainer": NOON},
    untagged=("bucket: no",),
    attempts=2,
    retry_at=NOON + 4 * DAY,
    error="no",
    kept=("bucket",),
)
WARNED = Delivery(expires_at=NOON + DAY, threshold=2 * HOUR, delivered_at=NOON)


def _stack(row: Expiry) -> StackId:
    return row.stack


def test_a_row_is_kept_whole_and_found_by_its_conversations(records: Records) -> None:
    other = replace(ROW, stack=OTHER, pull_request=8, issue=None)
    far = replace(ROW, stack=PROD)
    mine, other, far = (records.expiries.put(row, "it expires", NOON) for row in (ROW, other, far))
    assert replace(mine, version="") == ROW
    assert records.expiries.of_stack(STACK) == mine
    both = sorted([mine, far], key=_stack)
    assert sorted(records.expiries.of_environment(DEV), key=_stack) == sorted(
        [mine, other], key=_stack
    )
    assert sorted(records.expiries.of_conversation("7", 7), key=_stack) == both
    assert sorted(records.expiries.of_conversation("7", 12), key=_stack) == both
    assert records.expiries.of_conversation("7", 9) == ()
    assert records.expiries.of_conversation("8", 7) == ()


def test_each_transition_is_a_row_with_its_reason(records: Records) -> None:
    active = replace(ROW, stage=Stage.ACTIVE)
    row = records.expiries.put(active, "it expires by ttl: 24h", NOON)
    row = records.expiries.put(replace(row, pull_request=9), "", NOON)
    row = replace(row, stage=Stage.DESTROYING)
    row = records.expiries.put(row, "grace is over", NOON + DAY)
    records.expiries.remove(row, "it does not expire any more", NOON + 2 * DAY)
    records.expiries.remove(row, "again", NOON + 2 * DAY)
    at = ROW.expires_at
    assert records.expiries.history(STACK) == (
        Transition(
            before=None,
            after=Stage.ACTIVE,
            at=NOON,
            expires_at=at,
            reason="it expires by ttl: 24h",
        ),
        Transition(
            before=Stage.ACTIVE,
            after=Stage.DESTROYING,
            at=NOON + DAY,
            expires_at=at,
            reason="grace is over",
        ),
        Transition(
            before=Stage.DESTROYING,
            after=None,
            at=NOON + 2 * DAY,
            expires_at=at,
            reason="it does not expire any more",
        ),
    )
    assert records.expiries.of_stack(STACK) is None


def test_only_the_first_delivery_of_a_warning_counts(records: Records) -> None:
    row = records.expiries.put(ROW, "", NOON)
    records.expiries.deliver(STACK, WARNED)
    records.expiries.deliver(STACK, replace(WARNED, delivered_at=NOON + HOUR))
    later = replace(WARNED, threshold=HOUR, delivered_at=NOON + HOUR)
    records.expiries.deliver(STACK, later)
    records.expiries.deliver(PROD, WARNED)
    assert records.expiries.deliveries(DEV) == {STACK: (WARNED, later)}
    records.expiries.remove(row, "over", NOON)
    assert records.expiries.deliveries(DEV) == {}


def test_of_two_writers_the_one_with_the_older_row_is_refused(records: Records) -> None:
    """An answered `/extend` and a tombstone are never overwritten by who has not read them."""
    expiries = records.expiries
    read = expiries.put(replace(ROW, stage=Stage.EXPIRED), "its time is over", NOON)
    extended = expiries.put(replace(read, expires_at=NOON + 5 * DAY), "/extend", NOON)
    for late in (
        lambda: expiries.put(replace(read, stage=Stage.DESTROYING), "grace is over", NOON),
        lambda: expiries.put(replace(read, version=""), "it expires", NOON),
        lambda: expiries.rename(read, OTHER, NOON),
        lambda: expiries.remove(read, "the stack is gone", NOON),
    ):
        with pytest.raises(RowChangedError, match="dev/"):
            late()
    assert expiries.of_environment(DEV) == (extended,)
    assert [each.reason for each in expiries.history(STACK)] == ["its time is over", "/extend"]
    assert expiries.put(replace(extended, issue=3), "", NOON).issue == 3


def test_a_row_that_was_made_again_is_not_the_one_that_was_read(records: Records) -> None:
    expiries = records.expiries
    read = expiries.put(ROW, "", NOON)
    expiries.remove(read, "the stack is gone", NOON)
    with pytest.raises(RowChangedError):
        expiries.put(read, "", NOON)
    again = expiries.put(ROW, "", NOON)
    with pytest.raises(RowChangedError):
        expiries.put(read, "", NOON)
    assert expiries.of_stack(STACK) == again


def test_a_renamed_row_takes_its_warnings_along(records: Records) -> None:
    expiries = records.expiries
    row = expiries.put(replace(ROW, stage=Stage.WARNED), "it expires", NOON)
    expiries.deliver(STACK, WARNED)
    moved = expiries.rename(row, OTHER, NOON)
    assert expiries.of_environment(DEV) == (moved,)
    assert replace(moved, version="") == replace(ROW, stack=OTHER, stage=Stage.WARNED)
    assert expiries.deliveries(DEV) == {OTHER: (WARNED,)}
    assert [each.reason for each in expiries.history(OTHER)] == [f"{STACK.name} was renamed"]
    assert expiries.history(STACK)[-1].reason == f"it is called {OTHER.name} now"


def test_a_row_from_before_versions_can_be_read_and_written(records: Records) -> None:
    expiries = records.expiries
    row = expiries.put(ROW, "", NOON)
    old = to_data(ROW)
    assert "version" not in old
    with writing(expiries._engine) as connection:  # type: ignore[attr-defined]
        connection.execute(sa.update(tables).values(document=canonical_json(old), version="first"))
    read = expiries.of_stack(STACK)
    assert read == replace(row, version="first")
    assert expiries.put(read, "", NOON).version not in ("", "first", row.version)
