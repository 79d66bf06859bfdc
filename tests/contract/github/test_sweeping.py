"""What a sweep hears again of comments and reviews, what it wakes, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitbot.adapters.queue import DurableQueue
from gitbot.bootstrap.engine import open_engine
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.sweep import sweep
from gitbot.model.events import TextWritten
from gitbot.model.keys import FollowTip, PlanPullRequest, PruneRuns, Sweep
from gitbot.model.places import SqlitePlace
from gitbot_sandbox.sandbox import eventually
from tests.contract.github.github_world import REPOSITORY, ForgeWorld

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def heard() -> list[TextWritten]:
    return []


@pytest.fixture
def pruned() -> list[PruneRuns]:
    return []


@pytest.fixture
def ports(
    world: ForgeWorld, tmp_path: Path, heard: list[TextWritten], pruned: list[PruneRuns]
) -> Iterator[Ports]:
    """The ports of a server whose plans do nothing."""
    queue = DurableQueue(
        tmp_path / "jobs.db",
        {PlanPullRequest: print, FollowTip: print, PruneRuns: pruned.append},
        executor_id="one",
        poll_s=0.05,
    )
    with open_engine(SqlitePlace(tmp_path / "gitbot.db"), hash_key="k" * 32) as opened:
        queue.start()
        yield Ports(
            engine=opened.engine,
            forges=world.forges("app"),
            records=opened.records,
            queue=queue,
            hear=heard.append,
        )
        queue.stop(10)


def test_a_sweep_asks_only_where_something_was_said_and_prunes_once_a_day(
    world: ForgeWorld, ports: Ports, heard: list[TextWritten], pruned: list[PruneRuns]
) -> None:
    quiet, commented, reviewed = (world.pull_request(name) for name in ("q", "c", "r"))
    world.hub.comment(REPOSITORY, quiet, "bob", "long ago")
    world.hub.comment(REPOSITORY, commented, "bob", "/plan")
    issue, chat = (
        world.hub.create_issue(REPOSITORY, "bob", title, "").number for title in ("i", "chat")
    )
    world.hub.comment(REPOSITORY, issue, "bob", "/help")
    world.hub.comment(REPOSITORY, chat, "bob", "it needs no command")
    world.hub.review(REPOSITORY, reviewed, "bob", "COMMENT", "/help")
    entities = world.hub.repository(REPOSITORY)
    entities.issues[quiet].updated_at = entities.issues[commented].updated_at = LONG_AGO
    for comment in entities.comments.values():
        if comment.number == quiet:
            comment.created_at = comment.updated_at = LONG_AGO
    repository = ports.forges.open(REPOSITORY).repository().id
    world.hub.faults.forget_calls()

    for reason in ("1", "2"):
        sweep(ports, Sweep(repository=repository, reason=reason))

    assert [(each.number, each.body, each.on_pull_request) for each in heard] == [
        (commented, "/plan", True),
        (reviewed, "/help", True),
        (issue, "/help", False),
    ] * 2
    asked = [call.path for call in world.hub.faults.calls("GET", "*/reviews")]
    assert asked == [f"/repos/{REPOSITORY}/pulls/{reviewed}/reviews"] * 2
    assert len(world.hub.faults.calls("GET", "*/comments")) == 2
    asked = [call.path for call in world.hub.faults.calls("GET", "*/issues/*[0-9]")]
    assert asked == [f"/repos/{REPOSITORY}/issues/{issue}"] * 2
    queue = ports.queue
    assert isinstance(queue, DurableQueue)
    eventually(lambda: pruned and queue.pending() == 0, what="the job that prunes")
    assert [key.repository for key in pruned] == [repository]


def test_a_right_that_the_app_lacks_is_told_once_on_the_tip(
    world: ForgeWorld, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.hub.hub.store.apps[world.credentials.app_id]
    monkeypatch.setitem(app.permissions, "contents", "read")
    repository = ports.forges.open(REPOSITORY).repository().id
    for reason in ("3", "4"):
        sweep(ports, Sweep(repository=repository, reason=reason))
    runs = world.hub.repository(REPOSITORY).check_runs.values()
    (told,) = [run for run in runs if run.name == "gitbot/rights"]
    assert told.conclusion == "neutral"
    assert "`contents: write` is missing: no promotions" in (told.summary or "")
    assert "issues" not in (told.summary or "")
