"""Recurring jobs are enqueued once per instant, however many processes fire for it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

from gitbot.adapters.scheduler import START, Recurring, Scheduler
from gitbot.errors import TransientError
from gitbot.model.jobs import JobName, JobRequest

SWEEP = Recurring(job=JobName.SWEEP, interval_s=0.2)


class Recorder:
    """An enqueue that dedupes by id, as the queue does."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.lock = threading.Lock()

    def __call__(self, request: JobRequest) -> bool:
        with self.lock:
            new = request.id not in self.asked
            self.asked.append(request.id)
            return new


def test_replicas_fire_at_the_same_instants_and_ask_for_the_same_ids():
    recorder = Recorder()
    replicas = [Scheduler([SWEEP], recorder) for _ in range(3)]
    for number, replica in enumerate(replicas):
        replica.start()
        time.sleep(0.03 * number)
    time.sleep(1.1)
    for replica in replicas:
        replica.stop()

    instants = {id_.removeprefix("sched:sweep:") for id_ in recorder.asked}
    assert 4 <= len(instants) <= 7
    assert len(recorder.asked) > 2 * len(instants)
    for instant in instants:
        since = datetime.fromisoformat(instant) - START
        assert since % timedelta(seconds=0.2) == timedelta(0)


def test_a_stopped_scheduler_fires_no_more():
    recorder = Recorder()
    scheduler = Scheduler([SWEEP], recorder)
    scheduler.start()
    time.sleep(0.3)
    scheduler.stop()
    fired = len(recorder.asked)
    time.sleep(0.3)

    assert fired
    assert len(recorder.asked) == fired


def test_a_queue_that_is_away_does_not_stop_the_schedule():
    asked: list[str] = []

    def away(request: JobRequest) -> bool:
        asked.append(request.id)
        raise TransientError("locked")

    scheduler = Scheduler([SWEEP], away)
    scheduler.start()
    time.sleep(0.7)
    scheduler.stop()

    assert len(asked) >= 2


def test_the_id_names_the_instant_in_utc():
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    berlin = noon.astimezone(timezone(timedelta(hours=2)))

    assert SWEEP.request(noon) == SWEEP.request(berlin)
    assert SWEEP.request(noon).id == "sched:sweep:2026-05-01T12:00:00.000+00:00"
