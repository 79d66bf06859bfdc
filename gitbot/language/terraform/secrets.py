"""Tells which values of variables no spec may have, because many read it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.model.secret_looks import may_be_secret

SECRET: Final = "is or may be secret: write it with secret()"


def is_secret(name: str, value: Any, variable: Mapping[str, Any]) -> bool:
    """Whether the variable of this name is sensitive, or the value may be a secret by its name and looks."""
    if variable.get("sensitive"):
        return True
    if isinstance(value, Mapping):
        return any(is_secret(str(key), one, {}) for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return any(is_secret(name, one, {}) for one in value)
    return isinstance(value, str) and may_be_secret(name, value)
