"""Cuts a policy into policies that IAM takes, when it is longer than one may be. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

LONGEST: Final = 6144
"""How many characters a managed policy may have. IAM does not count white space."""


def parts(document: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Policies that together allow what ``document`` allows, each short enough; it alone where it is.

    A role takes ten of them. A statement that cannot be cut makes a part that is too long.
    """
    if _size(document) <= LONGEST:
        return (dict(document),)
    found: list[list[Mapping[str, Any]]] = []
    for piece in (piece for one in document["Statement"] for piece in _pieces(document, one)):
        room = (one for one in found if _fits(document, [*one, piece]))
        if (first := next(room, None)) is not None:
            first.append(piece)
        else:
            found.append([piece])
    return tuple({**document, "Statement": statements} for statements in found)


def _pieces(
    document: Mapping[str, Any], statement: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """The statement, or several with fewer actions or resources that allow the same."""
    if _fits(document, [statement]):
        yield statement
        return
    longest = max(("Action", "Resource"), key=lambda one: _size(_many(statement, one)))
    items = _many(statement, longest)
    if len(items) < 2:
        yield statement
        return
    middle = len(items) // 2
    for number, some in enumerate((items[:middle], items[middle:]), start=1):
        shorter = {**statement, "Sid": f"{statement['Sid']}{number}", longest: some}
        yield from _pieces(document, shorter)


def _many(statement: Mapping[str, Any], key: str) -> Sequence[str]:
    """The values of a key that may be written as one text."""
    found = statement.get(key, ())
    return [found] if isinstance(found, str) else list(found)


def _fits(document: Mapping[str, Any], statements: Sequence[Mapping[str, Any]]) -> bool:
    return _size({**document, "Statement": statements}) <= LONGEST


def _size(value: object) -> int:
    return len(json.dumps(value, separators=(",", ":")))
