"""Find how the apply of a plan ended that somebody asks for again. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from gitbot.decisions.asked_applies import ended_before
from gitbot.errors import RefusedError
from gitbot.jobs.steps.look import Ports
from gitbot.model.names import StackId
from gitbot.model.runs import Run, RunKind
from gitbot.model.said import ShownDigest


def stacks_with(shown: Iterable[ShownDigest], digest: str | None) -> tuple[StackId, ...]:
    """The stacks for which the pull request has shown a plan with that digest."""
    return tuple(dict.fromkeys(each.stack for each in shown if each.digest == digest))


def newest_applies(ports: Ports, stacks: Iterable[StackId]) -> list[Run]:
    """The newest apply of each stack that was ever applied."""
    found = [ports.records.runs.of_stack(each, RunKind.APPLY, limit=1) for each in stacks]
    return [run for runs in found for run in runs]


@contextmanager
def telling_first_time(
    ports: Ports, number: int, shown: Iterable[ShownDigest], digest: str | None
) -> Iterator[None]:
    """Say how the first apply of that digest ended, where the body refuses to apply it again.

    While the plan is made anew after an apply, the body finds that state has moved, or that another
    plan is shown: whoever lost the first reply would not know that it went through.

    Raises:
        RefusedError: the body did.
    """
    try:
        yield
    except RefusedError as error:
        applies = newest_applies(ports, stacks_with(shown, digest))
        if told := ended_before(number, digest, applies):
            raise RefusedError(told) from error
        raise
