"""What a spec says about the end of its stack is planned, shown and agreed to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gitbot.model.expiry import Lifetime
from gitbot.render.plan_words import count_changes, plan_summary
from gitbot.render.terminal import plan_lines
from tests.unit.reconciler.planning_world import plan_of, present, record, resource, stack, state

DAYS_3 = Lifetime(text="ttl: 3d", ttl=timedelta(days=3))
NEVER = Lifetime(text="ttl: never")


@pytest.mark.parametrize(
    ("recorded", "desired", "line"),
    [
        (None, DAYS_3, "Expiry: not set → ttl: 3d."),
        (DAYS_3, NEVER, "Expiry: ttl: 3d → ttl: never."),
        (DAYS_3, None, "Expiry: ttl: 3d → not set."),
        (DAYS_3, DAYS_3, None),
        (None, None, None),
    ],
)
def test_a_change_of_the_expiry_alone_is_agreed_to(
    recorded: Lifetime | None, desired: Lifetime | None, line: str | None
) -> None:
    plan = plan_of(
        replace(stack(resource("a")), lifetime=desired),
        state(record("a"), lifetime=recorded),
        present("a"),
    )
    shown = [each.text for each in plan_lines(plan)]
    assert (plan.empty, plan.asks_nobody, plan.moves_end) == (
        line is None,
        line is None,
        line is not None,
    )
    assert [text for text in shown if "Expiry" in text] == ([line] if line else [])
    says = "only the expiry changes" if line else "nothing to do"
    assert plan_summary(plan).startswith(says)
    assert count_changes([plan]) == says
