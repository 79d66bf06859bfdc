"""The job that deletes old plans and applies. Shell."""

from __future__ import annotations

from gitbot.jobs.steps.look import Ports
from gitbot.model.keys import PruneRuns


def prune_runs(ports: Ports, key: PruneRuns) -> None:
    """Delete the runs that are older than the server keeps them. Safe to run twice or late."""
    ports.records.runs.prune(ports.keep_runs, ports.clock.now())
