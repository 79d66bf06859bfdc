"""What forbids which act: one row for each pair."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gitbot.decisions.promotion.gates import GateFacts, gates
from gitbot.decisions.time.obstacles import Obstacles, may
from gitbot.model.freeze import Act, HandFreeze, Verdict
from gitbot.model.promotion import Gate, Soak
from tests.unit.decisions.facts_by_hand import NOW, stack_id

LATER, LATEST = NOW + timedelta(hours=3), NOW + timedelta(hours=9)
WINDOW = Verdict(allowed=False, why="`weekend`", next_open=LATER, next_close=LATEST)
FREEZE = HandFreeze(
    environment=stack_id().environment_key,
    by="ada",
    since=NOW,
    because="a demo",
    command="comment:1:2:0",
    issue=9,
)
FACTS = {
    "window": Obstacles(window=WINDOW),
    "freeze": Obstacles(freeze=FREEZE),
    "claim": Obstacles(claim="#7 holds it"),
    "held": Obstacles(held="an apply waits for consent"),
    "lease": Obstacles(lease="apply of dev"),
    "expired": Obstacles(expired=True),
    "tombstone": Obstacles(tombstone=True),
    "open intents": Obstacles(open_intents=True),
    "interrupted": Obstacles(interrupted=True),
    "resumes": Obstacles(resumes=True),
}
FORBIDDEN: dict[str, str] = {
    "window": "apply promote heal destroy offhours wake",
    "freeze": "apply promote heal destroy offhours wake",
    "claim": "apply promote heal destroy",
    "held": "promote heal destroy",
    "lease": "apply heal destroy offhours wake",
    "expired": "wake",
    "tombstone": "apply promote heal offhours wake",
    "open intents": "promote heal destroy offhours wake",
    "interrupted": "promote heal destroy offhours wake",
    "resumes": "",
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("obstacle", FACTS)
def test_each_obstacle_forbids_its_acts_and_says_so(obstacle: str, act: Act) -> None:
    found = may(act, FACTS[obstacle])
    assert found.allowed == (act not in FORBIDDEN[obstacle].split())
    assert bool(found.why) != found.allowed


@pytest.mark.parametrize("obstacle", FACTS)
def test_what_forbids_a_promotion_keeps_its_gates_shut(obstacle: str) -> None:
    window = may(Act.PROMOTE, FACTS[obstacle])
    soak = Soak(verified_at=NOW)
    shut = [
        one for one in gates(GateFacts(source="dev", window=window, soak=soak), NOW) if not one.open
    ]
    forbidden = Act.PROMOTE in FORBIDDEN[obstacle].split()
    assert [(one.gate, one.why) for one in shut] == ([(Gate.WINDOW, window.why)] * forbidden)


def test_without_obstacles_everything_is_allowed_until_the_next_window() -> None:
    until = Obstacles(window=Verdict(allowed=True, next_close=LATER))
    assert {may(act, until) for act in Act} == {Verdict(allowed=True, next_close=LATER)}


def test_the_window_says_when_it_is_allowed_again() -> None:
    assert may(Act.HEAL, FACTS["window"]) == WINDOW


@pytest.mark.parametrize("more", ["freeze", "claim", "held", "lease", "tombstone", "open intents"])
def test_nothing_is_known_of_the_end_when_something_else_forbids_it_too(more: str) -> None:
    facts = FACTS[more]
    found = may(Act.HEAL, replace(facts, window=WINDOW))
    assert (found.allowed, found.next_open, found.next_close) == (False, None, None)
    assert found.why.startswith("`weekend`; ")


@pytest.mark.parametrize("frozen", ["window", "freeze"])
def test_only_the_rest_of_what_was_cut_off_goes_on_though_it_is_frozen(frozen: str) -> None:
    rest = {act for act in Act if may(act, replace(FACTS[frozen], resumes=True)).allowed}
    assert rest == {Act.APPLY, Act.DESTROY}
    assert not may(Act.APPLY, replace(FACTS[frozen], interrupted=True)).allowed


def test_a_claim_keeps_also_an_interrupted_apply_away() -> None:
    assert not may(Act.APPLY, Obstacles(claim="#7 holds it", interrupted=True)).allowed


def test_a_freeze_says_who_made_it_why_where_and_how_to_end_it() -> None:
    assert may(Act.APPLY, FACTS["freeze"]).why == (
        "ada froze dev (#9) because `a demo`; it ends when somebody says `/unfreeze dev`"
    )
    assert (
        "dev because `a demo`" in may(Act.APPLY, Obstacles(freeze=replace(FREEZE, issue=None))).why
    )
