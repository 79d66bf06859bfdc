"""The functions that gitbot adds to those of CEL. Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
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
    "trim": lambda text: _text(text).strip(),
    "upper": lambda text: _text(text).upper(),
}
