"""Decides which plan a person had read when they merged or wrote ``/apply``. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gitbot.errors import RefusedError
from gitbot.model.commands import Command, Source
from gitbot.model.names import Sha
from gitbot.model.plan import Guard
from gitbot.model.runs import Run

GITHUB_GRAIN = timedelta(seconds=1)
"""GitHub gives all times in whole seconds. What is a second earlier came before."""


def at_merge(candidates: Iterable[Run | None], head: Sha) -> Run | None:
    """The plan of this head that the pull request showed when it was merged (docs/adr/0005).

    ``candidates`` are the plan shown last before the second of the merge, and the one shown last
    in that second. Nobody has reviewed a plan that was shown later than that.
    """
    return next((run for run in candidates if run is not None and run.head == head), None)


def moments(
    command: Command, plan_comment: int | None
) -> tuple[datetime | None, datetime | None, datetime]:
    """Up to when the newest, the read and the earlier plan of ``ShownFacts`` were shown.

    ``plan_comment`` is the id of the comment that shows plans. GitHub counts comments up, so a
    comment with a smaller id was written before that one, even in the same second.
    """
    written, earlier = command.written_at, command.written_at - GITHUB_GRAIN
    first = command.ref.source is Source.COMMENT and command.ref.comment < (plan_comment or 0)
    return None, earlier if first else written, earlier


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlan:
    """A plan run that was shown, and the guards of its plan."""

    run: Run
    guards: frozenset[Guard] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFacts:
    """The plans of one stack that were shown around the time of an ``/apply``.

    ``newest`` was shown last. ``read`` was shown up to the second in which the comment was written,
    ``before`` earlier than that second. All times are GitHub's. ``head`` is that of the pull
    request. ``moved`` says what has changed since the newest plan was made, or is empty.
    """

    label: str
    head: Sha
    newest: ShownPlan | None = None
    read: ShownPlan | None = None
    before: ShownPlan | None = None
    moved: str = ""


def agreed_plan(facts: ShownFacts) -> Run:
    """The plan run that the author of the ``/apply`` agreed to.

    Raises:
        RefusedError: no plan was shown before the comment; or the head, the tip, the state or the
            plan has changed since.
    """
    label, newest, read = facts.label, facts.newest, facts.read
    if newest is None or read is None:
        raise RefusedError(f"no plan of {label} had been shown here when the comment was written")
    if read.run.head != facts.head or newest.run.head != facts.head:
        raise RefusedError(
            f"the comment is about the plan of {label} at {(read.run.head or '')[:8]}, but the pull "
            f"request is at {facts.head[:8]} now: look at that plan first"
        )
    if facts.moved:
        raise RefusedError(f"{facts.moved}: it is planned again, look at that plan first")
    before = facts.before or read
    digests = {newest.run.digest, read.run.digest, before.run.digest}
    if len(digests) > 1 or newest.guards - read.guards:
        raise RefusedError(
            f"the plan of {label} changed around the time when the comment was written: look at "
            "it again"
        )
    return newest.run
