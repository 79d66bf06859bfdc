"""Decide which jobs of the waiting deliveries are queued now, and which newer ones stand for. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitbot.model.keys import JobKey

A_SECOND = 5
"""How many deliveries a second wake jobs that a newer one could replace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to do about the waiting deliveries. ``keys`` are queued in this order.

    After that nothing is left to do for the deliveries ``woke``, which took part of the room, and
    for ``settled``: newer ones stand for them, or they took none of it. The rest go on waiting.
    """

    keys: tuple[JobKey, ...]
    woke: frozenset[str]
    settled: frozenset[str]


def choose(waiting: Sequence[tuple[str, Sequence[JobKey]]], room: int) -> Choice:
    """Choose among deliveries, oldest first, each with the keys of its jobs.

    What must run each by itself (an answer, what follows a merge) is queued at once and takes no
    room. Of the jobs that a newer one replaces only the newest is queued, for ``room`` different
    subjects at most; those that have waited longest come first. A subject that must wait keeps its
    oldest delivery too, so that many new ones do not send it back to the end.
    """
    alone = [key for _, keys in waiting for key in keys if key.supersedes is None]
    subjects = _subjects(waiting)
    now = list(subjects)[: max(0, room)]
    later = [subjects[subject] for subject in subjects.keys() - set(now)]
    kept = {at for found in later for at in (found[0][0], found[-1][0])}
    newest = [subjects[subject][-1] for subject in now]
    woke = {at for at, _ in newest} - kept
    return Choice(
        keys=(*alone, *(key for _, key in newest)),
        woke=frozenset(waiting[at][0] for at in woke),
        settled=frozenset(
            id_ for at, (id_, _) in enumerate(waiting) if at not in kept and at not in woke
        ),
    )


def _subjects(
    waiting: Sequence[tuple[str, Sequence[JobKey]]],
) -> Mapping[str, Sequence[tuple[int, JobKey]]]:
    """The keys that a newer one replaces, by what they are about, with the places of their
    deliveries."""
    found: dict[str, list[tuple[int, JobKey]]] = {}
    for at, (_, keys) in enumerate(waiting):
        for key in keys:
            if key.supersedes is not None:
                found.setdefault(key.supersedes, []).append((at, key))
    return found
