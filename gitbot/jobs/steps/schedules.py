"""Keep the schedules as the tip and the records want them, and wake what is due. Shell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gitbot.decisions.time.schedules import due
from gitbot.jobs.steps.drift.wake import drift_schedules
from gitbot.jobs.steps.expiry.cases import expiry_schedules
from gitbot.jobs.steps.frozen_applies import freeze_schedules
from gitbot.jobs.steps.hours.machines import hours_schedules
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.promotion.waking import promotion_schedules
from gitbot.language.files import home_path_of
from gitbot.model.desired import Environment
from gitbot.model.keys import (
    DetectDrift,
    ExpireStacks,
    JobKey,
    KeepHours,
    OpenWindows,
    Promote,
)
from gitbot.model.time import Schedule, Work


class WantSchedules(Protocol):
    """Says what one part waits for in an environment. It reads the part's records and decides."""

    def __call__(
        self, ports: Ports, seen: Look, environment: Environment, now: datetime
    ) -> Iterable[Schedule]:
        """The schedules of the part by the rules at the tip; none where it is switched off."""


class MakeKey(Protocol):
    """Makes the key of the job that does the work of one environment."""

    def __call__(self, *, repository: str, environment: str, reason: str) -> JobKey:
        """The key; ``reason`` is the same on every server that fires for the same instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a part of the work waits for, and the job that it wakes."""

    wants: WantSchedules
    wakes: MakeKey


PARTS: Mapping[Work, Part] = {
    Work.DRIFT: Part(wants=drift_schedules, wakes=DetectDrift),
    Work.FREEZE: Part(wants=freeze_schedules, wakes=OpenWindows),
    Work.HOURS: Part(wants=hours_schedules, wakes=KeepHours),
    Work.EXPIRY: Part(wants=expiry_schedules, wakes=ExpireStacks),
    Work.PROMOTION: Part(wants=promotion_schedules, wakes=Promote),
}
"""A part that is not here has no schedules."""


def reschedule(
    ports: Ports,
    seen: Look,
    *,
    works: Collection[Work] = tuple(Work),
    environment: str | None = None,
    parts: Mapping[Work, Part] = PARTS,
) -> None:
    """Make the rows of all environments, or of one, as the tip and the records of the parts want them.

    The rows of an environment whose file has errors stay as they are; those of one that the tip
    does not have are removed. Idempotent.
    """
    now, rows = ports.engine.calendar.now(), ports.records.schedules
    owners = rows.owners(seen.repository.id)
    for work in works:
        names = {owner.environment for owner, theirs in owners if theirs == work}
        for name in sorted({*seen.at_tip.environments, *_gone(seen, names)}):
            if environment not in (None, name):
                continue
            wanted = _wanted(ports, seen, name, parts.get(work), now)
            # A part that is switched off costs nothing.
            if wanted or name in names:
                rows.replace(seen.key(name), work, wanted, at=now)


def _gone(seen: Look, names: Collection[str]) -> set[str]:
    """The environments that the tip does not have, not even with errors."""
    return {name for name in names if home_path_of(name) not in seen.tree.entries}


def _wanted(
    ports: Ports, seen: Look, name: str, part: Part | None, now: datetime
) -> tuple[Schedule, ...]:
    environment = seen.at_tip.environments.get(name)
    if environment is None or part is None:
        return ()
    return tuple(part.wants(ports, seen, environment, now))


def wake_due(
    ports: Ports, repositories: Collection[str], parts: Mapping[Work, Part] = PARTS
) -> None:
    """Enqueue the job of everything that is due in these repositories, each firing once.

    The firing is recorded only then. A server that dies in between fires again for the same
    instant, and the queue knows that job.

    Raises:
        TransientError: the store or the queue did not answer; the next call goes on.
    """
    rows, now = ports.records.schedules, ports.engine.calendar.now()
    for firing in due(rows.due(repositories, now), now):
        owner, part = firing.schedule.environment, parts.get(firing.schedule.work)
        # A part that this version does not have: the next ``reschedule`` removes its rows.
        if part is not None:
            key = part.wakes(
                repository=owner.repository, environment=owner.environment, reason=firing.reason
            )
            ports.queue.enqueue(key)
            rows.fired(firing, now=now)
