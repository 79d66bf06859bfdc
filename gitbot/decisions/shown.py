"""Which plan somebody had before their eyes when they merged or wrote ``/apply``. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.names import Sha
from gitbot.model.plan import Guard
from gitbot.model.runs import Run

GITHUB_GRAIN = timedelta(seconds=1)
"""GitHub tells the time of a comment or a merge in whole seconds."""


def at_merge(candidates: Iterable[Run | None], head: Sha) -> Run | None:
    """The plan of this head that stood on the pull request when it was merged (docs/adr/0005).

    ``candidates`` are the plan shown last at the second of the merge and the one shown last a
    second later. A plan that was made for the same head but shown later was reviewed by nobody.
    """
    return next((run for run in candidates if run is not None and run.head == head), None)


def names(command: Command, digest: str | None) -> bool:
    """Whether the command speaks of what has this digest; one that names none speaks of all."""
    return command.digest is None or (digest or "").startswith(command.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlan:
    """A plan run that was shown, with the guards that its plan met."""

    run: Run
    guards: frozenset[Guard] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFacts:
    """The plans of one stack around the time of an ``/apply``.

    ``newest`` was shown last; ``read`` stood there when the comment was written, to the second, and
    ``before`` surely before it. ``head`` is the pull request's. ``moved`` says what has moved since
    the newest plan was made, or nothing.
    """

    label: str
    head: Sha
    newest: ShownPlan | None = None
    read: ShownPlan | None = None
    before: ShownPlan | None = None
    moved: str = ""


def agreed_plan(facts: ShownFacts) -> Run:
    """The plan run that the ``/apply`` speaks of.

    Raises:
        RefusedError: nothing was shown before the comment, or the head, the tip, the state or the
            plan moved since.
    """
    label, newest, read = facts.label, facts.newest, facts.read
    if newest is None or read is None:
        raise RefusedError(f"no plan of {label} had been shown here when the comment was written")
    if read.run.head != facts.head or newest.run.head != facts.head:
        raise RefusedError(
            f"the plan of {label} that the comment speaks of is of {(read.run.head or '')[:8]}, the "
            f"pull request is at {facts.head[:8]} by now: look at that plan first"
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
