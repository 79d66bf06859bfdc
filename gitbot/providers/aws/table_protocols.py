"""Define how objects of a table are listed and tagged. Pure.

``plain`` fits both for most services, ``types/ec2/family`` for EC2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from gitbot.model.cloud import Operation
from gitbot.model.tag_limits import TagLimits
from gitbot.providers.aws.believing import Memory
from gitbot.providers.aws.native import Index

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection
    from gitbot.providers.aws.tagging import Marks

_Described: TypeAlias = Mapping[str, Any]


class Listing(Protocol):
    """Describes the objects of a type, many in one call, in pages.

    ``calls`` are its calls, for the rights, as far as the dialect's ``reads`` do not have them.
    ``index`` is where AWS's index of tags has the objects.
    """

    @property
    def calls(self) -> tuple[str, ...]: ...

    @property
    def index(self) -> Index | None: ...

    def by_id(self, aws: Connection, ids: Iterable[str]) -> Iterator[_Described]:
        """The objects with these identifiers, and perhaps others. Absent ones are left out."""

    def by_operation(self, aws: Connection, operation: Operation) -> Iterator[_Described]:
        """The objects that have the operation's tag; none if the API cannot search for tags."""

    def by_marks(self, aws: Connection, marks: Marks) -> Iterator[_Described]:
        """The objects that have these ownership tags, and perhaps others."""

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[_Described]:
        """The objects that may have the natural key in the operation's properties."""


@runtime_checkable
class Believing(Protocol):
    """A listing that can save the calls for tags: nobody needs them, or sources that lag say the same as state."""

    def believing(self, memory: Memory) -> Listing:
        """The same listing for one read of these objects."""

    def untagged(self) -> Listing:
        """The same listing, whose descriptions lack tags that a call of their own tells."""


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

    def put(self, aws: Connection, described: _Described, tags: Mapping[str, str]) -> None:
        """Put tags on the object; its other tags stay. Idempotent."""

    def remove(self, aws: Connection, described: _Described, keys: Iterable[str]) -> None:
        """Remove the tags with these keys. Idempotent."""


@runtime_checkable
class Detailing(Protocol):
    """Tagging of tags that say more than key and value, as ``TagLimits.details`` has it."""

    def put_declared(self, aws: Connection, described: _Described, operation: Operation) -> None:
        """Put the operation's declared tags with all that they say; other tags stay. Idempotent."""
