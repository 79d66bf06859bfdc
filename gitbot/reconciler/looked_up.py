"""Give lookups their answers as soon as what they ask is known, and plan what is kept of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gitbot.model.lookups import (
    DesiredLookup,
    KeptLookup,
    Pick,
    PlannedLookup,
    Question,
    question_hash,
)
from gitbot.model.names import Address
from gitbot.model.values import is_known
from gitbot.reconciler.binding import Scope

Asked = Mapping[str, Any]
Answering = Callable[[DesiredLookup, Asked], KeptLookup | None]
"""Gives the answer to what a lookup asks, all of it known; None when there is none yet."""


class Lookups:
    """The lookups of one stack, whose answers become known to expressions one after the other."""

    def __init__(self, lookups: Mapping[Address, DesiredLookup], answering: Answering) -> None:
        self._lookups = lookups
        self._answering = answering
        self._asked: dict[Address, Asked] = {}
        self.found: dict[Address, KeptLookup] = {}

    def settle(self, scope: Scope) -> None:
        """Let expressions use each answer that can be given by now.

        Raises:
            UserError, TransientError: what a lookup asks cannot be evaluated.
        """
        while any([self._settle(scope, one) for one in self._open()]):
            pass

    def _open(self) -> list[DesiredLookup]:
        return [one for address, one in self._lookups.items() if address not in self.found]

    def _settle(self, scope: Scope, lookup: DesiredLookup) -> bool:
        """Whether the lookup has an answer now."""
        (asked,) = scope.bound([lookup.asked])
        self._asked[lookup.address] = asked
        kept = self._answering(lookup, asked) if is_known(asked) else None
        if kept is None:
            return False
        self.found[lookup.address] = kept
        scope.add(lookup.address, kept.attributes, informed=True)
        return True

    def planned(self, recorded: Mapping[Address, KeptLookup]) -> tuple[PlannedLookup, ...]:
        """Every lookup as the plan shows it, by address."""
        return tuple(
            PlannedLookup(
                address=address,
                type=one.type,
                asked=self._asked.get(address, one.asked),
                found=self.found.get(address),
                before=recorded.get(address),
            )
            for address, one in sorted(self._lookups.items())
        )


def no_answers(_: DesiredLookup, __: Asked) -> None:
    """None: every lookup waits."""


def out_of(kept: Iterable[KeptLookup], own: Iterable[KeptLookup], *, fresh: bool) -> Answering:
    """Answers by what was asked. Of several, the newest that has every attribute counts.

    With ``fresh``, only the ``own`` ones count for a lookup that is made at every plan.
    """
    own = tuple(own)
    every, mine = _by_question((*kept, *own)), _by_question(own)

    def answering(lookup: DesiredLookup, asked: Asked) -> KeptLookup | None:
        pool = mine if fresh and lookup.always else every
        known = pool.get(question_hash(asked), ())
        whole = [one for one in known if one.attributes.keys() >= set(lookup.attributes)]
        return max(whole, key=_age, default=None)

    return answering


def _by_question(answers: Iterable[KeptLookup]) -> Mapping[str, list[KeptLookup]]:
    found: dict[str, list[KeptLookup]] = {}
    for one in answers:
        found.setdefault(one.question, []).append(one)
    return found


def _age(one: KeptLookup) -> tuple[Any, tuple[str, ...]]:
    return one.at, one.identifiers


def question_of(lookup: DesiredLookup, asked: Asked, answers: Iterable[KeptLookup]) -> Question:
    """What to ask the cloud.

    Where an answer is kept and only lacks an attribute, the same object is asked for it.
    """
    known = [one for one in answers if one.question == question_hash(asked)]
    same = max(known, key=_age, default=None)
    identifier = asked["identifier"]
    pinned = same is not None and lookup.pick is not Pick.ALL and identifier is None
    if same is not None and pinned:
        identifier = same.identifiers[0]
    return Question(
        address=lookup.address,
        type=lookup.type,
        identifier=None if identifier is None else str(identifier),
        filter={} if pinned else asked["filter"],
        pick=Pick.ONE if pinned else lookup.pick,
        attributes=lookup.attributes,
    )


def unanswered(planned: Iterable[PlannedLookup]) -> Iterator[PlannedLookup]:
    """The lookups that can be made now: all that they ask is known, and there is no answer."""
    return (one for one in planned if one.found is None and is_known(one.asked))
