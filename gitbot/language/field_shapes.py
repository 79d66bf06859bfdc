"""The shapes that the fields of a document can have. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from gitbot.model.names import ADDRESS_PATTERN

API_VERSION: Final = "gitbot/v1"
NAME_PATTERN: Final = r"[a-z][a-z0-9-]{0,62}"
NAME_RULE: Final = "lower-case letters, digits and hyphens, starting with a letter, at most 63"
# A pattern and not a list of regions: a region that AWS opens tomorrow works.
REGION_PATTERN: Final = (
    r"[a-z]{2,4}(-[a-z]{2,4})?"
    r"-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[0-9]{1,2}"
)
KEY_PATTERN: Final = r"[a-z][a-z0-9_]{0,62}"
KEY_RULE: Final = "lower-case letters, digits and underscores, starting with a letter, at most 63"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A plain string without expressions. ``code`` is the diagnostic of a wrong one."""

    pattern: str | None = None
    rule: str = ""
    choices: tuple[str, ...] = ()
    longest: int = 1024
    code: str = "bad-value"

    def fits(self, text: str) -> bool:
        """Whether this is such a string."""
        return (
            len(text) <= self.longest
            and (not self.choices or text in self.choices)
            and (not self.pattern or _compiled(self.pattern).fullmatch(text) is not None)
        )


_compiled: Callable[[str], re.Pattern[str]] = cache(re.compile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """``true`` or ``false``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number from ``least`` to ``most``, both allowed; a whole one unless ``whole`` is False."""

    least: float
    most: float
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A plain string that ``read`` makes a value of.

    ``read`` raises ``TextProblemError`` and never returns None. ``rule`` says what is wanted.
    ``pattern`` and ``examples`` are only for editors: ``read`` decides.
    """

    read: Callable[[str], object]
    rule: str
    pattern: str | None = None
    examples: tuple[str, ...] = ()
    longest: int = 1024
    code: str = "bad-value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything:
    """Any value. docs/specs.md says in which values expressions are evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A field of a later version: using it is a diagnostic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list. A string that is repeated counts once."""

    item: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """A map with free keys."""

    value: Shape
    key: Text = Text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A map with known keys. A scalar in its place sets the field ``shorthand``.

    Where the field ``instead`` is given, no other field is required.
    """

    fields: Mapping[str, Field]
    shorthand: str | None = None
    instead: str | None = None


Shape: TypeAlias = Text | Flag | Number | Parsed | Anything | Later | ListOf | MapOf | Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key of a ``Record``."""

    shape: Shape
    doc: str
    required: bool = False


NAME: Final = Text(pattern=NAME_PATTERN, rule=NAME_RULE, code="bad-name")
KEY: Final = Text(pattern=KEY_PATTERN, rule=KEY_RULE, code="bad-name")
REGION: Final = Text(pattern=REGION_PATTERN, rule="a region such as us-east-1 or eu-west-2")
ADDRESS: Final = Text(
    pattern=ADDRESS_PATTERN, rule='an address such as bucket or data["models"].bucket', longest=400
)
PROSE: Final = Text(longest=2000)
_TAG_KEY = Text(longest=128, pattern=r"(?s).+", rule="1 to 128 characters")
TAGS: Final = MapOf(key=_TAG_KEY, value=Text(longest=256))
LATER: Final = Later()


def document(kind: str, metadata: Record, spec: Record) -> Record:
    """The fields of a whole document of this kind."""
    return Record(
        fields={
            "apiVersion": Field(
                shape=Text(choices=(API_VERSION,)),
                required=True,
                doc="The version of the language.",
            ),
            "kind": Field(shape=Text(choices=(kind,)), required=True, doc="The kind of document."),
            "metadata": Field(shape=metadata, required=True, doc="The document's name."),
            "spec": Field(shape=spec, required=True, doc="What is wanted."),
        }
    )
