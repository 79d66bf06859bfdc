"""What the specs say: environments and stacks, evaluated as far as a commit allows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gitbot.model.diagnostic import Diagnostic, Severity, SourceSpan
from gitbot.model.names import Address
from gitbot.model.schema import ReplaceOrder
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
    """A person's right on a repository, as GitHub names it; ordered in ``PERMISSION_ORDER``."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


PERMISSION_ORDER = (Permission.NONE, Permission.READ, Permission.WRITE, Permission.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who may give a command: at least a repository permission, or one of the users or teams."""

    permission: Permission | None = Permission.WRITE
    users: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The IAM roles assumed in an environment; None means the server's own identity."""

    plan: str | None = None
    apply: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """``specs/<name>/environment.yaml``.

    ``grants`` maps a verb to who may give that command; a verb that is not there takes the right
    of ``apply``, and ``apply`` takes write access.
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
    source: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """``lifecycle`` of a resource, as the spec gives it.

    ``moved`` is the address that the resource had before; ``import_id`` the identifier of an
    existing object to adopt.
    """

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace: ReplaceOrder | None = None
    retain: bool = False
    empty_on_delete: bool = False
    moved: Address | None = None
    import_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredResource:
    """One resource of a stack. Labels and environment tags are merged into its tags already.

    ``depends_on`` holds both references and ``lifecycle.dependsOn``.
    """

    address: Address
    type: str
    properties: Mapping[str, Value]
    lifecycle: Lifecycle = Lifecycle()
    depends_on: frozenset[Address] = frozenset()
    source: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredOutput:
    """An output; its value may be unknown until the walk has bound it."""

    value: Value
    sensitive: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredStack:
    """One stack as a commit wants it. ``hash`` is the evaluated desired hash (DESIGN.md §4).

    ``moved_from`` is the name that the stack had before (``metadata.moved``).
    """

    environment: str
    name: str
    region: str
    resources: Mapping[Address, DesiredResource]
    outputs: Mapping[str, DesiredOutput] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    depends_on: frozenset[str] = frozenset()
    moved_from: str | None = None
    hash: str
    source: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTree:
    """Everything that one tree of specs says. Only ``decisions.wanted`` reads ``stacks``.

    A stack or environment with an error diagnostic is absent; every diagnostic names its
    environment where it has one.
    """

    environments: Mapping[str, Environment]
    stacks: tuple[DesiredStack, ...]
    diagnostics: tuple[Diagnostic, ...] = ()

    def errors(self, environment: str | None = None) -> tuple[Diagnostic, ...]:
        """Error diagnostics of one environment, those without an environment included."""
        return tuple(
            found
            for found in self.diagnostics
            if found.severity is Severity.ERROR
            and (environment is None or found.environment in (None, environment))
        )
