"""Keep in a bucket which keys the values of the store are sealed with. Shell."""

from __future__ import annotations

import base64
from contextlib import suppress

from gitbot.adapters.object_store.answers import MovedError, refused
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.sealing.key_rows import KeyRow

_TRIES = 4


class BucketKeyRows:
    """The ``KeyRows`` of a store in a bucket."""

    def __init__(self, objects: Objects, layout: Layout) -> None:
        self._objects = objects
        self._layout = layout

    def all(self) -> tuple[KeyRow, ...]:
        """The rows, by id."""
        found = [self._objects.get(name) for name, _ in self._objects.names(self._layout.keys)]
        return tuple(
            KeyRow(
                id=one.body["id"],
                kms=one.body["kms"],
                wrapped=base64.b64decode(one.body["wrapped"]),
                whole=one.body["whole"],
            )
            for one in found
            if one is not None
        )

    def put(self, row: KeyRow) -> None:
        """Record the row; it replaces the one with its id.

        Raises:
            TransientError: S3 did not answer, or refused it again and again.
        """
        name = f"{self._layout.keys}{row.id}"
        body = {
            "id": row.id,
            "kms": row.kms,
            "wrapped": base64.b64encode(row.wrapped).decode(),
            "whole": row.whole,
        }
        for tried in range(_TRIES):
            found = self._objects.get(name)
            with suppress(MovedError):  # another process has put the same meanwhile: look again
                if found is None:
                    self._objects.create(name, body)
                else:
                    self._objects.replace(name, body, found.etag)
                return
            self._objects.pause(tried)
        raise refused(name)

    def drop(self, id_: str) -> None:
        """Forget the key: no value needs it."""
        self._objects.delete(f"{self._layout.keys}{id_}")

    def unused(self) -> bool:
        """Whether the store has no object of an environment."""
        names = self._objects.names(self._layout.prefix)
        return all(self._layout.environment_of(name) is None for name, _ in names)
