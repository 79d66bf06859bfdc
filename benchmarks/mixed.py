"""Compare gitbot and Terraform on stacks of 25 types, and on a network with machines. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.measuring import Figure
from benchmarks.mixed_stacks import machine_files, mixed_files
from benchmarks.mixed_terraform import mixed_module
from benchmarks.stacks import side_by_side
from benchmarks.terraform_tool import Installed

TEAMS = 2
MACHINES = 20


def compare(
    folder: Path, installed: Installed, say: Callable[[str], None]
) -> Iterator[tuple[str, Mapping[str, Figure]]]:
    """Apply, plan again and destroy: two teams and a network, then the network and a fleet of machines."""
    worlds = {
        "mixed": (mixed_files(TEAMS, 1), mixed_module(TEAMS, 1)),
        "EC2": (machine_files(MACHINES), mixed_module(0, 1, MACHINES)),
    }
    for name, (files, text) in worlds.items():
        for scenario, figures in side_by_side(folder / name, files, text, installed, say).items():
            yield f"{name}: {scenario}", figures
