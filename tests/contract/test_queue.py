"""What the job queue promises, on the real engine and a SQLite file."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gitbot.adapters.queue import JOBS_VERSION, DurableQueue, Retries
from gitbot.errors import InvariantError, LeaseUnavailableError, TransientError, UserError
from gitbot.model.jobs import JobName, JobRequest

FAST = Retries(attempts=3, first_s=0.05)


class World:
    """A queue whose one handler notes what it is given and then does what the test says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ran: list[tuple[str, str]] = []
        self.spans: list[tuple[str, float, float]] = []
        self.gates: dict[str, threading.Event] = {}
        self.does: Callable[[Mapping[str, Any]], None] = lambda key: None
        self.queue = self.made()

    def made(self, **more: Any) -> DurableQueue:
        handlers = {name: self.handler(name) for name in JobName}
        return DurableQueue(self.path, handlers, **{"poll_s": 0.05, "retries": FAST, **more})

    def handler(self, name: JobName) -> Callable[[Mapping[str, Any]], None]:
        def handle(key: Mapping[str, Any]) -> None:
            began = time.monotonic()
            self.ran.append((str(name), key["name"]))
            if gate := self.gates.get(key["name"]):
                assert gate.wait(20)
            try:
                self.does(key)
            finally:
                self.spans.append((key["name"], began, time.monotonic()))

        return handle

    def gate(self, name: str) -> threading.Event:
        return self.gates.setdefault(name, threading.Event())

    def ask(self, name: str, **more: Any) -> bool:
        return self.queue.enqueue(
            JobRequest(**{"job": JobName.SWEEP, "key": {"name": name}, "id": name, **more})
        )

    def apply(self, name: str, partition: str, **more: Any) -> bool:
        return self.ask(name, job=JobName.APPLY_ENVIRONMENT, partition=partition, **more)

    def names(self) -> list[str]:
        return [name for _, name in self.ran]

    def reset(self) -> None:
        """As if nothing had ever been asked for."""
        self.sql("DELETE FROM workflow_status")
        self.sql("DELETE FROM operation_outputs")
        self.ran, self.spans, self.gates = [], [], {}
        self.does = lambda key: None

    def settle(self) -> None:
        """Let everything end that still runs or waits."""
        self.does = lambda key: None
        for gate in self.gates.values():
            gate.set()
        until(lambda: self.queue.status().running == 0)

    def sql(self, query: str) -> list[Any]:
        with sqlite3.connect(self.path) as connection:
            rows = connection.execute(query).fetchall()
        connection.close()
        return rows


def until(holds: Callable[[], object], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("queue") / "jobs.db")
    made.queue.start()
    yield made
    made.queue.stop(5)


@pytest.fixture
def world(started: World) -> Iterator[World]:
    """The queue that most tests share, emptied; tests that stop it take ``own``."""
    started.reset()
    yield started
    started.settle()


@pytest.fixture
def own(started: World, tmp_path: Path) -> Iterator[World]:
    """A file of its own. There is one engine per process, so the shared queue pauses."""
    started.queue.stop(5)
    made = World(tmp_path / "jobs.db")
    made.queue.start()
    yield made
    for gate in made.gates.values():
        gate.set()
    made.queue.stop(5)
    started.queue = started.made()
    started.queue.start()


def test_a_job_is_given_its_key_soon_after_it_is_asked_for(world):
    began = time.monotonic()
    assert world.ask("a")

    until(lambda: world.spans)
    assert time.monotonic() - began < 1.0
    assert world.ran == [("sweep", "a")]
    until(lambda: world.queue.pending() == 0)


def test_an_id_runs_once_also_after_it_has_ended(world):
    assert world.ask("a")
    assert not world.ask("a")
    until(lambda: world.spans and world.queue.pending() == 0)

    assert not world.ask("a")
    assert world.ask("b")
    until(lambda: "b" in world.names())
    assert world.names() == ["a", "b"]


def test_of_many_threads_that_ask_for_an_id_one_is_told_yes(world):
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(world.ask("a"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False] * 7 + [True]


def test_applies_of_one_environment_never_overlap_and_keep_their_order(world):
    world.does = lambda key: time.sleep(0.05)
    names = [f"a{number}" for number in range(4)]
    for name in names:
        world.apply(name, "7:dev")

    until(lambda: len(world.spans) == 4)
    assert world.names() == names
    for (_, _, ended), (_, began, _) in zip(world.spans, world.spans[1:], strict=False):
        assert began >= ended


def test_answers_to_one_comment_never_overlap_and_do_not_wait_for_applies_or_plans(world):
    world.does = lambda key: time.sleep(0.05)
    world.gate("apply"), world.gate("plan")
    world.apply("apply", "7:dev")
    world.ask("plan", job=JobName.PLAN_PULL_REQUEST, partition="plan:7:1:")
    for name in ("retry", "swept"):
        world.ask(name, job=JobName.ANSWER_COMMENT, partition="answer:99")

    until(lambda: len(world.spans) == 2)
    (_, _, first_ended), (_, second_began, _) = world.spans
    assert [name for name, _, _ in world.spans] == ["retry", "swept"]
    assert first_ended <= second_began


def test_two_environments_and_plans_run_side_by_side(world):
    for name in ("dev", "prod", "plan"):
        world.gate(name)
    world.apply("dev", "7:dev")
    world.apply("prod", "7:prod")
    world.ask("plan")

    until(lambda: sorted(world.names()) == ["dev", "plan", "prod"])
    assert world.queue.status().running == 3


def test_no_more_plans_run_at_once_than_allowed(world):
    names = [f"p{number}" for number in range(6)]
    for name in names:
        world.gate(name)
        world.ask(name)

    until(lambda: len(world.ran) == 4)
    time.sleep(0.3)
    assert len(world.ran) == 4
    assert (world.queue.status().running, world.queue.status().queued) == (4, 2)
    for name in names:
        world.gates[name].set()
    until(lambda: len(world.ran) == 6)


def test_a_newer_job_supersedes_the_queued_ones_but_never_a_running_one(world):
    gate = world.gate("apply:dev:1")
    world.apply("apply:dev:1", "dev")
    until(lambda: world.ran)
    world.apply("apply:dev:2", "dev")
    world.apply("apply:devil:2", "devil-not-started", supersedes=None)

    world.apply("apply:dev:3", "dev", supersedes="apply:dev:")

    # The running one keeps its partition: nothing begins beside it.
    time.sleep(0.3)
    assert "apply:dev:3" not in world.names()
    gate.set()
    until(lambda: "apply:dev:3" in world.names())
    until(lambda: world.queue.pending() == 0)
    assert sorted(world.names()) == ["apply:dev:1", "apply:dev:3", "apply:devil:2"]
    statuses = dict(world.sql("SELECT workflow_uuid, status FROM workflow_status"))
    assert statuses["apply:dev:1"] == "SUCCESS"
    assert statuses["apply:dev:2"] == "CANCELLED"


def test_a_job_that_was_known_already_supersedes_nothing(world):
    world.apply("plan:1", "pr")
    until(lambda: world.spans and world.queue.pending() == 0)
    gate = world.gate("plan:2")
    world.apply("plan:2", "pr")
    until(lambda: "plan:2" in world.names())
    world.apply("plan:3", "pr")

    assert not world.apply("plan:1", "pr", supersedes="plan:")

    gate.set()
    until(lambda: world.names() == ["plan:1", "plan:2", "plan:3"])


def test_a_transient_error_is_tried_again_after_growing_delays_and_frees_its_slot(world, caplog):
    attempts: list[float] = []

    def lock(key: Mapping[str, Any]) -> None:
        if key["name"] == "apply":
            attempts.append(time.monotonic())
            if len(attempts) < 3:
                raise LeaseUnavailableError("ana applies", retry_after_s=0.1)

    world.does = lock
    world.apply("apply", "dev")
    until(lambda: attempts)
    world.apply("other", "dev")

    until(lambda: "other" in world.names())
    until(lambda: len(attempts) == 3)
    until(lambda: world.queue.pending() == 0)
    assert attempts[1] - attempts[0] >= 0.1
    assert "must wait: ana applies" in caplog.text
    assert not world.apply("apply", "dev")


def test_tries_are_bounded(world, caplog):
    def fail(key: Mapping[str, Any]) -> None:
        raise TransientError("GitHub is away", retry_after_s=0.01)

    world.does = fail
    world.ask("a")

    until(lambda: len(world.ran) == 3)
    until(lambda: world.queue.pending() == 0)
    assert [record.levelno for record in caplog.records if "must wait" in record.message] == [
        logging.WARNING,
        logging.WARNING,
        logging.ERROR,
    ]


def test_a_waiting_retry_is_superseded_too(world):
    def fail(key: Mapping[str, Any]) -> None:
        if key["name"] == "plan:1":
            raise TransientError("later", retry_after_s=60)

    world.does = fail
    world.ask("plan:1")
    until(lambda: world.spans and world.queue.status().running == 0)
    assert world.queue.status().queued == 1

    world.ask("plan:2", supersedes="plan:")

    until(lambda: world.queue.pending() == 0)
    assert world.names() == ["plan:1", "plan:2"]


@pytest.mark.parametrize("error", [UserError("no such branch"), ValueError("a bug")])
def test_a_failed_job_is_logged_once_with_job_and_key_and_the_server_lives(world, caplog, error):
    def fail(key: Mapping[str, Any]) -> None:
        if key["name"] == "bad":
            raise error

    world.does = fail
    world.ask("bad")
    until(lambda: world.spans and world.queue.pending() == 0)
    world.ask("good")

    until(lambda: "good" in world.names())
    assert world.names() == ["bad", "good"]
    records = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(records) == 1
    assert "sweep bad {'name': 'bad'}" in records[0].getMessage()
    assert bool(records[0].exc_info) == isinstance(error, ValueError)


def test_nothing_is_pickled_and_every_row_has_the_pinned_version(world):
    world.ask("a")
    world.apply("b", "dev")
    until(lambda: len(world.spans) == 2 and world.queue.pending() == 0)

    rows = world.sql("SELECT serialization, application_version FROM workflow_status")
    assert rows == [("portable_json", JOBS_VERSION)] * 2
    steps = world.sql("SELECT DISTINCT serialization FROM operation_outputs")
    assert steps == [("portable_json",)]


def test_jobs_that_were_asked_for_before_a_restart_run_after_it(own):
    gates = [own.gate(f"p{number}") for number in range(4)]
    for number in range(4):
        own.ask(f"p{number}")
    until(lambda: len(own.ran) == 4)
    own.ask("left")
    for gate in gates:
        gate.set()
    assert own.queue.stop(5)
    already = "left" in own.names()

    own.queue = own.made()
    own.queue.start()

    until(lambda: "left" in own.names())
    until(lambda: own.queue.pending() == 0)
    assert own.names().count("left") == 1 or already
    assert len(own.names()) == 5


def test_a_stop_waits_for_what_runs(own):
    own.does = lambda key: time.sleep(0.5)
    own.ask("a")
    until(lambda: own.ran)

    assert own.queue.stop(10)

    assert own.spans
    assert own.sql("SELECT status FROM workflow_status") == [("SUCCESS",)]


def test_a_stop_that_cannot_wait_says_so_and_the_job_is_run_again(own):
    gate = own.gate("a")
    own.ask("a")
    until(lambda: own.ran)

    assert not own.queue.stop(0)

    assert own.sql("SELECT status FROM workflow_status") == [("PENDING",)]
    gate.set()
    until(lambda: own.spans)
    assert own.queue.stop(0)
    own.queue = own.made()
    own.queue.start()
    until(lambda: len(own.ran) == 2)


def test_a_second_process_is_refused_with_the_first_ones_number(own):
    code = (
        "import sys\n"
        "from gitbot.adapters.queue import DurableQueue\n"
        "from gitbot.errors import UserError\n"
        "try: DurableQueue(sys.argv[1], {}).start()\n"
        "except UserError as error: print(error)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(own.path)], capture_output=True, text=True, check=True
    )

    assert "serves" in answer.stdout
    assert "Stop it first" in answer.stdout


def test_old_jobs_are_forgotten_and_new_ones_kept(own):
    own.queue.stop(5)
    own.queue = own.made(keep_s=0.0)
    own.queue.start()
    own.ask("old")
    until(lambda: own.spans and own.queue.pending() == 0)
    own.queue.stop(5)
    own.queue = own.made(keep_s=0.0)
    time.sleep(0.01)
    own.queue.start()
    own.ask("new")
    until(lambda: "new" in own.names() and own.queue.pending() == 0)

    assert own.sql("SELECT workflow_uuid FROM workflow_status") == [("new",)]
    assert own.sql("SELECT DISTINCT workflow_uuid FROM operation_outputs") == [("new",)]


def test_a_database_that_cannot_take_a_job_is_a_transient_error(own):
    own.sql("ALTER TABLE workflow_status RENAME TO away")
    try:
        with pytest.raises(TransientError, match="not enqueued") as caught:
            own.ask("very-private")
    finally:
        own.sql("ALTER TABLE away RENAME TO workflow_status")

    assert "very-private" not in str(caught.value)
    assert own.ask("very-private")
    until(lambda: own.spans)


def test_a_job_that_nothing_handles_is_refused_at_once(tmp_path):
    queue = DurableQueue(tmp_path / "jobs.db", {})
    with pytest.raises(InvariantError, match="sweep"):
        queue.enqueue(JobRequest(job=JobName.SWEEP, key={}, id="a"))


def test_a_queue_that_is_not_running_takes_nothing(tmp_path):
    world = World(tmp_path / "jobs.db")
    with pytest.raises(InvariantError, match="not running"):
        world.ask("a")


def test_delays_grow_and_respect_what_the_error_asks():
    retries = Retries(attempts=5, first_s=2, longest_s=10)

    assert [retries.delay_s(attempt, 0) for attempt in range(1, 6)] == [2, 4, 8, 10, None]
    assert retries.delay_s(1, 3600) == 3600


def test_the_engine_talks_to_nobody_and_prints_nothing(tmp_path):
    code = (
        "import sys, time\n"
        "from gitbot.adapters.queue import DurableQueue\n"
        "from gitbot.model.jobs import JobName, JobRequest\n"
        "def watch(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): print(event, arguments)\n"
        "sys.addaudithook(watch)\n"
        "done = []\n"
        "queue = DurableQueue(sys.argv[1], {JobName.SWEEP: done.append}, poll_s=0.05)\n"
        "queue.start()\n"
        "queue.enqueue(JobRequest(job=JobName.SWEEP, key={}, id='a'))\n"
        "while not done: time.sleep(0.01)\n"
        "time.sleep(0.3)\n"
        "assert queue.stop(5)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "jobs.db")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert (answer.stdout, answer.stderr) == ("", "")
