"""Say which tags a service takes. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TagLimits:
    """Which tags the service takes. Lengths are in characters.

    ``pattern`` matches each allowed key and value, ``says`` describes it for people, ``most`` may be in a spec.
    ``folds_case``: keys that differ only in their case are one. ``details``: what tags say beside keys and values.
    """

    pattern: str
    says: str
    most: int
    longest_key: int = 128
    longest_value: int = 256
    folds_case: bool = False
    details: tuple[str, ...] = ()
