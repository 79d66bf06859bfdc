"""Threads of a process write to a SQLite file one after the other, and wait outside SQLite."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import reading, writing
from gitbot.adapters.stores.write_turns import write_turn
from gitbot.errors import TransientError
from tests.contract.empty_database import open_empty


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_empty(tmp_path / "gitbot.db")
    yield made
    made.dispose()


def test_a_thread_that_writes_has_the_turn_until_it_ends(engine: Engine) -> None:
    began, end = threading.Event(), threading.Event()

    def write() -> None:
        with writing(engine):
            began.set()
            end.wait()

    other = threading.Thread(target=write)
    other.start()
    began.wait()
    with reading(engine), pytest.raises(TransientError, match="writing"), write_turn(engine, 0.01):
        pass
    end.set()
    other.join()
    with write_turn(engine, 60), write_turn(engine, 60):
        pass


def test_a_thread_that_fails_gives_its_turn_back(engine: Engine) -> None:
    def fail() -> None:
        with pytest.raises(ValueError, match="a fault"), writing(engine):
            raise ValueError("a fault")

    other = threading.Thread(target=fail)
    other.start()
    other.join()
    with write_turn(engine, 0.01):
        pass
