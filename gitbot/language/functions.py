"""The functions that gitbot adds to those of CEL. Pure."""

from __future__ import annotations

import base64
import ipaddress
import json
import uuid
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("expects a string")
    return value


def _texts(values: Any) -> list[str]:
    if not isinstance(values, list):
        raise TypeError("expects a list of strings")
    return [_text(value) for value in values]


def _base64(text: Any) -> str:
    return base64.b64encode(_text(text).encode()).decode()


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _replace(text: Any, old: Any, new: Any) -> str:
    return _text(text).replace(_text(old), _text(new))


def _split(text: Any, separator: Any) -> list[str]:
    return _text(text).split(_text(separator))


def _subnets(block: Any, count: Any, bits: Any) -> list[str]:
    """The first ``count`` parts of a block of addresses, each of 2 to the power of ``bits``."""
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in (count, bits)):
        raise TypeError("expects a block and two whole numbers")
    network = ipaddress.ip_network(_text(block), strict=False)
    prefix = network.max_prefixlen - bits
    if not network.prefixlen <= prefix <= network.max_prefixlen or not 1 <= count <= _MOST_SUBNETS:
        raise TypeError(f"cannot divide {network} into blocks of 2^{bits} addresses")
    if count > 2 ** (prefix - network.prefixlen):
        raise TypeError(f"{network} has fewer than {count} blocks of 2^{bits} addresses")
    return [str(one) for one in islice(network.subnets(new_prefix=prefix), count)]


_MOST_SUBNETS: Final = 256
_UUIDS: Final = uuid.UUID("6f0c2f8e-3d0b-5c55-9d5e-0d1c7e0a4b52")
"""The name space of what ``uuid`` makes. Another one would give every object another name."""


def _uuid(text: Any) -> str:
    """A UUID that is always the same for the same text, and another one for any other.

    https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5
    """
    return str(uuid.uuid5(_UUIDS, _text(text)))


def keys_in_order(value: Any) -> Any:
    """The keys of a map in order; anything else as it is."""
    return sorted(value) if isinstance(value, dict) else value


IN_ORDER: Final = "_in_order"
"""Gives the keys of a map in order. The library walks maps in an order that differs each time, so
that the same spec would give another list, and another digest, each time that it is loaded."""

OWN_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "base64": _base64,
    "join": lambda values, separator: _text(separator).join(_texts(values)),
    "json": _json,
    "lower": lambda text: _text(text).lower(),
    "replace": _replace,
    "split": _split,
    "subnets": _subnets,
    "trim": lambda text: _text(text).strip(),
    "upper": lambda text: _text(text).upper(),
    "uuid": _uuid,
}
