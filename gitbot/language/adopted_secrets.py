"""Keeps what may be secrets out of the specs that adopting writes. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gitbot.language.declared import Path
from gitbot.language.plain_secrets import Worth, every, is_chosen, texts_in
from gitbot.language.types import resource_type
from gitbot.model.schema import TypeSchema
from gitbot.model.secret_looks import (
    holds_secret,
    is_surely_secret,
    is_user_data,
    looks_secret,
    may_hold_secret,
    names_secret,
)
from gitbot.model.secret_texts import opened

_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_EXTERNAL_ID: Final = re.compile(r"external_?-?id\Z", re.IGNORECASE)


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
    properties: Mapping[str, Any], schema: TypeSchema, below: str, worth: Worth = every
) -> dict[str, Any]:
    """The properties with a ``LeftOut`` in place of each text that may be a secret, named ``below`` this path.

    Texts that are not ``worth`` a look stay.
    """
    found: dict[str, Any] = dict(properties)
    type_ = resource_type(schema)
    for path, names, text in texts_in(properties, worth):
        chosen = is_chosen(type_, path, names)
        named = _is_named_secret(names[-1], text, chosen=chosen)
        if named or _holds_one(path, text):
            by_name = chosen and (named or isinstance(path[-1], str))
            last = names[-1] if by_name else "-".join(map(str, path))
            kept = f"{below}/{_NOT_IN_NAMES.sub('-', last).strip('-')}"
            encoded = not named and opened(text) != text
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


def _is_named_secret(name: str, text: str, *, chosen: bool) -> bool:
    """Whether its name says that it may be one. An ``sts:ExternalId`` is a passphrase to many.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    if chosen and not _EXTERNAL_ID.search(name):
        return may_hold_secret(name, text)
    return names_secret(name) and looks_secret((name,), text)


def _holds_one(path: Path, text: str) -> bool:
    plain = opened(text)
    if plain != text or is_user_data([str(step) for step in path]):
        return looks_secret((), plain)
    return is_surely_secret(text) or holds_secret(text)


def _with(value: Any, path: Path, new: LeftOut) -> Any:
    if not path:
        return new
    first, *rest = path
    if isinstance(value, Mapping):
        return {
            key: _with(one, tuple(rest), new) if key == first else one for key, one in value.items()
        }
    return [_with(one, tuple(rest), new) if at == first else one for at, one in enumerate(value)]
