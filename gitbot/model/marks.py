"""What tells that somebody replaced what nobody can read. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The attribute ``shown`` is another one when a property that nobody can read has another value.

    A change of any property in ``sent_with`` sends that value again.
    """

    shown: str
    sent_with: frozenset[str]
