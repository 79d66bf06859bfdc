"""Reads the keys that state is encrypted with, from the text of ``GITBOT_STATE_KEY``. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gitbot.errors import UserError

KEY_BYTES: Final = 32
_KMS: Final = "kms:"
_PLAIN: Final = "plain"
_MAKE: Final = "make one with `openssl rand -base64 32`"
# https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN
_ARN: Final = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key|alias)/[^#\s]+")


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A key of the user's: 32 random bytes. Its ``repr`` hides it."""

    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KmsKey:
    """A key of KMS that wraps a data key, which the store keeps.

    ``name`` is the ARN of the key. With ``#label`` at its end it means another data key of the same
    KMS key.
    """

    name: str

    @property
    def arn(self) -> str:
        """The key that KMS is asked for."""
        return self.name.partition("#")[0]

    @property
    def region(self) -> str:
        """The region of the key."""
        return self.name.split(":")[3]


@dataclass(frozen=True, slots=True)
class NoKey:
    """In place of a key: values stand in plain text."""


StateKey: TypeAlias = LocalKey | KmsKey | NoKey


@dataclass(frozen=True, slots=True)
class StateKeys:
    """The keys of a store: values are written with the first one, and read with each of them.

    Without any, values are written in plain text, and a store with sealed values is refused.
    """

    given: tuple[StateKey, ...] = ()

    @property
    def writes(self) -> StateKey:
        """What values are written with."""
        return self.given[0] if self.given else NoKey()

    @property
    def takes_plain(self) -> bool:
        """Whether ``plain`` is one of them, so that a value in plain text is never refused."""
        return NoKey() in self.given


NO_KEYS: Final = StateKeys()


def state_keys(text: str) -> StateKeys:
    """The keys of a text such as ``NEW,OLD``: each is 32 bytes in base64, ``kms:<key arn>`` or ``plain``.

    An empty text has none.

    Raises:
        UserError: one of them is wrong; no key is shown.
    """
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    keys = tuple(_key(part, number) for number, part in enumerate(parts, start=1))
    if len(set(keys)) < len(keys):
        raise UserError("GITBOT_STATE_KEY names a key twice: name each once, the new one first")
    if keys == (NoKey(),):
        raise UserError(
            "GITBOT_STATE_KEY is only the word plain: leave it empty, or name the key that values "
            "are still sealed with after it: plain,KEY"
        )
    return StateKeys(keys)


def _key(part: str, number: int) -> StateKey:
    which = f"key {number} of GITBOT_STATE_KEY"
    if part == _PLAIN:
        return NoKey()
    if part.startswith(_KMS):
        name = part.removeprefix(_KMS)
        if not _ARN.fullmatch(name.partition("#")[0]):
            raise UserError(
                f"{which} names no key of KMS: write kms:arn:aws:kms:REGION:ACCOUNT:key/ID"
            )
        return KmsKey(name)
    try:
        secret = base64.b64decode(part, validate=True)
    except (binascii.Error, ValueError):
        raise UserError(f"{which} is not base64: {_MAKE}") from None
    if len(secret) != KEY_BYTES:
        raise UserError(f"{which} has {len(secret)} bytes and must have {KEY_BYTES}: {_MAKE}")
    return LocalKey(secret)
