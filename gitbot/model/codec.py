"""Frozen values to JSON data and back: for plans, state and the loader's pipe. Pure.

Unknown, sensitive and redacted leaves become maps with one reserved key, ``$gitbot``, which a
spec's own maps may not have (the loader refuses it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from cattrs.preconf.json import make_converter

from gitbot.model.values import Json, Redacted, Sensitive, Unknown, Value

T = TypeVar("T")
MARK = "$gitbot"


def encode_value(value: Value) -> Any:
    """The tree as plain JSON data.

    Raises:
        TypeError: a ``Sensitive`` leaf, which has no place in anything that is written down.
    """
    if isinstance(value, Mapping):
        return {key: encode_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode_value(item) for item in value]
    if isinstance(value, Unknown):
        return {
            MARK: "unknown",
            "template": value.template,
            "inputs": encode_value(value.inputs),
            "references": dict(value.references),
            "sensitive": value.sensitive,
        }
    if isinstance(value, Redacted):
        return {MARK: "redacted", "digest": value.digest, "key_id": value.key_id}
    if isinstance(value, Sensitive):
        raise TypeError("a sensitive value cannot be encoded; redact it first")
    return value


def decode_value(data: Any) -> Any:
    """The tree that ``encode_value`` (or ``encode_secret_value``) made the data from."""
    if isinstance(data, Mapping):
        match data.get(MARK):
            case "unknown":
                return Unknown(
                    template=data["template"],
                    inputs=decode_value(data["inputs"]),
                    references=data["references"],
                    sensitive=data["sensitive"],
                )
            case "redacted":
                return Redacted(digest=data["digest"], key_id=data["key_id"])
            case "sensitive":
                return Sensitive(data["value"])
            case _:
                return {key: decode_value(item) for key, item in data.items()}
    if isinstance(data, list):
        return [decode_value(item) for item in data]
    return data


def _encode_open(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {key: _encode_open(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_encode_open(item) for item in value]
    if isinstance(value, Sensitive):
        return {MARK: "sensitive", "value": value.value}
    if isinstance(value, Unknown):
        return encode_value(replace(value, inputs={})) | {"inputs": _encode_open(value.inputs)}
    return encode_value(value)


def _is_tree(type_: Any) -> bool:
    return type_ is Value or type_ is Json


def _converter(encode: Any, *, omit_defaults: bool = True) -> Any:
    converter = make_converter(forbid_extra_keys=False, omit_if_default=omit_defaults)
    # The preconfigured datetime hook is ISO 8601 already; microseconds and the offset are kept.
    converter.register_unstructure_hook(datetime, lambda moment: moment.isoformat())
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_unstructure_hook_func(_is_tree, encode)
    converter.register_structure_hook_func(_is_tree, lambda data, _: decode_value(data))
    return converter


_closed = _converter(encode_value)
_open = _converter(_encode_open)
_full = _converter(encode_value, omit_defaults=False)


def to_data(value: Any) -> Any:
    """Plain JSON data of a frozen value of ``gitbot.model``; defaults are left out.

    Raises:
        TypeError: the value holds a ``Sensitive`` leaf.
    """
    return _closed.unstructure(value)


def to_full_data(value: Any) -> Any:
    """As ``to_data`` with defaults written out: what programs of others read."""
    return _full.unstructure(value)


def to_open_data(value: Any) -> Any:
    """As ``to_data`` with sensitive leaves in the clear: only for the loader's own pipe."""
    return _open.unstructure(value)


def from_data(data: Any, type_: type[T]) -> T:
    """The frozen value of ``type_`` that ``to_data`` or ``to_open_data`` made the data from.

    Raises:
        cattrs.BaseValidationError: the data does not fit the type.
    """
    return _closed.structure(data, type_)  # type: ignore[no-any-return]
