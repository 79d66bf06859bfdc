"""When a stack expires, by its spec, the environment's rules and what is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from gitbot.decisions.expiry.instants import (
    DEFAULT_RULE,
    LIFTED,
    MAX_RULE,
    Followed,
    Nominal,
    follow,
    nominal,
)
from gitbot.model.expiry import Expiry, ExpiryRules, Lifetime, Stage
from tests.unit.decisions.expiry.expiries_by_hand import DAY, END, HOUR, an_expiry
from tests.unit.decisions.facts_by_hand import NOW, stack_id

TTL = Lifetime(text="ttl: 10d", ttl=10 * DAY)
LONGER = Lifetime(text="ttl: 12d", ttl=12 * DAY)
SHORTER = Lifetime(text="ttl: 6d", ttl=6 * DAY)
FIXED = Lifetime(text="expires: then", at=NOW + 5 * DAY)
NEVER = Lifetime(text="expires: never")
BOTH = ExpiryRules(default=7 * DAY, longest=30 * DAY)
EXEMPT = replace(BOTH, exempt=frozenset({"web"}))
DEFAULT = Nominal(at=NOW + 7 * DAY, source=DEFAULT_RULE)
OWN = Nominal(at=END, source="ttl: 10d")


@pytest.mark.parametrize(
    ("lifetime", "rules", "expected"),
    [
        pytest.param(None, None, None, id="nothing says when"),
        pytest.param(None, ExpiryRules(), None, id="rules without default and max"),
        pytest.param(TTL, None, OWN, id="its own ttl"),
        pytest.param(FIXED, None, Nominal(at=NOW + 5 * DAY, source=FIXED.text), id="an instant"),
        pytest.param(NEVER, None, None, id="never"),
        pytest.param(None, BOTH, DEFAULT, id="the default"),
        pytest.param(
            None,
            ExpiryRules(longest=30 * DAY),
            Nominal(at=NOW + 30 * DAY, source=MAX_RULE),
            id="max alone",
        ),
        pytest.param(
            TTL,
            ExpiryRules(longest=3 * DAY),
            Nominal(at=NOW + 3 * DAY, source=MAX_RULE),
            id="max cuts a longer ttl",
        ),
        pytest.param(NEVER, EXEMPT, None, id="never, and the environment excepts it"),
        pytest.param(NEVER, BOTH, DEFAULT, id="never, and it is not excepted any more"),
        pytest.param(None, EXEMPT, None, id="excepted, and says nothing"),
        pytest.param(TTL, EXEMPT, OWN, id="excepted, with a ttl of its own"),
    ],
)
def test_the_instant_that_specs_give(
    lifetime: Lifetime | None, rules: ExpiryRules | None, expected: Nominal | None
) -> None:
    assert nominal("web", lifetime, rules, NOW) == expected


def _follow(known: Expiry | None, lifetime: Lifetime | None = TTL, **more: Any) -> Followed:
    values: dict[str, Any] = {"rules": ExpiryRules(), "born_at": NOW, "now": NOW + DAY}
    return follow(known, stack=stack_id(), lifetime=lifetime, **{**values, **more})


LONG = an_expiry(expires_at=END + 9 * DAY)
"""Extended by nine days."""
MAX_15 = ExpiryRules(longest=15 * DAY)


@pytest.mark.parametrize(
    ("known", "lifetime", "more", "at"),
    [
        pytest.param(None, TTL, {}, END, id="from the first successful apply"),
        pytest.param(an_expiry(), TTL, {"born_at": NOW + DAY}, END, id="applied again"),
        pytest.param(an_expiry(), LONGER, {}, END + 2 * DAY, id="a longer ttl"),
        pytest.param(an_expiry(), SHORTER, {}, END - 4 * DAY, id="a shorter ttl"),
        pytest.param(
            LONG, LONGER, {}, END + 11 * DAY, id="the difference, beside what was extended"
        ),
        pytest.param(
            an_expiry(),
            SHORTER,
            {"now": NOW + 5 * DAY},
            NOW + 7 * DAY,
            id="not before the warnings",
        ),
        pytest.param(
            an_expiry(), SHORTER, {"now": END - DAY}, END, id="too late to move: not later, either"
        ),
        pytest.param(
            None,
            Lifetime(text="ttl: 1h", ttl=HOUR),
            {},
            NOW + 3 * DAY,
            id="a ttl that is shorter than the longest warning",
        ),
        pytest.param(
            None,
            None,
            {"rules": ExpiryRules(longest=DAY), "now": NOW + 90 * DAY},
            NOW + 92 * DAY,
            id="a new max over an old stack",
        ),
        pytest.param(LONG, TTL, {"rules": MAX_15}, END + 5 * DAY, id="a new max cuts an extension"),
        pytest.param(
            LONG,
            TTL,
            {"rules": replace(MAX_15, exempt=frozenset({"web"}))},
            END + 9 * DAY,
            id="a new max does not cut an excepted stack",
        ),
        pytest.param(
            an_expiry(Stage.DESTROYED, extensions=3),
            TTL,
            {"born_at": NOW + 20 * DAY, "now": NOW + 20 * DAY},
            NOW + 30 * DAY,
            id="a revived stack begins anew",
        ),
    ],
)
def test_when_it_expires(
    known: Expiry | None, lifetime: Lifetime | None, more: dict[str, Any], at: datetime
) -> None:
    found = _follow(known, lifetime, **more).expiry
    assert found is not None
    assert (found.expires_at, found.extensions) == (at, 0)


def test_what_did_not_change_has_no_reason() -> None:
    assert _follow(an_expiry()) == Followed(expiry=an_expiry())


def test_another_source_for_the_same_instant_is_recorded() -> None:
    found = _follow(an_expiry(source=MAX_RULE))
    assert found == Followed(expiry=an_expiry(), reason="it expires by ttl: 10d")


@pytest.mark.parametrize("stage", [Stage.ACTIVE, Stage.WARNED, Stage.EXPIRED])
def test_a_moved_expiry_is_warned_of_again(stage: Stage) -> None:
    found = _follow(an_expiry(stage, requested="d1", requested_by="ada"), LONGER).expiry
    assert found is not None
    assert (found.stage, found.stage_at, found.requested) == (Stage.ACTIVE, NOW + DAY, "")


def test_an_expired_stack_whose_moved_expiry_is_over_too_stays_expired() -> None:
    found = _follow(an_expiry(Stage.EXPIRED), LONGER, now=END + 3 * DAY).expiry
    assert found is not None
    assert (found.stage, found.expires_at) == (Stage.EXPIRED, END + 2 * DAY)


def test_what_does_not_expire_any_more() -> None:
    assert _follow(None, None) == Followed(expiry=None)
    assert _follow(an_expiry(), None) == Followed(expiry=None, reason=LIFTED)


def test_its_row_stays_until_its_machines_run_again_and_its_tags_say_so() -> None:
    now = END + timedelta(hours=3)
    refused = {"tagged": END, "untagged": ("data: no",)}
    for owed in ({"stopped": ("trainer",)}, {"tagged": END}, refused):
        asleep = an_expiry(Stage.EXPIRED, **owed)
        awake = replace(asleep, stage=Stage.ACTIVE, stage_at=now, lifted=True)
        assert _follow(asleep, None, now=now) == Followed(expiry=awake, reason=LIFTED)
        assert _follow(awake, None, now=now + HOUR) == Followed(expiry=awake)
        done = replace(awake, stopped=(), tagged=None, untagged=())
        assert _follow(replace(awake, tagged=None), None).expiry or owed == {"tagged": END}
        assert _follow(done, None, now=now) == Followed(expiry=None)
        again = _follow(awake, TTL, now=now).expiry
        assert again is not None
        assert not again.lifted
