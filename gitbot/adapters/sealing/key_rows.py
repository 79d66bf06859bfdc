"""Opens the sealer of a store: the keys that its user has, against those that its values need. Shell."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gitbot.adapters.sealing.sealer import PLAIN, DataKey, Sealer, data_key, lacking
from gitbot.errors import UserError
from gitbot.model.state_keys import KmsKey, LocalKey, StateKeys

log = logging.getLogger("gitbot")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key that values of the store may be sealed with.

    ``kms`` is the name of the ``KmsKey`` that ``wrapped``, the data key, was wrapped by; both are empty for
    a key of the user's. ``whole``: no value of the store is in plain text.
    """

    id: str
    kms: str = ""
    wrapped: bytes = b""
    whole: bool = False


class KeyRows(Protocol):
    """The rows of keys that a store keeps."""

    def all(self) -> Sequence[KeyRow]:
        """The rows, by id."""

    def put(self, row: KeyRow) -> None:
        """Record the row; it replaces the one with its id."""

    def drop(self, id_: str) -> None:
        """Forget the key: no value needs it."""

    def unused(self) -> bool:
        """Whether the store has no value yet."""


class KeyService(Protocol):
    """Makes data keys and wraps them."""

    def make(self, key: KmsKey) -> tuple[bytes, bytes]:
        """A new data key, and the same wrapped."""

    def unwrap(self, key: KmsKey, wrapped: bytes) -> bytes:
        """The data key."""


def open_sealer(keys: StateKeys, rows: KeyRows, service: KeyService) -> Sealer:
    """The sealer of the store with these rows. Records the key that is written with, if it is new.

    Raises:
        UserError: a key is missing or wrong, or KMS refuses.
    """
    found = {row.id: row for row in rows.all()}
    if not keys.given:
        if found:
            raise UserError(lacking(found, ()))
        return PLAIN
    held = _held(keys, found.values(), service)
    if missing := found.keys() - held.keys():
        raise UserError(
            lacking(missing, held) if found.keys() & held.keys() else _wrong(found, held)
        )
    row, writes = _written_with(keys, held, found, service)
    if writes is not None:
        held[writes.id] = writes
    whole = _note(row, found, rows)
    if row is not None and not whole:
        log.warning(
            "values of this store are still in plain text: run `gitbot state rotate` once, so that all are sealed"
        )
    return Sealer(
        writes,
        held.values(),
        strict=whole and not keys.takes_plain,
        more=lambda: _held(keys, rows.all(), service).values(),
    )


def _held(keys: StateKeys, found: Iterable[KeyRow], service: KeyService) -> dict[str, DataKey]:
    """The keys that the user has, by id: those given, and the data keys that KMS unwraps for them."""
    names = {key.name: key for key in keys.given if isinstance(key, KmsKey)}
    secrets = [service.unwrap(names[row.kms], row.wrapped) for row in found if row.kms in names]
    secrets += [key.secret for key in keys.given if isinstance(key, LocalKey)]
    return {key.id: key for key in map(data_key, secrets)}


def _written_with(
    keys: StateKeys,
    held: Mapping[str, DataKey],
    found: Mapping[str, KeyRow],
    service: KeyService,
) -> tuple[KeyRow | None, DataKey | None]:
    """The key that values are written with, and its row, which may be new."""
    match keys.writes:
        case LocalKey(secret):
            key = data_key(secret)
            return found.get(key.id, KeyRow(id=key.id)), key
        case KmsKey(name) as kms:
            # Two processes may have made one each, at once: take the same of them everywhere.
            known = sorted(row.id for row in found.values() if row.kms == name)
            if known:
                return found[known[0]], held[known[0]]
            secret, wrapped = service.make(kms)
            key = data_key(secret)
            return KeyRow(id=key.id, kms=name, wrapped=wrapped), key
        case _:
            return None, None


def _note(row: KeyRow | None, found: Mapping[str, KeyRow], rows: KeyRows) -> bool:
    """Record the key that is written with, and whether no value is in plain text, which is returned."""
    if row is None:
        for one in found.values():
            if one.whole:
                rows.put(replace(one, whole=False))
        return False
    if row.id in found:
        return row.whole
    whole = any(one.whole for one in found.values()) or (not found and rows.unused())
    rows.put(replace(row, whole=whole))
    return whole


def _wrong(found: Mapping[str, KeyRow], held: Mapping[str, DataKey]) -> str:
    through = ", ".join(sorted({f"kms:{row.kms}" for row in found.values() if row.kms}))
    more = f" of {through}" if through else ""
    return (
        f"GITBOT_STATE_KEY is not the key of this store: its values are sealed with the key {', '.join(sorted(found))}"
        f"{more}, and you have {', '.join(sorted(held)) or 'none of it'}. Set the key that everybody uses; "
        "to bring in a new one, name it before that: NEW,OLD"
    )
