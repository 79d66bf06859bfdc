"""Threads that write at once share a transaction, and each learns whether its own was written."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from gitbot.bootstrap.batches import APART_S, Batches
from gitbot.errors import TransientError
from gitbot_sandbox.sandbox import eventually


class Slow:
    """Writes when it is let; ``error`` is what the next batch runs into."""

    def __init__(self) -> None:
        self.batches: list[Sequence[int]] = []
        self.let = threading.Event()
        self.error: Exception | None = None

    def __call__(self, batch: Sequence[int]) -> None:
        self.batches.append(batch)
        self.let.wait()
        if self.error is not None and len(self.batches) > 1:
            raise self.error


def bring(slow: Slow, pool: ThreadPoolExecutor) -> list[Future[None]]:
    """One that is being written, and three that came meanwhile."""
    batches = Batches(slow)
    first = pool.submit(batches.add, 0)
    eventually(lambda: slow.batches, what="the first to be written")
    rest = [pool.submit(batches.add, number) for number in (1, 2, 3)]
    eventually(lambda: len(batches._gathered) == 3, what="the others to wait")
    slow.let.set()
    return [first, *rest]


def test_what_comes_while_a_batch_is_written_is_the_next_batch() -> None:
    slow = Slow()
    with ThreadPoolExecutor(4) as pool:
        for one in bring(slow, pool):
            one.result()

    assert [sorted(batch) for batch in slow.batches] == [[0], [1, 2, 3]]


@pytest.mark.parametrize(
    ("error", "others"),
    [(TransientError("full"), "full"), (ValueError("a fault"), "The batch was not written")],
)
def test_all_whose_batch_failed_learn_it_and_the_next_one_is_written(
    error: Exception, others: str
) -> None:
    slow = Slow()
    slow.error = error
    with ThreadPoolExecutor(4) as pool:
        first, *rest = bring(slow, pool)
        first.result()
        raised = [one.exception() for one in rest]

    assert sum(one is error for one in raised) >= 1
    assert all(one is error or others in str(one) for one in raised)
    slow.error = None
    Batches(slow).add(4)
    assert slow.batches[-1] == [4]


def test_each_of_many_batches_begins_after_a_pause_that_gathers_more() -> None:
    written: list[int] = []
    batches: Batches[int] = Batches(lambda some: written.append(len(some)))
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(batches.add, range(200)))

    assert sum(written) == 200
    assert len(written) <= (time.monotonic() - began) / APART_S + 1
