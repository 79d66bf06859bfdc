"""Questions about single objects that several threads ask at a time.

The kinds: an answer that is older than its question, a thread that waits for nobody, and one failure that is everybody's.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import chain

import boto3
import pytest
from botocore.exceptions import HTTPClientError

from gitbot.adapters.clock import SystemClock
from gitbot.errors import CloudError
from gitbot.providers.aws import gathering
from gitbot.providers.aws.connection import ONCE
from gitbot.providers.aws.gathering import Gathering
from gitbot.providers.aws.waiting import wait_until
from tests.unit.aws.test_waiting import operation

IDS = ["a", "b", "c", "d"]


class World:
    """A gathering, and the questions that came through."""

    def __init__(self) -> None:
        self.gathering, self.asked = Gathering(), list[Sequence[str]]()

    @contextmanager
    def call_under_way(self) -> Iterator[None]:
        """A call to a service that does not answer while the block lasts, and hangs up then."""
        with socket.create_server(("127.0.0.1", 0)) as service, ThreadPoolExecutor(1) as thread:
            client = boto3.client(
                "ec2",
                region_name="us-east-1",
                endpoint_url=f"http://127.0.0.1:{service.getsockname()[1]}",
                aws_access_key_id="AKIASANDBOX",
                aws_secret_access_key="sandbox",
                config=ONCE,
            )
            self.gathering.attach(client)
            call = thread.submit(client.describe_vpcs)
            connection, _ = service.accept()
            with connection:
                connection.recv(1)
                yield
            with pytest.raises(HTTPClientError):
                call.result()

    def wait_for(self, ids: Sequence[str]) -> None:
        """Wait until all these are asked for, and none was answered yet."""
        while [*chain(*(sorted(one.items) for one in self.gathering._rounds.values()))] != ids:
            time.sleep(0.01)

    def describe(self, ids: Sequence[str]) -> dict[str, str]:
        self.asked.append(ids)
        if "broken" in ids:
            raise CloudError(f"{' and '.join(ids)} may not be seen", code="UnauthorizedOperation")
        return {own: own.upper() for own in ids}

    def ask(self, own: str) -> str:
        return self.gathering.ask("describe", own, self.describe)[own]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(gathering, "WINDOW_S", 10.0)  # nothing hangs on how fast this machine is
    return World()


def test_what_threads_ask_during_a_call_is_one_call_with_the_answer_of_each(world: World) -> None:
    with ThreadPoolExecutor(len(IDS)) as threads:
        with world.call_under_way():
            told = [threads.submit(world.ask, own) for own in IDS]
            world.wait_for(IDS)
        assert [one.result() for one in told] == [own.upper() for own in IDS]
    assert world.asked == [IDS]


def test_who_asks_while_nobody_calls_does_not_wait(world: World) -> None:
    with world.call_under_way():
        pass
    began = time.monotonic()
    assert [world.ask(own) for own in IDS] == [own.upper() for own in IDS]
    assert time.monotonic() - began < gathering.WINDOW_S
    assert world.asked == [[own] for own in IDS]


def test_who_asks_after_the_call_began_gets_a_call_of_its_own(world: World) -> None:
    began, answers = threading.Event(), threading.Event()

    def slowly(ids: Sequence[str]) -> dict[str, str]:
        began.set()
        answers.wait(5)
        return world.describe(ids)

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(world.gathering.ask, "describe", "a", slowly)
        assert began.wait(5)
        assert world.ask("b") == "B"
        answers.set()
        assert first.result() == {"a": "A"}
    assert world.asked == [["b"], ["a"]]


def test_one_that_may_not_be_seen_fails_alone(world: World) -> None:
    ids = ["a", "b", "broken"]
    with ThreadPoolExecutor(len(ids)) as threads:
        with world.call_under_way():
            told = [threads.submit(world.ask, own) for own in ids]
            world.wait_for(ids)
        assert [one.result() for one in told[:2]] == ["A", "B"]
        with pytest.raises(CloudError, match=r"^broken may not be seen"):
            told[2].result()
    assert sorted(map(len, world.asked)) == [1, 1, 1, 3]


def test_threads_that_wait_for_objects_ask_for_each_other(world: World) -> None:
    looks: list[str] = []
    ready = time.monotonic() + 1.5

    def is_ready(own: str) -> bool:
        looks.append(own)
        return world.ask(own) == own.upper() and time.monotonic() > ready

    def wait(own: str) -> None:
        wait_until(own, partial(is_ready, own), operation(), SystemClock())

    with ThreadPoolExecutor(len(IDS)) as threads:
        assert [*threads.map(wait, IDS)] == [None] * len(IDS)
    assert len(world.asked) <= len(looks) / 2
    assert world.ask("a") == "A"
    assert world.asked[-1] == ["a"], "nobody waits any more"


def test_a_wait_takes_no_answer_from_before_its_last_look(world: World) -> None:
    looked, ends = threading.Event(), threading.Event()

    def is_ready() -> bool:
        world.ask("b")
        looked.set()
        ends.wait(5)
        return len(world.asked) > 2

    with ThreadPoolExecutor(1) as threads:
        waits = threads.submit(wait_until, "b", is_ready, operation(), SystemClock())
        assert looked.wait(5)
        assert world.ask("a") == "A"
        ends.set()
        waits.result()
    assert world.asked == [["b"], ["a", "b"], ["b"]]
