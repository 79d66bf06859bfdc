"""Count what scans for drift of many stacks cost, and how much later a plan beside them is. Shell.

The server and the local AWS are processes of their own. The stacks were planned on a pull request
and applied by its merge, as any other.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from benchmarks.cloud import AwsProcess
from benchmarks.measuring import Figure, cpu_s_of
from gitbot_sandbox.sandbox import ADMIN, WRITER, Sandbox, eventually
from gitbot_sandbox.stage import Stage

STACKS = 500
PAIRS = 5
APPLY_S = 600.0
QUIET_S = 3.0
Found = Iterator[tuple[str, Mapping[str, Figure]]]

# Each environment has an hour of its own, and one hour is that of all.
_HOURS = {"dev": 1, "staging": 2, "prod": 3}
_HOUR_OF_ALL = 4
_ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {{name: {name}}}
spec:
  region: us-east-1
  drift: {{cron: "0 {hour},{hour_of_all} * * *"}}
"""
_STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {{name: {name}}}
spec:
  resources:
"""
# S3 has no call that reads two buckets: this one costs a call for each of its three surfaces.
_BUCKET = """\
    bucket:
      type: AWS::S3::Bucket
      properties:
        BucketName: bench-{name}
        VersioningConfiguration: {{Status: Enabled}}
        Tags: [{{Key: note, Value: "{text}"}}]
"""
# Pages of groups serve many stacks. No machines: the local AWS takes 5 ms for each in a page, and
# serves one call at a time, so that plans would wait for it and not for gitbot.
_GROUP = """\
    group:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupDescription: A group of the benchmark
        SecurityGroupIngress:
          - {{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}}
        Tags: [{{Key: note, Value: "{text}"}}]
"""


def measure(root: Path, say: Callable[[str], None]) -> Found:
    """What a scan of each environment costs, then plans alone and beside scans of all three."""
    with (
        AwsProcess() as aws,
        Sandbox(root, environ={"GITBOT_SWEEP_S": "3600", **aws.environ}) as sandbox,
    ):
        name = sandbox.create_repository("bench", _environments())
        place = _Place(Stage(sandbox, name), aws, say)
        sandbox.start_server()
        place.fill()
        for environment, hour in _HOURS.items():
            yield place.scan(environment, hour)
        yield from place.pairs()


class _Place:
    """A repository with applied stacks, and the cloud that they are in."""

    def __init__(self, stage: Stage, aws: AwsProcess, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._aws = aws
        self._say = say

    def fill(self) -> None:
        """Bring all stacks by one pull request, and wait until they are applied."""
        self._say(f"scans: applying {STACKS} stacks")
        self._stage.patience_s = APPLY_S
        number = self._stage.open("all", "Add the stacks", dict(_stacks()))
        self._stage.check(number, "gitbot")  # it comes after the last comment of the plan
        self._stage.github.merge(self._stage.name, number, ADMIN)
        for environment in _HOURS:
            self._wait_until_applied(environment)
        self._wait_until_quiet()  # an apply wakes a scan

    def _wait_until_applied(self, environment: str) -> None:
        runs = self._stage.github.repository(self._stage.name).check_runs

        def done() -> bool:
            name = f"gitbot/{environment}/apply"
            return any(one.name == name and one.conclusion for one in [*runs.values()])

        eventually(done, timeout_s=APPLY_S, what=f"the apply of {environment}")

    def scan(self, environment: str, hour: int) -> tuple[str, Mapping[str, Figure]]:
        """Let the hour of the environment come; the figures of its scan."""
        stacks = sum(path.split("/")[1] == environment for path in _stacks())
        server = self._stage.sandbox.server_pid
        cpu_s = cpu_s_of([server])
        began = self._begin(hour)
        wall_s = self._wait_until_quiet() - began
        calls = self._aws.calls()
        self._say(f"scan of {environment}: {_by_kind(calls, stacks)}")
        figure = Figure(wall_s=wall_s, cpu_s=cpu_s_of([server]) - cpu_s, calls=calls.total())
        return f"drift scan of {environment}, {stacks} stacks", {"gitbot": figure}

    def pairs(self) -> Found:
        """Plans without a scan, and beside the scans of all environments, by turns."""
        # One plan goes first and is not counted.
        took = [(self._plan(2 * n), self._plan_beside(2 * n + 1)) for n in range(PAIRS + 1)][1:]
        for alone, beside in took:
            self._say(f"plan alone {alone:.2f} s, beside scans {beside:.2f} s")
        of = f"{len(_HOURS)} drift scans of {STACKS} stacks"
        for name, walls in {
            "plan of 2 stacks, alone": [alone for alone, _ in took],
            f"plan of 2 stacks, beside {of}": [beside for _, beside in took],
            "later by": [beside - alone for alone, beside in took],
        }.items():
            yield f"{name}, median", {"gitbot": Figure(wall_s=statistics.median(walls))}
            yield f"{name}, most", {"gitbot": Figure(wall_s=max(walls))}

    def _plan_beside(self, number: int) -> float:
        """Seconds to the plan comment of a pull request that is opened once scans have begun."""
        self._begin(_HOUR_OF_ALL)
        wall_s = self._plan(number)
        meanwhile = self._aws.calls().total()
        self._wait_until_quiet()
        assert self._aws.calls().total() > meanwhile, "the scans had ended before the plan"
        return wall_s

    def _plan(self, number: int) -> float:
        stage, branch = self._stage, f"change-{number}"
        changed: dict[str, str | None] = {
            path: text
            for path, text in _stacks(branch).items()
            if path.endswith(("/stack-000.yaml", "/stack-003.yaml"))
        }
        stage.github.push_files(stage.name, branch, changed, WRITER, message=branch)
        started = time.monotonic()
        pull = stage.github.open_pull_request(stage.name, author=WRITER, head=branch, title=branch)
        body = stage.plan_comment(pull).body
        wall_s = time.monotonic() - started
        assert body.count("**1 to update.**") == 2, body
        return wall_s

    def _begin(self, hour: int) -> float:
        """Move the time on to the hour; returns when the first call has come."""
        self._aws.forget_calls()
        clock = self._stage.github.clock
        today = clock.now().replace(hour=hour, minute=0, second=0, microsecond=0)
        next_time = today if today > clock.now() else today + timedelta(days=1)
        clock.move_to(next_time.isoformat())
        eventually(lambda: self._aws.calls().total(), what="a scan")
        return time.monotonic()

    def _wait_until_quiet(self) -> float:
        """Wait until no more calls come; returns when the last one was seen."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET_S:
            count = self._aws.calls().total()
            if count != seen:
                seen, since = count, time.monotonic()
            time.sleep(0.05)
        return since


def _environments() -> dict[str, str]:
    return {
        f"specs/{name}/environment.yaml": _ENVIRONMENT.format(
            name=name, hour=hour, hour_of_all=_HOUR_OF_ALL
        )
        for name, hour in _HOURS.items()
    }


def _stacks(text: str = "first") -> dict[str, str]:
    """All stacks by path: in turn in each environment, in turn a bucket and a group."""
    environments = tuple(_HOURS)
    files = {}
    for number in range(STACKS):
        name = f"stack-{number:03}"
        made = _STACK + (_GROUP if number % 2 else _BUCKET)
        path = f"specs/{environments[number % len(environments)]}/{name}.yaml"
        files[path] = made.format(name=name, text=text)
    return files


def _by_kind(calls: Counter[str], stacks: int) -> str:
    kinds = ", ".join(f"{name} {count}" for name, count in calls.most_common())
    return f"{calls.total() / stacks:.2f} calls a stack ({kinds})"
