"""Encrypts a value for the place where it stands, and opens it there only. Shell.

AES-256-GCM with a random nonce of 96 bits: a key is fit for 2^32 values (NIST SP 800-38D, 8.3),
https://cryptography.io/en/latest/hazmat/primitives/aead/#cryptography.hazmat.primitives.ciphers.aead.AESGCM
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac
import os
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gitbot.errors import UserError
from gitbot.model.values import canonical_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEALED: Final = "gitbot-sealed-1:"
"""What a sealed value begins with. The id of its key follows."""
MARKED: Final = "gitbot-mark-1:"
"""What the keyed hash of a value begins with, by which the value is found. The id of its key follows."""
_NONCE_BYTES = 12
_ID_DIGITS = 12
_COMPRESS_FROM_BYTES = 32 * 1024
_EMPTY = "{}"
"""The default of columns that were added later. It tells nothing."""

Place = Sequence[str]
"""Where a value stands: the table and column or the kind of object, and what names its row."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that values are encrypted with. ``id`` tells it from others and nothing about it."""

    id: str
    cipher: AESGCM = field(repr=False)
    marks: bytes = field(repr=False)


def data_key(secret: bytes) -> DataKey:
    """The key of these 32 random bytes."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return DataKey(
        id=_derived(secret, "id").hex()[:_ID_DIGITS],
        cipher=AESGCM(_derived(secret, "values")),
        marks=_derived(secret, "marks"),
    )


def _derived(secret: bytes, purpose: str) -> bytes:
    """Another 32 bytes for each purpose; they tell nothing about the secret or each other."""
    return hmac.new(secret, f"gitbot state {purpose}".encode(), hashlib.sha256).digest()


class Sealer:
    """Seals values with one key, and opens those of several. Safe to share between threads.

    Without a key it leaves values as they are. ``strict``: all values of the store were sealed, so one in
    plain text is refused. ``more`` looks again which keys the store has.
    """

    def __init__(
        self,
        writes: DataKey | None = None,
        keys: Iterable[DataKey] = (),
        *,
        strict: bool = False,
        more: Callable[[], Iterable[DataKey]] = tuple,
    ) -> None:
        self._writes = writes
        self._keys = {key.id: key for key in keys}
        self._strict = strict
        self._more = more

    @property
    def key_id(self) -> str:
        """The id of the key that values are sealed with; empty if they are not."""
        return "" if self._writes is None else self._writes.id

    @property
    def prefix(self) -> str:
        """What a value that is sealed with this key begins with; of plain ones nothing is known."""
        return "" if self._writes is None else f"{SEALED}{self._writes.id}:"

    def seal(self, text: str, place: Place) -> str:
        """The text as the store keeps it at this place."""
        if self._writes is None:
            return text
        raw = text.encode()
        packed = b"z" + zlib.compress(raw, 6) if len(raw) > _COMPRESS_FROM_BYTES else b"t" + raw
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._writes.cipher.encrypt(nonce, packed, _bound(place))
        return self.prefix + base64.b64encode(sealed).decode()

    def open(self, text: str, place: Place) -> str:
        """The text that was sealed for this place.

        Raises:
            UserError: its key is not there; it was sealed for another place, or changed; or it is in plain
                text where all were sealed.
        """
        if not text.startswith(SEALED):
            if self._strict and text != _EMPTY:
                raise UserError(_plain(place))
            return text
        id_, _, body = text[len(SEALED) :].partition(":")
        key = self._key(id_)
        from cryptography.exceptions import InvalidTag

        try:
            sealed = binascii.a2b_base64(body)
            nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            packed = key.cipher.decrypt(nonce, rest, _bound(place))
        except (InvalidTag, ValueError) as error:
            raise UserError(
                f"the value at {_shown(place)} was changed or brought here from elsewhere, or is damaged: "
                "nothing is done with it. Bring back the store from a backup"
            ) from error
        return (zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:]).decode()

    def is_current(self, text: str) -> bool:
        """Whether the value is as it would be written now, as far as its key is concerned."""
        if self._writes is None:
            return not text.startswith(SEALED)
        return text.startswith(self.prefix)

    def mark(self, text: str, place: Place) -> str:
        """What stands for the text in an index: its keyed hash, or itself without a key."""
        return text if self._writes is None else _mark(self._writes, text, place)

    def marks(self, text: str, place: Place) -> tuple[str, ...]:
        """Everything that may stand for the text in an index, with any of the keys."""
        return (text, *(_mark(key, text, place) for key in self._keys.values()))

    def _key(self, id_: str) -> DataKey:
        if id_ not in self._keys:
            self._keys = {**self._keys, **{key.id: key for key in self._more()}}
        if id_ not in self._keys:
            raise UserError(lacking((id_,), self._keys))
        return self._keys[id_]


PLAIN: Final = Sealer()
"""Leaves values as they are, and refuses sealed ones."""


def lacking(needed: Iterable[str], held: Mapping[str, object] | Sequence[str]) -> str:
    """The words that keys with these ids are needed and not there."""
    ids = ", ".join(sorted(needed))
    if not held:
        return (
            f"the values of this store are sealed (key {ids}): set GITBOT_STATE_KEY to the key that "
            "everybody uses. Without it nobody can read them"
        )
    return (
        f"values of this store are sealed with the key {ids}, which GITBOT_STATE_KEY does not have (it has "
        f"{', '.join(sorted(held))}): put that key back, after a comma, until `gitbot state rotate` says "
        "that nothing is left"
    )


def _plain(place: Place) -> str:
    return (
        f"the value at {_shown(place)} is in plain text, and all values of this store were sealed: somebody "
        "changed it by hand, or a process without GITBOT_STATE_KEY wrote it. If it is right, add ,plain to "
        "GITBOT_STATE_KEY, run `gitbot state rotate` and take it away again"
    )


def _mark(key: DataKey, text: str, place: Place) -> str:
    content = canonical_json([*place, text]).encode()
    return f"{MARKED}{key.id}:{hmac.new(key.marks, content, hashlib.sha256).hexdigest()}"


@functools.lru_cache(maxsize=4096)
def _bytes_of(place: tuple[str, ...]) -> bytes:
    return canonical_json(place).encode()


def _bound(place: Place) -> bytes:
    return _bytes_of(tuple(place))


def _shown(place: Place) -> str:
    return " ".join(place)
