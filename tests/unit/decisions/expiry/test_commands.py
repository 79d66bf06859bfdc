"""What `/extend`, `/keep` and `/destroy` do to an expiry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from gitbot.decisions.expiry.commands import end_digest, extended, kept, latest_expiry, requested
from gitbot.model.expiry import LONGEST_LIFE, Expiry, ExpiryRules, Refusal, Stage
from tests.unit.decisions.expiry.expiries_by_hand import DAY, END, HOUR, an_expiry
from tests.unit.decisions.facts_by_hand import NOW

RULES = ExpiryRules(longest=15 * DAY, extensions=2)
LATEST = NOW + 15 * DAY
OVER = an_expiry(expires_at=NOW - DAY)


@pytest.mark.parametrize(
    ("expiry", "by", "expected"),
    [
        pytest.param(an_expiry(), 3 * DAY, END + 3 * DAY, id="from its expiry"),
        pytest.param(OVER, DAY, NOW + DAY, id="from now when it is over"),
        pytest.param(an_expiry(), 5 * DAY, LATEST, id="up to the maximum"),
        pytest.param(an_expiry(), 6 * DAY, Refusal.LONGEST, id="over the maximum"),
        pytest.param(an_expiry(extensions=1), DAY, END + DAY, id="for the last time"),
        pytest.param(an_expiry(extensions=2), DAY, Refusal.COUNT, id="too often"),
        pytest.param(an_expiry(Stage.DESTROYING), DAY, Refusal.ENDED, id="too late"),
    ],
)
def test_extend(expiry: Expiry, by: timedelta, expected: object) -> None:
    found = extended(expiry, RULES, by, NOW)
    assert (found.expiry.expires_at if found.expiry else found.refusal) == expected
    assert found.latest == (None if found.refusal in (Refusal.COUNT, Refusal.ENDED) else LATEST)


@pytest.mark.parametrize("stage", [Stage.WARNED, Stage.EXPIRED])
def test_what_is_extended_is_warned_of_again_and_counts(stage: Stage) -> None:
    found = extended(an_expiry(stage, requested="d1"), RULES, DAY, NOW + DAY).expiry
    assert found == an_expiry(expires_at=END + DAY, stage_at=NOW + DAY, extensions=1)


@pytest.mark.parametrize(
    ("expiry", "until", "expected"),
    [
        pytest.param(an_expiry(), END + DAY, END + DAY, id="later"),
        pytest.param(an_expiry(), END, Refusal.EARLIER, id="no later than it is"),
        pytest.param(OVER, NOW, Refusal.EARLIER, id="over by then"),
        pytest.param(an_expiry(), LATEST + DAY, Refusal.LONGEST, id="over the maximum"),
        pytest.param(an_expiry(Stage.DESTROYED), END, Refusal.ENDED, id="destroyed, earlier"),
        pytest.param(an_expiry(Stage.DESTROYED), END + DAY, Refusal.ENDED, id="destroyed, later"),
    ],
)
def test_keep(expiry: Expiry, until: datetime, expected: object) -> None:
    found = kept(expiry, RULES, until, NOW)
    assert (found.expiry.expires_at if found.expiry else found.refusal) == expected


def test_a_digest_of_another_plan_or_expiry_is_not_that_of_what_would_be_done() -> None:
    shown = end_digest(an_expiry(), "p1")
    same = an_expiry(expires_at=END.astimezone(timezone(HOUR)), stage_at=END, version="v9")
    assert end_digest(same, "p1") == shown
    assert end_digest(an_expiry(expires_at=END + HOUR), "p1") != shown
    assert end_digest(an_expiry(), "p2") != shown


def test_the_latest_expiry() -> None:
    assert latest_expiry(an_expiry(), RULES) == LATEST
    ten_years = NOW + LONGEST_LIFE
    assert latest_expiry(an_expiry(), ExpiryRules()) == ten_years
    assert latest_expiry(an_expiry(), replace(RULES, exempt=frozenset({"web"}))) == ten_years
    floor = an_expiry(expires_at=LATEST + DAY)  # what the warnings needed after a new maximum
    assert latest_expiry(floor, RULES) == LATEST + DAY


def test_no_extension_is_longer_than_a_ttl_can_be_also_without_a_maximum() -> None:
    free = ExpiryRules()
    found = extended(an_expiry(), free, 9999 * DAY, NOW)
    assert (found.refusal, found.latest) == (Refusal.LONGEST, NOW + LONGEST_LIFE)
    assert extended(an_expiry(), free, LONGEST_LIFE - 10 * DAY, NOW).expiry is not None
    far = datetime(9990, 1, 1, tzinfo=UTC)
    late = an_expiry(expires_at=far)
    assert extended(late, free, 9999 * DAY, NOW).refusal is Refusal.LONGEST
    assert kept(an_expiry(), free, far, NOW).refusal is Refusal.LONGEST


def test_asking_for_the_destruction_tries_a_failed_one_at_once() -> None:
    asked = requested(an_expiry(retry_at=END), "d1", "ada")
    assert asked == an_expiry(requested="d1", requested_by="ada")
