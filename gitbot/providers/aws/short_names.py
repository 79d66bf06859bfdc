"""Bring names of keys and roles into the one form in which they are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.native import last_part


def role_name(value: Any) -> Any:
    """The name of the role that an ARN names: an account has each but once, whatever its path. Anything else stays."""
    return last_part(value) if isinstance(value, str) and ":role/" in value else value


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
