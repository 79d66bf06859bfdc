"""Expiries, their delivered warnings and their history are kept whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from gitbot.model.expiry import Delivery, Expiry, Stage, Transition
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
    attempts=2,
    retry_at=NOON + 4 * DAY,
    error="no",
    kept=("bucket",),
)
WARNED = Delivery(expires_at=NOON + DAY, threshold=2 * HOUR, delivered_at=NOON)


def test_a_row_is_kept_whole_and_found_by_its_conversations(records: Records) -> None:
    other = replace(ROW, stack=OTHER, pull_request=8, issue=None)
    far = replace(ROW, stack=PROD)
    for row in (ROW, other, far):
        records.expiries.put(row, "it expires", NOON)
    assert records.expiries.of_stack(STACK) == ROW
    assert set(records.expiries.of_environment(DEV)) == {ROW, other}
    assert set(records.expiries.of_conversation("7", 7)) == {ROW, far}
    assert set(records.expiries.of_conversation("7", 12)) == {ROW, far}
    assert records.expiries.of_conversation("7", 9) == ()
    assert records.expiries.of_conversation("8", 7) == ()


def test_each_transition_is_a_row_with_its_reason(records: Records) -> None:
    active = replace(ROW, stage=Stage.ACTIVE)
    records.expiries.put(active, "it expires by ttl: 24h", NOON)
    records.expiries.put(replace(active, pull_request=9), "", NOON)
    records.expiries.put(ROW, "grace is over", NOON + DAY)
    records.expiries.remove(STACK, "it does not expire any more", NOON + 2 * DAY)
    records.expiries.remove(STACK, "again", NOON + 2 * DAY)
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
    records.expiries.put(ROW, "", NOON)
    records.expiries.deliver(STACK, WARNED)
    records.expiries.deliver(STACK, replace(WARNED, delivered_at=NOON + HOUR))
    later = replace(WARNED, threshold=HOUR, delivered_at=NOON + HOUR)
    records.expiries.deliver(STACK, later)
    records.expiries.deliver(PROD, WARNED)
    assert records.expiries.deliveries(DEV) == {STACK: (WARNED, later)}
    records.expiries.remove(STACK, "over", NOON)
    assert records.expiries.deliveries(DEV) == {}
