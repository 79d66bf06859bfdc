"""Promotions are found by their target, and by the pull request that people look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.promotion import Hold, Live, Part, PromotionRow, Soak
from gitbot.ports.records import Records

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
STAGING = EnvironmentKey(repository="7", environment="staging")
ROW = PromotionRow(target=STAGING, stack="web", source="dev")
LIVE = Live(
    number=4, branch="b", part=Part.DELETIONS, base="x", before="y", after="z", authors=("ada",)
)
FULL = replace(
    ROW,
    base="kind: Stack\n",
    base_commit=Sha("c" * 40),
    moves={"new": "old"},
    soak=Soak(hash="h", verified_at=NOON, counted=timedelta(hours=1), counted_at=NOON),
    live=LIVE,
    merged=replace(LIVE, number=3),
    hold=Hold(actor="ada", reason="no", at=NOON),
    wake_at=NOON,
    why="soaks",
)


def test_a_row_is_read_back_whole_and_replaced(records: Records) -> None:
    assert records.promotions.of_target(STAGING) == ()
    records.promotions.put(ROW)
    records.promotions.put(replace(ROW, stack="api"))
    records.promotions.put(replace(ROW, target=replace(STAGING, repository="8")))
    records.promotions.put(FULL)
    assert records.promotions.of_target(STAGING) == (replace(ROW, stack="api"), FULL)


def test_a_row_is_found_by_the_pull_request_that_is_open_or_was_the_last(records: Records) -> None:
    def found(row: PromotionRow, number: int) -> bool:
        records.promotions.put(row)
        assert records.promotions.of_pull_request("8", number) == ()
        return records.promotions.of_pull_request("7", number) == (row,)

    assert found(FULL, 4)
    assert found(replace(FULL, live=None), 3)
    assert found(replace(FULL, live=None, former=2), 2)
    assert found(replace(FULL, former=2), 4)
    assert not found(ROW, 3)
