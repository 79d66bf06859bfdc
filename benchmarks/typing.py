"""Measure how long an editor waits for the problems of a file in which somebody types. Shell."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measuring import Figure, cpu_s_of
from benchmarks.planning_stacks import ENVIRONMENT_TEXT, spec_text
from gitbot.adapters.editor.repository import Repository, Types
from gitbot.adapters.loader import ChildLoader
from gitbot.providers.aws.catalog import open_catalog

SIZES = (1, 100, 1_000)
PAIRS = 5
TYPED = 20


def measure(folder: Path) -> Mapping[str, Mapping[str, Figure]]:
    """What the language server needs to check one file of 10 resources again, beside others.

    It is the mean of 20 changes. CPU time is the server's and its child's.
    """
    return {
        f"typing in 1 of {size} files": {"gitbot": _typed(folder / str(size), size)}
        for size in SIZES
    }


def _typed(folder: Path, size: int) -> Figure:
    home = folder / "specs/dev"
    home.mkdir(parents=True)
    (home / "environment.yaml").write_text(ENVIRONMENT_TEXT)
    for number in range(size):
        name = f"stack-{number:04}"
        (home / f"{name}.yaml").write_text(spec_text(name, PAIRS))
    catalog = open_catalog()
    types = Types(lookup=catalog.lookup, prose=catalog.prose, names=catalog.native_names)
    with ChildLoader() as loader:
        repository = Repository(folder, loader, types)
        assert not repository.diagnostics()
        pids = (os.getpid(), *loader.idle_pids(reviewed=True))
        cpu_s, started = cpu_s_of(pids), time.perf_counter()
        for number in range(TYPED):
            text = spec_text("stack-0000", PAIRS) + f"# {number}\n"
            repository.write("specs/dev/stack-0000.yaml", text)
            assert not repository.diagnostics()
        wall_s = (time.perf_counter() - started) / TYPED
        return Figure(wall_s=wall_s, cpu_s=(cpu_s_of(pids) - cpu_s) / TYPED)
