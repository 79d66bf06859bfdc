"""Decides which differences the specs say to leave alone for now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from gitbot.model.drift import Difference, IgnoreRule
from gitbot.model.names import written_name
from gitbot.reconciler.pointers import parse, reaches


def in_force(rules: Iterable[IgnoreRule], stack: str, now: datetime) -> tuple[IgnoreRule, ...]:
    """The entries of ``drift.ignore`` that count for the stack now."""
    names = {stack, written_name(stack)}
    return tuple(rule for rule in rules if rule.stack in names and now < rule.until)


def is_ignored(difference: Difference, rules: Sequence[IgnoreRule]) -> bool:
    """Whether an entry names the path of the difference, or one above it.

    A whole object that is gone is never ignored.
    """
    return bool(difference.path) and any(
        rule.resource == difference.address and reaches(parse(rule.path), parse(difference.path))
        for rule in rules
    )
