"""``python -m benchmarks``: measure, print one table, write ``results/latest.json``. Shell.

    python -m benchmarks [--only SCENARIO] [--copies N] [--full]

A run takes about a quarter of an hour on two cores, most of it Terraform's.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    buckets,
    deliveries,
    events,
    history,
    loading,
    micro,
    mixed,
    planning_runs,
    reading,
    scans,
    stacks,
    starting,
    telling,
    typing,
    webhook,
)
from benchmarks.measuring import Figure
from benchmarks.table import lines, lines_by_size, lines_of_costs
from benchmarks.terraform_tool import Installed, look_for_terraform
from gitbot.model.store_cost import StoreCost

RESULTS = Path(__file__).with_name("results") / "latest.json"
SIZES = (1_000, 10_000)
ALL_SIZES = (1_000, 5_000, 10_000)
ROUNDS = 10
Found = Iterator[tuple[str, Mapping[str, Figure]]]


def main() -> None:
    """Run the measurements that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure gitbot, beside Terraform where both do the same.",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=sorted(ALL),
        help="Only this scenario; may be given several times.",
    )
    parser.add_argument(
        "--copies", type=int, default=20, help="Copies of the example stacks [default: 20]."
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="Let Terraform plan 5,000 pairs too, and 1,000 by for_each (minutes more).",
    )
    asked = parser.parse_args()
    installed = look_for_terraform()
    results: dict[str, Mapping[str, Figure]] = {}
    costs: buckets.Results = {}
    _say(f"load before: {_load()}")
    with tempfile.TemporaryDirectory(prefix="gitbot-bench-") as folder:
        for name in asked.only or ALL:
            if name == BUCKETS:
                costs = buckets.compare(Path(folder) / name, installed, _say)
                continue
            for scenario, figures in SCENARIOS[name](Path(folder) / name, asked, installed):
                results[scenario] = figures
    _say(f"load after: {_load()}")
    RESULTS.parent.mkdir(exist_ok=True)
    measured: dict[str, Mapping[str, Figure | StoreCost]] = {**results}
    measured.update({f"{BUCKETS}: {name}": cost for name, cost in costs.items()})
    data = {name: {t: asdict(f) for t, f in tools.items()} for name, tools in measured.items()}
    RESULTS.write_text(json.dumps(data, indent=2) + "\n")
    _print(results)
    if costs:
        print("\nState in a bucket:\n")
        print("\n".join(lines_of_costs(costs)))
    if installed.missing:
        print(f"\nNot compared: {installed.missing}.")


def _print(results: Mapping[str, Mapping[str, Figure]]) -> None:
    grown = {n: found for n, found in results.items() if n.startswith(history.PREFIX)}
    rest = {n: found for n, found in results.items() if n not in grown}
    if rest:
        print("\n".join(lines(rest)))
    if grown:
        print("\nBy stacks / runs of each / open pull requests:\n")
        print("\n".join(lines_by_size(grown)))


def _stacks(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from stacks.compare(folder, asked.copies, installed, _say).items()


def _planning(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    sizes = ALL_SIZES if asked.full else SIZES
    yield from planning_runs.compare(folder, sizes, installed, full=asked.full)


def _webhook(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from webhook.measure(folder, ROUNDS).items()


def _starting(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from starting.measure(folder, ROUNDS).items()


def _loading(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from loading.measure(folder).items()


def _typing(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from typing.measure(folder).items()


def _history(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from history.measure(folder, _say)


def _events(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from events.measure(folder, _say).items()


def _deliveries(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from deliveries.measure(folder, _say)


def _telling(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from telling.measure(folder, _say)


def _mixed(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from mixed.compare(folder, installed, _say)


def _reading(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from reading.measure(folder, _say)


def _scans(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from scans.measure(folder, _say)


def _micro(folder: Path, asked: argparse.Namespace, installed: Installed) -> Found:
    yield from micro.measure().items()


SCENARIOS: dict[str, Callable[[Path, argparse.Namespace, Installed], Found]] = {
    "micro": _micro,
    "starting": _starting,
    "loading": _loading,
    "typing": _typing,
    "history": _history,
    "events": _events,
    "webhook": _webhook,
    "deliveries": _deliveries,
    "reading": _reading,
    "mixed": _mixed,
    "scans": _scans,
    "telling": _telling,
    "planning": _planning,
    "stacks": _stacks,
}
BUCKETS = "buckets"
ALL = (*SCENARIOS, BUCKETS)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
