"""Conditions for the expression language to judge, and its verdicts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitbot.model.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Asks whether ``expression`` (CEL, without ``${…}``) is true for ``inputs``, by name."""

    expression: str
    inputs: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result. ``holds`` is None when it is neither true nor false; ``error`` says why."""

    holds: bool | None
    error: str = ""
