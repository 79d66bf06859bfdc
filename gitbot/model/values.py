"""The values of properties: JSON, with three further kinds of leaves. Pure.

A leaf may be *unknown* (only the cloud can give it), *sensitive* (known, but never shown or
stored) or *redacted* (a keyed hash, in place of a sensitive value in plans and in state).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from gitbot.model.names import Address

if TYPE_CHECKING:
    Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
    Value: TypeAlias = (
        "bool | int | float | str | Unknown | Sensitive | Redacted"
        " | Sequence[Value] | Mapping[str, Value] | None"
    )
else:
    # The codec looks up the types of fields at run time, and recursive unions cannot be resolved
    # then. So both names are plain marker classes, which the codec knows.
    class Json:
        """Marker of a JSON tree for the codec."""

    class Value:
        """Marker of a value tree for the codec."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A scalar that only the cloud can give, with everything that is needed to evaluate it later.

    ``template`` is the scalar as written. ``inputs`` are the known values that it uses:
    ``{"vars": {"suffix": "x"}}``. In plans and in state, the template of a sensitive output is
    replaced by its keyed hash. ``references`` maps the names in the template to resources.
    ``secrets`` are the secrets that it is made of, by reference, each with the version that it has
    now; the version is empty before the cloud was asked.
    """

    template: str
    inputs: Mapping[str, Value] = field(default_factory=dict)
    references: Mapping[str, Address] = field(default_factory=dict)
    sensitive: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)

    def __hash__(self) -> int:
        """By the text alone: maps have no hash, and wherever a text may stand, this may stand."""
        return hash(self.template)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a value was made of that comes from secrets.

    ``secrets`` maps each reference to the version that was used. ``definition`` is the keyed hash of
    the expression with everything else that it uses: the same definition and versions give the same
    value.
    """

    secrets: Mapping[str, str]
    definition: str


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A known value that is never shown or stored. Its ``repr`` hides it."""

    value: Any = field(repr=False)
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def __hash__(self) -> int:
        """The same for all: the value may be a map, and a hash of it would tell of it."""
        return hash(Sensitive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A keyed hash and the id of its key, in place of a sensitive value in plans and in state.

    Two are equal when the values were, whatever secrets they came from.
    """

    digest: str
    key_id: str
    origin: Origin | None = field(default=None, repr=False, compare=False)


Redactor: TypeAlias = Callable[[Any], Redacted]
"""Makes the keyed hash of one plain JSON value."""


def canonical_json(value: Any) -> str:
    """Plain JSON data as text in one fixed form: sorted keys, no spaces, non-ASCII kept."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_hex(text: str) -> str:
    """The hex SHA-256 of ``text`` in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def redactor(key: bytes, key_id: str) -> Redactor:
    """A ``Redactor`` by HMAC-SHA-256 (RFC 2104) over canonical JSON."""

    def redact(value: Any) -> Redacted:
        digest = hmac.new(key, canonical_json(value).encode(), hashlib.sha256).hexdigest()
        return Redacted(digest=digest, key_id=key_id)

    return redact


def leaves(value: Value) -> Iterator[Value]:
    """Every leaf of the tree, ``Unknown``, ``Sensitive`` and ``Redacted`` included, in order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if type(one) in _PLAIN:
            yield one
        elif isinstance(one, (list, tuple)):
            waiting.extend(reversed(one))
        elif isinstance(one, Mapping):
            waiting.extend(reversed([*one.values()]))
        else:
            yield one


def is_known(value: Value) -> bool:
    """Whether the tree has no ``Unknown`` leaf."""
    return not _has_leaf(value, _is_unknown)


def is_sensitive(value: Value) -> bool:
    """Whether any leaf must not be shown."""
    return _has_leaf(value, _is_hidden)


def has_secrets(value: Value) -> bool:
    """Whether any leaf is made of a secret that is not opened."""
    return _has_leaf(value, _needs_secrets)


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _is_unknown(leaf: Value) -> bool:
    return isinstance(leaf, Unknown)


def _needs_secrets(leaf: Value) -> bool:
    return isinstance(leaf, Unknown) and bool(leaf.secrets)


def _is_hidden(leaf: Value) -> bool:
    return isinstance(leaf, (Sensitive, Redacted)) or (isinstance(leaf, Unknown) and leaf.sensitive)


def _has_leaf(value: Any, wanted: Callable[[Value], bool]) -> bool:
    """Whether any leaf other than plain JSON is ``wanted``."""
    kind = type(value)
    if kind in _PLAIN:
        return False
    if kind is list or kind is tuple:
        items = value
    elif kind is dict or isinstance(value, Mapping):
        items = value.values()
    else:
        return wanted(value)
    for item in items:  # noqa: SIM110  (any() would take twice as long, for every property)
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
    """The tree with ``Sensitive`` leaves in the clear: only for calls that need them."""
    return map_leaves(value, lambda leaf: leaf.value if isinstance(leaf, Sensitive) else leaf)


def keeps_hidden(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``change``, which also changes the value within a sensitive one; that stays sensitive."""

    @wraps(change)
    def changed(value: Any) -> Any:
        if isinstance(value, Sensitive):
            return replace(value, value=change(value.value))
        return change(value)

    return changed


def redact(value: Value, redactor_: Redactor) -> Any:
    """The tree with ``Sensitive`` leaves replaced by ``Redacted`` ones, for plans and state.

    Of what is made of secrets the text is replaced too: what stands around a secret is sensitive.
    """

    def change(leaf: Value) -> Value:
        if isinstance(leaf, Sensitive):
            return replace(redactor_(leaf.value), origin=leaf.origin)
        if isinstance(leaf, Unknown) and leaf.secrets:
            hidden = redactor_(leaf.template).digest
            return replace(leaf, template=hidden, inputs=redact(leaf.inputs, redactor_))
        if isinstance(leaf, Unknown) and leaf.inputs:
            return replace(leaf, inputs=redact(leaf.inputs, redactor_))
        return leaf

    return map_leaves(value, change)
