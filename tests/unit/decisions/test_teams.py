"""Which teams a change of the rules names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.teams import new_teams
from gitbot.model.desired import Environment, Grant
from gitbot.model.promotion import PromotionRules
from tests.unit.decisions.facts_by_hand import PROD
from tests.unit.decisions.freeze.windows_by_hand import a_window

BARE = replace(PROD, grants={}, freezes=(), promotes_from=None)
GRANTS = replace(BARE, grants={"apply": Grant(teams=frozenset({"acme/ops"}))})
FREEZES = replace(
    BARE, freezes=(replace(a_window("w", "deny", "0 0 * * *", 1), teams=frozenset({"acme/sre"})),)
)
PROMOTES = replace(BARE, promotes_from=PromotionRules(source="dev", reviewers=("ada", "acme/qa")))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, None, set()),
        (None, BARE, set()),
        (None, GRANTS, {"acme/ops"}),
        (BARE, FREEZES, {"acme/sre"}),
        (BARE, PROMOTES, {"acme/qa"}),
        (GRANTS, GRANTS, set()),
        (GRANTS, FREEZES, {"acme/sre"}),
        (GRANTS, None, set()),
    ],
)
def test_the_teams_that_a_change_names_anew(
    before: Environment | None, after: Environment | None, expected: set[str]
) -> None:
    assert new_teams(before, after) == expected
