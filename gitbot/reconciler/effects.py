"""Tell of each changed path within a statement of a policy whether the statement allows or denies. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gitbot.model.plan import PathChange
from gitbot.reconciler.pointers import Path, parse, value_at

_EFFECT: Final = "Effect"


def with_effects(
    paths: tuple[PathChange, ...], desired: Mapping[str, Any]
) -> tuple[PathChange, ...]:
    """The changes, each with the effect of the desired statement that it changes a part of."""
    return tuple(
        replace(path, effect=effect) if (effect := _effect(desired, parse(path.path))) else path
        for path in paths
    )


def _effect(desired: Mapping[str, Any], path: Path) -> str:
    above = (value_at(desired, path[:end]) for end in range(len(path) - 1, 0, -1))
    found = (one[_EFFECT] for one in above if isinstance(one, Mapping) and _EFFECT in one)
    return next((effect for effect in found if effect in ("Allow", "Deny")), "")
