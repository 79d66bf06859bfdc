"""What the texts are made of: one view a message, filled by the jobs and the command line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Sha
from gitbot.model.plan import Plan, WalkResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpts:
    """Where specs can be looked at, and the lines that diagnostics point to.

    ``blob_base`` is the address of the tree at the head (``https://…/blob/<sha>``), empty where
    there is none. ``lines`` maps (file, 1-based line) to the line's text.
    """

    blob_base: str = ""
    lines: Mapping[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlanView:
    """One stack on a pull request: its plan, or why there is none.

    ``problems`` are plan-time diagnostics of the stack; ``blocked`` a sentence (claimed by #7, the
    cloud cannot be read, ...). ``digest_of`` is the plan's own digest.
    """

    name: str
    plan: Plan | None = None
    problems: tuple[Diagnostic, ...] = ()
    blocked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentPlanView:
    """One environment on a pull request.

    ``validated_only`` says why nothing was planned, empty otherwise. ``applies_on_merge`` and
    ``applies_on_comment`` say how an apply starts here.
    """

    name: str
    stacks: tuple[StackPlanView, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    validated_only: str = ""
    applies_on_merge: bool = True
    applies_on_comment: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCommentView:
    """The sticky plan comment. ``notes`` are sentences about the whole pull request (conflict,
    fork, other base branch); ``head`` and ``tip`` are what was planned."""

    head: Sha
    tip: Sha
    tracked_branch: str
    environments: tuple[EnvironmentPlanView, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    excerpts: Excerpts = Excerpts()


class Outcome(StrEnum):
    """How the apply of one stack ended."""

    APPLIED = "applied"
    NOTHING = "nothing to do"
    HELD = "held"
    FAILED = "failed"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackApplyView:
    """One stack of an apply. ``plan`` is what was (or would be) applied, ``reviewed`` the plan that
    people saw, where it differs; ``message`` says why a stack is held, blocked or failed as a
    whole."""

    name: str
    outcome: Outcome
    plan: Plan | None = None
    reviewed: Plan | None = None
    result: WalkResult | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyCommentView:
    """The result of an apply in one environment, told on a pull request.

    ``before_merge``: it was asked for by ``/apply`` on an open pull request. ``error`` is set when
    the apply could not begin. ``pages`` is the address of a page about it, or empty.
    """

    environment: str
    commit: Sha
    actor: str
    stacks: tuple[StackApplyView, ...] = ()
    before_merge: bool = False
    error: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
