"""Many writers on one bucket, in several processes, while the network and S3 fail: nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from gitbot.model.names import EnvironmentKey
from gitbot_sandbox.aws import LocalAws
from tests.contract.state_world import STACK, bucket_store
from tests.soak.bucket_writers import Task
from tests.soak.conftest import FIGURES

ROOT = Path(__file__).parents[2]


def soak(folder: Path, *, processes: int, threads: int, rounds: int, environments: int) -> str:
    """Let so many threads write in so many rounds; the figures. Asserts that all is as they were told."""
    with LocalAws() as aws:
        aws.client("s3").create_bucket(Bucket="shared")
        task = Task(
            url=aws.url,
            bucket="shared",
            folder=str(folder),
            name="",
            threads=threads // processes,
            rounds=rounds // processes,
            environments=environments,
            faulty=0.05,
            patience_s=threads / environments,
        )
        began = time.monotonic()
        with ThreadPoolExecutor(processes) as pool:
            heard = list(pool.map(lambda number: run(task, number), range(processes)))
        took_s = time.monotonic() - began
        for number in range(environments):
            check(aws, f"e{number}", heard)
        calls = len(aws.calls)
    faults, told = total(heard, "faults"), total(heard, "told")
    assert faults.keys() >= {"409", "412", "503", "lost reply", "lost request"} or rounds < 500
    written = sum(len(names) for one in heard for names in one["written"].values())
    return (
        f"{threads} writers, {rounds} rounds in {environments} environments, {took_s:.0f} s, {calls} requests: "
        f"{written} writes stand; faults {dict(faults)}; told {dict(told)}"
    )


def run(task: Task, number: int) -> dict[str, Any]:
    """What one process heard, once it has ended."""
    data = json.dumps(asdict(replace(task, name=f"p{number}")))
    command = [sys.executable, "-m", "tests.soak.bucket_writers", data]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=1700)
    # A thread that failed says so, and the process goes on.
    assert (done.returncode, done.stderr) == (0, ""), done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def total(heard: list[dict[str, Any]], what: str) -> Counter[str]:
    return sum((Counter(one[what]) for one in heard), Counter())


def check(aws: LocalAws, name: str, heard: list[dict[str, Any]]) -> None:
    """Each epoch was given to one, what was told as written stands once, and nothing else does."""

    def of(what: str) -> list[Any]:
        return [value for one in heard for value in one[what].get(name, ())]

    epochs, written, unknown = of("epochs"), of("written"), of("unknown")
    assert len(epochs) == len(set(epochs))
    store = bucket_store(aws, "shared")
    key = EnvironmentKey(repository="7", environment=name)
    state = store.read(replace(STACK, environment=name))
    assert {str(one) for one in state.resources} >= set(written)
    assert {str(one) for one in state.resources} <= {*written, *unknown}
    assert state.serial == len(state.resources)
    newest = store.lease(key)
    assert newest is None or newest.epoch >= max(epochs, default=0)


def test_a_few_writers_of_one_bucket_lose_nothing(tmp_path: Path) -> None:
    soak(tmp_path, processes=2, threads=6, rounds=8, environments=2)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_hundred_writers_of_one_bucket_lose_nothing_in_a_thousand_rounds(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property(FIGURES, soak(tmp_path, processes=4, threads=100, rounds=1000, environments=25))
