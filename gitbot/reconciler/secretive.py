"""Keeps values that may be secrets from being shown. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from gitbot.model.drift import Difference
from gitbot.model.secret_looks import is_user_data, looks_secret
from gitbot.model.values import Redacted, Sensitive, Unknown, leaves
from gitbot.reconciler.pointers import parse

NOT_SHOWN: Final = Redacted(digest="", key_id="")
"""Takes the place of a value that may be a secret where people would see it."""


def shown_safely(difference: Difference) -> Difference:
    """The difference to show: of a value that may be a secret, and of user data, only that it
    differs."""
    steps = parse(difference.path)
    values = (difference.recorded, difference.observed)
    if not is_user_data(steps) and not any(looks_secret(steps, value) for value in values):
        return difference
    return replace(difference, recorded=_of(values[0]), observed=_of(values[1]))


def _of(value: Any) -> Any:
    return value if value is None or is_marked(value) else NOT_SHOWN


def is_marked(value: Any) -> bool:
    """Whether any leaf is sensitive, redacted or unknown."""
    return any(isinstance(leaf, (Redacted, Sensitive, Unknown)) for leaf in leaves(value))
