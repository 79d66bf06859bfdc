"""Questions to the expression language, and its answers: what policies are made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gitbot.model.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Does ``expression`` (CEL, without ``${…}``) hold where its names stand for ``inputs``?"""

    expression: str
    inputs: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``holds`` None: the expression could not be evaluated to true or false; ``error`` says why."""

    holds: bool | None
    error: str = ""
