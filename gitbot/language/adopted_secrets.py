"""Keeps what may be secrets out of the specs that adopting writes. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.declared import Path
from gitbot.language.plain_secrets import is_chosen, texts_in
from gitbot.language.types import resource_type
from gitbot.model.schema import TypeSchema
from gitbot.model.secret_looks import (
    is_surely_secret,
    is_user_data,
    looks_secret,
    may_hold_secret,
    names_secret,
)

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Stands in properties for a value that may be a secret. ``name`` is what the Parameter Store is to call it.

    ``encoded``: the property wants it in base 64, and people keep it plain.
    """

    name: str
    encoded: bool = False

    @property
    def written(self) -> str:
        """The expression that takes its place."""
        secret = f'secret("ssm:{self.name}")'
        return f"${{base64({secret})}}" if self.encoded else f"${{{secret}}}"


def without_secrets(
    properties: Mapping[str, Any], schema: TypeSchema, below: str
) -> dict[str, Any]:
    """The properties with a ``LeftOut`` in place of each text that may be a secret, named ``below`` this path."""
    found: dict[str, Any] = dict(properties)
    type_ = resource_type(schema)
    for path, names, text in texts_in(properties):
        chosen = is_chosen(type_, path, names)
        if _may_be_secret(path, names[-1], text, chosen=chosen):
            last = names[-1] if chosen else "-".join(map(str, path))
            kept = f"{below}/{_NOT_IN_NAMES.sub('-', last).strip('-')}"
            encoded = _is_user_data(path) and _decoded(text) != text
            found = _with(found, path, LeftOut(kept, encoded))
    return found


def explained(
    lines: Sequence[str], environment: str, names: Collection[str] | None = None
) -> list[str]:
    """The lines of a spec, with a comment above each that names a secret in place of a value.

    ``names`` are those of these secrets; None: there are no others in the lines.
    """
    found: list[str] = []
    for line in lines:
        named = _REFERENCE.search(line)
        if named is not None and (names is None or named[1] in names):
            indent = " " * (len(line) - len(line.lstrip(" ")))
            found += [f"{indent}# {text}" for text in _todo(named[1], environment)]
        found.append(line)
    return found


_REFERENCE: Final = re.compile(r'\$\{(?:base64\()?secret\(\\*"ssm:([^"\\]+)\\*"\)\)?\}')


def _todo(name: str, environment: str) -> tuple[str, ...]:
    return (
        "TO DO: this may be a secret, so its value is not written. Put it into the Parameter Store:",
        f"aws ssm put-parameter --type SecureString --name {name} --value ...",
        f'and list "ssm:{name}" in `secrets` of specs/{environment}/environment.yaml. If it is none, write it here.',
    )


def _may_be_secret(path: Path, name: str, text: str, *, chosen: bool) -> bool:
    if _is_user_data(path):
        return looks_secret((), _decoded(text))
    if is_surely_secret(text):
        return True
    if chosen:
        return may_hold_secret(name, text)
    return names_secret(name) and looks_secret((name,), text)


def _is_user_data(path: Path) -> bool:
    return is_user_data([str(step) for step in path])


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return text


def _with(value: Any, path: Path, new: LeftOut) -> Any:
    if not path:
        return new
    first, *rest = path
    if isinstance(value, Mapping):
        return {
            key: _with(one, tuple(rest), new) if key == first else one for key, one in value.items()
        }
    return [_with(one, tuple(rest), new) if at == first else one for at, one in enumerate(value)]
