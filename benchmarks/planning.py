"""Measure planning alone: pairs of dependent resources, without a refresh. Shell.

    python -m benchmarks.planning [--pairs 1000 10000 20000] [--yaml]

Each size runs in a process of its own, so that its peak of memory is measured alone. ``first``
plans the creation of everything, ``again`` an unchanged stack (nothing read, everything bound from
state). ``--yaml`` begins with spec files of 1,000 pairs each: ``load`` is YAML to desired state
with every property checked against its schema, and the plans then use the shipped types and
evaluate CEL. ``load_cpu_s`` is the processor time of loading, ``cpu_s`` the processor time of loading and the first plan.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.measuring import own_peak_bytes
from benchmarks.planning_stacks import (
    ACCOUNT,
    GROUP,
    INSTANCE,
    STACK,
    desired_stack,
    recorded_stack,
    spec_tree,
)
from gitbot.language.bind import bind as evaluate
from gitbot.language.load import load_tree
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import SchemaLookup
from gitbot.model.values import Unknown, Value, redactor
from gitbot.providers.aws.catalog import open_catalog
from gitbot.reconciler.binding import Binder
from gitbot.reconciler.plan import make_plan

SCHEMAS: SchemaLookup = {GROUP.name: GROUP, INSTANCE.name: INSTANCE}.get


def evaluated(requests: Sequence[tuple[Unknown, Mapping[Address, Any]]]) -> list[Value]:
    """The values of the requests, evaluated in this process instead of the loader's child."""
    return [evaluate(unknown, attributes) for unknown, attributes in requests]


def measure_yaml(pairs: int) -> dict[str, float]:
    """The figures of ``measure``, from YAML and with the shipped types."""
    catalog = open_catalog()
    tree = spec_tree(pairs)
    gc.disable()  # as the child does that loads for gitbot
    cpu_s = time.process_time()
    start = time.perf_counter()
    loaded = load_tree(tree, catalog.lookup, catalog.names)
    load_s, load_cpu_s = time.perf_counter() - start, time.process_time() - cpu_s
    gc.enable()
    assert not loaded.diagnostics, loaded.diagnostics[:3]
    start = time.perf_counter()
    for stack in loaded.stacks:
        planned(stack, RecordedStack(id=STACK, lineage="bench"), catalog.lookup, evaluated)
    first_s = time.perf_counter() - start
    cpu_s = time.process_time() - cpu_s
    states = [recorded_stack(stack) for stack in loaded.stacks]
    start = time.perf_counter()
    for stack, state in zip(loaded.stacks, states, strict=True):
        assert planned(stack, state, catalog.lookup, evaluated).empty
    again_s = time.perf_counter() - start
    found = {"load_s": load_s, "first_s": first_s, "again_s": again_s}
    return found | {"load_cpu_s": load_cpu_s, "cpu_s": cpu_s, "peak_rss_mb": _peak_mb()}


def bind(requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Any]]]]) -> list[Value]:
    """Evaluate ``${name.Attribute}`` and no other expression, which measures planning alone."""
    answers: list[Value] = []
    for unknown, scope in requests:
        found = re.fullmatch(r"\$\{(\w+)\.(\w+)\}", unknown.template)
        known = scope.get(Address(found[1]), {}) if found else {}
        answers.append(known.get(found[2], unknown) if found else unknown)
    return answers


def planned(
    desired: DesiredStack, recorded: RecordedStack, schemas: SchemaLookup, binder: Binder
) -> Plan:
    """A plan for which nothing is read."""
    return make_plan(
        stack=STACK,
        desired=desired,
        recorded=recorded,
        observed={},
        owners={},
        schemas=schemas,
        account=ACCOUNT,
        commit=None,
        redactor=redactor(b"bench", "bench"),
        bind=binder,
        pack_version="bench",
    )


def measure(pairs: int) -> dict[str, float]:
    """Wall times in seconds and the process's peak of memory in megabytes."""
    desired = desired_stack(pairs)
    cpu_s = time.process_time()
    start = time.perf_counter()
    first = planned(desired, RecordedStack(id=STACK, lineage="bench"), SCHEMAS, bind)
    first_s = time.perf_counter() - start
    cpu_s = time.process_time() - cpu_s
    assert len(first.effective) == 2 * pairs
    del first
    recorded = recorded_stack(desired)
    start = time.perf_counter()
    again = planned(desired, recorded, SCHEMAS, bind)
    again_s = time.perf_counter() - start
    assert again.empty
    found = {"first_s": first_s, "again_s": again_s, "cpu_s": cpu_s}
    return found | {"peak_rss_mb": _peak_mb()}


def _peak_mb() -> float:
    return own_peak_bytes() / 1024**2


def run(pairs: int, *, from_yaml: bool) -> dict[str, float]:
    """One measurement in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.planning", "--one", str(pairs)]
    command += ["--yaml"] if from_yaml else []
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, nargs="+", default=[1_000, 10_000, 20_000])
    parser.add_argument("--yaml", action="store_true", help="begin with spec files")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        found = measure_yaml(arguments.one) if arguments.yaml else measure(arguments.one)
        print(json.dumps(found))
        return
    print(f"{'pairs':>8} {'load':>9} {'first':>9} {'again':>9} {'peak':>9}")
    for pairs in arguments.pairs:
        found = run(pairs, from_yaml=arguments.yaml)
        load = f"{found['load_s']:>7.2f} s" if "load_s" in found else f"{'-':>9}"
        print(
            f"{pairs:>8} {load} {found['first_s']:>7.2f} s {found['again_s']:>7.2f} s "
            f"{found['peak_rss_mb']:>6.0f} MB"
        )


if __name__ == "__main__":
    main()
