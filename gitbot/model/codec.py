"""Turns frozen values into JSON data and back, for plans, state and the loader's pipe. Pure.

Unknown, sensitive and redacted leaves become maps with the reserved key ``$gitbot``. A map
with this key in the data itself is wrapped, so that it cannot pass for such a leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from cattrs.preconf.json import make_converter

from gitbot.model.values import Json, Origin, Redacted, Sensitive, Unknown, Value

T = TypeVar("T")
MARK = "$gitbot"


def encode_value(value: Value) -> Any:
    """The tree as plain JSON data.

    Raises:
        TypeError: the tree has a ``Sensitive`` leaf, which must never be stored.
    """
    return _encode(value, _closed_leaf)


def decode_value(data: Any) -> Any:
    """The tree that ``encode_value`` (or ``to_open_data``) made the data from.

    Raises:
        KeyError, TypeError: a mark in the data has not the parts that it must have.
    """
    kind = type(data)
    if kind is dict:
        if MARK in data:
            return _decode_mark(data)
        return {key: decode_value(item) for key, item in data.items()}
    if kind is list:
        return [decode_value(item) for item in data]
    return data


def _decode_mark(data: Mapping[str, Any]) -> Any:
    match data[MARK]:
        case "unknown":
            return Unknown(
                template=_typed(data["template"], str),
                inputs=decode_value(_typed(data["inputs"], dict)),
                references=_texts(data["references"]),
                sensitive=_typed(data["sensitive"], bool),
                secrets=_texts(data.get("secrets", {})),
            )
        case "redacted":
            return Redacted(
                digest=_typed(data["digest"], str),
                key_id=_typed(data["key_id"], str),
                origin=_origin(data),
            )
        case "sensitive":
            return Sensitive(data["value"])
        case "map":
            return {key: decode_value(item) for key, item in data["entries"].items()}
        case _:
            return {key: decode_value(item) for key, item in data.items()}


def _typed(value: Any, type_: type[T]) -> T:
    if not isinstance(value, type_):
        raise TypeError(f"{type_.__name__} is wanted, not {type(value).__name__}")
    return value


def _texts(value: Any) -> Any:
    """The map, whose values must be texts."""
    for item in _typed(value, dict).values():
        _typed(item, str)
    return value


def _origin(data: Mapping[str, Any]) -> Origin | None:
    if "secrets" not in data:
        return None
    return Origin(
        secrets=_texts(data["secrets"]), definition=_typed(data.get("definition", ""), str)
    )


def _encode(value: Any, leaf: Callable[[Value], Any]) -> Any:
    kind = type(value)
    # Check the usual types first: isinstance with the abstract Mapping is slow.
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is dict or isinstance(value, Mapping):
        entries = {key: _encode(item, leaf) for key, item in value.items()}
        return {MARK: "map", "entries": entries} if MARK in entries else entries
    if isinstance(value, (list, tuple)):
        return [_encode(item, leaf) for item in value]
    if isinstance(value, Unknown):
        # Where there is no secret, the data stay those of earlier versions.
        secrets = {"secrets": dict(value.secrets)} if value.secrets else {}
        return {
            MARK: "unknown",
            "template": value.template,
            "inputs": _encode(value.inputs, leaf),
            "references": dict(value.references),
            "sensitive": value.sensitive,
            **secrets,
        }
    if isinstance(value, Redacted):
        return _encode_redacted(value)
    return leaf(value)


def _encode_redacted(value: Redacted) -> dict[str, Any]:
    data = {MARK: "redacted", "digest": value.digest, "key_id": value.key_id}
    if value.origin is None:
        return data
    origin = value.origin
    return {**data, "secrets": dict(origin.secrets), "definition": origin.definition}


def _closed_leaf(leaf: Value) -> Any:
    if isinstance(leaf, Sensitive):
        raise TypeError("a sensitive value cannot be encoded; redact it first")
    return leaf


def _open_leaf(leaf: Value) -> Any:
    return {MARK: "sensitive", "value": leaf.value} if isinstance(leaf, Sensitive) else leaf


def _encode_open(value: Value) -> Any:
    return _encode(value, _open_leaf)


def _is_tree(type_: Any) -> bool:
    return type_ is Value or type_ is Json


def _converter(encode: Any, *, omit_defaults: bool = True) -> Any:
    converter = make_converter(forbid_extra_keys=False, omit_if_default=omit_defaults)
    # ISO 8601, with microseconds and offset.
    converter.register_unstructure_hook(datetime, lambda moment: moment.isoformat())
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_unstructure_hook(timedelta, lambda duration: duration.total_seconds())
    converter.register_structure_hook(timedelta, lambda seconds, _: timedelta(seconds=seconds))
    converter.register_unstructure_hook_func(_is_tree, encode)
    converter.register_structure_hook_func(_is_tree, lambda data, _: decode_value(data))
    return converter


_closed = _converter(encode_value)
_open = _converter(_encode_open)
_full = _converter(encode_value, omit_defaults=False)


def to_data(value: Any) -> Any:
    """The plain JSON data of a frozen value of ``gitbot.model``. Defaults are left out.

    Raises:
        TypeError: the value holds a ``Sensitive`` leaf.
    """
    return _closed.unstructure(value)


def to_full_data(value: Any) -> Any:
    """Like ``to_data``, with defaults: for other programs."""
    return _full.unstructure(value)


def to_open_data(value: Any) -> Any:
    """Like ``to_data``, with sensitive leaves in the clear: only for the loader's pipe."""
    return _open.unstructure(value)


def from_data(data: Any, type_: type[T]) -> T:
    """The frozen value of ``type_`` that ``to_data`` or ``to_open_data`` made the data from.

    Raises:
        cattrs.BaseValidationError: the data does not fit the type.
    """
    return _closed.structure(data, type_)  # type: ignore[no-any-return]


def as_stored(value: T) -> T:
    """The value as it will be read back: tuples become lists, and times read as they are written.

    Raises:
        TypeError: it holds a sensitive value, which is never stored.
    """
    return from_data(to_data(value), type(value))
