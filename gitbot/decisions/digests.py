"""Decides which digest a command names. Pure.

People give the first digits of a digest. They count only for a plan that this pull request showed
before the comment was written, and only if no other plan that it ever showed begins with them
(docs/adr/0020-a-digest-is-named-where-it-was-shown.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from gitbot.decisions.commands.arguments import too_short
from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.plan import DIGEST_DIGITS
from gitbot.model.runs import Run
from gitbot.model.said import ShownDigest


def named_digest(command: Command, shown: Sequence[ShownDigest]) -> str | None:
    """The whole digest that the command names; None when it names none.

    ``shown`` are all digests that the pull request has ever shown. Times are GitHub's, in whole
    seconds: who gives the digits has read them, so the same second is early enough.

    Raises:
        RefusedError: no plan that was shown here before the comment begins with these digits; or
            several plans do.
    """
    digits = command.digest
    if digits is None:
        return None
    if len(digits) < DIGEST_DIGITS:
        raise RefusedError(too_short(digits))
    fitting = [each for each in shown if each.digest.startswith(digits)]
    if len({each.digest for each in fitting}) > 1:
        raise RefusedError(
            f"several plans that were shown here begin with {digits}: somebody may have made them "
            "so on purpose; nothing is applied by these digits"
        )
    if not fitting:
        where = f"on #{command.number}"
        raise RefusedError(
            f"no plan shown {where} has the digest {digits}: copy it from a plan there"
        )
    if all(each.shown_at > command.written_at for each in fitting):
        raise RefusedError(
            f"the plan with the digest {digits} was shown only after the comment was written: "
            "look at it, then write the command again"
        )
    return fitting[0].digest


def fits(named: str | None, digest: str) -> bool:
    """Whether a command that names this digest is about that one; None is about all.

    A command that an earlier version accepted may name the first digits only.
    """
    return named is None or digest.startswith(named)


def shown_before(run: Run, shown: Iterable[ShownDigest], at: datetime) -> bool:
    """Whether the pull request showed what the run would do to its stack, up to that time."""
    return any(
        each.stack == run.stack and each.digest == run.digest and each.shown_at <= at
        for each in shown
    )
