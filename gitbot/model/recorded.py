"""Recorded state: what gitbot last applied, open intents, and the lease on both. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gitbot.model.cloud import Power
from gitbot.model.expiry import Lifetime
from gitbot.model.hours import NO_RULES, MachineRules
from gitbot.model.lookups import KeptLookup
from gitbot.model.names import Address, EnvironmentKey, RemoteId, Sha, StackId
from gitbot.model.schema import OnExpiry, ReplaceOrder, Route
from gitbot.model.timeouts import NO_TIMEOUTS, Timeouts
from gitbot.model.values import Json, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResource:
    """One resource as it was last applied.

    ``properties`` are the ones desired then, redacted. ``attributes`` are everything that the cloud
    said about it then. ``ignore_changes``, ``may_drift`` and ``replace`` are those of its lifecycle; a version of
    gitbot that did not keep them left ``ignore_changes`` at None. ``on_expiry`` is that of its
    lifecycle too; ``kept``: its stack has expired, and the object stays. ``machine`` is what the spec said about its power. ``create_only`` are the create-only paths of its type at that time.
    ``tainted``: its creation did not finish, so the next apply replaces it. ``generation`` numbers
    the objects of one address; it is part of the operation id. ``emptied`` counts what a deletion
    that is not finished has deleted inside the object. ``replace_when`` are the values of its
    lifecycle that the object was made with, or first applied with, redacted.
    """

    address: Address
    type: str
    remote_id: RemoteId
    properties: Mapping[str, Value]
    attributes: Mapping[str, Value] = field(default_factory=dict)
    depends_on: tuple[Address, ...] = ()
    account: str
    region: str
    route: Route = Route.NATIVE
    create_only: tuple[str, ...] = ()
    schema_hash: str = ""
    protect: bool = False
    retain: bool = False
    empty_on_delete: bool = False
    snapshot_on_delete: bool = False
    ignore_changes: tuple[str, ...] | None = None
    may_drift: tuple[str, ...] = ()
    replace: ReplaceOrder | None = None
    on_expiry: OnExpiry | None = None
    kept: bool = False
    machine: MachineRules = NO_RULES
    tainted: bool = False
    generation: int = 1
    emptied: int = 0
    replace_when: Mapping[str, Value] = field(default_factory=dict)
    timeouts: Timeouts = NO_TIMEOUTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposed:
    """The old object of a create-first replacement, still to be deleted."""

    resource: RecordedResource
    operation: str


class IntentKind(StrEnum):
    """The kinds of mutation that an intent announces."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    POWER = "power"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A mutation that may have been sent, and whose result is not recorded yet.

    ``operation`` is the hash of lineage, address, generation and kind. It is also the value of the
    ``gitbot:operation`` tag. ``resource`` is what will be recorded after a create or update, what a
    delete deletes, or whose power changes. ``remote_id`` is None until the created object is
    identified.

    ``receipt`` is the cloud's name for the request that it accepted and carries out; None where there
    was none yet, or the API answers only when it is done.

    Creates: ``request_token`` is the client token to send, None when the API takes none.
    ``asked_at`` is when it was first sent, or a little earlier.
    ``absent_before``: before the call, nothing was found under the natural key. ``deposes``: this
    is the first half of a create-first replacement.

    Updates: ``sets`` are the top-level properties to set, with their values. ``withheld`` names
    further ones to set, whose values are sensitive and so not stored. ``removes`` names those to
    delete.

    Deletes: ``deposed`` says that the object is a deposed one. Power: ``power`` is the power that
    the object must have in the end, ``RUNNING`` or ``STOPPED``.
    """

    operation: str
    kind: IntentKind
    address: Address
    resource: RecordedResource
    remote_id: RemoteId | None = None
    desired_hash: str = ""
    epoch: int
    begun_at: datetime
    deadline: datetime
    receipt: str | None = None
    request_token: str | None = None
    asked_at: datetime | None = None
    absent_before: bool = False
    deposes: bool = False
    sets: Mapping[str, Json] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    deposed: bool = False
    power: Power | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOutput:
    """An output of the last completed apply. A sensitive value is redacted.

    ``definition`` is a hash of what the spec said (``reconciler.outputs.definition_hash``); it is
    empty when a version of gitbot that did not keep it recorded the output.
    """

    value: Value
    sensitive: bool = False
    definition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was finished under the lease with this epoch: how many changes of each kind."""

    epoch: int
    finished: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where a state is kept instead of here. ``to`` is the name of that store, without a password.

    ``lineage`` and ``serial`` are those that the state has there.
    """

    to: str
    lineage: str
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedStack:
    """The state of one stack. A stack that was never applied has serial 0 and a new lineage.

    ``desired_hash`` and ``commit`` are those of the last *completed* apply. ``complete`` is False
    from the first intent of an apply until the apply has finished without failures, and after a change
    by hand until the next apply: then ``edited`` is True, if the apply before had finished. Every write
    increases ``serial``. ``lifetime`` is what the spec of the last completed apply said about the
    end, and ``born_at`` when the first apply of this life was completed, by the calendar; None when
    an earlier version completed it. ``module_tags`` has the commit of each tag that it took modules at.
    ``uses`` are the outputs of other stacks that it used, by key (``network.vpc_id``), each with the
    mark of its value.
    ``lookups`` are the answers that its objects were made with. ``done`` is about the newest lease under
    which a change was finished. ``moved``: another store has the state, and this copy is never changed.
    """

    id: StackId
    lineage: str
    serial: int = 0
    resources: Mapping[Address, RecordedResource] = field(default_factory=dict)
    deposed: tuple[Deposed, ...] = ()
    intents: tuple[Intent, ...] = ()
    outputs: Mapping[str, RecordedOutput] = field(default_factory=dict)
    lookups: Mapping[Address, KeptLookup] = field(default_factory=dict)
    desired_hash: str | None = None
    commit: Sha | None = None
    complete: bool = True
    edited: bool = False
    lifetime: Lifetime | None = None
    born_at: datetime | None = None
    module_tags: Mapping[str, str] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)
    done: Done | None = None
    moved: Moved | None = None

    @property
    def empty(self) -> bool:
        """Whether, as far as state knows, the cloud has nothing of the stack."""
        return not (self.resources or self.deposed or self.intents)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackHeader:
    """The state of one stack without its resources: cheap to read for a whole repository.

    ``resources`` counts the recorded resources; ``left`` counts them with deposed objects and open
    intents. ``places`` are the (account, region) pairs of the resources. The other fields are those
    of ``RecordedStack``.
    """

    id: StackId
    lineage: str
    serial: int
    resources: int
    left: int
    places: frozenset[tuple[str, str]] = frozenset()
    desired_hash: str | None = None
    commit: Sha | None = None
    complete: bool = True
    lifetime: Lifetime | None = None
    born_at: datetime | None = None
    module_tags: Mapping[str, str] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether, as far as state knows, the cloud has nothing of the stack."""
        return self.left == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to change one environment. Every write names its epoch, which only grows.

    ``since`` is when it was taken; None if a version of gitbot took it that did not keep that.
    """

    environment: EnvironmentKey
    epoch: int
    holder: str
    expires_at: datetime
    since: datetime | None = None
