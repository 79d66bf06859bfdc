"""Decides which checks a request to run them again is about. Pure."""

from __future__ import annotations

from collections.abc import Collection

_BEGINNING, _END = "gitbot/", "/apply"


def checks_to_rerun(asked: str, known: Collection[str]) -> frozenset[str]:
    """The names of the checks: the one that was asked for, or all that are known of the commit."""
    return frozenset([asked] if asked else known)


def applies_of(names: Collection[str]) -> tuple[str, ...]:
    """The environments whose applies the checks report, sorted."""
    return tuple(
        sorted(
            name[len(_BEGINNING) : -len(_END)]
            for name in names
            if name.startswith(_BEGINNING) and name.endswith(_END)
        )
    )
