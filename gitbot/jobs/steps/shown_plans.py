"""Record which plans a pull request shows, also when the process that showed them died. Shell."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.publish import settle_comments
from gitbot.model.said import PLAN, Showing, ShownDigest
from gitbot.ports.forge import Forge


def record_shown(
    ports: Ports, repository: str, number: int, showing: Showing, at: datetime
) -> None:
    """Record that the pull request shows these plans since ``at``, in GitHub's time. Idempotent."""
    runs, pull_requests = ports.records.runs, ports.records.pull_requests
    runs.mark_shown(showing.runs, at, partly=showing.partly)
    found = [run for id_ in showing.runs if (run := runs.get(id_)) is not None]
    pull_requests.note_shown(
        number,
        [ShownDigest(stack=r.stack, digest=r.digest, shown_at=at, topic=PLAN) for r in found],
    )
    pull_requests.end_showing(repository, number, showing)


def settle_shown(ports: Ports, forge: Forge, repository: str, numbers: Collection[int]) -> None:
    """Record what these pull requests show by a process that died before it could.

    What people merged or commented on stands on GitHub, whether or not we lived to record it. Costs
    no call where nothing is left open. Idempotent; may run beside the process that shows it.
    """
    for number, showing in ports.records.pull_requests.showings(repository).items():
        if number in numbers:
            at = settle_comments(ports, forge, repository, number, PLAN, showing.pages)
            if at is not None:
                record_shown(ports, repository, number, showing, at)


def forget_showing(ports: Ports, repository: str, number: int) -> None:
    """Forget what the pull request was to show and never will, because it is closed."""
    pull_requests = ports.records.pull_requests
    showing = pull_requests.showings(repository).get(number)
    if showing is not None:
        pull_requests.end_showing(repository, number, showing)
