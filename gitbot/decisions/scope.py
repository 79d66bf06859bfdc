"""Decides which environments and stacks of a pull request are planned, or why none are. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gitbot.decisions.rule_changes import rule_changes
from gitbot.language.calendars import calendars_used
from gitbot.model.desired import Environment, LoadedTree
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.forge import PullRequest
from gitbot.model.recorded import StackHeader
from gitbot.model.rule_changes import RuleChange
from gitbot.model.wanted import Wanted
from gitbot.reconciler.affected import (
    affected_by_pull_request,
    environment_changes,
    environment_errors,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What to plan of one environment.

    ``rules`` are those of the tip; the stacks are planned by them. ``rules`` is None when the
    stacks are only validated: ``validated_only`` or ``diagnostics`` says why. ``diagnostics`` are
    the problems that the pull request brings, ``known`` those that were there before it.
    ``rule_changes`` are the rules of the environment that differ.
    """

    environment: str
    stacks: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    known: tuple[Diagnostic, ...] = ()
    validated_only: str = ""
    rules: Environment | None = None
    rule_changes: tuple[RuleChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeFacts:
    """The facts about one environment, before the pull request and in the merge of tip and head.

    ``recorded`` is the state of its stacks. ``note`` says why the whole pull request is only
    validated, or is empty.
    """

    environment: str
    tip: LoadedTree
    merged: LoadedTree
    tip_wanted: Wanted
    merged_wanted: Wanted
    recorded: Sequence[StackHeader] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """The problems of one environment: those that a pull request brings, and the others."""

    own: tuple[Diagnostic, ...] = ()
    known: tuple[Diagnostic, ...] = ()


def problems_of(before: LoadedTree, merged: LoadedTree, environment: str | None) -> Problems:
    """The problems of the environment in ``merged``; None: those that belong to no environment.

    A problem that ``before`` has in the same file and words is known, on whatever line it stands.
    """
    left = Counter(_without_place(each) for each in before.diagnostics)
    own: list[Diagnostic] = []
    known: list[Diagnostic] = []
    for found in merged.diagnostics:
        if found.environment == environment:
            what = _without_place(found)
            (known if left[what] > 0 else own).append(found)
            left[what] -= 1
    return Problems(own=tuple(own), known=tuple(known))


def _without_place(found: Diagnostic) -> Diagnostic:
    return replace(found, line=1, column=1)


def conflict(branch: str) -> str:
    """What a pull request is told that cannot be merged into its branch."""
    return (
        f"This pull request conflicts with `{branch}`, so there is no tree to plan. "
        f"Merge `{branch}` into it (or rebase it) and push."
    )


def unplannable(pull_request: PullRequest, tracked_branch: str, *, leave: bool) -> str:
    """Why this pull request is only validated; empty when it is planned.

    ``leave``: somebody with write access allowed this head of a fork to be planned.
    """
    if pull_request.base_ref != tracked_branch:
        return (
            f"This pull request is against `{pull_request.base_ref}`, not against the tracked "
            f"branch `{tracked_branch}`: its specs are validated, nothing is "
            "planned or applied from it."
        )
    if pull_request.from_fork and not leave:
        return (
            "This pull request comes from a fork: its specs are validated. Somebody with write "
            "access can have this commit planned with `/plan`."
        )
    return ""


def scope(facts: ScopeFacts) -> Scope | None:
    """What to plan of the environment; None when the pull request does not touch it."""
    name = facts.environment
    at_tip, merged = facts.tip.environments.get(name), facts.merged.environments.get(name)
    before = environment_errors(facts.tip, facts.recorded)
    impossible = tuple(
        d for d in environment_errors(facts.merged, facts.recorded) if d not in before
    )
    problems = problems_of(facts.tip, facts.merged, name)
    diagnostics = impossible + problems.own
    stacks = affected_by_pull_request(facts.tip_wanted, facts.merged_wanted)
    changes = environment_changes(at_tip, merged)
    rules = (*rule_changes(at_tip, merged), *_calendar_changes(facts, at_tip, merged))
    if not stacks and not diagnostics and not changes and not rules:
        return None
    reason = facts.note or changes
    planned = not reason and not impossible
    return Scope(
        environment=name,
        stacks=stacks,
        diagnostics=diagnostics,
        known=problems.known,
        validated_only=reason,
        rules=at_tip if planned else None,
        rule_changes=rules,
    )


def _calendar_changes(
    facts: ScopeFacts, at_tip: Environment | None, merged: Environment | None
) -> Iterator[RuleChange]:
    """The days that calendars lose and get which the environment or its stacks use."""
    used = calendars_used(at_tip, facts.tip_wanted.stacks.values())
    used |= calendars_used(merged, facts.merged_wanted.stacks.values())
    for name in sorted(used):
        before = facts.tip.calendars_of(facts.environment).get(name, frozenset())
        after = facts.merged.calendars_of(facts.environment).get(name, frozenset())
        if before != after:
            yield RuleChange(
                rule=f"calendars/{name}.yaml",
                before=[day.isoformat() for day in sorted(before - after)] or None,
                after=[day.isoformat() for day in sorted(after - before)] or None,
            )
