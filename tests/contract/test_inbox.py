"""Deliveries are rows first, and then jobs: none is lost, none twice, on each database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.queue import AlwaysMine, SharedTurns
from gitbot.adapters.stores.inbox import FORMAT, SqlInbox
from gitbot.adapters.stores.tables.journal import deliveries
from gitbot.bootstrap.pump import KEPT, Pump
from gitbot.errors import TransientError
from gitbot.model.commands import Source
from gitbot.model.events import (
    CheckRerequested,
    CommentChanged,
    Delivery,
    Event,
    IssueChanged,
    MergeGroupMade,
    PullRequestChanged,
    Pushed,
    ReviewSubmitted,
    TextWritten,
)
from gitbot.model.keys import AnswerComment, JobKey, PlanPullRequest
from gitbot.ports.records import Inbox, Records
from gitbot_sandbox.sandbox import eventually
from tests.contract.records_world import HEAD, NOON, SECOND

TEXT = TextWritten(
    repository="7",
    number=5,
    on_pull_request=True,
    source=Source.COMMENT,
    id=100,
    author="bob",
    body="/apply dev\nÄ 🎉",
    written_at=NOON,
    text_at=NOON + SECOND,
    edited=True,
    by_author=True,
    author_id=3,
)
EVENTS: Sequence[Event] = (
    PullRequestChanged(repository="7", number=5, head=HEAD, action="opened", pushed_by="bob"),
    TEXT,
    CommentChanged(repository="7", number=5, comment=9, author="a", sender="b", text=TEXT),
    Pushed(repository="7", ref="refs/heads/x", after=HEAD, commits=(HEAD,), pushers=("bob",)),
    ReviewSubmitted(repository="7", number=5, text=TEXT),
    CheckRerequested(repository="7", head=HEAD, by="bob", check="gitbot", branch="x"),
    MergeGroupMade(repository="7", head=HEAD, branch="queue/main/pr-5"),
    IssueChanged(repository="7", number=5, sender="bob"),
)


@pytest.fixture
def inbox(records: Records) -> Inbox:
    return records.inbox


def delivery(id_: str, event: Event = EVENTS[0]) -> Delivery:
    return Delivery(id=id_, event_name="some", event=event)


def test_what_a_delivery_says_is_kept_until_it_is_settled(inbox: Inbox) -> None:
    given = [delivery(f"d-{number}", event) for number, event in enumerate(EVENTS)]
    inbox.put(given[:3], NOON)
    for number, one in enumerate(given[3:]):
        inbox.put([one], NOON + number * SECOND)

    assert inbox.waiting(99) == tuple(given)
    assert inbox.waiting(2) == tuple(given[:2])
    inbox.settle(["d-0"], woke_at=NOON)
    inbox.settle(["d-1", "d-2"], woke_at=None)
    assert inbox.waiting(99) == tuple(given[3:])
    assert inbox.woke_since(NOON - SECOND) == 1
    assert inbox.woke_since(NOON) == 0


def test_a_settled_delivery_says_nothing_more_and_is_not_taken_again(
    inbox: Inbox, engine: Engine
) -> None:
    inbox.put([delivery("d", TEXT)], NOON)
    inbox.settle(["d"], woke_at=NOON)
    inbox.settle(["d"], woke_at=NOON + SECOND)

    with engine.connect() as connection:
        (row,) = connection.execute(sa.select(deliveries))
    assert (row.document, row.woke_at) == (None, NOON)
    inbox.put([delivery("d", TEXT), delivery("e", TEXT)], NOON)
    assert [one.id for one in inbox.waiting(9)] == ["e"]


def test_when_many_threads_put_one_delivery_it_is_kept_once(inbox: Inbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: inbox.put([delivery("d")], NOON), range(16)))

    assert len(inbox.waiting(9)) == 1


def test_what_a_newer_gitbot_wrote_is_left_to_it(inbox: Inbox, engine: Engine) -> None:
    inbox.put([delivery("d")], NOON)
    with engine.begin() as connection:
        connection.execute(sa.update(deliveries).values(format=FORMAT + 1, document="{}"))

    assert inbox.waiting(9) == ()


def test_deliveries_are_kept_longer_than_github_sends_them_again(inbox: Inbox) -> None:
    inbox.put([delivery("d")], NOON)

    assert timedelta(days=7) < KEPT
    inbox.prune(NOON)
    assert len(inbox.waiting(9)) == 1
    inbox.prune(NOON + SECOND)
    assert inbox.waiting(9) == ()


# --- the pump


class World:
    """Pumps on one inbox, and the queue that they share."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.queued: Counter[str] = Counter()
        self.noted: Counter[str] = Counter()
        self.away = False
        self.pumps: list[Pump] = []

    def note(self, delivery: Delivery) -> tuple[JobKey, ...]:
        self.noted[delivery.id] += 1
        event = delivery.event
        match event:
            case PullRequestChanged():
                return (PlanPullRequest(repository="7", number=event.number, reason=delivery.id),)
            case TextWritten():
                return (
                    AnswerComment(repository="7", number=5, source=event.source, comment=event.id),
                )
            case _:
                raise ValueError("a fault of the program")

    def enqueue(self, key: JobKey) -> bool:
        if self.away:
            raise TransientError("The database is away.")
        self.queued[key.id] += 1
        return self.queued[key.id] == 1

    def pump(self) -> Pump:
        url = self.engine.url.render_as_string(hide_password=False)
        shared = self.engine.dialect.name == "postgresql"
        made = Pump(
            SqlInbox(self.engine),
            note=self.note,
            enqueue=self.enqueue,
            turns=SharedTurns(url, "inbox") if shared else AlwaysMine(),
            clock=SystemClock(),
            served={"7"},
        )
        self.pumps.append(made)
        return made

    def is_empty(self) -> bool:
        return not SqlInbox(self.engine).waiting(1)

    def ids(self) -> Sequence[str]:
        """Of all deliveries, in the order in which they were taken."""
        query = sa.select(deliveries.c.id).order_by(deliveries.c.heard_at, deliveries.c.id)
        with self.engine.connect() as connection:
            return connection.scalars(query).all()


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    made = World(engine)
    yield made
    for pump in made.pumps:
        pump.stop()


def changed(number: int, repository: str = "7") -> Event:
    return PullRequestChanged(repository=repository, number=number, head=HEAD, action="synchronize")


def test_of_a_burst_none_is_lost_none_is_doubled_and_the_newest_stands_for_the_others(
    world: World,
) -> None:
    """Three servers on PostgreSQL take the burst, each delivery twice; SQLite has one server."""
    servers = [world.pump() for _ in range(3 if world.engine.dialect.name == "postgresql" else 1)]
    burst = [delivery(f"p{at % 3}-{at}", changed(at % 3)) for at in range(60)]
    burst += [delivery(f"c-{at}", replace(TEXT, id=at)) for at in range(20)]
    for server in servers:
        server.start()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: servers[at % len(servers)].take(burst[at // 2]), range(160)))
    eventually(world.is_empty, what="the inbox to be empty")

    assert set(world.noted) == {one.id for one in burst}
    plans = {name for name in world.queued if name.startswith("plan:")}
    assert world.queued.keys() - plans == {f"answer:comment:{at}" for at in range(20)}
    assert len(plans) < 30, "the newest stands for the others"
    for number in range(3):
        newest = [id_ for id_ in world.ids() if id_.startswith(f"p{number}-")][-1]
        assert f"plan:7:{number}:{newest}" in plans


def test_so_many_subjects_become_jobs_in_a_second_and_the_rest_soon(world: World) -> None:
    pump = world.pump()
    for number in range(8):
        pump.take(delivery(f"d-{number}", changed(number)))

    pump.start()
    eventually(lambda: len(world.queued) >= 5, what="the first five")
    first = SystemClock().now()
    eventually(world.is_empty, what="the rest")

    assert SystemClock().now() - first > timedelta(seconds=0.5)
    assert len(world.queued) == 8


def test_a_delivery_waits_while_the_queue_is_away_and_for_another_pump_where_one_ends(
    world: World,
) -> None:
    world.away = True
    first = world.pump()
    first.start()
    first.take(delivery("d", TEXT))
    eventually(lambda: world.noted["d"], what="a try")
    first.stop()
    assert not world.is_empty()

    world.away = False
    world.pump().start()
    eventually(world.is_empty, what="the other pump")
    assert list(world.queued) == ["answer:comment:100"]


def test_a_delivery_on_which_the_program_fails_holds_up_no_other(world: World) -> None:
    pump = world.pump()
    pump.take(delivery("bad", EVENTS[6]))
    pump.take(delivery("good", TEXT))
    pump.start()

    eventually(world.is_empty, what="both")
    assert list(world.queued) == ["answer:comment:100"]


def test_deliveries_of_repositories_that_are_not_served_are_not_kept(world: World) -> None:
    world.pump().take(delivery("d", changed(5, repository="8")))

    assert world.ids() == []
