"""Wake the job that keeps the issue about what waits, when the issue is not up to date. Shell."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from gitbot.decisions.waiting import NOTHING, listed, to_list
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.keys import TellWaiting
from gitbot.model.runs import Run


def read_waiting(ports: Ports, seen: Look) -> Mapping[str, Sequence[Run]]:
    """The held applies that the issue lists, by environment."""
    held = (ports.records.runs.held(seen.key(name)) for name in seen.at_tip.environments)
    return to_list(run for runs in held for run in runs)


def wake_waiting(ports: Ports, seen: Look) -> None:
    """Wake the job when the issue lists something else than what waits now."""
    repository, now = seen.repository.id, listed(read_waiting(ports, seen))
    known = ports.records.said.waiting_issue(repository)
    if (known.body_hash if known else NOTHING) != now:
        # What waits may go to and fro within a second, so no two reasons are the same. A queued job
        # is replaced by the newer one.
        reason = f"{now[:16]}:{uuid.uuid4().hex}"
        ports.queue.enqueue(TellWaiting(repository=repository, reason=reason))
