"""A schedule enqueues its job once per instant, however many processes fire for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest

from gitbot.adapters.scheduler import START, Interval, Scheduler
from gitbot.errors import InvariantError, TransientError
from gitbot.model.keys import FollowTip, JobKey, Sweep

EVERY = timedelta(seconds=0.2)


def sweeps(repository: str = "7", every: timedelta = EVERY) -> Interval:
    return Interval(
        name=f"sweep:{repository}", every=every, key=partial(Sweep, repository=repository)
    )


def make(
    enqueue: Callable[[JobKey], bool],
    tick: Callable[[], None] = lambda: None,
    every: timedelta = timedelta(days=400),
) -> Scheduler:
    return Scheduler(enqueue, tick, every)


class Recorder:
    """An enqueue that dedupes by id, as the queue does."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lock = threading.Lock()

    def __call__(self, key: JobKey) -> bool:
        with self.lock:
            new = key.id not in self.asked
            self.asked.append(key.id)
            return new

    def of(self, prefix: str) -> list[str]:
        with self.lock:
            return [id_ for id_ in self.asked if id_.startswith(prefix)]


@contextmanager
def firing(enqueue: Callable[[JobKey], bool], *intervals: Interval) -> Iterator[Scheduler]:
    scheduler = make(enqueue)
    scheduler.replace(intervals)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.stop()


def until(holds: Callable[[], object], timeout_s: float = 100.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.01)


def test_replicas_fire_at_the_same_instants_and_make_the_same_keys():
    recorders = [Recorder() for _ in range(3)]
    replicas = [make(recorder) for recorder in recorders]
    for number, replica in enumerate(replicas):
        replica.replace([sweeps()])
        replica.start()
        time.sleep(0.03 * number)
    until(lambda: len(set.intersection(*(set(each.of("")) for each in recorders))) >= 3)
    for replica in replicas:
        replica.stop()

    asked = {id_ for recorder in recorders for id_ in recorder.asked}
    for instant in (id_.removeprefix("sweep:7:") for id_ in asked):
        since = datetime.fromisoformat(instant) - START
        assert since % EVERY == timedelta(0)


def test_a_stopped_scheduler_fires_no_more():
    recorder = Recorder()
    with firing(recorder, sweeps()):
        until(lambda: recorder.asked)
    fired = len(recorder.asked)
    time.sleep(0.3)

    assert len(recorder.asked) == fired


def test_a_failing_queue_does_not_stop_the_schedule():
    asked: list[str] = []

    def away(key: JobKey) -> bool:
        asked.append(key.id)
        raise TransientError("locked")

    with firing(away, sweeps()):
        until(lambda: len(asked) >= 2)


def test_a_tick_that_fails_is_followed_by_the_next():
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        raise TransientError("locked")

    scheduler = make(Recorder(), tick, EVERY)
    scheduler.start()
    try:
        until(lambda: len(ticks) >= 3)
        assert scheduler.ticked_ago_s > EVERY.total_seconds()
    finally:
        scheduler.stop()


def test_the_last_tick_that_succeeded_is_known():
    ticks: list[float] = []
    scheduler = make(Recorder(), lambda: ticks.append(time.monotonic()), EVERY)
    made = time.monotonic()
    scheduler.start()
    try:
        until(lambda: len(ticks) >= 3)
    finally:
        scheduler.stop()
    assert scheduler.ticked_ago_s <= time.monotonic() - ticks[-1]
    assert time.monotonic() - made > scheduler.ticked_ago_s + EVERY.total_seconds()


def test_schedules_can_be_added_and_removed_while_it_runs():
    recorder = Recorder()
    with firing(recorder, sweeps("7")) as scheduler:
        until(lambda: recorder.of("sweep:7:"))
        scheduler.replace([sweeps("7"), sweeps("8")])
        until(lambda: recorder.of("sweep:8:"))
        scheduler.replace([sweeps("8")])
        before = len(recorder.of("sweep:7:")), len(recorder.of("sweep:8:"))
        until(lambda: len(recorder.of("sweep:8:")) >= before[1] + 3)

    assert len(recorder.of("sweep:7:")) <= before[0] + 1


def test_a_schedule_that_is_replaced_fires_at_its_new_interval_and_makes_its_new_key():
    recorder = Recorder()
    with firing(recorder, sweeps(every=timedelta(days=400))) as scheduler:
        scheduler.replace([sweeps()])
        until(lambda: recorder.of("sweep:7:"))
        new = Interval(name="sweep:7", every=EVERY, key=partial(FollowTip, repository="7"))
        scheduler.replace([new])
        until(lambda: recorder.of("tip:7:"))


def test_replacing_again_and_again_delays_no_firing():
    recorder = Recorder()
    with firing(recorder, sweeps()) as scheduler:
        ends = time.monotonic() + 100
        while len(recorder.of("")) < 4:
            assert time.monotonic() < ends, "it never fires"
            scheduler.replace([sweeps()])


def test_two_intervals_with_one_name_are_refused():
    with pytest.raises(InvariantError, match="same name"):
        make(Recorder()).replace([sweeps(), sweeps()])


def test_the_key_names_the_instant_in_utc():
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    berlin = noon.astimezone(timezone(timedelta(hours=2)))

    assert sweeps().at(noon) == sweeps().at(berlin)
    assert sweeps().at(noon) == Sweep(repository="7", reason="2026-05-01T12:00:00.000+00:00")
