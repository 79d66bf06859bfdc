"""References to secrets that a store of the cloud keeps, and where values are made of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

from gitbot.model.names import ADDRESS_PATTERN, Address, RemoteId
from gitbot.model.patterns import fits
from gitbot.model.text_problem import TextProblemError
from gitbot.model.values import Unknown, has_secrets, leaves, map_leaves

EXAMPLES: Final = '"ssm:/dev/db/password" or "secretsmanager:dev/db#password"'
INPUT: Final = "secret"
"""The root under which an expression gets the values of secrets, by reference."""
OWN_TYPE: Final = "AWS::SecretsManager::Secret"
"""The type of the secrets that a stack makes itself."""
OWN_ATTRIBUTE: Final = "Id"
"""The attribute of such a secret that names it: its ARN."""
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
# https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html
_PARAMETER = re.compile(
    r"(?P<name>(?:arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{12}:parameter/|/?)"
    r"[A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)*)"
    r"(?::(?P<version>[0-9]{1,9}|(?!(?i:aws|ssm))[A-Za-z_.\-][A-Za-z0-9_.\-]{0,99}))?"
)
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
_SECRET = re.compile(
    r"(?P<name>(?:arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]+:secret:)?[A-Za-z0-9/_+=.@\-]+"
    rf"|\((?P<address>{ADDRESS_PATTERN})\))"
    r"(?::(?P<version>[A-Za-z0-9/_+=.@\-]{1,64}))?"
    r"(?:#(?P<key>[^\x00-\x1f\x7f]+))?"
)
_LONGEST_NAME = 1011
_LONGEST_KEY = 256
_SHORTEST_ID = 32
_ARN_REGION, _ARN_ACCOUNT = 3, 4


class SecretStore(StrEnum):
    """Who keeps the secret."""

    SSM = "ssm"
    MANAGER = "secretsmanager"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """What ``secret("…")`` names: ``store:name:version#key``. ``text`` is the reference as written.

    ``name`` is a name or an ARN. ``version`` is None for the newest one of SSM and the current one of
    Secrets Manager; else a number or a label of SSM, or a staging label or version id of Secrets
    Manager. ``key`` is a key of the JSON object that a secret of Secrets Manager is, None for the
    whole text. ``address`` is that of the resource that is the secret, where the stack itself makes it:
    its name is then the address in parentheses.
    """

    text: str
    store: SecretStore
    name: str
    version: str | None = None
    key: str | None = None
    address: Address | None = None

    @property
    def bare(self) -> str:
        """The reference without version and key."""
        return f"{self.store}:{self.name}"

    @property
    def forms(self) -> tuple[str, ...]:
        """The reference as written, and without its version, its key, and both."""
        version = "" if self.version is None else f":{self.version}"
        key = "" if self.key is None else f"#{self.key}"
        return self.text, f"{self.bare}{version}", f"{self.bare}{key}", self.bare

    @property
    def labelled(self) -> bool:
        """Whether the version is a label of SSM, which people move."""
        return (
            self.store is SecretStore.SSM
            and self.version is not None
            and not self.version.isdigit()
        )

    @property
    def by_id(self) -> bool:
        """Whether the version is the id of one of Secrets Manager: AWS has none of under 32 characters."""
        return self.version is not None and len(self.version) >= _SHORTEST_ID

    @property
    def region(self) -> str | None:
        """The region that an ARN says."""
        return self._arn(_ARN_REGION)

    @property
    def account(self) -> str | None:
        """The account that an ARN says."""
        return self._arn(_ARN_ACCOUNT)

    def _arn(self, part: int) -> str | None:
        return self.name.split(":")[part] if self.name.startswith("arn:") else None


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
            "Write ssm: and the parameter's name or ARN, such as ssm:/dev/db/password; for one "
            "version alone ssm:/dev/db/password:3, for a label ssm:/dev/db/password:stable.",
        )
    if store == SecretStore.MANAGER:
        found = _SECRET.fullmatch(rest)
        if (
            found
            and len(found["name"]) <= _LONGEST_NAME
            and len(found["key"] or "") <= _LONGEST_KEY
        ):
            return SecretReference(
                text=text,
                store=SecretStore.MANAGER,
                name=found["name"],
                version=found["version"],
                key=found["key"],
                address=Address(found["address"]) if found["address"] else None,
            )
        raise TextProblemError(
            "It names no secret of Secrets Manager.",
            "Write secretsmanager: and the secret's name or ARN, after a colon a stage or version "
            "if it is not the current one, and after # the key of its JSON object: "
            "secretsmanager:dev/db#password, secretsmanager:dev/db:AWSPREVIOUS#password.",
        )
    raise TextProblemError("It names no store of secrets.", f"Write {EXAMPLES}.")


def own_name(address: Address) -> str:
    """What takes the place of the ARN of a secret that the stack makes itself."""
    return f"({address})"


def own_secrets(references: Iterable[str]) -> frozenset[Address]:
    """The addresses of the secrets among these that the stack makes itself."""
    found = (parse_reference(one).address for one in references)
    return frozenset(one for one in found if one is not None)


def as_named_by_the_cloud(reference: SecretReference, own: Mapping[Address, RemoteId]) -> str:
    """The text of the reference with the ARN in it, where the stack itself made the secret."""
    if reference.address is None:
        return reference.text
    return reference.text.replace(own_name(reference.address), own[reference.address], 1)


def pattern_parts(pattern: str) -> tuple[SecretStore, str, str]:
    """The store, the name or ARN, and the version (or empty) of a pattern that lists secrets."""
    store, _, rest = pattern.partition(":")
    parts = rest.split("#")[0].split(":")
    # arn:aws:ssm:region:account:parameter/name and arn:aws:secretsmanager:region:account:secret:name
    length = 1
    if parts[0] == "arn":
        length = 6 if store == SecretStore.SSM else 7
    return SecretStore(store), ":".join(parts[:length]), ":".join(parts[length:])


def is_listed(reference: SecretReference, patterns: Iterable[str]) -> bool:
    """Whether a pattern names the reference, or names it without its version, its key or both.

    ``*`` in a pattern stands for any characters, ``/`` too.
    """
    return any(fits(pattern, form) for pattern in patterns for form in reference.forms)


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
