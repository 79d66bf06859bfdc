"""Desired state: environments and stacks, evaluated as far as the specs alone allow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from gitbot.model.conditions import Condition
from gitbot.model.diagnostic import Diagnostic, Severity, SourceSpan
from gitbot.model.drift import DRIFT_DEFAULTS, DriftOff, DriftRules, IgnoreRule
from gitbot.model.expiry import ExpiryRules, Lifetime
from gitbot.model.freeze import Window
from gitbot.model.hours import NO_RULES, MachineRules, OffHours
from gitbot.model.lookups import DesiredLookup, LookupRule
from gitbot.model.names import Address
from gitbot.model.promotion import PromotionRules
from gitbot.model.schema import OnExpiry, ReplaceOrder
from gitbot.model.secrets import Secrets
from gitbot.model.timeouts import NO_TIMEOUTS, Timeouts
from gitbot.model.uses import OutputUse
from gitbot.model.values import Value


class Trigger(StrEnum):
    """What may start an apply of an environment."""

    MERGE = "merge"
    COMMENT = "comment"


class Requirement(StrEnum):
    """What must hold before ``/apply`` on an open pull request."""

    APPROVED = "approved"
    CHECKS = "checks"
    NO_CONFLICT = "no-conflict"
    UP_TO_DATE = "up-to-date"


class ChangedPlan(StrEnum):
    """What an apply does when its digest is not the reviewed one."""

    HOLD = "hold"
    APPLY = "apply"


class Permission(StrEnum):
    """A permission on a repository, as GitHub names it. ``PERMISSION_ORDER`` sorts them."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


PERMISSION_ORDER = (Permission.NONE, Permission.READ, Permission.WRITE, Permission.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who may give a command: people with at least this permission, these users, these teams."""

    permission: Permission | None = Permission.WRITE
    users: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The IAM roles to assume in an environment. None means the server's own identity."""

    plan: str | None = None
    apply: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """``specs/<name>/environment.yaml``.

    ``grants`` maps a verb to who may give that command. A verb without a grant uses that of
    ``apply``; without that too, it takes write access. ``expiry`` is ``ttl`` of the file. ``timezone`` is an IANA
    name. ``freezes`` are the windows of ``freeze``, by their order. ``secrets`` are the patterns of
    the references to secrets that its specs may name. ``delete_on_remove``: what leaves
    the specs is deleted, unless the resource itself says otherwise.
    ``modules`` is the commit whose modules and calendars it uses; None for those of the specs' own
    commit. ``lookups`` are what specs may look up.
    """

    name: str
    region: str
    account: str | None = None
    roles: Roles = Roles()
    variables: Mapping[str, Value] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    triggers: frozenset[Trigger] = frozenset({Trigger.MERGE, Trigger.COMMENT})
    changed_plan: ChangedPlan = ChangedPlan.HOLD
    requirements: frozenset[Requirement] = frozenset({Requirement.NO_CONFLICT})
    grants: Mapping[str, Grant] = field(default_factory=dict)
    timezone: str = "UTC"
    off_hours: OffHours | None = None
    drift: DriftRules = DRIFT_DEFAULTS
    expiry: ExpiryRules | None = None
    freezes: tuple[Window, ...] = ()
    secrets: tuple[str, ...] = ()
    promotes_from: PromotionRules | None = None
    delete_on_remove: bool = True
    modules: str | None = None
    lookups: tuple[LookupRule, ...] = ()
    source: SourceSpan


MADE: Final = "gitbot:made"
"""The attribute that tells the objects of one resource apart: each that is made has another one. No
expression of a spec can name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """``lifecycle`` of a resource, as the spec gives it.

    ``moved`` is the former address of the resource, ``moved_before`` are those that it may have had
    before that one or in its place. ``import_id`` is the identifier of an existing
    object to adopt. ``on_expiry`` is what the end of an expired stack does to it. ``may_drift`` is
    ``ignoreDrift``: paths that the cloud may change, until the spec does. ``ignore_drift``
    does not stand in the spec: it is what the environment's ``drift.ignore`` says of it now.
    ``replace_when`` are values, by name, that replace the object when they change; of a resource as
    a whole, its properties and ``MADE``.
    ``preconditions`` must hold before the resource is touched, ``postconditions`` after.
    """

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    may_drift: tuple[str, ...] = ()
    replace: ReplaceOrder | None = None
    retain: bool = False
    empty_on_delete: bool = False
    snapshot_on_delete: bool = False
    moved: Address | None = None
    moved_before: tuple[Address, ...] = ()
    import_id: str | None = None
    on_expiry: OnExpiry | None = None
    ignore_drift: tuple[IgnoreRule, ...] = ()
    replace_when: Mapping[str, Value] = field(default_factory=dict)
    timeouts: Timeouts = NO_TIMEOUTS
    preconditions: tuple[Condition, ...] = ()
    postconditions: tuple[Condition, ...] = ()

    @property
    def untold(self) -> tuple[str, ...]:
        """The JSON pointers whose drift the spec does not want to hear of."""
        return (*self.ignore_changes, *self.may_drift)

    @property
    def former(self) -> tuple[Address, ...]:
        """Every address that the resource may have had before, the likeliest first."""
        return () if self.moved is None else (self.moved, *self.moved_before)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredResource:
    """One resource of a stack. Its tags include the stack's labels and the environment's tags.

    ``depends_on`` has the resources that it references and those in ``lifecycle.dependsOn``.
    ``machine`` is what the stack or the resource says about its power. Inside a module, ``used_at`` are the
    lines that lead to it, from the stack inwards.
    """

    address: Address
    type: str
    properties: Mapping[str, Value]
    lifecycle: Lifecycle = Lifecycle()
    machine: MachineRules = NO_RULES
    depends_on: frozenset[Address] = frozenset()
    source: SourceSpan
    used_at: tuple[SourceSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredOutput:
    """An output. Its value may be unknown until the walk evaluates it."""

    value: Value
    sensitive: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ModuleUse:
    """A module that a stack uses, directly or not.

    ``name`` is ``modules/<name>`` or ``gitbot/<name>``. ``tag`` is the tag that it is taken at, or
    empty. ``commit`` is the one that it comes from; empty for the specs' own, and for a module that
    comes with gitbot.
    """

    name: str
    tag: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredStack:
    """One stack as a commit wants it.

    ``hash`` is the desired hash (``language/hashing.py``): it changes when an apply would act on
    something else. ``moved_from`` is the former name of the stack (``metadata.moved``).
    ``sensitive``: it has a sensitive value. ``drift_off``: nobody looks for drift of it for a while.
    ``lifetime`` is what its spec says about its end;
    ``promote``: it is promoted although it has an end of its own. ``forgotten`` are addresses that
    are gone and whose objects, with everything below them, stay in the cloud. ``checks`` are told
    where they do not hold, by address. ``modules`` are
    sorted. ``lookups`` are what it reads and does not manage, by address.

    ``uses`` are the outputs of other stacks that it uses, and ``depends_on`` these stacks. ``given``
    are their recorded values by key, as far as there are any; ``withheld`` are the keys that a plan
    leaves unknown all the same, because an apply that comes before changes them, and ``parts`` is what
    stays of them. ``marks`` are what state records of the given values.
    """

    environment: str
    name: str
    region: str
    resources: Mapping[Address, DesiredResource]
    outputs: Mapping[str, DesiredOutput] = field(default_factory=dict)
    lookups: Mapping[Address, DesiredLookup] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    uses: tuple[OutputUse, ...] = ()
    depends_on: frozenset[str] = frozenset()
    given: Mapping[str, Value] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    parts: Mapping[str, Value] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    moved_from: str | None = None
    sensitive: bool = False
    lifetime: Lifetime | None = None
    promote: bool = False
    forgotten: frozenset[Address] = frozenset()
    checks: Mapping[str, Condition] = field(default_factory=dict)
    modules: tuple[ModuleUse, ...] = ()
    hash: str
    drift_off: DriftOff | None = None
    source: SourceSpan

    @property
    def module_tags(self) -> Mapping[str, str]:
        """The commit of each tag that it takes modules at."""
        return {one.tag: one.commit for one in self.modules if one.tag}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTree:
    """The contents of one tree of specs. Only ``decisions.wanted`` reads ``stacks``.

    A stack or environment with an error is left out. Every diagnostic names its environment, if it
    has one. ``secrets`` are the sensitive values. ``covered`` maps a file to the first and last
    lines of its parts that hold sensitive values: these lines are never shown. ``calendars`` are the
    days of each ``calendars/<name>.yaml``, ``pinned`` those of the environments that take them from
    another commit.
    """

    environments: Mapping[str, Environment]
    stacks: tuple[DesiredStack, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    secrets: Secrets = field(default=Secrets(), repr=False)
    covered: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    calendars: Mapping[str, frozenset[date]] = field(default_factory=dict)
    pinned: Mapping[str, Mapping[str, frozenset[date]]] = field(default_factory=dict)

    def calendars_of(self, environment: str) -> Mapping[str, frozenset[date]]:
        """The calendars that the environment and its stacks use."""
        return self.pinned.get(environment, self.calendars)

    def errors(self, environment: str | None = None) -> tuple[Diagnostic, ...]:
        """The errors of one environment, and those without an environment; all errors for None.

        The errors of a module are those of no environment: who uses it has an error for that.
        """
        return tuple(
            found
            for found in self.diagnostics
            if found.severity is Severity.ERROR
            and (
                environment is None
                or found.environment == environment
                or (
                    found.environment is None
                    and not found.file.startswith(("modules/", "templates/"))
                )
            )
        )

    def with_causes(self, errors: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """These errors, and those of the modules and templates for which some of them say that they have errors."""
        found = dict.fromkeys(errors)
        of_files = [one for one in self.errors() if one.environment is None]
        while more := {
            one: None
            for one in of_files
            if one not in found and any(each.cause == one.file for each in found)
        }:
            found |= more
        return tuple(found)
