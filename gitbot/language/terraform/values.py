"""Holds values of Terraform until they are written: plain data with expressions of CEL in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PATH = re.compile(r"[\w.]+(?:\[(?:\"[^\"\\]*\"|[\w.]+)\][\w.]*)*|\"(?:[^\"\\]|\\.)*\"")


class LostError(Exception):
    """Something that cannot be said in a spec; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Cel:
    """An expression of CEL."""

    text: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A text with expressions in it."""

    parts: tuple[str | Cel, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """Maps of which later ones win, some of them not written out: CEL has no word for it."""

    parts: tuple[Any, ...]


def grouped(text: str) -> str:
    """The expression as something can follow it: in brackets, unless it is one name or call."""
    return text if _PATH.fullmatch(text) else f"({text})"


def cel_of(value: Any) -> str:
    """The value as CEL."""
    match value:
        case Cel(text=text):
            return f"({text})" if re.search(r" \? ", text) else text
        case Joined(parts=parts):
            return " + ".join(
                f"string({one.text})" if isinstance(one, Cel) else quoted(one) for one in parts
            )
        case str():
            return quoted(value)
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case list():
            return f"[{', '.join(cel_of(one) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{quoted(key)}: {cel_of(one)}' for key, one in value.items())}}}"
        case Merged():
            unmerged(value)
    return repr(value)


def unmerged(value: Any) -> Any:
    """The value, which is no ``Merged``.

    Raises:
        LostError: it is one.
    """
    if isinstance(value, Merged):
        raise LostError("merge() of maps that are not written out is known for tags only")
    return value


def written(value: Any) -> Any:
    """The value as it stands in a spec: with ``${…}``."""
    match value:
        case Cel(text=text):
            return f"${{{text}}}"
        case Joined(parts=parts):
            return "".join(
                f"${{{one.text}}}" if isinstance(one, Cel) else one.replace("${", "$${")
                for one in parts
            )
        case str():
            return value.replace("${", "$${")
        case list():
            return [written(one) for one in value]
        case Mapping():
            return {key: written(one) for key, one in value.items()}
    return value


def quoted(text: str) -> str:
    """The text as a literal of CEL."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{plain}"'


def joined(parts: Sequence[str | Cel]) -> Any:
    """A plain text, one expression, or both joined."""
    kept = [one for one in parts if one != ""]
    if all(isinstance(one, str) for one in kept):
        return "".join(str(one) for one in kept)
    return kept[0] if len(kept) == 1 else Joined(tuple(kept))
