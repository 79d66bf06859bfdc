"""Values of properties: JSON, and the three things that are not JSON yet or any more. Pure.

A tree of values is JSON whose leaves may also be *unknown* (only the cloud can give them),
*sensitive* (known, never shown, never stored) or *redacted* (what is left of a sensitive value in
plans and in state: a keyed hash).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from gitbot.model.names import Address

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
    Value: TypeAlias = (
        "bool | int | float | str | Unknown | Sensitive | Redacted"
        " | Sequence[Value] | Mapping[str, Value] | None"
    )
else:
    # Recursive unions cannot be resolved at run time, where the codec looks fields up by type:
    # there the two names are plain markers that it knows.
    class Json:
        """Marker of a JSON tree for the codec."""

    class Value:
        """Marker of a value tree for the codec."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A scalar that only the cloud can give, and all that is needed to evaluate it later.

    ``template`` is the scalar as written, ``inputs`` the known scope values that it uses
    (``{"vars": {"suffix": "x"}}``), ``references`` the resources that it uses, by the name that
    the template calls them.
    """

    template: str
    inputs: Mapping[str, Value] = field(default_factory=dict)
    references: Mapping[str, Address] = field(default_factory=dict)
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A known value that is never shown and never stored. Its ``repr`` hides it."""

    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What stands for a sensitive value in plans and in state: a keyed hash and the key's id."""

    digest: str
    key_id: str


Redactor: TypeAlias = Callable[[Any], Redacted]
"""Makes the keyed hash of one plain JSON value."""


def canonical_json(value: Any) -> str:
    """The one JSON text of plain JSON data: sorted keys, no spaces, non-ASCII kept."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_hex(text: str) -> str:
    """Hex SHA-256 of ``text`` in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def redactor(key: bytes, key_id: str) -> Redactor:
    """A ``Redactor`` by HMAC-SHA-256 (RFC 2104) over canonical JSON."""

    def redact(value: Any) -> Redacted:
        digest = hmac.new(key, canonical_json(value).encode(), hashlib.sha256).hexdigest()
        return Redacted(digest=digest, key_id=key_id)

    return redact


def leaves(value: Value) -> Iterator[Value]:
    """Every leaf of the tree, ``Unknown``, ``Sensitive`` and ``Redacted`` included, in order."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def is_known(value: Value) -> bool:
    """Whether the tree has no ``Unknown`` leaf."""
    return not _has_leaf(value, _is_unknown)


def is_sensitive(value: Value) -> bool:
    """Whether any leaf must not be shown."""
    return _has_leaf(value, _is_hidden)


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _is_unknown(leaf: Value) -> bool:
    return isinstance(leaf, Unknown)


def _is_hidden(leaf: Value) -> bool:
    return isinstance(leaf, (Sensitive, Redacted)) or (isinstance(leaf, Unknown) and leaf.sensitive)


def _has_leaf(value: Any, wanted: Callable[[Value], bool]) -> bool:
    """Whether any leaf beside plain JSON is wanted."""
    kind = type(value)
    if kind in _PLAIN:
        return False
    if kind is list or kind is tuple:
        items = value
    elif kind is dict or isinstance(value, Mapping):
        items = value.values()
    else:
        return wanted(value)
    for item in items:  # noqa: SIM110  (a generator takes twice as long, for every property)
        if type(item) not in _PLAIN and _has_leaf(item, wanted):
            return True
    return False


def map_leaves(value: Any, change: Callable[[Value], Value]) -> Any:
    """The same tree with every leaf replaced by ``change(leaf)``; lists stay lists."""
    kind = type(value)
    if kind in _PLAIN:
        return change(value)
    if kind is dict or isinstance(value, Mapping):
        return {key: map_leaves(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [map_leaves(item, change) for item in value]
    return change(value)


def reveal(value: Value) -> Any:
    """The tree with ``Sensitive`` leaves opened: only for the call that needs them."""
    return map_leaves(value, lambda leaf: leaf.value if isinstance(leaf, Sensitive) else leaf)


def redact(value: Value, redactor_: Redactor) -> Any:
    """The tree with ``Sensitive`` leaves replaced by ``Redacted``: fit for plans and state."""

    def change(leaf: Value) -> Value:
        if isinstance(leaf, Sensitive):
            return redactor_(leaf.value)
        if isinstance(leaf, Unknown) and leaf.inputs:
            return Unknown(
                template=leaf.template,
                inputs=redact(leaf.inputs, redactor_),
                references=leaf.references,
                sensitive=leaf.sensitive,
            )
        return leaf

    return map_leaves(value, change)
