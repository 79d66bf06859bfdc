"""Measure questions and jobs as stacks, their history and the open pull requests grow. Shell.

Processor time is that of this process and its git commands, not that of the local GitHub. Jobs are
the real ones, on the SQLite stores, a git mirror and the local GitHub over HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import history_rows as rows
from benchmarks.history_costs import median, once
from benchmarks.history_world import (
    NAME,
    GitHubProcess,
    HistoryWorld,
    Project,
    open_forges,
    spec_file,
    spec_text,
    world,
)
from benchmarks.measuring import Figure
from gitbot.adapters.stores.database import open_database
from gitbot.jobs.plan_pull_request import plan_pull_request
from gitbot.jobs.steps.look import look
from gitbot.jobs.steps.report_apply import Ended, report_apply
from gitbot.jobs.steps.wake import wake_stale
from gitbot.jobs.sweep import sweep
from gitbot.model.keys import PlanPullRequest, Sweep
from gitbot.model.runs import RunKind, RunStatus

PREFIX = "history: "
QUERY_ROUNDS = 15
JOB_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is: stacks, runs of each, and open pull requests."""

    stacks: int
    runs: int
    pulls: int

    def __str__(self) -> str:
        return f"{self.stacks} / {self.runs} / {self.pulls}"


SIZES = (
    Size(stacks=100, runs=5, pulls=20),
    Size(stacks=100, runs=50, pulls=20),
    Size(stacks=100, runs=500, pulls=20),
    Size(stacks=10, runs=50, pulls=20),
    Size(stacks=1000, runs=50, pulls=20),
    Size(stacks=100, runs=50, pulls=1),
    Size(stacks=100, runs=50, pulls=100),
    Size(stacks=1000, runs=500, pulls=100),
)
"""Each dimension is varied alone around a middle size; the largest comes last."""


def measure(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[str, Mapping[str, Figure]]]:
    """The median of each measurement, by size."""
    found: dict[str, dict[str, Figure]] = {}
    for stacks in sorted({size.stacks for size in SIZES}):
        with GitHubProcess(folder / f"github-{stacks}") as github:
            project = Project(github, stacks)
            sizes = [size for size in SIZES if size.stacks == stacks]
            for size in sorted(sizes, key=lambda size: (size.pulls, size.runs)):
                say(f"history of {size}")
                project.open_until(size.pulls)
                for name, figure in _of_size(folder / f"{stacks}", project, size).items():
                    found.setdefault(name, {})[str(size)] = figure
    for name, figures in found.items():
        yield (
            PREFIX + name,
            {str(size): figures[str(size)] for size in SIZES if str(size) in figures},
        )


def _of_size(folder: Path, project: Project, size: Size) -> Mapping[str, Figure]:
    data = folder / f"{size.runs}-{size.pulls}"
    forges = open_forges(project.github, folder)
    engine = open_database(data / "gitbot.db")
    rows.fill(
        engine, forges.open(NAME).repository().id, size.stacks, size.runs, datetime.now(tz=UTC)
    )
    engine.dispose()
    with world(project, forges, data) as here:
        look(here.ports, here.repository)  # clone, and load every spec for the first time
        return {**_questions(here, size), **_jobs(here, size)}


# --- questions -----------------------------------------------------------------------------------


def _questions(here: HistoryWorld, size: Size) -> Mapping[str, Figure]:
    middle = size.stacks // 2
    stack = rows.stack_id(here.repository, rows.name_of(middle))
    number = rows.last_number(middle, size.stacks, size.runs)
    runs, state, dev = here.ports.records.runs, here.ports.engine.state, stack.environment_key
    asks: Mapping[str, Callable[[], object]] = {
        "environments of a pull request": lambda: runs.environments_of(here.repository, number),
        "what a pull request applied": lambda: runs.applied_by(here.repository, number),
        "the plan shown last": lambda: runs.shown_plan(stack, number),
        "the last 5 plans of a stack": lambda: runs.of_stack(stack, RunKind.PLAN, limit=5),
        "the last apply of a stack": lambda: runs.of_stack(
            stack, RunKind.APPLY, [RunStatus.APPLIED], limit=1
        ),
        "held and untold applies": lambda: (runs.held(dev), runs.untold(dev)),
        "prune, nothing to delete": lambda: runs.prune(rows.KEPT, here.ports.clock.now()),
        "headers of all stacks": lambda: state.headers(here.repository),
        "states of all stacks": lambda: state.read_all(dev),
    }
    return {
        name: median([once(here, ask, calls=False) for _ in range(QUERY_ROUNDS)])
        for name, ask in asks.items()
    }


# --- jobs ----------------------------------------------------------------------------------------


def _jobs(here: HistoryWorld, size: Size) -> Mapping[str, Figure]:
    found = {
        "first look of a job": median(_looks(here)),
        "tell an apply of 1 stack": median(_tellings(here, 1)),
        "tell an apply of 10 stacks": median(_tellings(here, 10)),
        "freshness, nothing moved": median(_freshness(here, "README.md", "# {}\n".format, 0)),
        "freshness, one stack moved": median(
            _freshness(here, spec_file(0), partial(spec_text, 0), 1)
        ),
        "sweep": median(_sweeps(here)),
    }
    bystander = here.project.bystander
    if bystander is not None:
        found["plan of no spec"] = median(_plans(here, bystander))
    return found


def _looks(here: HistoryWorld) -> Sequence[Figure]:
    return [
        once(here, lambda: look(here.ports, here.repository), calls=True) for _ in range(JOB_ROUNDS)
    ]


def _tellings(here: HistoryWorld, stacks: int) -> Sequence[Figure]:
    """What it costs to report fresh runs on the merged pull request."""
    found = []
    for turn in range(JOB_ROUNDS):
        seen = look(here.ports, here.repository)
        runs, now = here.ports.records.runs, here.ports.clock.now()
        name = f"told:{stacks}:{turn}"
        for number in range(stacks):
            stack = rows.stack_id(here.repository, rows.name_of(number))
            run = rows.run(stack, name, now, here.project.merged, applies=True, told=False)
            runs.add(replace(run, tip=seen.tip, commit=seen.tip), rows.plan(stack))
        ended = Ended(
            environment="dev",
            actor="the tracked branch",
            occasion=name,
            merged=[seen.forge.pull_request(here.project.merged)],
        )
        found.append(once(here, partial(report_apply, here.ports, seen, ended), calls=True))
        assert not runs.untold(seen.key("dev"))
    return found


def _freshness(
    here: HistoryWorld, path: str, text: Callable[[str], str], stale: int
) -> Sequence[Figure]:
    """What it costs to find the ``stale`` plans after each push of another text of the file."""
    found = []
    for _ in range(JOB_ROUNDS):
        here.settle(look(here.ports, here.repository))
        here.project.push(path, text(f"turn-{time.time_ns()}"))
        seen = look(here.ports, here.repository)
        found.append(once(here, partial(wake_stale, here.ports, seen), calls=True))
        assert here.queue.pending() == stale
    return found


def _sweeps(here: HistoryWorld) -> Sequence[Figure]:
    """What a sweep without work costs, when every open pull request was active today."""
    here.settle(look(here.ports, here.repository))
    keys = (Sweep(repository=here.repository, reason=f"{turn}") for turn in range(JOB_ROUNDS))
    return [once(here, partial(sweep, here.ports, key), calls=True) for key in keys]


def _plans(here: HistoryWorld, number: int) -> Sequence[Figure]:
    """What it costs to plan the pull request again, as its job does."""
    keys = (
        PlanPullRequest(repository=here.repository, number=number, reason=f"{turn}")
        for turn in range(JOB_ROUNDS)
    )
    return [once(here, partial(plan_pull_request, here.ports, key), calls=True) for key in keys]
