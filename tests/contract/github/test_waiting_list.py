"""The list of what waits is woken by each change of it, however fast one follows the other."""

from __future__ import annotations

import threading

import pytest

from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.runs import Occasion, hold_run, supersede
from gitbot.jobs.steps.waiting import read_waiting, wake_waiting
from gitbot.jobs.tell_waiting import tell_waiting
from gitbot.model.keys import TellWaiting
from gitbot.model.names import Sha, StackId
from tests.contract.github.github_world import REPOSITORY, ForgeWorld
from tests.contract.records_world import plan
from tests.e2e.conftest import environment
from tests.e2e.drift_world import Waiting
from tests.e2e.specs import bucket


@pytest.fixture
def seen(world: ForgeWorld, ports: Ports) -> Look:
    files: dict[str, str | None] = {
        "specs/dev/web.yaml": bucket("web"),
        "specs/dev/environment.yaml": environment("waits", "dev"),
    }
    world.hub.push_files(REPOSITORY, "main", files, "ada")
    return look(ports, ports.forges.open(REPOSITORY).repository().id)


def _hold(ports: Ports, seen: Look, tip: str) -> None:
    stack = StackId(
        repository=seen.repository.id, environment="dev", name="web", region="us-east-1"
    )
    occasion = Occasion(tip=Sha(tip * 40), actor="ada", epoch=1)
    hold_run(ports, plan(stack=stack), occasion, "nobody has seen it")


def test_the_end_of_a_hold_is_told_though_the_same_was_woken_a_moment_ago(
    ports: Ports, seen: Look
) -> None:
    """A wake within the same minute was taken for the one before, and the end was never told."""
    queue = ports.queue
    assert isinstance(queue, Waiting)

    def told() -> list[TellWaiting]:
        queue.keys.clear()
        wake_waiting(ports, seen)
        return [key for key in queue.keys if isinstance(key, TellWaiting)]

    def end() -> None:
        supersede(ports, ports.records.runs.held(seen.key("dev")))

    assert told() == []
    _hold(ports, seen, "a")
    (first,) = told()
    tell_waiting(ports, first)
    assert told() == [], "it is up to date"
    ids = {first.id}
    for _ in range(2):
        end()
        (ended,) = told()
        assert ended.id not in ids
        _hold(ports, seen, "a")
        ids.add(ended.id)


def test_a_hold_at_the_next_tip_is_no_end(ports: Ports, seen: Look) -> None:
    """Who reads while an apply holds the same stack again, finds it held."""
    _hold(ports, seen, "a")
    ended, found = threading.Event(), set[int]()

    def read() -> None:
        while not ended.is_set():
            found.add(len(read_waiting(ports, seen).get("dev", ())))

    reader = threading.Thread(target=read)
    reader.start()
    for tip in "bcdef" * 8:
        _hold(ports, seen, tip)
    ended.set()
    reader.join()
    assert found == {1}
