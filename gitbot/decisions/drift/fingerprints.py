"""Name a set of differences by what it means, not by its words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from gitbot.model.codec import encode_value
from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address
from gitbot.model.values import canonical_json, sha256_hex

Key: TypeAlias = tuple[Address, str, Differs, str]
"""What tells one difference from another: address, path, how, and the observed value."""


def fingerprint(differences: Sequence[Difference]) -> str:
    """The hex SHA-256 of the differences, in whatever order; empty for none.

    It covers address, path, how it differs, and both values. It leaves out words, times and
    identifiers, so that it stays the same while nothing means anything else.
    """
    if not differences:
        return ""
    parts = sorted(
        [one.address, one.path, one.how, _hash(one.recorded), _hash(one.observed)]
        for one in differences
    )
    return sha256_hex(canonical_json(parts))


def key_of(difference: Difference) -> Key:
    """What tells the difference from others of its stack. Two scans that see it give the same."""
    told_by_value = difference.path.endswith("/-") or difference.how is Differs.UNMANAGED
    observed = _hash(difference.observed) if told_by_value else ""
    return difference.address, difference.path, difference.how, observed


def _hash(value: object) -> str:
    return sha256_hex(canonical_json(encode_value(value)))  # type: ignore[arg-type]  # a value tree
