"""What is kept of a comment when it is heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.run_store import SqlRunStore
from gitbot.adapters.stores.database import open_database
from gitbot.bootstrap.hearing import Ear
from gitbot.model.events import CommentCreated
from gitbot.model.keys import JobKey


class Kept:
    """A queue that only keeps what it is given."""

    def __init__(self) -> None:
        self.keys: list[JobKey] = []

    def enqueue(self, key: JobKey) -> bool:
        self.keys.append(key)
        return True


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[SqlRunStore]:
    engine = open_database(tmp_path / "gitbot.db")
    yield SqlRunStore(engine)
    engine.dispose()


def comment(*, edited: bool) -> CommentCreated:
    return CommentCreated(
        repository="7",
        number=3,
        comment=11,
        author="ada",
        body="/apply prod",
        on_pull_request=True,
        written_at=datetime(2026, 1, 1, tzinfo=UTC),
        edited=edited,
    )


def ear(runs: SqlRunStore, queue: Kept) -> Ear:
    return Ear(
        runs=runs, queue=queue, clock=SystemClock(), served=frozenset({"7"}), login="gitbot[bot]"
    )


def test_a_command_that_was_edited_into_somebodys_comment_is_refused(runs: SqlRunStore) -> None:
    queue = Kept()
    ear(runs, queue).hear_comment(comment(edited=True))
    (command,) = runs.commands_of_comment(11)
    assert "changed after it was written" in (command.answer or "")
    assert len(queue.keys) == 1


def test_a_command_heard_before_the_edit_counts_as_it_was_written(runs: SqlRunStore) -> None:
    queue = Kept()
    ear(runs, queue).hear_comment(comment(edited=False))
    ear(runs, queue).hear_comment(comment(edited=True))
    (command,) = runs.commands_of_comment(11)
    assert command.answer is None
