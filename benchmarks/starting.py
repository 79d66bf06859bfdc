"""Measure starting: Python itself, the help, a validation, a plan without changes. Shell."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.cloud import AwsProcess
from benchmarks.gitbot_tool import Gitbot, copies
from benchmarks.measuring import Figure, Finished, measured
from gitbot_sandbox.sandbox import example_files


def measure(folder: Path, rounds: int) -> Mapping[str, Mapping[str, Figure]]:
    """The median of each measurement. CPU time is the command's and its loader child's."""
    with AwsProcess() as aws:
        example = Gitbot(folder / "example", example_files(), aws.environ)
        small = Gitbot(folder / "small", copies(1), aws.environ)
        small.apply()
        return {
            "start of Python alone": _median(rounds, lambda: _python(folder)),
            "gitbot --help": _median(rounds, lambda: example.run("--help")),
            "gitbot validate, 9 resources": _median(rounds, example.validate),
            "no-change plan of 2 stacks": _median(rounds, small.plan),
        }


def _python(folder: Path) -> Finished:
    return measured([sys.executable, "-c", "pass"], cwd=folder, environ={})


def _median(rounds: int, run: Callable[[], Finished]) -> Mapping[str, Figure]:
    run()  # warms the file system's caches
    done = [run() for _ in range(rounds)]
    return {
        "gitbot": Figure(
            wall_s=statistics.median(one.wall_s for one in done),
            cpu_s=statistics.median(one.cpu_s for one in done),
        )
    }
