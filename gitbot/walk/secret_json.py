"""Refuse a text that a secret would keep from being the JSON that its spec writes. Shell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gitbot.errors import CloudError, UserError
from gitbot.model.values import Sensitive, Unknown
from gitbot.reconciler.pointers import words_of

HARMLESS: Final = "0"
"""What is put in place of every secret: it breaks no JSON, in quotes or without."""


def check_json(name: str, unknown: Unknown, value: Any, without: Callable[[Unknown], Any]) -> None:
    """Return where the opened ``value`` is JSON, or would be none without the secrets either.

    ``name`` is the property, in words. ``without`` evaluates the expression with ``HARMLESS`` secrets.

    Raises:
        UserError: a secret has a character that JSON writes otherwise, such as a quote. Nothing of it is quoted.
    """
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "[") or _is_json(value):
        return
    try:
        harmless = without(unknown)
    except (CloudError, UserError):
        return
    text = harmless.value if isinstance(harmless, Sensitive) else harmless
    if isinstance(text, str) and _is_json(text):
        raise UserError(
            f"{name} is JSON that is written as text, and with the value of {', '.join(unknown.secrets)} in it it is "
            "JSON no more: the value has a quote, a backslash or a line break. Nothing was sent. Write the property "
            "as a map, if its type takes one, or as ${json({…})}: both write such a value as JSON does"
        )


def places_of_secrets(tree: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The path of each value that is made of a secret, in words, in the order of the tree's leaves."""
    if isinstance(tree, Unknown) and tree.secrets:
        yield words_of(path)
    elif isinstance(tree, Mapping):
        for name, item in tree.items():
            yield from places_of_secrets(item, (*path, name))
    elif isinstance(tree, (list, tuple)):
        for at, item in enumerate(tree):
            yield from places_of_secrets(item, (*path, str(at)))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
