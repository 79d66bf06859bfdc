"""Apply, plan again and destroy copies of the example stacks, with gitbot and Terraform. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import gitbot_tool, terraform_tool
from benchmarks.cloud import AwsProcess
from benchmarks.gitbot_tool import Gitbot
from benchmarks.measuring import Figure, Finished
from benchmarks.terraform_tool import Installed, Terraform

Results = Mapping[str, Mapping[str, Figure]]


def compare(folder: Path, copies: int, installed: Installed, say: Callable[[str], None]) -> Results:
    """The figures of the three scenarios for both tools with copies of the example stacks."""
    files = gitbot_tool.copies(copies)
    return side_by_side(
        folder, files, terraform_tool.copies(copies, gitbot_tool.AMI), installed, say
    )


def side_by_side(
    folder: Path,
    files: Mapping[str, str],
    text: str,
    installed: Installed,
    say: Callable[[str], None],
) -> Results:
    """The figures of the three scenarios for both tools, one after the other, on the same local AWS.

    ``files`` are gitbot's, ``text`` is Terraform's root module.
    """
    with AwsProcess() as aws:
        found = {"gitbot": _gitbot(folder / "gitbot", files, aws, say)}
        if installed.missing:
            say(f"without Terraform: {installed.missing}")
        else:
            found["terraform"] = _terraform(folder / "terraform", text, installed, aws, say)
    scenarios = found["gitbot"]
    return {name: {tool: found[tool][name] for tool in found} for name in scenarios}


def _gitbot(
    folder: Path, files: Mapping[str, str], aws: AwsProcess, say: Callable[[str], None]
) -> dict[str, Figure]:
    aws.empty()
    tool = Gitbot(folder, files, aws.environ)
    tool.validate()
    figures = _Figures("gitbot", aws, say)
    figures.take("apply", tool.apply)
    figures.take("no-change plan", tool.plan)
    digests = tool.digests_to_destroy()
    figures.take("destroy", lambda: tool.destroy(digests))
    return figures.found


def _terraform(
    folder: Path, text: str, installed: Installed, aws: AwsProcess, say: Callable[[str], None]
) -> dict[str, Figure]:
    aws.empty()
    tool = Terraform(installed, folder, text, aws.environ)
    tool.validate()
    figures = _Figures("terraform", aws, say)
    figures.take("apply", tool.apply)
    figures.take("no-change plan", tool.plan)
    figures.take("destroy", tool.destroy)
    return figures.found


class _Figures:
    """Collects one tool's figures, and reports each when it is measured."""

    def __init__(self, tool: str, aws: AwsProcess, say: Callable[[str], None]) -> None:
        self._tool, self._aws, self._say = tool, aws, say
        self.found: dict[str, Figure] = {}

    def take(self, scenario: str, command: Callable[[], Finished]) -> None:
        self._aws.forget_calls()
        done = command()
        calls = self._aws.calls()
        self.found[scenario] = Figure(
            wall_s=done.wall_s,
            cpu_s=done.cpu_s,
            calls=calls.total(),
            peak_rss_mb=done.peak_rss_mb,
        )
        most = ", ".join(f"{name} {count}" for name, count in calls.most_common(6))
        self._say(f"{self._tool} {scenario}: {done.wall_s:.1f} s, {calls.total()} calls ({most})")
