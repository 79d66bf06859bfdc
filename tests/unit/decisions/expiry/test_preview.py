"""What a pull request says about the expiries that it makes or moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.expiry.preview import Side, previews
from gitbot.model.expiry import Expiry, ExpiryRules, Lifetime, Preview, Stage
from gitbot.model.recorded import StackHeader
from gitbot.render.expiry import OVER, preview_words
from tests.unit.decisions.expiry.expiries_by_hand import DAY, END, HOUR, an_expiry
from tests.unit.decisions.facts_by_hand import NOW, a_stack, stack_id

TTL = Lifetime(text="ttl: 10d", ttl=10 * DAY)
SHORT = Lifetime(text="ttl: 1h", ttl=HOUR)
FIXED = Lifetime(text="expires: then", at=NOW + 5 * DAY)
PAST = Lifetime(text="expires: past", at=NOW - DAY)
APPLIED = StackHeader(
    id=stack_id(), lineage="l", serial=1, resources=1, left=1, desired_hash="h", born_at=NOW
)
OLD = replace(APPLIED, lifetime=TTL)
MAX = ExpiryRules(longest=7 * DAY)


def _side(lifetime: Lifetime | None, rules: ExpiryRules | None = None) -> Side:
    return Side(stacks={"web": replace(a_stack("web"), lifetime=lifetime)}, rules=rules)


NONE = Side(stacks={}, rules=None)


@pytest.mark.parametrize(
    ("before", "after", "row", "header", "expected", "words"),
    [
        pytest.param(NONE, _side(None), None, None, None, "", id="a new stack that stays"),
        pytest.param(
            NONE,
            _side(TTL),
            None,
            None,
            Preview(stack="web", span=10 * DAY, source="ttl: 10d"),
            "`web` expires 10 days after its first apply (ttl: 10d).",
            id="a new stack",
        ),
        pytest.param(
            NONE,
            _side(SHORT),
            None,
            None,
            Preview(stack="web", ahead=2 * DAY, source="ttl: 1h"),
            "`web` expires 2 days after the merge: no sooner, so that people are warned in time "
            "(ttl: 1h).",
            id="a new stack with a short ttl",
        ),
        pytest.param(
            NONE,
            _side(FIXED),
            None,
            None,
            Preview(stack="web", after=NOW + 5 * DAY, source="expires: then"),
            "`web` expires on Wed 2026-05-06 12:00 UTC (expires: then).",
            id="a new stack with an instant",
        ),
        pytest.param(
            NONE,
            _side(PAST),
            None,
            None,
            Preview(stack="web", ahead=2 * DAY, source="expires: past", over=True),
            "`web` expires 2 days after the merge: no sooner, so that people are warned in time "
            f"(expires: past). :warning: {OVER}",
            id="a new stack whose instant has passed",
        ),
        pytest.param(
            _side(TTL),
            _side(PAST),
            an_expiry(),
            OLD,
            Preview(stack="web", before=END, ahead=2 * DAY, source="expires: past", over=True),
            "`web` expires 2 days after the merge: no sooner, so that people are warned in time, and "
            f"not on Mon 2026-05-11 12:00 UTC (expires: past). :warning: {OVER}",
            id="moved to an instant that has passed",
        ),
        pytest.param(
            _side(TTL),
            _side(PAST),
            an_expiry(expires_at=NOW + DAY),
            OLD,
            Preview(stack="web", after=NOW + DAY, source="expires: past", over=True),
            "`web` expires on Sat 2026-05-02 12:00 UTC (expires: past). :warning: " + OVER,
            id="not moved, as it ends soon, but its new instant has passed",
        ),
        pytest.param(_side(TTL), _side(TTL), None, None, None, "", id="not applied, not changed"),
        pytest.param(_side(TTL), _side(TTL), an_expiry(), OLD, None, "", id="not changed"),
        pytest.param(
            _side(TTL),
            _side(None),
            an_expiry(),
            OLD,
            Preview(stack="web", before=END),
            "`web` does not expire any more.",
            id="taken away",
        ),
        pytest.param(
            _side(TTL),
            _side(Lifetime(text="ttl: 36h", ttl=36 * HOUR)),
            an_expiry(),
            OLD,
            Preview(stack="web", before=END, ahead=2 * DAY, source="ttl: 36h"),
            "`web` expires 2 days after the merge: no sooner, so that people are warned in time, and "
            "not on Mon 2026-05-11 12:00 UTC (ttl: 36h).",
            id="moved earlier than the warnings allow",
        ),
        pytest.param(
            _side(TTL),
            _side(TTL, MAX),
            an_expiry(),
            OLD,
            Preview(
                stack="web",
                before=END,
                after=NOW + 7 * DAY,
                source="ttl.max of the environment",
            ),
            "`web` expires on Fri 2026-05-08 12:00 UTC, and not on Mon 2026-05-11 12:00 UTC "
            "(ttl.max of the environment).",
            id="a new maximum",
        ),
        pytest.param(
            _side(None),
            _side(None, MAX),
            None,
            replace(APPLIED, born_at=None),
            Preview(stack="web", after=NOW + 7 * DAY, source="ttl.max of the environment"),
            "`web` expires on Fri 2026-05-08 12:00 UTC (ttl.max of the environment).",
            id="a maximum over a stack that an earlier version applied",
        ),
        pytest.param(
            NONE,
            _side(TTL),
            an_expiry(Stage.DESTROYED),
            replace(APPLIED, desired_hash=None),
            Preview(stack="web", span=10 * DAY, source="ttl: 10d", revived=True),
            "`web` gets a new life, with a new count: it expires 10 days after its first apply "
            "(ttl: 10d).",
            id="revived",
        ),
    ],
)
def test_which_expiries_a_change_makes_or_moves(
    before: Side,
    after: Side,
    row: Expiry | None,
    header: StackHeader | None,
    expected: Preview | None,
    words: str,
) -> None:
    rows: Mapping[str, Any] = {} if row is None else {"web": row}
    headers: Mapping[str, Any] = {} if header is None else {"web": header}
    found = previews(before, after, rows, headers, NOW)
    assert found == (() if expected is None else (expected,))
    assert [preview_words(each, "UTC") for each in found] == ([words] if words else [])
