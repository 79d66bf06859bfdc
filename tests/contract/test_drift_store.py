"""What is known of drift is kept whole, and found by stack, environment and issue."""

from __future__ import annotations

from dataclasses import replace

from gitbot.model.drift import (
    Again,
    Difference,
    Differs,
    DriftRow,
    Ended,
    Finding,
    How,
    News,
    NewsKind,
    Phase,
)
from gitbot.model.forge import CloseReason
from gitbot.model.names import Address, RemoteId
from gitbot.model.values import Redacted
from gitbot.ports.records import Records
from tests.contract.records_world import DAY, DEV, NOON, OTHER, PROD, STACK

TAG = Difference(
    address=Address("bucket"),
    how=Differs.CHANGED,
    type="AWS::S3::Bucket",
    path="/Tags/owner",
    recorded=Redacted(digest="d" * 64, key_id="k"),
    observed={"a": [1, None, "x"]},
    remote_id=RemoteId("b-1"),
    since=NOON,
    detail="said so",
)
ROW = DriftRow(
    stack=STACK,
    finding=Finding.DRIFT,
    phase=Phase.ACKNOWLEDGED,
    fingerprint="f" * 64,
    differences=(TAG,),
    since=NOON,
    seen_at=NOON + DAY,
    serial=4,
    until=NOON + 7 * DAY,
    ended_at=NOON,
    closes_as=CloseReason.NOT_PLANNED,
    issue=12,
    nth=2,
    former=9,
    shown_open=True,
    forgiven=True,
    owed=(
        News(
            number=3,
            kind=NewsKind.REOPENED,
            at=NOON,
            appeared=(TAG,),
            ended=(Ended(difference=TAG, how=How.ADOPTED),),
            again=Again.CHANGED,
            by="ada",
            until=NOON,
        ),
    ),
    written=2,
)


def test_a_row_is_kept_whole(records: Records) -> None:
    records.drift.put(ROW)
    assert records.drift.of_stack(STACK, Finding.DRIFT) == ROW
    assert records.drift.of_stack(STACK, Finding.ERROR) is None


def test_the_last_row_of_a_stack_and_finding_counts(records: Records) -> None:
    records.drift.put(ROW)
    records.drift.put(replace(ROW, phase=Phase.CLEAN, issue=None))
    assert records.drift.of_environment(DEV) == (replace(ROW, phase=Phase.CLEAN, issue=None),)
    assert records.drift.of_issue("7", 12) is None


def test_heals_are_kept_for_two_days(records: Records) -> None:
    for at in (NOON, NOON, NOON + DAY, NOON + 3 * DAY):
        records.drift.note_heal(STACK, at)
    assert records.drift.heals(STACK) == (NOON + DAY, NOON + 3 * DAY)
    assert records.drift.heals(OTHER) == ()


def test_rows_are_listed_by_environment_and_found_by_issue(records: Records) -> None:
    others = [
        replace(ROW, finding=Finding.ERROR, issue=13),
        replace(ROW, stack=OTHER, issue=14),
        replace(ROW, stack=PROD, issue=15),
    ]
    for row in (ROW, *others):
        records.drift.put(row)
    assert {row.issue for row in records.drift.of_environment(DEV)} == {12, 13, 14}
    assert records.drift.of_issue("7", 14) == others[1]
    assert records.drift.of_issue("8", 14) is None
