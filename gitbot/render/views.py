"""The facts that texts are made from. Jobs and the command line fill one view per text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Sha
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.rule_changes import RuleChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpts:
    """The lines that diagnostics point to, and the address of the specs.

    ``blob_base`` is the address of the files at the head (``https://…/blob/<sha>``), or empty.
    ``lines`` maps (file, line from 1) to the text of the line.
    """

    blob_base: str = ""
    lines: Mapping[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlanView:
    """One stack on a pull request: its plan, or why there is none.

    ``problems`` are the diagnostics of planning. ``blocked`` is a sentence that says why the plan
    cannot be applied or made, or is empty. ``renamed``: only the merge can give it its new name.
    ``drift`` are sentences about open issues of the stack, ``hours`` about the off-hours of its
    machines.
    """

    name: str
    plan: Plan | None = None
    renamed: bool = False
    problems: tuple[Diagnostic, ...] = ()
    blocked: str = ""
    drift: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentPlanView:
    """One environment on a pull request.

    ``diagnostics`` are the problems that the pull request brings, ``known`` those that were there
    before it. ``rules`` are the rules of the environment that it changes, ``unseen_teams`` the teams
    that they name anew and in which nobody can be found, ``expiries`` sentences about the stacks
    whose expiry it makes or moves. ``validated_only`` says
    why nothing was planned, or is empty. ``applies_on_merge``: a merge starts an apply. ``offers``
    are the commands that would be accepted now, under these ``conditions``; ``missing`` says what
    must hold before a command is. ``unoffered`` says why there is no command for what changes, and
    ``frozen`` what is frozen now. ``new``: the tracked branch does not have the environment.
    """

    name: str
    stacks: tuple[StackPlanView, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    known: tuple[Diagnostic, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    unseen_teams: tuple[str, ...] = ()
    expiries: tuple[str, ...] = ()
    validated_only: str = ""
    applies_on_merge: bool = True
    offers: tuple[str, ...] = ()
    conditions: str = ""
    missing: tuple[str, ...] = ()
    unoffered: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCommentView:
    """The plan comment of a pull request.

    ``head`` and ``tip`` were merged and planned. ``diagnostics`` are those without an environment.
    ``notes`` are sentences about the whole pull request, such as a conflict, and ``behind`` about
    environments that a changed module does not reach. ``untold``: GitHub took no comment, so nobody
    has seen the plans there.
    """

    head: Sha
    tip: Sha
    tracked_branch: str
    environments: tuple[EnvironmentPlanView, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    untold: bool = False
    excerpts: Excerpts = Excerpts()


class Outcome(StrEnum):
    """How the apply of one stack ended."""

    APPLIED = "applied"
    NOTHING = "nothing to do"
    HELD = "held"
    FAILED = "failed"
    BLOCKED = "blocked"
    WAITS = "waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackApplyView:
    """One stack of an apply.

    ``plan`` is what was, or would be, applied. ``reviewed`` is the plan that people saw, for a held
    apply. ``message`` says why the stack is held, blocked, waits or failed as a whole.
    """

    name: str
    outcome: Outcome
    plan: Plan | None = None
    reviewed: Plan | None = None
    result: WalkResult | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCommentView:
    """The result of an apply in one environment.

    ``waiting`` names the stacks that are held since an earlier apply, each with the pull request
    or issue that was told of it, and its digest. ``others`` names those that the same apply handled for other pull requests.
    ``before_merge``: it was started by ``/apply`` on an open pull request. ``error`` is set when
    the apply could not begin or continue. ``elsewhere``: this is not shown on a pull request, but on
    the tip; ``told_on`` is a pull request that shows the same. ``claim`` says in a sentence which
    stacks the pull request keeps for itself now and until when, or is empty.
    """

    environment: str
    commit: Sha
    actor: str
    stacks: tuple[StackApplyView, ...] = ()
    waiting: tuple[tuple[str, int | None, str], ...] = ()
    others: tuple[tuple[str, Outcome, int], ...] = ()
    before_merge: bool = False
    elsewhere: bool = False
    told_on: int | None = None
    error: str = ""
    claim: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
