"""Lookups: what specs read of the cloud and do not manage, and what was found there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address
from gitbot.model.patterns import fits
from gitbot.model.values import Json, Value, canonical_json, sha256_hex

SECRET_ATTRIBUTES = frozenset(
    {
        "ContainerDefinitions",
        "ContainerProperties",
        "EksProperties",
        "EcsProperties",
        "Environment",
        "EnvironmentVariables",
        "LaunchTemplateData",
        "MasterUserPassword",
        "SecretAccessKey",
        "SecretString",
        "UserData",
    }
)
"""Attributes that hold user data, environments of containers or secrets. No lookup reads them, at
any depth."""

SECRET_OUTPUTS: Mapping[str, frozenset[str]] = {
    "AWS::ApiGateway::ApiKey": frozenset({"/Value"}),
    "AWS::AppSync::ApiKey": frozenset({"/ApiKey"}),
    "AWS::Cognito::UserPoolClient": frozenset({"/ClientSecret"}),
    "AWS::IVS::IngestConfiguration": frozenset({"/StreamKey"}),
    "AWS::IVS::StreamKey": frozenset({"/Value"}),
    "AWS::ManagedBlockchain::Accessor": frozenset({"/BillingToken"}),
    "AWS::MediaPackage::Channel": frozenset({"/HlsIngest/ingestEndpoints/*/Password"}),
    "AWS::Route53GlobalResolver::AccessToken": frozenset({"/Value"}),
}
"""Attributes by type that the cloud makes up and that let whoever has them in. They are never read.
``tests/unit/aws/test_cloud_control_kinds.py`` looks for further ones in every schema."""

MOST_FOUND = 100
"""How many objects one lookup may find."""
MOST_LOOKUPS = 100
"""How many lookups a stack may have: each is a call at every plan."""


class Unanswered(StrEnum):
    """Why a lookup has no answer: the ``code`` of the ``CloudError`` then."""

    NOT_FOUND = "LookupNotFound"
    AMBIGUOUS = "LookupAmbiguous"
    SECRET = "LookupSecret"


class Pick(StrEnum):
    """Which of the objects that fit a lookup takes."""

    ONE = "one"
    NEWEST = "newest"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupKind:
    """What can be looked up of one type.

    ``attributes`` are what expressions can read. ``identified``: the object can be named by its
    identifier. ``filters`` are the fields of ``filter``; ``Tags`` is a map, every other one a text or
    a list of texts. ``needs`` are filters of which one must be given, where ``filter`` is used.
    ``alone``: neither an identifier nor a filter is taken, because there is only one.
    ``through`` maps a filter to the type whose object it names, and the attribute that is read of it.
    ``dated``: ``pick: newest`` is possible.
    """

    type: str
    attributes: frozenset[str]
    identified: bool = True
    alone: bool = False
    filters: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    through: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    dated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupRule:
    """One entry of ``lookups`` of an environment: what its specs may look up.

    ``identifiers`` and ``attributes`` are patterns: ``*`` stands for any text.
    """

    type: str
    identifiers: tuple[str, ...]
    attributes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.attributes)} of {self.type} {', '.join(self.identifiers)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredLookup:
    """One lookup of a stack, as far as the specs alone say what it asks.

    ``identifier`` and ``filter`` may hold unknown values. ``always``: it is made again at every
    plan. ``attributes`` are those that the stack uses. Inside a module, ``used_at`` are the lines that lead
    to it, from the stack inwards.
    """

    address: Address
    type: str
    identifier: Value = None
    filter: Mapping[str, Value] = field(default_factory=dict)
    pick: Pick = Pick.ONE
    always: bool = False
    since: str = ""
    attributes: tuple[str, ...] = ()
    through: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    source: SourceSpan
    used_at: tuple[SourceSpan, ...] = ()

    @property
    def asked(self) -> Mapping[str, Value]:
        """What it asks; equal texts ask the same."""
        return {
            "type": self.type,
            "identifier": self.identifier,
            "filter": self.filter,
            "pick": self.pick.value,
            **({"refresh": self.since} if self.since else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a lookup asks the cloud, with every value known, and the attributes that are wanted."""

    address: Address
    type: str
    identifier: str | None = None
    filter: Mapping[str, Json] = field(default_factory=dict)
    pick: Pick = Pick.ONE
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found: the identifiers, and the attributes that were wanted.

    With ``pick: all`` each attribute is a list, in the order of the identifiers.
    """

    identifiers: tuple[str, ...]
    attributes: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLookup:
    """An answer that stays until its question changes.

    ``question`` is the hash of what was asked; ``at`` is when.
    """

    question: str
    identifiers: tuple[str, ...]
    attributes: Mapping[str, Json] = field(default_factory=dict)
    at: datetime


def same_answer(one: KeptLookup, other: KeptLookup) -> bool:
    """Whether both asked and found the same, whenever that was."""
    return (one.question, one.identifiers, one.attributes) == (
        other.question,
        other.identifiers,
        other.attributes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLookup:
    """One lookup in a plan.

    ``asked`` is what it asks, with the values that are known. ``found`` is None until an apply can
    make it. ``before`` is what state has. ``remark`` says that the cloud would answer otherwise now.
    """

    address: Address
    type: str
    asked: Mapping[str, Value]
    found: KeptLookup | None = None
    before: KeptLookup | None = None
    remark: str = ""

    @property
    def moves(self) -> bool:
        """Whether an apply would record something else than state has."""
        if self.found is None or self.before is None:
            return True
        return not same_answer(self.found, self.before)


def question_hash(asked: Mapping[str, Any]) -> str:
    """The hash of what a lookup asks. All of it is known, and so it is plain JSON."""
    return sha256_hex(canonical_json(asked))


def lists(
    rules: Iterable[LookupRule], type_: str, identifier: str | None, attributes: Collection[str]
) -> bool:
    """Whether the rules list these attributes of the object; of any object where there is no
    ``identifier`` yet."""
    patterns = [
        pattern
        for rule in rules
        if rule.type == type_ and (identifier is None or _any(rule.identifiers, identifier))
        for pattern in rule.attributes
    ]
    return bool(patterns) and all(_any(patterns, name) for name in attributes)


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(fits(pattern, text) for pattern in patterns)


def holds_secrets(value: Json) -> bool:
    """Whether a key in the value is one whose values no lookup reads."""
    if isinstance(value, Mapping):
        return any(key in SECRET_ATTRIBUTES or holds_secrets(one) for key, one in value.items())
    return isinstance(value, (list, tuple)) and any(holds_secrets(one) for one in value)
