"""Decide which answers of lookups a plan may use, what is said of newer ones, and what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from gitbot.decisions.agreed_plan import GITHUB_GRAIN
from gitbot.errors import CloudError
from gitbot.language.codes import SUMMARIES
from gitbot.language.lookup_rules import NOT_LISTED, code_and_fix, unlisted
from gitbot.model.commands import Command
from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.lookups import (
    Answer,
    DesiredLookup,
    KeptLookup,
    LookupRule,
    PlannedLookup,
)
from gitbot.model.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupWish:
    """Which answers a plan may use, beside those in state.

    ``kept`` are those that an open pull request found before. ``agreed`` are those of plans that
    people agreed to: they count for lookups that are made at every plan too. ``since``: older ones
    in state and in ``kept`` do not count, because somebody asked to look again. ``fresh``: lookups
    that are made at every plan are made, and another version of a secret is an update. ``remarks``: say what the cloud would answer now.
    """

    kept: tuple[KeptLookup, ...] = ()
    agreed: tuple[KeptLookup, ...] = ()
    since: datetime | None = None
    fresh: bool = True
    remarks: bool = False


REFRESH = "refresh"
"""The form of ``/plan`` that asks to look again."""

STEADY = LookupWish(fresh=False)
"""Use what state has: for plans that put something back, or prove something, and change nothing else."""


def answers_of(plans: Iterable[Plan]) -> tuple[KeptLookup, ...]:
    """The answers that stand in the plans."""
    return tuple(one.found for plan in plans for one in plan.lookups if one.found is not None)


def counting_since(plans: Iterable[Command], environment: str) -> datetime | None:
    """From when on answers count, after the newest ``/plan refresh`` among these commands.

    It is the end of the second in which that was written: the answer that somebody found too old
    may be of the same second. None: nobody asked to look again.
    """
    asked = (
        each.written_at + GITHUB_GRAIN
        for each in plans
        if each.form == REFRESH and each.environment in (None, environment)
    )
    return max(asked, default=None)


def usable(recorded: Iterable[KeptLookup], wish: LookupWish) -> tuple[KeptLookup, ...]:
    """The answers in state and in ``wish.kept`` that count."""
    since = wish.since
    return tuple(one for one in (*recorded, *wish.kept) if since is None or one.at >= since)


def remark(kept: KeptLookup, now: Answer | None, *, always: bool = False) -> str:
    """What the cloud would answer now, if that is something else; ``now`` None: nothing.

    ``always``: the lookup is made at every plan.
    """
    stays = (
        "what was found before stays until somebody says `/plan refresh` on a pull request, or "
        "`gitbot plan --refresh-lookups`"
    )
    if always:
        stays = "the next plan of the stack uses it"
    if now is None:
        return f"nothing that fits is found any more; {stays}"
    if now.identifiers != kept.identifiers:
        return f"{', '.join(now.identifiers)} would be found now; {stays}"
    if now.attributes != kept.attributes:
        names = [
            name for name, value in now.attributes.items() if kept.attributes.get(name) != value
        ]
        return f"{', '.join(sorted(names))} would be read otherwise now; {stays}"
    return ""


def not_listed(desired: DesiredStack, rules: tuple[LookupRule, ...]) -> Iterator[Diagnostic]:
    """The lookups that the rules do not list, as far as that is known before anything is asked."""
    for lookup in desired.lookups.values():
        missing = unlisted(lookup, rules)
        if missing is not None:
            yield _diagnostic(desired, lookup, NOT_LISTED, *missing)


def no_longer_listed(
    desired: DesiredStack, planned: Iterable[PlannedLookup], rules: tuple[LookupRule, ...]
) -> Iterator[Diagnostic]:
    """The lookups whose answers are about objects that the rules do not list."""
    for one in planned:
        lookup = desired.lookups[one.address]
        missing = unlisted(lookup, rules, one.found.identifiers) if one.found is not None else None
        if missing is not None:
            yield _diagnostic(desired, lookup, NOT_LISTED, *missing)


def refusal(desired: DesiredStack, lookup: DesiredLookup, error: CloudError) -> Diagnostic:
    """Why the lookup has no answer."""
    code, fix = code_and_fix(error.code)
    return _diagnostic(desired, lookup, code, f"{lookup.address}: {error}", fix)


def _diagnostic(
    desired: DesiredStack, lookup: DesiredLookup, code: str, detail: str, fix: str
) -> Diagnostic:
    return Diagnostic(
        file=lookup.source.file,
        line=lookup.source.line,
        column=lookup.source.column,
        code=code,
        summary=SUMMARIES[code],
        detail=detail,
        fix=fix,
        environment=desired.environment,
        stack=desired.name,
        used_at=lookup.used_at,
    )
