"""References to secrets that a store of the cloud keeps, and where values are made of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

from gitbot.model.text_problem import TextProblemError
from gitbot.model.values import Unknown, has_secrets, leaves, map_leaves

EXAMPLES: Final = '"ssm:/dev/db/password" or "secretsmanager:dev/db#password"'
INPUT: Final = "secret"
"""The root under which an expression gets the values of secrets, by reference."""
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
_PARAMETER = re.compile(
    r"(?P<name>/?[A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)*)(?::(?P<version>[0-9]{1,9}))?"
)
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
_SECRET = re.compile(r"(?P<name>[A-Za-z0-9/_+=.@:\-]+)(?:#(?P<key>[^\x00-\x1f\x7f]+))?")
_LONGEST_NAME = 1011
_LONGEST_KEY = 256


class SecretStore(StrEnum):
    """Who keeps the secret."""

    SSM = "ssm"
    MANAGER = "secretsmanager"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """What ``secret("…")`` names. ``text`` is the reference as written.

    ``version`` is that of a parameter of SSM, None for the newest one. ``key`` is a key of the JSON
    object that a secret of Secrets Manager is, None for the whole text.
    """

    text: str
    store: SecretStore
    name: str
    version: str | None = None
    key: str | None = None

    @property
    def bare(self) -> str:
        """The reference without version and key."""
        return f"{self.store}:{self.name}"


def parse_reference(text: str) -> SecretReference:
    """The reference in the text.

    Raises:
        TextProblemError: it is none.
    """
    store, _, rest = text.partition(":")
    if store == SecretStore.SSM:
        found = _PARAMETER.fullmatch(rest)
        if found and len(found["name"]) <= _LONGEST_NAME:
            return SecretReference(
                text=text, store=SecretStore.SSM, name=found["name"], version=found["version"]
            )
        raise TextProblemError(
            "It names no parameter of SSM.",
            "Write ssm: and the parameter's name, such as ssm:/dev/db/password; for one version "
            "alone ssm:/dev/db/password:3.",
        )
    if store == SecretStore.MANAGER:
        found = _SECRET.fullmatch(rest)
        if (
            found
            and len(found["name"]) <= _LONGEST_NAME
            and len(found["key"] or "") <= _LONGEST_KEY
        ):
            return SecretReference(
                text=text, store=SecretStore.MANAGER, name=found["name"], key=found["key"]
            )
        raise TextProblemError(
            "It names no secret of Secrets Manager.",
            "Write secretsmanager: and the secret's name or ARN, and after # the key of its JSON "
            "object: secretsmanager:dev/db#password.",
        )
    raise TextProblemError("It names no store of secrets.", f"Write {EXAMPLES}.")


def is_listed(reference: SecretReference, patterns: Iterable[str]) -> bool:
    """Whether a pattern names the reference, or names it without its version and key.

    ``*`` in a pattern stands for any characters, ``/`` too.
    """
    names = (reference.text, reference.bare)
    return any(_matches(pattern, name) for pattern in patterns for name in names)


def _matches(pattern: str, name: str) -> bool:
    parts = map(re.escape, pattern.split("*"))
    return re.fullmatch(".*".join(parts), name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretValue:
    """A secret in the clear, for one call, and its version."""

    value: str
    version: str

    def __repr__(self) -> str:
        """Only the version."""
        return f"SecretValue(version={self.version!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretProblem:
    """Why a secret cannot be had, and how to mend it: two sentences."""

    detail: str
    fix: str


Asked: TypeAlias = "Mapping[str, str | SecretProblem]"
"""The version of each reference, or what is wrong with it."""
Opened: TypeAlias = "Mapping[str, SecretValue | SecretProblem]"
"""The value of each reference, or what is wrong with it."""


def made_of_secrets(tree: Any) -> Iterator[Unknown]:
    """Every unknown of the tree that is made of a secret."""
    return (leaf for leaf in leaves(tree) if isinstance(leaf, Unknown) and leaf.secrets)


def secrets_of(tree: Any) -> frozenset[str]:
    """The references of every secret that the tree is made of."""
    return frozenset(reference for leaf in made_of_secrets(tree) for reference in leaf.secrets)


def with_versions(tree: Any, versions: Mapping[str, str]) -> Any:
    """The tree with these versions of its secrets; of others the version is empty."""

    def change(leaf: Any) -> Any:
        if not isinstance(leaf, Unknown) or not leaf.secrets:
            return leaf
        return replace(leaf, secrets={one: versions.get(one, "") for one in leaf.secrets})

    return map_leaves(tree, change)


def without_versions(tree: Any) -> Any:
    """The tree as it is whatever versions its secrets have. A tree without secrets is unchanged."""
    return with_versions(tree, {}) if has_secrets(tree) else tree
