"""What must hold of a stack, and what became of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gitbot.model.diagnostic import SourceSpan
from gitbot.model.values import Value


class ConditionKind(StrEnum):
    """When a condition is asked, and what its failure does.

    ``PRECONDITION``: before its resource is touched, which it then is not. ``POSTCONDITION``: after
    its resource; what depends on it is not done. ``CHECK``: at the end; it is only told.
    """

    PRECONDITION = "precondition"
    POSTCONDITION = "postcondition"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition as a spec has it.

    ``that`` is True, False, or unknown until the cloud has given what it uses. ``says`` is what
    people are told where it is false.
    """

    that: Value
    says: str
    source: SourceSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCondition:
    """A condition of a plan that does not hold, or that only an apply can ask.

    ``address`` is that of its resource, or of the check itself: ``checks.size``. ``holds`` is None
    where nobody knows yet.
    """

    kind: ConditionKind
    address: str
    says: str
    holds: bool | None = None
