"""What a change of ``environment.yaml`` does to the rules of an environment. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gitbot.model.values import Value


class Effect(StrEnum):
    """What a change of a rule does. ``CHANGES``: it is neither stricter nor less strict.

    ``MAY_LOOSEN``: fewer may by their access, and who is named instead may have less.
    """

    LOOSENS = "loosens"
    MAY_LOOSEN = "may loosen"
    TIGHTENS = "tightens"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """One rule that differs. ``rule`` is its place in the file; None means that it is not set."""

    rule: str
    before: Value = None
    after: Value = None
    effect: Effect = Effect.CHANGES
