"""The lease of an environment in a bucket: who may write, and until when others wait. Shell."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from gitbot.adapters.object_store.answers import MovedError, refused
from gitbot.adapters.object_store.folding import Found
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.errors import LeaseLostError
from gitbot.model.codec import from_data, to_data
from gitbot.model.names import EnvironmentKey
from gitbot.model.recorded import Lease

_TRIES = 4


class Leases:
    """Reads and writes the objects of leases. The journal says who may write; these say who waits."""

    def __init__(self, objects: Objects, layout: Layout) -> None:
        self._objects = objects
        self._layout = layout

    def look(self, key: EnvironmentKey) -> tuple[Lease, str] | None:
        """The lease and the tag of its object; None if there is none."""
        found = self._objects.get(self._layout.lease(key))
        return None if found is None else (_lease(found), found.etag)

    def put(self, lease: Lease) -> str:
        """Write the lease over every earlier one, because the journal has decided for it; its tag.

        Raises:
            LeaseLostError: there is a later one.
            TransientError: S3 did not answer, or refused it again and again; another try finds out.
        """
        for tried in range(_TRIES):
            seen = self.look(lease.environment)
            if seen is not None and seen[0].epoch > lease.epoch:
                raise lost(lease, seen[0].holder)
            with suppress(MovedError):  # the former holder has renewed its own: look again
                return self._write(lease, None if seen is None else seen[1])
            self._objects.pause(tried)
        raise refused(self._layout.lease(lease.environment))

    def renew(self, lease: Lease, etag: str) -> str:
        """Write the lease over the one with this tag; its new tag.

        Raises:
            LeaseLostError: somebody else has written it, or deleted it.
            TransientError: nobody knows whether it is written; another try finds out.
        """
        for _ in range(_TRIES):
            try:
                return self._write(lease, etag)
            except MovedError as error:
                seen = self.look(lease.environment)
                if seen is None or seen[0].epoch != lease.epoch:
                    raise lost(lease, "" if seen is None else seen[0].holder) from error
                # Only its holder writes a lease of this epoch: an earlier try, whose reply never came.
                etag = seen[1]
        raise refused(self._layout.lease(lease.environment))

    def _write(self, lease: Lease, etag: str | None) -> str:
        name, body = self._layout.lease(lease.environment), _body(lease)
        if etag is None:
            return self._objects.create(name, body)
        return self._objects.replace(name, body, etag)

    def moved_to(self) -> str | None:
        """The store that all state was moved to; None: nowhere."""
        found = self._objects.get(self._layout.moved)
        return None if found is None else str(found.body["to"])

    def close(self, to: str) -> None:
        """Record that all state was moved to this store. Raises TransientError as ``put``."""
        for tried in range(_TRIES):
            self.reopen()
            with suppress(MovedError):  # somebody else records a move: the last one counts
                self._objects.create(self._layout.moved, {"to": to})
                return
            self._objects.pause(tried)
        raise refused(self._layout.moved)

    def reopen(self) -> None:
        """Forget that all state was moved."""
        self._objects.delete(self._layout.moved)

    def delete(self, lease: Lease, etag: str) -> None:
        """Delete it, unless somebody else has written it."""
        try:
            self._objects.delete(self._layout.lease(lease.environment), etag)
        except MovedError:
            return


def lost(lease: Lease, newest: str) -> LeaseLostError:
    """The error that this lease is held no more, but by ``newest`` or, if that is empty, nobody."""
    return LeaseLostError(
        f"The lease of {lease.environment.environment} (epoch {lease.epoch}) is no longer held by "
        f"{lease.holder}: {newest or 'nobody'} holds it now."
    )


def _lease(found: Found) -> Lease:
    return from_data(found.body, Lease)


def _body(lease: Lease) -> dict[str, Any]:
    return dict(to_data(lease))
