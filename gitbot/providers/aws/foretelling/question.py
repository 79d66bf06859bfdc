"""What a question about a plan is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from gitbot.model.observed import Deed, Objection
from gitbot.providers.aws.foretelling.facts import Facts

T = TypeVar("T")
Deeds: TypeAlias = Sequence[Deed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[T]):
    """Something that AWS is asked about a plan before anybody agrees to it.

    ``concerns``: whether it is about this deed; without such a deed nothing is asked. ``ask`` returns the
    facts about the deeds that it concerns, and only reads. ``say`` is pure: it returns what people are told,
    from the facts, the deeds that it concerns and all deeds of the plan.

    ``rights`` are the actions that asking needs beside those of the types that it concerns, which ``about`` tells
    by name: to name them all would import the modules of all types. A question whose rights the role lacks is not asked, and nothing is said. ``refuses``: what it finds stops the plan, so that
    an answer that AWS does not give stops it too; without it, the plan does without.
    """

    concerns: Callable[[Deed], bool]
    ask: Callable[[Facts, Deeds], T]
    say: Callable[[T, Deeds, Deeds], Iterable[Objection]]
    rights: frozenset[str] = frozenset()
    about: Callable[[str], bool] = lambda _: True
    refuses: bool = False
