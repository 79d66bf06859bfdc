"""Count the calls to GitHub and the processor time of one event, as a repository grows. Shell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import Figure, cpu_s_of
from gitbot_sandbox.sandbox import ADMIN, WRITER, Sandbox
from gitbot_sandbox.stage import Stage

QUIET_S = 2.0
_ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1}
"""
_STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {{name: stack-{number}}}
spec:
  resources:
    group:
      type: AWS::EC2::SecurityGroup
      properties: {{GroupDescription: "{text}"}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many stacks there are, how many pull requests are open, how many were merged lately."""

    stacks: int
    open: int
    merged: int

    def __str__(self) -> str:
        return f"{self.stacks} stacks, {self.open} open, {self.merged} merged"


SIZES = (
    Size(stacks=20, open=0, merged=1),
    Size(stacks=20, open=0, merged=20),
    Size(stacks=20, open=10, merged=20),
    Size(stacks=100, open=10, merged=20),
)


def measure(root: Path, say: Callable[[str], None]) -> Mapping[str, Mapping[str, Figure]]:
    """The cost of each event at each size; ``calls`` are those that count against the rate limit."""
    found: dict[str, Mapping[str, Figure]] = {}
    for number, size in enumerate(SIZES):
        say(f"events with {size}")
        with Sandbox(root / str(number), environ={"GITBOT_SWEEP_S": "3600"}) as sandbox:
            for name, figure in _events(sandbox, size).items():
                found[f"{name}; {size}"] = {"gitbot": figure}
    return found


def _events(sandbox: Sandbox, size: Size) -> Mapping[str, Figure]:
    files = {f"specs/dev/{n}.yaml": _STACK.format(number=n, text="new") for n in range(size.stacks)}
    name = sandbox.create_repository("bench", {"specs/dev/environment.yaml": _ENVIRONMENT})
    stage = Stage(sandbox, name)
    stage.patience_s = 120
    sandbox.start_server()
    first = stage.open("first", "Add the stacks", dict(files))
    stage.plan_comment(first)
    sandbox.github.merge(name, first, ADMIN)
    stage.result(first, "dev")
    for number in range(1, size.merged):
        _merge(stage, number % size.stacks, f"merged-{number}")
    for number in range(size.open):
        path = f"specs/dev/{number + 1}.yaml"
        text = _STACK.format(number=number + 1, text=f"open {number}")
        stage.plan_comment(stage.open(f"open-{number}", f"Change {number}", {path: text}))
    proposed = _propose(stage, 0, "last")
    return {
        "event: a merge that makes no plan stale": _cost(sandbox, lambda: _finish(stage, proposed)),
        "event: a push to another branch": _cost(
            sandbox,
            lambda: sandbox.github.push_files(
                name, "idle", {"notes.txt": "x"}, WRITER, message="Take notes"
            ),
        ),
        "event: a pull request that touches no spec": _cost(
            sandbox, lambda: _open_unrelated(stage)
        ),
    }


def _propose(stage: Stage, stack: int, branch: str) -> int:
    text = _STACK.format(number=stack, text=branch)
    number = stage.open(branch, branch, {f"specs/dev/{stack}.yaml": text})
    stage.plan_comment(number)
    return number


def _finish(stage: Stage, number: int) -> None:
    stage.github.merge(stage.name, number, ADMIN)
    stage.result(number, "dev")


def _merge(stage: Stage, stack: int, branch: str) -> None:
    _finish(stage, _propose(stage, stack, branch))


def _open_unrelated(stage: Stage) -> None:
    number = stage.open("readme", "Write the README", {"README.md": "# Us\n"})
    stage.check(number, "gitbot")


def _cost(sandbox: Sandbox, act: Callable[[], object]) -> Figure:
    """What the server does for it, until it has been quiet for ``QUIET_S``."""
    _wait_until_quiet(sandbox)
    sandbox.github.faults.forget_calls()
    began, cpu_s = time.monotonic(), cpu_s_of([sandbox.server_pid])
    act()
    _wait_until_quiet(sandbox)
    calls = [
        call
        for call in sandbox.github.faults.calls()
        if call.login == sandbox.app.login and call.status != 304 and ".git/" not in call.path
    ]
    return Figure(
        wall_s=time.monotonic() - began - QUIET_S,
        cpu_s=cpu_s_of([sandbox.server_pid]) - cpu_s,
        calls=len(calls),
    )


def _wait_until_quiet(sandbox: Sandbox) -> None:
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        count = sandbox.github.faults.count()
        if count != seen:
            seen, since = count, time.monotonic()
        time.sleep(0.05)
