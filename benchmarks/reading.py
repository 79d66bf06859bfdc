"""Count the calls of a plan that finds 1,000 mixed resources as they should be, and time its reading. Shell.

The local AWS tells when each call began and ended, so that the start of gitbot and its planning are not in the time.
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

    @property
    def took_s(self) -> float:
        """From the first call for an object until the last reply."""
        calls = [one for one in self.logged if one["service"] != "sts"]
        ends = [one["began_s"] + one["duration_s"] for one in calls]
        return float(max(ends) - min(one["began_s"] for one in calls))


def measure(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[str, Mapping[str, Figure]]]:
    """Apply the stacks, plan them again, and plan them while each reply takes 50 ms more."""
    with AwsProcess() as aws:
        tool = Gitbot(folder, mixed_files(), aws.environ)
        tool.validate()
        applied = tool.apply()
        say(f"applied 1,000 resources in {applied.wall_s:.0f} s")
        aws.forget_calls()
        plan = tool.plan()
        at_once = Reading(aws.logged())
        aws.forget_calls()
        with aws.slow(DELAY_S):
            slowed = tool.plan()
        later = Reading(aws.logged())
    for line in _lines(at_once, later):
        say(line)
    for name, done, reading in (("as it is", plan, at_once), ("50 ms later", slowed, later)):
        yield (
            f"read 1,000 resources, each reply {name}",
            {
                "gitbot": Figure(
                    wall_s=reading.took_s,
                    cpu_s=done.cpu_s,
                    calls=len(reading.logged),
                    peak_rss_mb=done.peak_rss_mb,
                )
            },
        )


def _lines(at_once: Reading, later: Reading) -> Iterator[str]:
    """The figures beside their aims."""
    for service, count in at_once.by_service.most_common():
        own = [
            f"{name.partition('.')[2]} {many}"
            for name, many in at_once.counts.most_common()
            if name.startswith(f"{service}.")
        ]
        yield f"  {service}: {count} ({', '.join(own)})"
    calls = len(at_once.logged)
    waits_s = len(later.logged) / FAN_OUT * DELAY_S
    yield f"calls: {calls:,} (aim: at most {MOST_CALLS:,})"
    yield f"to {', '.join(sorted(LISTED))}, user data apart: {at_once.listed} (aim: at most {MOST_LISTED})"
    yield (
        f"reading: {at_once.took_s:.1f} s; with 50 ms added to each reply {later.took_s:.1f} s (aim: at most "
        f"{2 * waits_s:.1f} s, twice {len(later.logged)} calls / {FAN_OUT} at a time x 50 ms)"
    )
