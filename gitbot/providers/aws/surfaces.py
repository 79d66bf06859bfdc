"""Read and write properties that have calls of their own. Shell.

Every native type says in this way which call sets which property, whether a table or a handler of
its own makes its other calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from gitbot.errors import CloudError
from gitbot.model.schema import Removal
from gitbot.providers.aws.refusals import means

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

Read: TypeAlias = Callable[["Connection", str], Any]
Write: TypeAlias = Callable[["Connection", str, Any], None]

TAGS_REMOVAL = Removal(default=None, says="the tags are deleted")
"""What removing ``Tags`` from a spec does, on every type that has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One top-level property that has calls of its own.

    ``write`` makes the object's property equal to the value, and removes it when the value is None;
    it is idempotent. ``read`` returns the property in CloudFormation's shape, None when the object
    has none; leave it out if the object's description has the property. ``removal`` says what
    removing the property from a spec does; without it, a spec must keep the property. ``stopped``
    says that the object must be stopped for the change. ``last``: it is written after the calls that change several
    properties, since it says something of parts that these make. ``known`` returns what was read without what the cloud
    forgets by itself, given what state has of the property; None: nothing.
    """

    property: str
    write: Write
    read: Read | None = None
    removal: Removal | None = None
    stopped: bool = False
    last: bool = False
    known: Callable[[Any, Any], Any] | None = None


def read_surfaces(
    aws: Connection, remote_id: str, surfaces: Iterable[Surface], wanted: Collection[str]
) -> dict[str, Any]:
    """The wanted properties of one object, read one after the other; absent ones are left out."""
    values = {
        surface.property: surface.read(aws, remote_id)
        for surface in surfaces
        if surface.property in wanted and surface.read is not None
    }
    return {name: value for name, value in values.items() if value is not None}


def read_apart(
    aws: Connection,
    surfaces: Iterable[Surface],
    wanted: Mapping[str, Collection[str]],
    absent: Collection[str],
) -> dict[str, dict[str, Any] | None]:
    """The wanted properties of many objects, each read with a call of its own, side by side.

    ``wanted`` has the names of the properties by identifier. The value is None for an object that
    is gone: a call failed with one of the codes in ``absent``.
    """
    pairs = [
        (remote_id, surface)
        for remote_id, names in wanted.items()
        for surface in surfaces
        if surface.read is not None and surface.property in names
    ]

    def read(pair: tuple[str, Surface]) -> dict[str, Any] | None:
        remote_id, surface = pair
        try:
            return read_surfaces(aws, remote_id, [surface], {surface.property})
        except CloudError as error:
            if means(error, absent):
                return None
            raise

    told: dict[str, dict[str, Any] | None] = {}
    for (remote_id, _), answer in zip(pairs, aws.each(read, pairs), strict=True):
        known = told.setdefault(remote_id, {})
        told[remote_id] = None if answer is None or known is None else known | answer
    return told


def write_surfaces(
    aws: Connection,
    remote_id: str,
    surfaces: Iterable[Surface],
    properties: Mapping[str, Any],
    touched: Collection[str],
) -> None:
    """Make the touched properties equal to ``properties``.

    A touched property that ``properties`` lacks is removed, before the others change: from the last surface to the
    first, since a later one may need what an earlier one has set. The others follow in the order of ``surfaces``.
    """
    values = [(one, properties.get(one.property)) for one in surfaces if one.property in touched]
    gone = [one for one in reversed(values) if one[1] is None]
    for surface, value in (*gone, *(one for one in values if one[1] is not None)):
        surface.write(aws, remote_id, value)


def declared(properties: Mapping[str, Any]) -> frozenset[str]:
    """The names of the properties that have a value. These are written after a create."""
    return frozenset(name for name, value in properties.items() if value is not None)


def names_of(surfaces: Iterable[Surface]) -> frozenset[str]:
    """The names of the surfaces' properties."""
    return frozenset(surface.property for surface in surfaces)


def removals_of(surfaces: Iterable[Surface]) -> dict[str, Removal]:
    """The removals of the surfaces by path, for ``Declaration``."""
    return {
        f"/{surface.property}": surface.removal
        for surface in surfaces
        if surface.removal is not None
    }
