"""A plan: the ordered changes that make observed state equal desired state. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from gitbot.model.begun import Begun
from gitbot.model.conditions import OpenCondition
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.lookups import PlannedLookup
from gitbot.model.names import Address, RemoteId, Sha, StackId
from gitbot.model.schema import Disruption, ReplaceOrder
from gitbot.model.values import Json, Value

DIGEST_DIGITS = 16
"""How many digits of a digest people are shown, and give. Fewer can be made to fit another plan."""


def short_digest(digest: str) -> str:
    """The digits of a digest that people see and type."""
    return digest[:DIGEST_DIGITS]


class Action(StrEnum):
    """What happens to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"
    FORGET = "forget"
    NOOP = "no-op"


class Cause(StrEnum):
    """Why a path differs: the spec was changed (change), or the cloud was (drift)."""

    CHANGE = "change"
    DRIFT = "drift"


class Unseen(StrEnum):
    """What is another one although nobody can read it, and the spec says the same: the value in the cloud, which
    somebody replaced, or the secret that the value is made of."""

    REPLACED = "replaced"
    ROTATED = "rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChange:
    """One property path that an apply would set or remove.

    ``path`` is a JSON pointer. ``before`` is the observed value (None with ``added``). ``after`` is
    the desired one (None with ``removed``). Sensitive values are redacted. ``forces``: this path
    forces the replacement. ``may_force``: it does if the unknown value turns out to differ, or if
    the cloud says so, because the schema cannot tell. ``effect`` is ``Allow`` or ``Deny`` for a path
    within a statement of a policy. ``note`` is for people.
    """

    path: str
    before: Value = None
    after: Value = None
    added: bool = False
    removed: bool = False
    cause: Cause = Cause.CHANGE
    forces: bool = False
    may_force: bool = False
    unseen: Unseen | None = None
    effect: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """One setting under ``lifecycle`` that an apply would record.

    ``name`` is the setting's name in the spec. ``before`` is the recorded value, ``after`` the
    desired one; None means that it is not set.
    """

    name: str
    before: Json = None
    after: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A value of ``lifecycle.replaceWhen`` for which an object is replaced.

    ``before`` is the value that it was made with. ``may``: ``after`` is not known yet, and the object
    is replaced only if it turns out to differ. Sensitive values are redacted.
    """

    name: str
    before: Value = None
    after: Value = None
    may: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The change of one resource.

    ``reasons`` are sentences for people: why it is replaced, created again or held back. ``loses``
    says in part of a sentence what people lose by it ("the running job stops"), or is empty.
    ``depends_on`` orders the walk; for a deletion it comes from state. ``deposed_operation`` is set
    for the deletion of a deposed object. ``properties_hash`` is a hash of all (redacted) properties
    that a creation or replacement uses, including those that are not in ``paths``. ``settings``
    are the changes under ``lifecycle``. ``empties``: what is in the object is deleted with it.
    ``snapshots``: a snapshot of the old object is made before it is deleted.
    ``takes_over``: an adoption of an object that never was the stack's; ``paths`` do not show what it
    has now. ``rivals`` are sentences on live objects of other owners that may be what a creation
    would make. ``starts``: an earlier apply left the object stopped, and whatever else is planned,
    an apply starts it. ``triggers`` are the values that replace it, whatever else does.
    ``forced``: somebody asked for its replacement at a command line. ``decided_by`` are the stacks whose
    outputs, not known yet, alone decide whether it is replaced at all.
    """

    address: Address
    type: str
    action: Action
    remote_id: RemoteId | None = None
    paths: tuple[PathChange, ...] = ()
    disruption: Disruption = Disruption.NONE
    replace_order: ReplaceOrder | None = None
    stateful: bool = False
    reasons: tuple[str, ...] = ()
    loses: str = ""
    depends_on: tuple[Address, ...] = ()
    moved_from: Address | None = None
    deposed_operation: str | None = None
    properties_hash: str = ""
    settings: tuple[SettingChange, ...] = ()
    empties: bool = False
    snapshots: bool = False
    source: SourceSpan | None = None
    takes_over: bool = False
    rivals: tuple[str, ...] = ()
    starts: bool = False
    triggers: tuple[Trigger, ...] = ()
    forced: bool = False
    decided_by: tuple[str, ...] = ()

    @property
    def does_something(self) -> bool:
        """Whether an apply would do or record anything because of this change."""
        return self.is_agreed_to or self.starts

    @property
    def is_agreed_to(self) -> bool:
        """Whether people agree to this change before it is made.

        A start alone is none: an apply that people agreed to owes it, and recovery makes it first.
        """
        records = self.moved_from is not None or bool(self.settings)
        return self.action is not Action.NOOP or records


class DriftKind(StrEnum):
    """How the object was changed in the cloud."""

    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Observed state differs from recorded state in properties that gitbot manages."""

    address: Address
    type: str
    kind: DriftKind
    paths: tuple[PathChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputChange:
    """An output that an apply would set, change or remove.

    ``definition`` is what the spec says: a value, or an expression with what it uses. ``moved``: the
    definition is as recorded, and only the value that it gives has moved.
    """

    name: str
    before: Value = None
    after: Value = None
    added: bool = False
    removed: bool = False
    sensitive: bool = False
    definition: Value = None
    moved: bool = False


class Guard(StrEnum):
    """A reason why an apply always waits for a person's consent."""

    STATEFUL_REPLACE = "stateful-replace"
    STATEFUL_DELETE = "stateful-delete"
    MASS_DELETE = "mass-delete"
    DIAGNOSTICS_BLOCK_DELETE = "diagnostics-block-delete"
    RENAMED_STACK = "renamed-stack"
    STILL_USED = "still-used"
    TAKE_OVER = "take-over"
    ALREADY_THERE = "already-there"
    MOVED_TAG = "moved-tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardHit:
    """A guard that an apply of the plan would meet. ``blocks``: no consent can release it."""

    guard: Guard
    detail: str
    blocks: bool = False
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of one stack at one commit.

    ``changes`` are in the order of the walk, no-ops included. ``digest`` is a hash of everything
    that an apply would do: two plans with the same digest do the same. ``lifetime`` is what the spec
    says about the stack's end, before and after; None when it says nothing and never did.
    ``left_alone`` are sentences about drift that the specs say to ignore for now. ``conditions``
    are those that do not hold and stop no plan, and those that only an apply can ask. ``uses`` are the
    outputs of other stacks that it uses, by key (``network.vpc_id``): the value, or an unknown one
    while an apply that comes before may change it. ``partial`` are the flags with which somebody left
    a part of the stack out; empty for a whole plan. ``lookups`` are all lookups of the stack, also those
    whose answers stay. ``foretold`` are sentences on what the cloud will refuse as it is now; the digest
    leaves them out, because they move without us. ``renamed_from`` is the name under which state still has
    the stack (``metadata.moved``); the digest has only the new one, which an apply writes before it plans again.
    ``begun`` is what an apply has begun and not recorded: the next one settles that before it plans again.
    ``other_key`` says in words that state has hashes of sensitive values under another key than this process.
    """

    stack: StackId
    account: str
    commit: Sha | None
    serial: int
    lineage: str
    desired_hash: str | None
    changes: tuple[Change, ...]
    drift: tuple[Drift, ...] = ()
    outputs: tuple[OutputChange, ...] = ()
    lookups: tuple[PlannedLookup, ...] = ()
    guards: tuple[GuardHit, ...] = ()
    left_alone: tuple[str, ...] = ()
    pack_version: str = ""
    digest: str = ""
    destroys: bool = False
    lifetime: SettingChange | None = None
    conditions: tuple[OpenCondition, ...] = ()
    uses: Mapping[str, Value] = field(default_factory=dict)
    partial: tuple[str, ...] = ()
    foretold: tuple[str, ...] = ()
    renamed_from: str = ""
    begun: Begun | None = None
    other_key: str = ""

    @property
    def effective(self) -> tuple[Change, ...]:
        """The changes that are not no-ops."""
        return tuple(change for change in self.changes if change.action is not Action.NOOP)

    @property
    def empty(self) -> bool:
        """Whether an apply would change nothing: no object, output, address, setting, lookup or end."""
        return not (
            self.outputs
            or self.moves_end
            or self.new_lookups
            or any(change.does_something for change in self.changes)
        )

    @property
    def asks_nobody(self) -> bool:
        """Whether an apply needs no consent: it does nothing, or starts what one left stopped."""
        return not (
            self.outputs
            or self.moves_end
            or self.new_lookups
            or any(change.is_agreed_to for change in self.changes)
        )

    @property
    def new_lookups(self) -> tuple[PlannedLookup, ...]:
        """The lookups of which an apply would record something else than state has."""
        return tuple(one for one in self.lookups if one.moves)

    @property
    def moves_end(self) -> bool:
        """Whether the spec says something else about the stack's end than when it was applied."""
        said = self.lifetime
        return not self.destroys and said is not None and said.before != said.after

    @property
    def starts(self) -> int:
        """How many objects are started and are not changed otherwise."""
        return sum(change.starts and change.action is Action.NOOP for change in self.changes)

    @property
    def renames(self) -> int:
        """How many objects have another address now and are not changed otherwise."""
        return sum(
            change.moved_from is not None and change.action is Action.NOOP
            for change in self.changes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceFailure:
    """Why one resource was not applied. ``skipped``: a resource that it depends on failed.

    ``made``: of a replacement the new object is made, and the old one is kept.
    """

    address: Address
    action: Action
    message: str
    skipped: bool = False
    made: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkResult:
    """What a walk did: addresses in the order of completion, failures, and recorded outputs.

    ``goes_on`` says how far long work is that takes more than one apply; empty if there is none.
    ``left_over``: what stays is as planned and the outputs are recorded, but an object that leaves
    could not be deleted. ``unmet`` are the checks that do not hold, or cannot be asked (then ``holds`` is None). ``moved``
    are the former and the new addresses of what state knows under another address now. ``kept`` says in what
    snapshots deletions have kept what objects held.
    """

    done: tuple[tuple[Address, Action], ...] = ()
    failures: tuple[ResourceFailure, ...] = ()
    outputs: Mapping[str, Value] = field(default_factory=dict)
    interrupted: bool = False
    goes_on: str = ""
    left_over: bool = False
    unmet: tuple[OpenCondition, ...] = ()
    moved: tuple[tuple[Address, Address], ...] = ()
    kept: tuple[str, ...] = ()

    def followed_by(self, rest: WalkResult) -> WalkResult:
        """What this walk and the one that did the rest of it did, as one."""
        return replace(
            rest,
            done=(*self.done, *rest.done),
            moved=(*self.moved, *rest.moved),
            kept=(*self.kept, *rest.kept),
        )

    @property
    def ok(self) -> bool:
        """Whether everything planned was done."""
        return not self.failures and not self.interrupted
