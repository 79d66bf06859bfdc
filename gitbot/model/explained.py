"""What is known of a type, a property or a field, for whoever writes a spec. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """One property or field of what is explained.

    ``text`` is its description, or empty; ``default`` what it is when nothing is written, or empty.
    """

    name: str
    kind: str
    required: bool
    text: str
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A type, a property or a field.

    ``kind`` says what its value is, ``text`` what it is for. ``facts`` are sentences about it:
    what may be written, and what a change does. ``below`` are its own properties that a spec can
    set, ``gives`` those that only the cloud gives, and ``given`` what some of these are. ``see`` is the address of its documentation.
    """

    name: str
    kind: str
    text: str = ""
    facts: tuple[str, ...] = ()
    below: tuple[Below, ...] = ()
    gives: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    see: str = ""
