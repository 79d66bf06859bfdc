"""Properties that have calls of their own: how each one is read, written and taken away. Shell.

Every native type says "property to setter" in this way, whether a table or a handler of its own
makes its other calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from gitbot.errors import CloudError
from gitbot.model.schema import Removal

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

Read: TypeAlias = Callable[["Connection", str], Any]
Write: TypeAlias = Callable[["Connection", str, Any], None]

TAGS_REMOVAL = Removal(default=None, says="the tags are deleted")
"""What taking ``Tags`` out of a spec does, on every type that has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One top-level property that has calls of its own.

    ``write`` makes the property of the object with this identifier equal to the value, and takes
    it away when the value is None; it is idempotent. ``read`` returns the property in
    CloudFormation's shape, None when the object has none of it; leave ``read`` out where the
    description of the object has the property. ``removal`` is what taking the property out of a
    spec does; without it, a spec must keep it. ``stopped``: the object must be stopped meanwhile.
    """

    property: str
    write: Write
    read: Read | None = None
    removal: Removal | None = None
    stopped: bool = False


def read_surfaces(
    aws: Connection, remote_id: str, surfaces: Iterable[Surface], wanted: Collection[str]
) -> dict[str, Any]:
    """The wanted properties of one object, one call after the other; absent ones are left out."""
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
    """The wanted properties of many objects that only calls of their own tell, side by side.

    ``wanted`` has the names of the properties by identifier. None stands for an object that is not
    there any more: a call answered with one of the codes in ``absent``.
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
            if error.code in absent:
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
    """Make the touched properties equal to ``properties``, in the order of ``surfaces``; take away
    those that ``properties`` does not have."""
    for surface in surfaces:
        if surface.property in touched:
            surface.write(aws, remote_id, properties.get(surface.property))


def declared(properties: Mapping[str, Any]) -> frozenset[str]:
    """The names of the properties that have a value: what follows a create is written for these."""
    return frozenset(name for name, value in properties.items() if value is not None)


def names_of(surfaces: Iterable[Surface]) -> frozenset[str]:
    """The names of the properties."""
    return frozenset(surface.property for surface in surfaces)


def removals_of(surfaces: Iterable[Surface]) -> dict[str, Removal]:
    """The removals of the surfaces, by path, as a ``Declaration`` has them."""
    return {
        f"/{surface.property}": surface.removal
        for surface in surfaces
        if surface.removal is not None
    }
