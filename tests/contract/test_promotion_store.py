"""Promotions are found by their target, and by the pull request that people look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.errors import RowChangedError
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
    first = records.promotions.put(ROW)
    api = records.promotions.put(replace(ROW, stack="api"))
    records.promotions.put(replace(ROW, target=replace(STAGING, repository="8")))
    full = records.promotions.put(replace(FULL, version=first.version))
    assert replace(full, version="") == FULL
    assert records.promotions.of_target(STAGING) == (api, full)


def test_a_row_that_somebody_has_written_since_it_was_read_is_not_overwritten(
    records: Records,
) -> None:
    read = records.promotions.put(ROW)
    waived = records.promotions.put(replace(read, waived="h", waived_by="ada"))
    for stale in (read, ROW):
        with pytest.raises(RowChangedError, match="promotion of web to staging was changed"):
            records.promotions.put(replace(stale, why="soaks"))
    assert records.promotions.of_target(STAGING) == (waived,)


def test_a_row_is_found_by_the_pull_request_that_is_open_or_was_the_last(records: Records) -> None:
    version = ""

    def found(row: PromotionRow, number: int) -> bool:
        nonlocal version
        put = records.promotions.put(replace(row, version=version))
        version = put.version
        assert records.promotions.of_pull_request("8", number) == ()
        return records.promotions.of_pull_request("7", number) == (put,)

    assert found(FULL, 4)
    assert found(replace(FULL, live=None), 3)
    assert found(replace(FULL, live=None, former=2), 2)
    assert found(replace(FULL, former=2), 4)
    assert not found(ROW, 3)
