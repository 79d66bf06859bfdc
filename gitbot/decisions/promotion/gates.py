"""Decides which gates of a promotion are open, and when the others open. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gitbot.decisions.promotion.merge_gate import FREE, Blocked
from gitbot.decisions.promotion.soak import next_look
from gitbot.model.drift import HOURLY
from gitbot.model.durations import duration_words
from gitbot.model.freeze import ALLOWED, Verdict
from gitbot.model.promotion import NO_SOAK, Gate, GateState, Hold, Soak

AGAIN = timedelta(minutes=10)
"""When what has no instant of its own is looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """What is known of one stack of a promotion.

    ``source`` is its environment. ``unapplied`` says why the source
    is not known to be applied with what is promoted. ``soak`` is as the last look left it, ``every`` is the
    time between looks. ``drifted`` says what drifts.
    ``undecided`` says what a person must decide on the branch. ``others`` says whose pull request
    or commit is respected. ``unplanned`` says what is not shown yet. ``missing`` is a sentence for each approval of the target's
    requirements that is missing, ``unmet`` one for each other requirement that does not hold.
    ``blocked`` says what the branch's rules ask for. ``waived_by`` has waived
    verification and soak of exactly this.
    """

    source: str
    unapplied: str = ""
    soak: Soak = NO_SOAK
    needs: timedelta = timedelta()
    every: timedelta = HOURLY.interval
    drifted: str = ""
    undecided: str = ""
    hold: Hold | None = None
    window: Verdict = ALLOWED
    others: str = ""
    unplanned: str = ""
    missing: Sequence[str] = ()
    unmet: Sequence[str] = ()
    blocked: Blocked = FREE
    waived_by: str = ""


def gates(facts: GateFacts, now: datetime) -> tuple[GateState, ...]:
    """The state of each gate, in the order in which people read them."""
    return tuple(_gates(facts, now))


def _gates(facts: GateFacts, now: datetime) -> Iterator[GateState]:
    yield _state(Gate.APPLIED, facts.unapplied)
    yield from _proven(facts, now)
    yield _state(Gate.DRIFT, facts.drifted)
    yield _state(Gate.DECIDED, facts.undecided, who=True)
    held = facts.hold
    words = (
        f"{held.actor} held it: {held.reason} (`/promote resume` goes on)"
        if held is not None
        else ""
    )
    yield _state(Gate.HOLD, words, who=True)
    window = facts.window
    yield GateState(
        gate=Gate.WINDOW, open=window.allowed, why=window.why, opens_at=window.next_open
    )
    yield _state(Gate.OTHERS, facts.others, who=True)
    yield _state(Gate.PLANNED, facts.unplanned)
    lacks = "; ".join([*facts.unmet, *facts.missing])
    yield _state(Gate.APPROVED, lacks, who=not facts.unmet)
    yield _state(Gate.RULES, facts.blocked.why, who=facts.blocked.who)


def _state(gate: Gate, why: str, *, who: bool = False) -> GateState:
    return GateState(gate=gate, open=not why, why=why, who=who and bool(why))


def _proven(facts: GateFacts, now: datetime) -> Iterator[GateState]:
    waived = f"waived by {facts.waived_by}" if facts.waived_by else ""
    verified = facts.soak.verified_at is not None
    if waived:
        yield GateState(gate=Gate.VERIFIED, open=True, why=waived)
        yield GateState(gate=Gate.SOAKED, open=True, why=waived)
        return
    yield _state(
        Gate.VERIFIED,
        "" if verified else f"a plan of {facts.source} after the apply is not empty yet",
    )
    yield _soaked(facts, now)


def _soaked(facts: GateFacts, now: datetime) -> GateState:
    soak, needs = facts.soak, duration_words(facts.needs)
    looks_at = next_look(soak, facts.needs, facts.every, now)
    if looks_at is None or soak.counted >= facts.needs:
        return GateState(gate=Gate.SOAKED, open=True)
    if soak.verified_at is None or soak.counted_at is None:
        why = f"{duration_words(soak.counted)} of {needs}; the time stands still until {facts.source} is well"
        return GateState(gate=Gate.SOAKED, open=False, why=why, looks_at=now + AGAIN)
    opens_at = soak.counted_at + facts.needs - soak.counted
    if looks_at <= now:
        why = f"it must be well for {needs}, and {facts.source} cannot be looked at now"
        return GateState(gate=Gate.SOAKED, open=False, why=why, looks_at=now + AGAIN)
    # While it counts, the words stay the same: the instant says how much is left.
    why = f"it must be well for {needs}; gitbot looks every {duration_words(facts.every)}"
    return GateState(gate=Gate.SOAKED, open=False, why=why, opens_at=opens_at, looks_at=looks_at)


def all_open(states: Sequence[GateState]) -> bool:
    """Whether nothing is in the way."""
    return all(state.open for state in states)


def why_waits(states: Sequence[GateState], now: datetime) -> str:
    """Why it is looked at again at ``wakes_at``; empty where only people are waited for."""
    at = wakes_at(states, now)
    closed = [state for state in states if not state.open and not state.who]
    opens = [state for state in closed if at is not None and at in (state.opens_at, state.looks_at)]
    return next((state.why for state in (*opens, *closed)), "")


def needs_person(states: Sequence[GateState], *, merges: bool) -> bool:
    """Whether it is a person's turn: something must be decided, or nothing else is in the way.

    ``merges``: gitbot merges it by itself when every gate is open.
    """
    closed = [state for state in states if not state.open]
    if any(state.gate is Gate.DECIDED for state in closed):
        return True
    if not all(state.who and state.gate in (Gate.APPROVED, Gate.RULES) for state in closed):
        return False
    return bool(closed) or not merges


def wakes_at(states: Sequence[GateState], now: datetime) -> datetime | None:
    """When to look again: the first instant at which a gate opens, or something must be looked at; soon,
    where none is known.

    None when only people are waited for, or nothing is.
    """
    closed = [state for state in states if not state.open]
    if not closed or all(state.who for state in closed):
        return None
    times = [at for state in closed for at in (state.opens_at, state.looks_at)]
    known = [at for at in times if at is not None]
    return min(known) if known else now + AGAIN
