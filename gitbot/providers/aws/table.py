"""Define a resource type as a table: how it is described, made, tagged and deleted. Pure.

``table_handler`` makes the calls from the table. How services list and tag: ``plain``, ``types/ec2/family``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from gitbot.model.cautions import Caution
from gitbot.model.cloud import Operation
from gitbot.model.schema import NOTHING_LOST, Losses, Parent, PartOf, Removal, ReplaceOrder
from gitbot.model.timeouts import NO_TIMEOUTS, Timeouts
from gitbot.providers.aws.dialect import Dialect, Name, Running
from gitbot.providers.aws.surfaces import Surface, names_of
from gitbot.providers.aws.table_protocols import Listing, Tagging
from gitbot.providers.aws.traces import Trace

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

Described: TypeAlias = Mapping[str, Any]
"""One object as the listing call returns it."""
Properties: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """The call that makes an object.

    ``sends`` are the properties that the call takes, under their own names unless ``parameters`` makes the
    parameters; ``asks`` makes further ones with calls. ``gives`` returns the identifier, from the answer and
    the properties, which have the name. ``name`` gives the object a name where the spec gives none. ``token``
    is the parameter for a client token, if any. ``taken`` are the codes for an object that exists already.
    ``repeats``: the same call again gives the same object; ``revises``: it adds a revision to it, whoever made it.
    ``trace`` tells of a call whose reply was lost which object it made, where no tag, name or token does.
    ``nobodys``: whether AWS made this object itself along with another one: it is taken over.
    """

    call: str
    sends: tuple[str, ...]
    gives: Callable[[Any, Properties], str]
    parameters: Callable[[Operation], Mapping[str, Any]] | None = None
    asks: Callable[[Connection, Operation], Mapping[str, Any]] | None = None
    name: Name | None = None
    token: str = ""
    taken: frozenset[str] = frozenset()
    repeats: bool = False
    revises: bool = False
    trace: Trace | None = None
    nobodys: Callable[[Described], bool] = lambda described: False

    @property
    def repeatable(self) -> bool:
        """Whether a second call makes no second object."""
        return bool(self.token) or bool(self.taken) or self.repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A call that changes properties of an object, one or several at once.

    ``sends`` are the properties that it takes: under their own names, unless ``parameters`` makes the parameters from
    them and the object's description; none: no call. It gets what changed, with ``whole`` all that is declared,
    because it resets the rest, with ``steps`` that again until it makes none. ``along``: no reason for the call, they
    say how it changes the others. ``stopped``: it must not run. ``idle``: no earlier change is under way, which is
    waited for first. ``settled``: what is wanted has come through. ``shared`` are paths of maps to which others add
    keys: the call is given those that are neither in the spec nor in the last apply, so that they stay.
    """

    call: str
    sends: tuple[str, ...]
    shared: tuple[str, ...] = ()
    whole: bool = False
    steps: bool = False
    along: tuple[str, ...] = ()
    stopped: bool = False
    parameters: Callable[[Properties, Described], Mapping[str, Any]] | None = None
    idle: Callable[[Described], bool] | None = None
    settled: Callable[[Connection, str, Properties], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The call that deletes an object.

    ``parameters`` makes the parameters from the object's description, by default those of
    ``Table.addresses``; ``sends`` are properties of the spec that it takes too, and that nothing can
    read. ``clears`` are the surfaces that are removed first. ``first`` makes calls
    without which AWS refuses to delete; it may run twice. Where AWS refuses for good all the same, properties and power
    that ``first`` took away are put back. ``barred``: nobody could put it back, and AWS says before these calls that the
    object is in use; they are made only after that.
    ``needless``: AWS deletes the object by itself some time and refuses the call. ``users`` names what uses the object and will not go by itself; where
    a delete makes other calls before, it is asked before these, else after a refusal. ``full`` is the
    code for an object with something in it: with ``lifecycle.emptyOnDelete`` it is then deleted with the
    parameters ``emptying``, and refused without. ``keeps`` makes the snapshot of a spec; ``final`` returns the
    parameters by which the call itself makes one, unless the spec says otherwise, or makes none. ``others`` names
    what uses the object without standing in the spec; then of ``clears`` only what the spec has is removed.
    ``unkept`` says why no snapshot can be made of objects with these properties, ``stuck`` why a deletion under way
    has failed. ``protected`` says what a spec must set before an object can be deleted that is protected against that.
    """

    call: str
    parameters: Callable[[Described], Mapping[str, Any]] | None = None
    sends: tuple[str, ...] = ()
    keeps: Callable[[Connection, Operation, Described], None] | None = None
    final: Callable[[Connection, Operation, Described], Mapping[str, Any]] | None = None
    unkept: Callable[[Properties], str] | None = None
    clears: tuple[str, ...] = ()
    first: Callable[[Connection, Described], None] | None = None
    barred: bool = False
    needless: Callable[[Described], bool] = lambda described: False
    users: Callable[[Connection, Described], Sequence[str]] | None = None
    stuck: Callable[[Described], str] = lambda described: ""
    others: Callable[[Connection, Described, Properties], Sequence[str]] | None = None
    protected: Callable[[Described], str] = lambda described: ""
    full: str = ""
    emptying: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Attributes that another listing has: one bulk call for all objects of a read.

    ``calls`` lists by the descriptions of the objects, which it gets by their identifiers. ``gives`` returns, for each
    listed element, the identifiers of the objects that it belongs to, and their attributes. ``only_for``: it is asked where one of
    these properties is wanted; empty: always.
    """

    calls: Callable[[Connection, Mapping[str, Described]], Iterable[Described]]
    gives: Callable[[Described], Iterable[tuple[str, Properties]]]
    only_for: tuple[str, ...] = ()


def given(operation: Operation, names: Iterable[str]) -> dict[str, Any]:
    """Those of the properties that the operation gives a value."""
    return {name: value for name in names if (value := operation.properties.get(name)) is not None}


def is_there(_: Described) -> bool:
    """True: what is listed exists."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One resource type.

    ``noun`` is its name in messages. ``shows`` returns the object's properties and attributes, from its
    description; ``identifier`` its identifier, which else is the one value of ``addresses``. ``joins`` and the ``read`` of ``surfaces`` add what that
    lacks. ``addresses`` makes the parameters that name the object in calls. ``spells`` maps properties to
    parameters whose names differ in more than the first letter. ``exists`` is false for a listed object that
    counts as gone, ``ready`` for one that cannot be used yet; ``failed`` says why it never will, ``asks_for`` what
    people must do before it can, ``undone`` why the service took an update back. ``prepares`` does with a new object
    what it needs to get ready; it may run twice. ``completes`` brings a part of a ready object to what is wanted that
    no property's own call can, after each create and update; it is idempotent. ``running``: it is stopped and started. ``natural_key`` are the properties
    that identify an object, where the spec gives them, ``name_within`` those that say where its name counts. ``resets`` says what happens when a property of
    ``updates`` leaves the spec. ``looks`` and ``calls`` are calls of functions in the table that read and write, for the rights.
    ``variant`` returns the call that takes the place of ``call`` for objects with these parameters. ``marks`` maps a write-only property to what ``shows`` tells of its value. The other fields go into the ``Declaration``.
    """

    name: str
    noun: str
    dialect: Dialect
    listing: Listing
    shows: Callable[[Described], Properties]
    create: Create
    delete: Delete
    tags: Tagging | None = None
    addresses: Callable[[Described], Mapping[str, Any]] | None = None
    identifier: Callable[[Described], str] | None = None
    variant: Callable[[str, Mapping[str, Any]], str] = lambda call, _: call
    updates: tuple[Update, ...] = ()
    resets: Mapping[str, Removal] = field(default_factory=dict)
    spells: Mapping[str, str] = field(default_factory=dict)
    surfaces: tuple[Surface, ...] = ()
    joins: tuple[Join, ...] = ()
    exists: Callable[[Described], bool] = is_there
    ready: Callable[[Described], bool] = is_there
    failed: Callable[[Described], str] = lambda _: ""
    asks_for: Callable[[Described], str] = lambda _: ""
    prepares: Callable[[Connection, Operation, str], None] | None = None
    completes: Callable[[Connection, Operation, str], None] | None = None
    undone: Callable[[Described, Properties], str] | None = None
    running: Running | None = None
    natural_key: tuple[str, ...] | None = None
    name_within: tuple[str, ...] = ()
    looks: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    passes_role_to: str = ""
    normalise: Callable[[Properties], Properties] | None = None
    refine: Callable[[Properties], Properties] | None = None
    part_of: PartOf | None = None
    parent: Parent | None = None
    unshown: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    handled: tuple[str, ...] = ()
    create_only: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    write_only: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sets: tuple[str, ...] = ()
    identities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removals: Mapping[str, Removal] = field(default_factory=dict)
    partial: tuple[str, ...] = ()
    grows: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    stepwise: tuple[str, ...] = ()
    leaps: Mapping[str, str] = field(default_factory=dict)
    open_lists: tuple[str, ...] = ()
    key_names: tuple[str, ...] = ()
    replace_order: ReplaceOrder | None = None
    stateful: bool = False
    stateful_replacement: bool = False
    kept_in_use: bool = False
    name_lingers: str = ""
    losses: Losses = NOTHING_LOST
    fate: Callable[[Properties], tuple[str, ...]] | None = None
    cautions: tuple[Caution, ...] = ()
    explains: Callable[[Any], tuple[str, ...]] | None = None
    exclusive: tuple[str, ...] = ()
    timeouts: Timeouts = NO_TIMEOUTS

    def id_of(self, described: Described) -> str:
        """The identifier of the described object."""
        if self.identifier is not None:
            return self.identifier(described)
        named = {} if self.addresses is None else self.addresses(described)
        [only] = named.values()
        return str(only)

    @property
    def looks_first(self) -> bool:
        """Whether an object is looked for by its natural key before it is made: no refusal tells of it."""
        untold = self.tags is None and self.natural_key is not None
        return self.create.repeats or self.create.revises or (untold and not self.create.repeatable)

    @property
    def settable(self) -> frozenset[str]:
        """The properties that change in place, apart from tags."""
        return names_of(self.surfaces) | {name for one in self.updates for name in one.sends}


def shown(*names: str, **spelled: str) -> Callable[[Described], Properties]:
    """``shows`` for descriptions that have properties by their names; ``spelled`` maps others to theirs."""
    all_names = {**{name: name for name in names}, **spelled}
    return lambda one: {name: one[own] for name, own in all_names.items() if own in one}
