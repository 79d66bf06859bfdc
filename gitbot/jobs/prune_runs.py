"""The job that deletes old plans and applies. Shell."""

from __future__ import annotations

from datetime import timedelta

from gitbot.jobs.steps.look import Ports
from gitbot.model.keys import PruneRuns

ASKED_PLANS = timedelta(days=1)
"""How long a plan is kept that somebody asked for at the command line."""


def prune_runs(ports: Ports, key: PruneRuns) -> None:
    """Delete the runs that are older than ``ports.keep_runs``. Safe to run twice or late."""
    ports.records.runs.prune(ports.keep_runs, ports.clock.now())
    ports.records.asked_plans.prune(ASKED_PLANS, ports.clock.now())
