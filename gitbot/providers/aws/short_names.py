"""Bring names of keys and roles into the one form in which they are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def role_name(value: Any) -> Any:
    """The name of a role by its ARN, or by its path and name: an account has each name but once, whatever its path."""
    return value.rpartition("/")[2] if isinstance(value, str) else value


def key_name(value: Any) -> Any:
    """The id or the alias of the KMS key that an ARN names. Anything else stays."""
    if not isinstance(value, str) or not value.startswith("arn:"):
        return value
    named = value.split(":", 5)[-1]
    return named.removeprefix("key/")


def with_short_names(
    properties: Mapping[str, Any], *, roles: tuple[str, ...] = (), keys: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The properties with the roles and keys that these top-level ones name in the short form."""
    return {
        **properties,
        **{name: role_name(properties[name]) for name in roles if name in properties},
        **{name: key_name(properties[name]) for name in keys if name in properties},
    }
