"""Convert job keys to the plain JSON that the queue stores, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import cattrs

from gitbot.errors import InvariantError
from gitbot.model.codec import from_data, to_data
from gitbot.model.keys import JobKey


class KeyCodec:
    """Writes and restores keys of the types that it is given."""

    def __init__(self, types: Iterable[type[JobKey]]) -> None:
        self._types = {each.__name__: each for each in types}

    def knows(self, name: str) -> bool:
        """Whether keys of a type with this name are written and restored."""
        return name in self._types

    def write(self, key: JobKey) -> tuple[str, dict[str, Any]]:
        """The name of the key's type and its fields; fields that have their default are left out.

        Raises:
            InvariantError: no job belongs to the type of the key.
        """
        name = type(key).__name__
        if self._types.get(name) is not type(key):
            raise InvariantError(f"No job belongs to the key {name}.")
        return name, to_data(key)

    def restore(self, name: str, data: Mapping[str, Any]) -> JobKey:
        """The key that ``write`` made the data from.

        Raises:
            InvariantError: ``write`` would not make this data from a key of that name.
        """
        if name not in self._types:
            raise InvariantError(f"No job belongs to the key {name}.")
        try:
            key = from_data(data, self._types[name])
        except cattrs.BaseValidationError as error:
            raise InvariantError(f"A queued {name} cannot be read: {data}.") from error
        # The codec turns "7" into 7 and passes over fields that it does not know. A key that
        # comes out changed was written by something else, so it must not run.
        if to_data(key) != data:
            raise InvariantError(f"A queued {name} was not written by this version: {data}.")
        return key
