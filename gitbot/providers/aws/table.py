"""Define a resource type as a table: how it is described, made, tagged and deleted. Pure.

``table_handler`` makes the calls from the table. How the API of a service lists and tags is in
``types/ec2/family.py`` and ``types/iam/family.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent, PartOf, TagLimits
from gitbot.providers.aws.native import Declaration
from gitbot.providers.aws.surfaces import TAGS_REMOVAL, Surface, names_of, removals_of

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection
    from gitbot.providers.aws.tagging import Marks

Described: TypeAlias = Mapping[str, Any]
"""One object as the listing call returns it."""
Properties: TypeAlias = Mapping[str, Any]


class Listing(Protocol):
    """Describes the objects of a type, many in one call, in pages."""

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

    ``declared`` says that the type has a ``Tags`` property. Without it the objects have only the
    tags that say who owns them. ``limits`` are what the service wants of tags.
    """

    @property
    def declared(self) -> bool: ...

    @property
    def limits(self) -> TagLimits: ...

    def at_creation(self, operation: Operation) -> Mapping[str, Any]:
        """The parameters by which the creating call sets declared and ownership tags."""

    def put(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        """Put tags on the object; its other tags stay. Idempotent."""

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """Remove the tags with these keys. Idempotent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """The call that makes an object.

    ``sends`` are the properties that the call takes, under their own names unless ``parameters``
    makes the parameters. ``gives`` returns the identifier, from the answer and the properties.
    ``token`` says that the call takes a ClientToken. ``taken`` are the codes for an object that
    exists already.
    """

    call: str
    sends: tuple[str, ...]
    gives: Callable[[Any, Properties], str]
    parameters: Callable[[Operation], Mapping[str, Any]] | None = None
    token: bool = False
    taken: frozenset[str] = frozenset()

    @property
    def repeatable(self) -> bool:
        """Whether a second call makes no second object."""
        return self.token or bool(self.taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The call that deletes an object.

    ``parameters`` makes the parameters from the object's description. ``clears`` are the surfaces
    that are removed first. ``users`` names what uses the object and will not go by itself; where a
    delete clears surfaces, it is asked before the first call, else after a refusal.
    """

    call: str
    parameters: Callable[[Described], Mapping[str, Any]]
    clears: tuple[str, ...] = ()
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

    ``absent`` are the codes for an object that does not exist. ``busy`` are the codes of a deletion
    while something still uses the object. What of this passes by itself is in ``refusals``.
    """

    service: str
    absent: frozenset[str]
    busy: frozenset[str]


def is_there(described: Described) -> bool:
    """True: an object without states exists as soon as it is listed."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One resource type.

    ``noun`` is its name in messages. ``identifier`` and ``shows`` return the object's identifier,
    and its properties and attributes, from its description. ``joins`` and the ``read`` of
    ``surfaces`` add what the description lacks. ``exists`` is false for a listed object that counts
    as gone, ``ready`` for one that cannot be used yet. ``natural_key`` are the properties that
    identify an object, where the spec gives them. The other fields go into the ``Declaration``.
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
    surfaces: tuple[Surface, ...] = ()
    joins: tuple[Join, ...] = ()
    exists: Callable[[Described], bool] = is_there
    ready: Callable[[Described], bool] = is_there
    natural_key: tuple[str, ...] | None = None
    normalise: Callable[[Properties], Properties] | None = None
    refine: Callable[[Properties], Properties] | None = None
    part_of: PartOf | None = None
    parent: Parent | None = None
    filled: tuple[str, ...] = ()

    def declaration(self) -> Declaration:
        """What planning must know of the type.

        A property that the create sends and that has no setter can only be replaced.
        """
        settable = names_of(self.surfaces)
        tagged = self.tags is not None and self.tags.declared
        handled = {*self.create.sends, *settable, *(("Tags",) if tagged else ())}
        return Declaration(
            name=self.name,
            handled=frozenset(f"/{name}" for name in handled),
            create_only=tuple(f"/{name}" for name in self.create.sends if name not in settable),
            removals={
                **removals_of(self.surfaces),
                **({"/Tags": TAGS_REMOVAL} if tagged else {}),
            },
            normalise=self.normalise,
            natural_key=self.natural_key,
            refine=self.refine,
            part_of=self.part_of,
            parent=self.parent,
            tag_limits=self.tags.limits if self.tags is not None else None,
            filled=frozenset(f"/{name}" for name in self.filled),
            client_token=self.create.token,
        )


def shown(*names: str) -> Callable[[Described], Properties]:
    """``shows`` for descriptions that call the properties by their own names.

    Returns those of ``names`` that the object has.
    """
    return lambda described: {name: described[name] for name in names if name in described}
