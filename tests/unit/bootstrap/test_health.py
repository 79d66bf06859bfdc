"""What a server sees of itself is looked at beside, so that asking for it never waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from gitbot.adapters.queue import JobFigures
from gitbot.bootstrap import health
from gitbot.bootstrap.health import Watch
from gitbot.decisions.readiness import Check, checked, is_ready
from gitbot.errors import UserError


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "EVERY_S", 0.02)


@contextmanager
def watching(
    figures: Callable[[], Sequence[JobFigures]] = tuple,
    identify: Callable[[], bool | None] = lambda: True,
) -> Iterator[Watch]:
    watch = Watch(figures, identify)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_job_that_waits_longest_is_seen_and_not_those_that_run_or_are_delayed() -> None:
    figures = [
        JobFigures(job="Sweep", state="queued", number=2, oldest_s=3.0),
        JobFigures(job="FollowTip", state="queued", number=1, oldest_s=9.0),
        JobFigures(job="Promote", state="running", number=1, oldest_s=90.0),
        JobFigures(job="Promote", state="delayed", number=1, oldest_s=90.0),
    ]
    with watching(lambda: figures) as watch:
        until(lambda: watch.seen().waiting != "")
        assert (watch.seen().waiting, watch.seen().waiting_s) == ("FollowTip", 9.0)
        figures.clear()
        until(lambda: watch.seen().waiting == "")


def test_a_database_that_never_answers_keeps_nobody_waiting_and_makes_the_server_not_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gitbot.decisions.readiness.DATABASE_S", 0.2)
    answers = threading.Event()

    def hangs() -> Sequence[JobFigures]:
        answers.wait(60)
        return ()

    with watching(hangs) as watch:
        assert is_ready(checked(watch.seen()))
        until(lambda: not is_ready(checked(watch.seen())))
        assert checked(watch.seen())[Check.DATABASE]
        answers.set()
        until(lambda: is_ready(checked(watch.seen())))


def test_a_look_that_fails_is_made_again(caplog: pytest.LogCaptureFixture) -> None:
    failures = [RuntimeError("away")]

    def figures() -> Sequence[JobFigures]:
        if failures:
            raise failures.pop()
        return [JobFigures(job="Sweep", state="queued", number=1, oldest_s=1.0)]

    with watching(figures) as watch:
        until(lambda: watch.seen().waiting == "Sweep")
    assert "the queue cannot be looked at: away" in caplog.text


def test_what_aws_says_is_kept_and_why_it_says_nothing_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuses() -> bool:
        raise UserError("the credentials are old")

    with watching() as watch:
        until(lambda: watch.seen().aws is True)
    with watching(identify=lambda: None) as watch:
        time.sleep(0.05)
        assert watch.seen().aws is None
    with watching(identify=refuses) as watch:
        until(lambda: watch.seen().aws is False)
    assert "AWS does not say who gitbot is: the credentials are old" in caplog.text
