"""Reads values out of a webhook's payload, and refuses what is not as GitHub documents it. Pure.

Each function raises MalformedDeliveryError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from gitbot.errors import UserError
from gitbot.model.names import Sha

Payload: TypeAlias = Mapping[str, object]

_MOST = 2**63 - 1  # the largest number that a database stores
_SHA = re.compile(r"[0-9a-f]{40}")


class MalformedDeliveryError(UserError):
    """The payload is not as GitHub documents it. The message names the wrong path."""


def value_at(payload: Payload, *path: str) -> object:
    """The value at the path."""
    value: object = payload
    for depth, name in enumerate(path):
        if not isinstance(value, dict) or name not in value:
            raise MalformedDeliveryError(f"{'.'.join(path[: depth + 1])} is missing")
        value = value[name]
    return value


def text_at(payload: Payload, *path: str) -> str:
    """The text at the path, which is not empty."""
    where = ".".join(path)
    value = checked_text(value_at(payload, *path), where)
    if not value:
        raise MalformedDeliveryError(f"{where} is empty")
    return value


def checked_text(value: object, where: str) -> str:
    """The value, checked to be valid text: JSON can also hold single surrogates."""
    if not isinstance(value, str):
        raise MalformedDeliveryError(f"{where} is not text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise MalformedDeliveryError(f"{where} holds half a character (a surrogate)") from error
    return value


def number_at(payload: Payload, *path: str) -> int:
    """The positive number at the path."""
    value = value_at(payload, *path)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST:
        raise MalformedDeliveryError(f"{'.'.join(path)} is not a positive number of 63 bits")
    return value


def instant_at(payload: Payload, *path: str) -> datetime:
    """The instant at the path, in UTC."""
    value = text_at(payload, *path)
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise MalformedDeliveryError(f"{'.'.join(path)} has no time zone")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedDeliveryError(f"{'.'.join(path)} is not a time") from error


def sha_at(payload: Payload, *path: str) -> Sha:
    """The full commit id at the path."""
    value = text_at(payload, *path)
    if not _SHA.fullmatch(value):
        raise MalformedDeliveryError(f"{'.'.join(path)} is not a full commit id")
    return Sha(value)
