"""Measure the time from a signed webhook to the plan comment, on a warm server. Shell."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measuring import Figure, children_peak_bytes
from gitbot_sandbox.sandbox import ADMIN, WRITER, Sandbox, example_files
from gitbot_sandbox.stage import Stage
from gitbot_sandbox.story.review import BUCKET, TRAINER

SCENARIO = "webhook to plan comment"


def measure(root: Path, rounds: int) -> Mapping[str, Mapping[str, Figure]]:
    """The median and the slowest of ``rounds`` pull requests that change the two applied stacks.

    Each is timed from its opening until the comment with the plan of its newest commit is there.
    The plan reads the cloud. One more pull request goes first and is not counted.
    """
    files = {path: text for path, text in example_files().items() if "/dev/" in path}
    with Sandbox(root, environ={"GITBOT_SWEEP_S": "3600"}) as sandbox:
        stage = Stage(sandbox, sandbox.create_repository("bench", _environments(files)))
        sandbox.start_server()
        first = stage.open("first", "Add the stacks", {p: files[p] for p in (BUCKET, TRAINER)})
        stage.plan_comment(first)
        sandbox.github.merge(stage.name, first, ADMIN)
        stage.result(first, "dev")
        took = [_round(stage, files, number) for number in range(rounds + 1)][1:]
        memory = children_peak_bytes(os.getpid())
    walls = [wall_s for wall_s, _ in took]
    calls = round(statistics.median(calls for _, calls in took))
    rss = memory / 1024**2 if memory else None
    return {
        f"{SCENARIO}, median": {
            "gitbot": Figure(wall_s=statistics.median(walls), calls=calls, peak_rss_mb=rss)
        },
        f"{SCENARIO}, slowest": {"gitbot": Figure(wall_s=max(walls), calls=calls, peak_rss_mb=rss)},
    }


def _environments(files: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path.endswith("environment.yaml")}


def _round(stage: Stage, files: Mapping[str, str], number: int) -> tuple[float, int]:
    """Seconds from opening a pull request to its plan comment, and the calls to AWS."""
    branch = f"change-{number}"
    changed: dict[str, str | None] = {
        BUCKET: files[BUCKET].replace("default: 30", f"default: {31 + number}"),
        TRAINER: files[TRAINER].replace("203.0.113.5/32", f"203.0.113.{10 + number}/32"),
    }
    stage.github.push_files(stage.name, branch, changed, WRITER, message=branch)
    time.sleep(0.5)  # let the branch's own push event pass: it is not measured
    stage.sandbox.aws.forget_calls()
    started = time.perf_counter()
    pull = stage.github.open_pull_request(stage.name, author=WRITER, head=branch, title=branch)
    body = stage.plan_comment(pull).body
    wall_s = time.perf_counter() - started
    assert body.count("**1 to update.**") == 2, body
    return wall_s, len(stage.sandbox.aws.calls)
