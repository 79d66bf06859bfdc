"""Count the calls of a plan that finds 1,000 mixed resources as they should be, and time its reading. Shell.

The time is from the first call to the last reply, so that the start of gitbot and its planning are not in it. The local AWS
serves one call at a time; how long gitbot takes to read is timed with its replies given again, many at a time (``replies``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cloud import AwsProcess
from benchmarks.gitbot_tool import Gitbot
from benchmarks.measuring import Figure
from benchmarks.mixed_stacks import mixed_files
from benchmarks.replies import Replies
from gitbot.providers.aws.connection import FAN_OUT

MOST_CALLS = 1_005
MOST_LISTED = 30
DELAY_S = 0.05
LISTED = frozenset({"ec2", "iam", "monitoring", "logs", "secretsmanager", "ssm"})
"""The services that describe many objects in a call. Calls to CloudWatch are signed for ``monitoring``."""
_USER_DATA = "ec2.DescribeInstanceAttribute"


@dataclass(frozen=True, slots=True)
class Reading:
    """The calls of one plan, as the local AWS has logged them."""

    logged: Sequence[Mapping[str, Any]]

    @property
    def counts(self) -> Counter[str]:
        """How often each operation was called."""
        return Counter(f"{one['service']}.{one['operation']}" for one in self.logged)

    @property
    def by_service(self) -> Counter[str]:
        """How often each service was called."""
        return Counter(one["service"] for one in self.logged)

    @property
    def listed(self) -> int:
        """The calls to the services that describe many objects in a call, without those for user data."""
        whole = sum(count for name, count in self.by_service.items() if name in LISTED)
        return whole - self.counts[_USER_DATA]


def measure(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[str, Mapping[str, Figure]]]:
    """Apply the stacks, plan them again, and plan them while each reply takes 50 ms more."""
    with AwsProcess() as aws, Replies(aws.url) as replies:
        tool = Gitbot(folder, mixed_files(), aws.environ)
        tool.validate()
        applied = tool.apply()
        say(f"applied 1,000 resources in {applied.wall_s:.0f} s")
        aws.forget_calls()
        tool.plan()
        reading = Reading(aws.logged())
        tool.call_at(replies.url)
        tool.plan()
        replies.counted()
        for line in _lines(reading):
            say(line)
        for name, delay_s in (("at once", 0.0), ("after 50 ms", DELAY_S)):
            with replies.slow(delay_s):
                done = tool.plan()
            found = replies.counted()
            say(_timed(name, found, reading))
            yield (
                f"read 1,000 resources, replies {name}",
                {
                    "gitbot": Figure(
                        wall_s=found["took_s"],
                        cpu_s=done.cpu_s,
                        calls=found["calls"],
                        peak_rss_mb=done.peak_rss_mb,
                    )
                },
            )


def _timed(name: str, found: Mapping[str, Any], reading: Reading) -> str:
    calls = sum(count for service, count in reading.by_service.items() if service != "sts")
    aim_s = 2 * calls / FAN_OUT * DELAY_S
    return (
        f"reading, replies {name}: {found['took_s']:.1f} s, {found['calls']} calls, {found['passed_on']} of them to "
        f"the local AWS (aim after 50 ms: at most {aim_s:.1f} s, twice {calls} calls / {FAN_OUT} at a time x 50 ms)"
    )


def _lines(at_once: Reading) -> Iterator[str]:
    """The figures beside their aims."""
    for service, count in at_once.by_service.most_common():
        own = [
            f"{name.partition('.')[2]} {many}"
            for name, many in at_once.counts.most_common()
            if name.startswith(f"{service}.")
        ]
        yield f"  {service}: {count} ({', '.join(own)})"
    calls = len(at_once.logged)
    yield f"calls: {calls:,} (aim: at most {MOST_CALLS:,})"
    yield f"to {', '.join(sorted(LISTED))}, user data apart: {at_once.listed} (aim: at most {MOST_LISTED})"
