"""Measure loading specs through the loader: at first, again, and after one change. Shell."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.measuring import Figure, cpu_s_of
from benchmarks.planning_stacks import ENVIRONMENT_TEXT, spec_text
from gitbot.adapters.loader import ChildLoader, DiskCache
from gitbot.bootstrap.revision import loading_revision
from gitbot.model.tree import SpecTree, TreeEntry

STACKS = 300
PAIRS = 10
MIXED = 1_000
FEW = 10
MODULE = """\
apiVersion: gitbot/v1
kind: Module
metadata: {name: pair}
spec:
  variables: {name: {type: string}, days: {type: number, default: 30}}
  resources:
    logs:
      type: AWS::S3::Bucket
      properties: {BucketName: "${vars.name}-logs"}
    data:
      type: AWS::S3::Bucket
      properties:
        BucketName: ${vars.name}-data
        VersioningConfiguration: {Status: Enabled}
        LoggingConfiguration: {DestinationBucketName: "${logs.BucketName}"}
        LifecycleConfiguration:
          Rules:
            - Id: old
              Status: Enabled
              NoncurrentVersionTransitions: [{StorageClass: STANDARD_IA, TransitionInDays: "${vars.days}"}]
  outputs: {arn: "${data.Arn}"}
"""
USE = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {{name: {name}}}
spec:
  resources:
    pair:
      module: modules/pair
      forEach: {{a: {{}}, b: {{days: 60}}, c: {{}}, d: {{}}, e: {{days: 90}}}}
      values: {{name: "${{env.name}}-{name}-${{each.key}}", days: '${{"days" in each.value ? each.value.days : 30}}'}}
  outputs: {{arn: '${{pair["a"].arn}}'}}
"""


def measure(folder: Path) -> Mapping[str, Mapping[str, Figure]]:
    """What loading 300 stacks with 20 resources each costs, and 1,000 with 10, some from modules: at first, and
    after a change of one of two modules. CPU time is the loader's and its child's."""
    tree = _tree()
    changed = SpecTree(
        id="changed",
        entries={**tree.entries, "specs/dev/stack-007.yaml": _stack(7, pairs=PAIRS + 1)},
    )
    return {
        f"load {STACKS} stacks, first": {"gitbot": _load(_cache(folder), tree)},
        f"load {STACKS} stacks, by another process": {"gitbot": _load(_cache(folder), tree)},
        **_warm(_cache(folder), tree, changed),
        f"load {MIXED} stacks of 10 resources, a third of them from modules": {
            "gitbot": _load(_cache(folder), _mixed())
        },
        f"load the same, after a change of a module that {FEW} of them use": {
            "gitbot": _after(_cache(folder), _mixed(), few=MODULE.replace("-logs", "-log"))
        },
        "load the same, after a change of the other module": {
            "gitbot": _after(_cache(folder), _mixed(), pair=MODULE.replace("-logs", "-log"))
        },
    }


def _after(cache: DiskCache, tree: SpecTree, **modules: str) -> Figure:
    """What a load costs when only these modules differ from the load before."""
    texts = {f"modules/{name}/module.yaml": text for name, text in modules.items()}
    entries = {path: TreeEntry(content=text.encode()) for path, text in texts.items()}
    with ChildLoader(disk=cache) as loader:
        loader.load(tree)
        loader.load(SpecTree(id="one", entries={"specs/dev/a.yaml": _stack(0, pairs=1)}))
        return _timed(loader, replace(tree, entries={**tree.entries, **entries}))


def _warm(cache: DiskCache, tree: SpecTree, changed: SpecTree) -> dict[str, dict[str, Figure]]:
    with ChildLoader(disk=cache) as loader:
        loader.load(tree)
        loader.load(replace(changed, entries={"specs/dev/a.yaml": _stack(0, pairs=1)}))
        again = _timed(loader, tree)
        one = _timed(loader, changed)
    return {
        f"load {STACKS} stacks again": {"gitbot": again},
        f"load {STACKS} stacks, one changed": {"gitbot": one},
    }


def _load(cache: DiskCache, tree: SpecTree) -> Figure:
    """What one load costs in a new loader whose child has started."""
    with ChildLoader(disk=cache) as loader:
        loader.load(SpecTree(id="one", entries={"specs/dev/a.yaml": _stack(0, pairs=1)}))
        return _timed(loader, tree)


def _timed(loader: ChildLoader, tree: SpecTree) -> Figure:
    pids = (os.getpid(), *loader.idle_pids(reviewed=False))
    cpu_s = cpu_s_of(pids)
    started = time.perf_counter()
    loaded = loader.load(tree)
    wall_s = time.perf_counter() - started
    assert not loaded.diagnostics, loaded.diagnostics[:3]
    return Figure(wall_s=wall_s, cpu_s=cpu_s_of(pids) - cpu_s)


def _cache(folder: Path) -> DiskCache:
    return DiskCache(folder / "cache", revision=loading_revision())


def _tree() -> SpecTree:
    entries = {"specs/dev/environment.yaml": TreeEntry(content=ENVIRONMENT_TEXT.encode())}
    entries |= {f"specs/dev/stack-{n:03}.yaml": _stack(n, pairs=PAIRS) for n in range(STACKS)}
    return SpecTree(id="all", entries=entries)


def _mixed() -> SpecTree:
    """Stacks of 10 resources each: two of three written out, the third made by a module."""
    entries = {
        "specs/dev/environment.yaml": TreeEntry(content=ENVIRONMENT_TEXT.encode()),
        **{
            f"modules/{name}/module.yaml": TreeEntry(
                content=MODULE.replace("name: pair", f"name: {name}").encode()
            )
            for name in ("pair", "few")
        },
    }
    for number in range(MIXED):
        name = f"stack-{number:04}"
        module = "few" if number < 3 * FEW else "pair"
        text = USE.format(name=name).replace("modules/pair", f"modules/{module}")
        use = TreeEntry(content=text.encode())
        entries[f"specs/dev/{name}.yaml"] = _stack(number, pairs=5) if number % 3 else use
    return SpecTree(id="mixed", entries=entries)


def _stack(number: int, *, pairs: int) -> TreeEntry:
    return TreeEntry(content=spec_text(f"stack-{number:03}", pairs).encode())
