"""Measure planning without a refresh: in the process, on the command line, in Terraform. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import planning, terraform_tool
from benchmarks.cloud import AwsProcess
from benchmarks.gitbot_tool import Gitbot
from benchmarks.measuring import Figure
from benchmarks.planning_stacks import spec_tree
from benchmarks.terraform_tool import Installed, Terraform

CHANGES = 2


def compare(
    folder: Path, sizes: tuple[int, ...], installed: Installed, *, full: bool
) -> Iterator[tuple[str, dict[str, Figure]]]:
    """Yield, for each number of pairs, what the first plan costs in each way.

    Terraform plans up to 1,000 pairs. With ``full`` it also plans more, and 1,000 by ``for_each``
    instead of written out; that takes minutes and more than a gigabyte.
    """
    largest = 5_000 if full else 1_000
    for pairs in sizes:
        found = {"gitbot, make_plan": _values(pairs), **_yaml(pairs)}
        found["gitbot"] = _command_line(folder / f"gitbot-{pairs}", pairs)
        if installed.program is not None and pairs <= largest:
            text = terraform_tool.pairs(pairs)
            found["terraform"] = _terraform(folder / f"terraform-{pairs}", text, installed)
        if installed.program is not None and full and pairs == 1_000:
            text = terraform_tool.pairs_by_for_each(pairs)
            found["terraform, for_each"] = _terraform(folder / "for-each", text, installed)
        yield f"plan {pairs:,} pairs", found


def _values(pairs: int) -> Figure:
    found = planning.run(pairs, from_yaml=False)
    return Figure(wall_s=found["first_s"], cpu_s=found["cpu_s"], peak_rss_mb=found["peak_rss_mb"])


def _yaml(pairs: int) -> dict[str, Figure]:
    found = planning.run(pairs, from_yaml=True)
    wall_s = found["load_s"] + found["first_s"]
    return {
        "gitbot, loading": Figure(wall_s=found["load_s"], cpu_s=found["load_cpu_s"]),
        "gitbot, from YAML": Figure(
            wall_s=wall_s, cpu_s=found["cpu_s"], peak_rss_mb=found["peak_rss_mb"]
        ),
    }


def _command_line(folder: Path, pairs: int) -> Figure:
    """What ``gitbot plan --no-refresh`` costs; its one call asks for the account."""
    files = {
        path: entry.content.decode()
        for path, entry in spec_tree(pairs).entries.items()
        if entry.content
    }
    with AwsProcess() as aws:
        tool = Gitbot(folder, files, aws.environ)
        done = tool.plan("--no-refresh", ok=(CHANGES,))
        calls = aws.calls().total()
    return Figure(wall_s=done.wall_s, cpu_s=done.cpu_s, calls=calls, peak_rss_mb=done.peak_rss_mb)


def _terraform(folder: Path, text: str, installed: Installed) -> Figure:
    tool = Terraform(installed, folder, text, {})
    done = tool.plan("-refresh=false", ok=(CHANGES,))
    return Figure(wall_s=done.wall_s, cpu_s=done.cpu_s, calls=0, peak_rss_mb=done.peak_rss_mb)
