"""Tests for the job queue on the real engine and a SQLite file."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gitbot.adapters.queue import JOBS_VERSION, DurableQueue, Retries
from gitbot.adapters.queue.keys import KeyCodec
from gitbot.errors import (
    InvariantError,
    LeaseUnavailableError,
    StaleError,
    TransientError,
    UserError,
)
from gitbot.model.commands import CommandRef, Source
from gitbot.model.keys import (
    AnswerComment,
    ApplyEnvironment,
    ApplyPullRequest,
    FollowTip,
    JobKey,
    PlanPullRequest,
    Sweep,
)
from gitbot.ports import telemetry

FAST = Retries(attempts=3, first_s=0.05)


PROCESSES = iter(range(1000))


class QueueWorld:
    """A queue whose jobs note their key's reason and then do what the test says."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ran: list[JobKey] = []
        self.spans: list[tuple[str, float, float]] = []
        self.told: list[tuple[str, str, bool]] = []
        self.gates: dict[str, threading.Event] = {}
        self.does: Callable[[Any], None] = lambda key: None
        self.queue = self.made()

    def made(self, **more: Any) -> DurableQueue:
        """A queue on the same file, as another process would make it."""
        types = (ApplyEnvironment, AnswerComment, PlanPullRequest, FollowTip, Sweep)
        defaults = {
            "poll_s": 0.05,
            "retries": FAST,
            "executor_id": f"process-{next(PROCESSES)}",
            "failed": self.tell,
        }
        return DurableQueue(self.path, dict.fromkeys(types, self.work), **{**defaults, **more})

    def work(self, key: Any) -> None:
        name, began = name_of(key), time.monotonic()
        self.ran.append(key)
        if gate := self.gates.get(name):
            assert gate.wait(100)
        try:
            self.does(key)
        finally:
            self.spans.append((name, began, time.monotonic()))

    def tell(self, key: JobKey, error: Exception, *, final: bool) -> None:
        self.told.append((name_of(key), str(error), final))

    def gate(self, name: str) -> threading.Event:
        return self.gates.setdefault(name, threading.Event())

    def names(self) -> list[str]:
        return [name_of(key) for key in self.ran]

    def reset(self) -> None:
        """As if nothing had ever been asked for."""
        self.sql("DELETE FROM workflow_status")
        self.sql("DELETE FROM operation_outputs")
        self.ran, self.spans, self.told, self.gates = [], [], [], {}
        self.does = lambda key: None

    def settle(self) -> None:
        """Let everything end that still runs or waits."""
        self.does = lambda key: None
        for gate in self.gates.values():
            gate.set()
        until(lambda: self.queue.status().running == 0)

    def statuses(self) -> dict[str, str]:
        return dict(self.sql("SELECT workflow_uuid, status FROM workflow_status"))

    def sql(self, query: str) -> list[Any]:
        with sqlite3.connect(self.path) as connection:
            rows = connection.execute(query).fetchall()
        connection.close()
        return rows


def name_of(key: Any) -> str:
    return str(getattr(key, "why", None) or getattr(key, "reason", None) or key.again)


def sweep(reason: str, repository: str = "7", **more: Any) -> Sweep:
    return Sweep(repository=repository, reason=reason, **more)


def plan(reason: str, number: int = 1, **more: Any) -> PlanPullRequest:
    return PlanPullRequest(repository="7", number=number, reason=reason, **more)


def apply(why: str, environment: str = "dev", *, asked: bool = False) -> ApplyEnvironment:
    """Those that somebody asked for supersede nothing."""
    return ApplyEnvironment(
        repository="7",
        environment=environment,
        tip="abc",
        why=why,
        pull_request=1 if asked else None,
    )


def until(holds: Callable[[], object], timeout_s: float = 100.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueueWorld]:
    made = QueueWorld(tmp_path_factory.mktemp("queue") / "jobs.db")
    made.queue.start()
    yield made
    made.queue.stop(5)


@pytest.fixture
def world(started: QueueWorld) -> Iterator[QueueWorld]:
    """The queue that most tests share, emptied. Tests that stop it take ``own``."""
    started.reset()
    yield started
    started.settle()


@pytest.fixture
def own(started: QueueWorld, tmp_path: Path) -> Iterator[QueueWorld]:
    """A file of its own. There is one engine per process, so the shared queue pauses."""
    started.queue.stop(5)
    made = QueueWorld(tmp_path / "jobs.db")
    made.queue.start()
    yield made
    for gate in made.gates.values():
        gate.set()
    made.queue.stop(5)
    started.queue = started.made()
    started.queue.start()


def test_a_job_soon_runs_with_its_key(world):
    took = []
    for name in "abcde":
        began = time.monotonic()
        key = sweep(name)
        assert world.queue.enqueue(key)
        until(lambda name=name: world.spans and world.spans[-1][0] == name)
        took.append(time.monotonic() - began)
        assert world.ran[-1] == key
    assert min(took) < 1.0, "however busy the machine is, one of five begins at once"
    until(lambda: world.queue.pending() == 0)


def test_a_key_comes_back_with_every_field(world):
    moment = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
    ref = CommandRef(source=Source.REVIEW, comment=99, text_at=moment, line=2)
    key = ApplyEnvironment(
        repository="7", environment="dev", tip="abc", why="why", command=ref, not_before=moment
    )
    world.queue.enqueue(key)

    until(lambda: world.ran)
    assert world.ran == [key]


def test_an_id_runs_only_once_even_after_it_has_ended(world):
    assert world.queue.enqueue(sweep("a"))
    assert not world.queue.enqueue(sweep("a"))
    until(lambda: world.spans and world.queue.pending() == 0)

    assert not world.queue.enqueue(sweep("a"))
    assert world.queue.enqueue(sweep("b"))
    until(lambda: "b" in world.names())
    assert world.names() == ["a", "b"]


def test_when_many_threads_enqueue_one_id_only_one_succeeds(world):
    answers: list[bool] = []
    threads = [
        threading.Thread(target=lambda: answers.append(world.queue.enqueue(sweep("a"))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False] * 7 + [True]


def test_applies_of_one_environment_never_overlap_and_keep_their_order(world):
    world.does = lambda key: time.sleep(0.05)
    names = [f"a{number}" for number in range(4)]
    for name in names:
        world.queue.enqueue(apply(name, asked=True))

    until(lambda: len(world.spans) == 4)
    assert world.names() == names
    for (_, _, ended), (_, began, _) in zip(world.spans, world.spans[1:], strict=False):
        assert began >= ended


def test_answers_in_one_conversation_never_overlap_and_do_not_wait_for_applies_or_plans(world):
    """Their order is the job's own matter: on SQLite DBOS tells jobs of one second apart by id."""
    world.does = lambda key: time.sleep(0.05)
    world.gate("apply"), world.gate("plan")
    world.queue.enqueue(apply("apply"))
    world.queue.enqueue(plan("plan"))
    for comment, again in ((99, "first"), (98, "second")):
        world.queue.enqueue(
            AnswerComment(repository="7", number=1, source="comment", comment=comment, again=again)
        )

    until(lambda: len(world.spans) == 2)
    (_, _, first_ended), (_, second_began, _) = world.spans
    assert {name for name, _, _ in world.spans} == {"first", "second"}
    assert first_ended <= second_began


def test_environments_pull_requests_and_chores_run_side_by_side(world):
    keys = [
        apply("dev"),
        apply("prod", "prod"),
        plan("one", 1),
        plan("two", 2),
        sweep("sweep"),
        FollowTip(repository="7", reason="tip"),
    ]
    for key in keys:
        world.gate(name_of(key))
        world.queue.enqueue(key)

    until(lambda: sorted(world.names()) == ["dev", "one", "prod", "sweep", "tip", "two"])
    assert world.queue.status().running == 6


def test_no_more_plans_run_at_once_than_their_lane_has_workers(world):
    names = [f"p{number}" for number in range(6)]
    for number, name in enumerate(names):
        # DBOS counts what it has begun a little later than it takes it from the queue.
        until(lambda number=number: len(world.ran) == min(number, 4))
        world.gate(name)
        world.queue.enqueue(plan(name, number))

    time.sleep(0.5)
    assert len(world.ran) == 4
    assert (world.queue.status().running, world.queue.status().queued) == (4, 2)
    for name in names:
        world.gates[name].set()
    until(lambda: len(world.ran) == 6)


def test_the_metrics_tell_of_each_kind_of_job_how_many_wait_and_run_and_for_how_long(world):
    world.gate("runs")
    due = datetime.fromtimestamp(time.time() + 3600, UTC)
    world.queue.enqueue(apply("runs"))
    until(lambda: world.ran)
    for key in (apply("waits"), sweep("later", not_before=due)):
        world.queue.enqueue(key)
    found = {(one.job, one.state): one for one in world.queue.figures()}
    assert {which: one.number for which, one in found.items()} == {
        ("ApplyEnvironment", "running"): 1,
        ("ApplyEnvironment", "queued"): 1,
        ("Sweep", "delayed"): 1,
    }
    # On SQLite DBOS keeps whole seconds.
    assert 0 <= found["ApplyEnvironment", "queued"].oldest_s < 30
    assert found["Sweep", "delayed"].oldest_s == 0
    world.sql("DELETE FROM workflow_status WHERE status = 'DELAYED'")


def test_a_job_and_its_retries_go_on_with_the_delivery_that_woke_them(world):
    told = []

    def fail_once(key):
        told.append((name_of(key), telemetry.subject().get("delivery"), telemetry.subject()["job"]))
        if len(told) == 1:
            raise TransientError("not yet", retry_after_s=0.0)

    world.does = fail_once
    with telemetry.about(delivery="d-7"):
        world.queue.enqueue(sweep("woken"))
    until(lambda: len(told) == 2)
    world.queue.enqueue(sweep("alone", "8"))
    until(lambda: len(told) == 3)
    assert told == [("woken", "d-7", "Sweep")] * 2 + [("alone", None, "Sweep")]


def test_a_job_does_not_start_before_its_time(world):
    soonest = time.monotonic() + 2.0
    due = datetime.fromtimestamp(time.time() + 2.0, UTC)
    world.queue.enqueue(sweep("later", not_before=due))
    assert (world.queue.status().queued, world.queue.status().running) == (1, 0)
    world.queue.enqueue(sweep("past", "8", not_before=due - timedelta(hours=1)))

    until(lambda: len(world.spans) == 2)
    assert world.names() == ["past", "later"]
    began = {name: began for name, began, _ in world.spans}
    assert began["later"] > soonest - 0.1, "the clocks for times and for durations differ a little"


def test_a_newer_job_supersedes_the_queued_ones_but_never_a_running_one(world):
    gate = world.gate("1")
    world.queue.enqueue(apply("1"))
    until(lambda: world.ran)
    world.queue.enqueue(apply("2"))
    world.queue.enqueue(apply("asked", asked=True))
    world.queue.enqueue(apply("other", "devil"))

    world.queue.enqueue(apply("3"))

    # The running one keeps its partition: nothing begins beside it.
    time.sleep(0.3)
    assert "3" not in world.names()
    gate.set()
    until(lambda: world.queue.pending() == 0)
    assert sorted(world.names()) == ["1", "3", "asked", "other"]
    assert world.statuses()["apply:7:dev:abc:1"] == "SUCCESS"
    assert world.statuses()["apply:7:dev:abc:2"] == "CANCELLED"


def test_a_job_that_is_already_known_supersedes_nothing(world):
    world.queue.enqueue(plan("1"))
    until(lambda: world.spans and world.queue.pending() == 0)
    gate = world.gate("2")
    world.queue.enqueue(plan("2"))
    until(lambda: "2" in world.names())
    world.queue.enqueue(plan("3"))

    assert not world.queue.enqueue(plan("1"))

    gate.set()
    until(lambda: world.names() == ["1", "2", "3"])


def test_a_transient_error_is_tried_again_after_growing_delays_and_frees_its_slot(world, caplog):
    attempts: list[float] = []

    def lock(key: Any) -> None:
        if name_of(key) == "apply":
            attempts.append(time.monotonic())
            if len(attempts) < 3:
                raise LeaseUnavailableError("ana applies", retry_after_s=0.1)

    world.does = lock
    world.queue.enqueue(apply("apply", asked=True))
    until(lambda: attempts)
    world.queue.enqueue(apply("other", asked=True))

    until(lambda: "other" in world.names())
    until(lambda: len(attempts) == 3)
    until(lambda: world.queue.pending() == 0)
    assert attempts[1] - attempts[0] >= 0.1
    assert "must wait: ana applies" in caplog.text
    assert world.told == [("apply", "ana applies", False)] * 2
    assert not world.queue.enqueue(apply("apply", asked=True))


def test_a_job_with_a_stale_error_is_tried_again(world):
    def move(key: Any) -> None:
        if len(world.ran) == 1:
            raise StaleError("the tip moved")

    world.does = move
    world.queue.enqueue(plan("a"))

    until(lambda: len(world.spans) == 2)
    assert world.told == [("a", "the tip moved", False)]


def test_attempts_are_bounded_and_the_last_one_is_reported_as_final(world, caplog):
    def fail(key: Any) -> None:
        raise TransientError("GitHub is away", retry_after_s=0.01)

    world.does = fail
    world.queue.enqueue(sweep("a"))

    until(lambda: len(world.ran) == 3)
    until(lambda: world.queue.pending() == 0)
    logged = [(each.levelno, each.message) for each in caplog.records if "GitHub" in each.message]
    assert [level for level, _ in logged] == [logging.WARNING, logging.WARNING, logging.ERROR]
    assert "gave up: GitHub is away" in logged[-1][1]
    assert [final for _, _, final in world.told] == [False, False, True]


def test_a_waiting_retry_is_superseded_too(world):
    def fail(key: Any) -> None:
        if name_of(key) == "1":
            raise TransientError("later", retry_after_s=60)

    world.does = fail
    world.queue.enqueue(plan("1"))
    until(lambda: world.spans and world.queue.status().running == 0)
    assert world.queue.status().queued == 1

    world.queue.enqueue(plan("2"))

    until(lambda: world.queue.pending() == 0)
    assert world.names() == ["1", "2"]


def test_a_job_that_a_newer_one_replaced_while_it_ran_is_not_tried_again(world):
    """After an outage, chains of retries of the same thing run side by side."""

    def fail(key: Any) -> None:
        if name_of(key) == "1":
            raise TransientError("later", retry_after_s=60)

    world.does, gate = fail, world.gate("1")
    world.queue.enqueue(sweep("1"))
    until(lambda: world.ran)
    world.queue.enqueue(sweep("2"))
    gate.set()

    until(lambda: world.queue.pending() == 0)
    assert world.names() == ["1", "2"]


@pytest.mark.parametrize("error", [UserError("no such branch"), ValueError("a bug")])
def test_a_failed_job_is_logged_once_with_its_key_and_reported_and_the_server_goes_on(
    world, caplog, error
):
    def fail(key: Any) -> None:
        if name_of(key) == "bad":
            raise error

    world.does = fail
    world.queue.enqueue(sweep("bad"))
    until(lambda: world.spans and world.queue.pending() == 0)
    world.queue.enqueue(sweep("good"))

    until(lambda: "good" in world.names())
    assert world.names() == ["bad", "good"]
    records = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(records) == 1
    assert "Sweep sweep:7:bad {'repository': '7', 'reason': 'bad'}" in records[0].getMessage()
    assert bool(records[0].exc_info) == isinstance(error, ValueError)
    assert world.told == [("bad", str(error), True)]


def test_a_failure_that_cannot_be_reported_is_logged_and_the_server_goes_on(own, caplog):
    def cannot(key: JobKey, error: Exception, *, final: bool) -> None:
        raise TransientError("GitHub is away too")

    def fail(key: Any) -> None:
        raise TransientError("GitHub is away", retry_after_s=0.01)

    own.queue.stop(5)
    own.queue = own.made(failed=cannot)
    own.queue.start()
    own.does = fail
    own.queue.enqueue(sweep("a"))

    until(lambda: len(own.ran) == 3 and own.queue.pending() == 0)
    assert caplog.text.count("its failure could not be reported") == 3


def test_nothing_is_pickled_and_every_row_names_version_process_and_partition(own):
    own.queue.stop(5)
    own.queue = own.made(executor_id="replica-7")
    own.queue.start()
    own.queue.enqueue(sweep("a"))
    own.queue.enqueue(apply("b"))
    until(lambda: len(own.spans) == 2 and own.queue.pending() == 0)

    rows = own.sql(
        "SELECT serialization, application_version, executor_id, queue_partition_key"
        " FROM workflow_status ORDER BY workflow_uuid"
    )
    assert rows == [
        ("portable_json", JOBS_VERSION, "replica-7", "7:dev"),
        ("portable_json", JOBS_VERSION, "replica-7", "sweep:7"),
    ]
    steps = own.sql("SELECT DISTINCT serialization FROM operation_outputs")
    assert steps == [("portable_json",)]


def test_jobs_enqueued_before_a_restart_run_after_it(own):
    gate = own.gate("first")
    own.queue.enqueue(plan("first"))
    until(lambda: own.ran)
    own.queue.enqueue(plan("left"))
    threading.Timer(0.5, gate.set).start()
    assert own.queue.stop(5)
    assert own.names() == ["first"]

    own.queue = own.made()
    own.queue.start()

    until(lambda: own.names() == ["first", "left"] and own.queue.pending() == 0)


def test_a_stop_waits_for_running_jobs(own):
    own.does = lambda key: time.sleep(0.5)
    own.queue.enqueue(sweep("a"))
    until(lambda: own.ran)

    assert own.queue.stop(10)

    assert own.spans
    assert own.sql("SELECT status FROM workflow_status") == [("SUCCESS",)]


def test_a_stop_that_cannot_wait_returns_false_and_a_later_process_runs_the_job_again(own):
    gate = own.gate("a")
    own.queue.enqueue(sweep("a"))
    until(lambda: own.ran)

    assert not own.queue.stop(0)

    assert own.sql("SELECT status FROM workflow_status") == [("PENDING",)]
    gate.set()
    until(lambda: own.queue.stop(0))
    own.queue = own.made()
    own.queue.start()
    until(lambda: len(own.ran) == 2)


def test_a_second_process_is_refused_with_the_first_ones_number(own):
    code = (
        "import sys\n"
        "from gitbot.adapters.queue import DurableQueue\n"
        "from gitbot.errors import UserError\n"
        "try: DurableQueue(sys.argv[1], {}, executor_id='second').start()\n"
        "except UserError as error: print(error)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(own.path)], capture_output=True, text=True, check=True
    )

    assert f"process {os.getpid()}) serves" in answer.stdout
    assert "Stop it first" in answer.stdout


def test_old_jobs_are_forgotten_and_new_ones_kept(own):
    own.queue.stop(5)
    own.queue = own.made(keep_s=0.0)
    own.queue.start()
    own.queue.enqueue(sweep("old"))
    until(lambda: own.spans and own.queue.pending() == 0)
    own.queue.stop(5)
    own.queue = own.made(keep_s=0.0)
    time.sleep(0.01)
    own.queue.start()
    own.queue.enqueue(sweep("new"))
    until(lambda: "new" in own.names() and own.queue.pending() == 0)

    assert own.sql("SELECT workflow_uuid FROM workflow_status") == [("sweep:7:new",)]
    steps = own.sql("SELECT DISTINCT workflow_uuid FROM operation_outputs")
    assert steps == [("sweep:7:new",)]


def test_a_database_that_cannot_be_written_is_a_transient_error(own):
    own.sql("ALTER TABLE workflow_status RENAME TO away")
    try:
        with pytest.raises(TransientError, match="not enqueued") as caught:
            own.queue.enqueue(sweep("very-private"))
    finally:
        own.sql("ALTER TABLE away RENAME TO workflow_status")

    assert "very-private" not in str(caught.value)
    assert own.queue.enqueue(sweep("very-private"))
    until(lambda: own.spans)


def test_a_key_that_no_job_belongs_to_is_refused_at_once(tmp_path):
    queue = DurableQueue(tmp_path / "jobs.db", {}, executor_id="one")
    with pytest.raises(InvariantError, match="Sweep"):
        queue.enqueue(sweep("a"))


def test_a_queue_that_is_not_started_refuses_jobs(tmp_path):
    world = QueueWorld(tmp_path / "jobs.db")
    with pytest.raises(InvariantError, match="not running"):
        world.queue.enqueue(sweep("a"))


@pytest.mark.parametrize(
    "data",
    [
        {"repository": 7, "number": 1, "reason": "a"},
        {"repository": "7", "number": "1", "reason": "a"},
        {"repository": "7", "number": "one", "reason": "a"},
        {"repository": "7", "number": 1},
        {"repository": "7", "number": 1, "reason": "a", "line": 3},
        {"repository": "7", "number": 1, "reason": "a", "not_before": "soon"},
    ],
)
def test_a_row_that_no_key_writes_is_not_run(data):
    with pytest.raises(InvariantError, match="PlanPullRequest"):
        KeyCodec([PlanPullRequest]).restore("PlanPullRequest", data)


def test_a_row_of_an_unknown_key_type_is_not_run():
    with pytest.raises(InvariantError, match="ApplyPullRequest"):
        KeyCodec([Sweep]).restore(ApplyPullRequest.__name__, {})


def test_delays_grow_and_respect_what_the_error_asks():
    retries = Retries(attempts=5, first_s=2, longest_s=10)

    assert [retries.delay_s(attempt, 0) for attempt in range(1, 6)] == [2, 4, 8, 10, None]
    assert retries.delay_s(1, 3600) == 3600


def test_the_engine_opens_no_connection_and_prints_nothing(tmp_path):
    code = (
        "import sys, time\n"
        "from gitbot.adapters.queue import DurableQueue\n"
        "from gitbot.model.keys import Sweep\n"
        "def watch(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): print(event, arguments)\n"
        "sys.addaudithook(watch)\n"
        "done = []\n"
        "queue = DurableQueue(sys.argv[1], {Sweep: done.append}, executor_id='one', poll_s=0.05)\n"
        "queue.start()\n"
        "queue.enqueue(Sweep(repository='7', reason='a'))\n"
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
