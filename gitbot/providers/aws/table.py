"""Define a resource type as a table: how it is described, made, tagged and deleted. Pure.

``table_handler`` makes the calls from the table. How the API of a service lists and tags is in
``types/ec2/family.py`` and ``types/iam/family.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from gitbot.model.cloud import Operation
from gitbot.model.schema import (
    NOTHING_LOST,
    Caution,
    Losses,
    Parent,
    PartOf,
    Removal,
    ReplaceOrder,
    TagLimits,
)
from gitbot.providers.aws.native import Declaration, Index, Rights
from gitbot.providers.aws.surfaces import TAGS_REMOVAL, Surface, names_of, removals_of
from gitbot.providers.aws.tagging import generated_name

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection
    from gitbot.providers.aws.tagging import Marks

Described: TypeAlias = Mapping[str, Any]
"""One object as the listing call returns it."""
Properties: TypeAlias = Mapping[str, Any]


class Listing(Protocol):
    """Describes the objects of a type, many in one call, in pages.

    ``calls`` are its calls, for the rights, as far as the dialect's ``reads`` do not have them.
    ``index`` is where AWS's index of tags has the objects.
    """

    @property
    def calls(self) -> tuple[str, ...]: ...

    @property
    def index(self) -> Index | None: ...

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[Described]:
        """The objects with these identifiers, and perhaps others. Absent ones are left out."""

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """The objects that have the operation's tag; none if the API cannot search for tags."""

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[Described]:
        """The objects that have these ownership tags, and perhaps others."""

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """The objects that may have the natural key in the operation's properties."""


class Tagging(Protocol):
    """How the objects of a type are tagged.

    ``declared`` is the property with the tags. Where it is empty, the objects have only the tags that
    say who owns them. ``limits`` are what the service wants of tags. ``late``: the creating call takes
    none, so they are put on the object after it. ``as_map``: a spec has ``{key: value}`` and no list of
    pairs. ``calls`` are the calls that put and remove.
    """

    @property
    def declared(self) -> str: ...

    @property
    def limits(self) -> TagLimits: ...

    @property
    def late(self) -> bool: ...

    @property
    def as_map(self) -> bool: ...

    @property
    def calls(self) -> tuple[str, ...]: ...

    def at_creation(self, operation: Operation) -> Mapping[str, Any]:
        """The parameters by which the creating call sets declared and ownership tags."""

    def put(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        """Put tags on the object; its other tags stay. Idempotent."""

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """Remove the tags with these keys. Idempotent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """The property with an object's name. Where a spec gives none, gitbot generates one.

    ``longest`` is the longest name that the service takes, in characters.
    """

    property: str
    longest: int

    def of(self, operation: Operation) -> str:
        """The object's name: the one in the spec, or one generated for the operation."""
        given = operation.properties.get(self.property)
        return str(given or generated_name(operation, self.longest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """The call that makes an object.

    ``sends`` are the properties that the call takes, under their own names unless ``parameters``
    makes the parameters. ``gives`` returns the identifier, from the answer and the properties.
    ``name`` gives the object a name where the spec gives none. ``token`` is the parameter for a client token; empty: the call takes none. ``taken`` are the codes
    for an object that exists already. ``repeats``: the same call again gives the same object.
    """

    call: str
    sends: tuple[str, ...]
    gives: Callable[[Any, Properties], str]
    parameters: Callable[[Operation], Mapping[str, Any]] | None = None
    name: Name | None = None
    token: str = ""
    taken: frozenset[str] = frozenset()
    repeats: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether a second call makes no second object."""
        return bool(self.token) or bool(self.taken) or self.repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A call that changes properties of an object, one or several at once.

    ``sends`` are the properties that it takes: under their own names, unless ``parameters`` makes the
    parameters from them and the object's description. A call gets the properties that changed, or
    with ``whole`` all that are declared, because it resets what it is not given. The parameters of
    ``Table.addresses`` name the object.
    """

    call: str
    sends: tuple[str, ...]
    whole: bool = False
    parameters: Callable[[Properties, Described], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The call that deletes an object.

    ``parameters`` makes the parameters from the object's description, by default those of
    ``Table.addresses``. ``clears`` are the surfaces that are removed first. ``first`` makes calls
    without which AWS refuses to delete; it may run twice. ``users`` names what uses the object and
    will not go by itself; where a delete clears surfaces, it is asked before the first call, else
    after a refusal.
    """

    call: str
    parameters: Callable[[Described], Mapping[str, Any]] | None = None
    clears: tuple[str, ...] = ()
    first: Callable[[Connection, Described], None] | None = None
    users: Callable[[Connection, Described], Sequence[str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Attributes that another listing has: one bulk call for all objects of a read.

    ``calls`` lists by the identifiers of the objects. ``gives`` returns, for each listed element,
    the identifiers of the objects that it belongs to, and their attributes.
    """

    calls: Callable[[Connection, Iterable[str]], Iterable[Described]]
    gives: Callable[[Described], Iterable[tuple[str, Properties]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What the calls of one service have in common.

    ``service`` is boto3's name for it, ``prefix`` IAM's where it differs. ``absent`` are the codes for
    an object that does not exist. ``busy`` are the codes of a deletion while something still uses the
    object; see ``refusals.means`` for the form. What of this passes by itself is in ``refusals``. ``reads`` are actions that every type's
    reading needs.
    ``renames``: the API writes names with a small first letter where CloudFormation has a capital.
    ``spelled`` maps parts of calls' names to their spelling in IAM.
    """

    service: str
    absent: frozenset[str]
    busy: frozenset[str] = frozenset()
    prefix: str = ""
    reads: tuple[str, ...] = ()
    renames: bool = False
    spelled: Mapping[str, str] = field(default_factory=dict)

    def action(self, call: str) -> str:
        """IAM's name of the action for a call: ``ec2:CreateVpc`` for ``create_vpc``."""
        if ":" in call:
            return call
        name = "".join(word.capitalize() for word in call.split("_")) if call.islower() else call
        for part, spelling in self.spelled.items():
            name = name.replace(part, spelling)
        return f"{self.prefix or self.service}:{name}"


def is_there(described: Described) -> bool:
    """True: an object without states exists as soon as it is listed."""
    return True


def unharmed(described: Described) -> str:
    """Empty: an object without states does not fail after it was made."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One resource type.

    ``noun`` is its name in messages. ``identifier`` and ``shows`` return the object's identifier,
    and its properties and attributes, from its description. ``joins`` and the ``read`` of
    ``surfaces`` add what the description lacks. ``addresses`` makes the parameters that name the
    object in calls. ``spells`` maps properties to parameters whose names differ in more than the first
    letter. ``exists`` is false for a listed object that counts as gone, ``ready`` for one
    that cannot be used yet; ``failed`` says why it never will. ``natural_key`` are the properties that
    identify an object, where the spec gives them. ``resets`` says what happens when a property of
    ``updates`` leaves the spec. ``looks`` and ``calls`` are calls of functions in the table that read
    and write, for the rights. The other fields go into the ``Declaration``.
    """

    name: str
    noun: str
    dialect: Dialect
    listing: Listing
    identifier: Callable[[Described], str]
    shows: Callable[[Described], Properties]
    create: Create
    delete: Delete
    tags: Tagging | None = None
    addresses: Callable[[Described], Mapping[str, Any]] | None = None
    updates: tuple[Update, ...] = ()
    resets: Mapping[str, Removal] = field(default_factory=dict)
    spells: Mapping[str, str] = field(default_factory=dict)
    surfaces: tuple[Surface, ...] = ()
    joins: tuple[Join, ...] = ()
    exists: Callable[[Described], bool] = is_there
    ready: Callable[[Described], bool] = is_there
    failed: Callable[[Described], str] = unharmed
    natural_key: tuple[str, ...] | None = None
    looks: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    passes_role_to: str = ""
    normalise: Callable[[Properties], Properties] | None = None
    refine: Callable[[Properties], Properties] | None = None
    part_of: PartOf | None = None
    parent: Parent | None = None
    filled: tuple[str, ...] = ()
    handled: tuple[str, ...] = ()
    create_only: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    write_only: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    identities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removals: Mapping[str, Removal] = field(default_factory=dict)
    partial: tuple[str, ...] = ()
    grows: tuple[str, ...] = ()
    open_lists: tuple[str, ...] = ()
    replace_order: ReplaceOrder | None = None
    stateful: bool = False
    stateful_replacement: bool = False
    kept_in_use: bool = False
    losses: Losses = NOTHING_LOST
    cautions: tuple[Caution, ...] = ()

    def declaration(self) -> Declaration:
        """What planning must know of the type.

        A property that the create sends and that has no setter can only be replaced. ``handled``
        and ``create_only`` of the table are paths below properties.
        """
        fixed = tuple(f"/{name}" for name in self.create.sends if name not in self.settable)
        return Declaration(
            name=self.name,
            handled=self._handled(),
            rights=self.rights(),
            passes_role_to=self.passes_role_to,
            index=self.listing.index,
            create_only=(*fixed, *self.create_only),
            removals=self._removals(),
            normalise=self.normalise,
            natural_key=self.natural_key,
            refine=self.refine,
            part_of=self.part_of,
            parent=self.parent,
            tag_limits=self.tags.limits if self.tags is not None else None,
            filled=frozenset(f"/{name}" for name in self.filled),
            client_token=bool(self.create.token),
            instead=self.instead,
            write_only=self.write_only,
            sets=frozenset(self.sets),
            identities=self.identities,
            partial=frozenset(self.partial),
            grows=frozenset(self.grows),
            open_lists=frozenset(self.open_lists),
            replace_order=self.replace_order,
            stateful=self.stateful,
            stateful_replacement=self.stateful_replacement,
            kept_in_use=self.kept_in_use,
            losses=self.losses,
            cautions=self.cautions,
        )

    @property
    def _tagged(self) -> str:
        return self.tags.declared if self.tags is not None else ""

    def _handled(self) -> frozenset[str]:
        tops = {*self.create.sends, *self.settable, self._tagged} - {""}
        below = {path.split("/")[1] for path in self.handled}
        return frozenset({*(f"/{name}" for name in tops - below), *self.handled})

    def _removals(self) -> dict[str, Removal]:
        return {
            **removals_of(self.surfaces),
            **{f"/{name}": removal for name, removal in self.resets.items()},
            **({f"/{self._tagged}": TAGS_REMOVAL} if self._tagged else {}),
            **self.removals,
        }

    @property
    def settable(self) -> frozenset[str]:
        """The properties that change in place, apart from tags."""
        return names_of(self.surfaces) | {name for one in self.updates for name in one.sends}

    def rights(self) -> Rights:
        """The actions of every call that the table makes."""
        tagging = self.tags.calls if self.tags is not None else ()
        updates = [one.call for one in self.updates]
        calls = (self.create.call, self.delete.call, *updates, *tagging, *self.calls)
        action = self.dialect.action
        return Rights(
            reads=frozenset(map(action, (*self.dialect.reads, *self.listing.calls, *self.looks))),
            writes=frozenset(map(action, calls)),
        )


def shown(*names: str, **spelled: str) -> Callable[[Described], Properties]:
    """``shows`` for descriptions that call the properties by their own names.

    Returns those of ``names`` that the object has; ``spelled`` maps further ones to their names in the
    description.
    """
    all_names = {**{name: name for name in names}, **spelled}
    return lambda described: {
        name: described[own] for name, own in all_names.items() if own in described
    }
