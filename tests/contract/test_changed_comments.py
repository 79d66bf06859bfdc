"""Which comments count as changed by somebody, while other processes write ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from gitbot.adapters.stores.records import sql_records
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.publish import page_hashes, text_hash, was_changed
from gitbot.model.forge import Comment
from gitbot.model.said import PLAN, SaidComment, Showing
from gitbot.ports.records import Records
from tests.contract.empty_database import open_empty

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OLD, NEW = f"{PLAN.marker}\nold", f"{PLAN.marker}\nnew"


class Place:
    """GitHub with one comment; ``meanwhile`` happens when it is read."""

    def __init__(self, body: str | None, meanwhile: Callable[[], None] = lambda: None) -> None:
        self._body, self._meanwhile = body, meanwhile

    def comment(self, id_: int) -> Comment | None:
        self._meanwhile()
        if self._body is None:
            return None
        return Comment(
            id=id_, author="gitbot[bot]", body=self._body, created_at=NOON, text_at=NOON, url=""
        )


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    engine = open_empty(tmp_path / "gitbot.db")
    made = sql_records(engine)
    wrote(made, OLD)
    yield made
    engine.dispose()


def wrote(records: Records, text: str) -> None:
    said = SaidComment(comment=1, body_hash=text_hash(text))
    records.said.put_comment("7", 5, PLAN, said, text)


def changed(records: Records, place: Place) -> bool:
    engine: Any = None
    ports = Ports(engine=engine, forges=engine, records=records, queue=engine, hear=print)
    return was_changed(ports, cast(Any, place), "7", 5, PLAN)


def test_a_text_that_is_not_ours_and_a_comment_that_is_gone_were_changed(records: Records) -> None:
    assert not changed(records, Place(OLD))
    assert changed(records, Place("something else"))
    assert changed(records, Place(None))


def test_a_text_that_another_process_is_writing_was_not_changed(records: Records) -> None:
    showing = Showing(pages=page_hashes(PLAN, ["new"]))
    records.pull_requests.put_showing("7", 5, showing)
    assert not changed(records, Place(NEW))
    assert changed(records, Place("something else"))
    records.said.doubt("7", 1)
    assert changed(records, Place(NEW))  # somebody changed what stood there before


def test_a_text_that_is_recorded_while_we_look_was_not_changed(records: Records) -> None:
    assert not changed(records, Place(NEW, meanwhile=lambda: wrote(records, NEW)))
