"""Old runs are deleted by a job of their own, for as long as the server is told to keep them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import get_args

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.github import GitHubForges
from gitbot.adapters.queue import DurableQueue
from gitbot.bootstrap.engine import open_engine
from gitbot.bootstrap.jobs import JOBS
from gitbot.jobs.prune_runs import prune_runs
from gitbot.jobs.steps.look import Ports
from gitbot.model.events import TextWritten
from gitbot.model.keys import JobKey, PruneRuns
from gitbot.model.places import SqlitePlace
from gitbot.model.runs import RunStatus
from tests.contract.records_world import DAY, plan, run


def test_the_job_deletes_what_is_older_than_the_server_keeps_it(tmp_path: Path) -> None:
    now, heard = SystemClock().now(), list[TextWritten]()
    with open_engine(SqlitePlace(tmp_path / "gitbot.db"), hash_key="k" * 32) as opened:
        for name, age in (("old", 3 * DAY), ("young", timedelta(hours=1)), ("last", 3 * DAY)):
            made = run(name, status=RunStatus.SUPERSEDED, started_at=now - age)
            opened.records.runs.add(made, plan())
        ports = Ports(
            engine=opened.engine,
            forges=GitHubForges(
                url="http://127.0.0.1:9", repositories=["acme/cloud"], data=tmp_path, token="t"
            ),
            records=opened.records,
            queue=DurableQueue(tmp_path / "jobs.db", {}, executor_id="one"),
            hear=heard.append,
            keep_runs=2 * DAY,
        )

        prune_runs(ports, PruneRuns(repository="7", day="2026-05-01"))

        left = [name for name in ("old", "young", "last") if opened.records.runs.get(name)]
    assert left == ["young", "last"]


def test_the_server_has_a_function_for_every_key() -> None:
    assert set(JOBS) == set(get_args(JobKey))
