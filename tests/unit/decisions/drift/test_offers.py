"""Tables of which commands an issue offers, and of what it does not show."""

from __future__ import annotations

import pytest

from gitbot.decisions.commands.grammar import parse_commands
from gitbot.decisions.drift.offers import offers
from gitbot.model.drift import Difference, Differs, DriftRow, Finding, Phase
from gitbot.model.values import Redacted
from gitbot.reconciler.secretive import NOT_SHOWN, shown_safely
from tests.unit.decisions.drift.drift_by_hand import NOW, difference, row

HIDDEN = Redacted(digest="d", key_id="k")


@pytest.mark.parametrize(
    ("one", "commands"),
    [
        (row(phase=Phase.OPEN, differences=(difference(),)),
         ["/drift apply", "/drift adopt", "/drift ignore bucket /Tags/owner until 2026-12-12 because …"]),
        (row(phase=Phase.OPEN, differences=(difference(path="/Rules/-", how=Differs.ADDED),)),
         ["/drift apply", "/drift adopt", "/drift ignore bucket /Rules until 2026-12-12 because …"]),
        (row(phase=Phase.ACKNOWLEDGED, differences=(difference(path="", how=Differs.GONE),)), ["/drift apply"]),
        (row(phase=Phase.CLEAN), []),
        (row(phase=Phase.OPEN, finding=Finding.UNMANAGED), []),
    ],
)  # fmt: skip
def test_an_issue_offers_what_is_accepted_on_it(one: DriftRow, commands: list[str]) -> None:
    found = [command for command, _ in offers(one, NOW)]
    assert found == commands
    for command in found:
        (parsed,) = parse_commands(command, "gitbot[bot]")
        assert parsed.problem is None, parsed.problem


@pytest.mark.parametrize(
    ("one", "shown"),
    [
        (difference(), difference()),
        (difference(observed="ghp_0123456789abcdefghij"), difference(recorded=NOT_SHOWN, observed=NOT_SHOWN)),
        (difference(path="/UserData", observed="echo"), difference(path="/UserData", recorded=NOT_SHOWN, observed=NOT_SHOWN)),
        (difference(path="/Tags/api-key", observed=None, how=Differs.MISSING),
         difference(path="/Tags/api-key", recorded=NOT_SHOWN, observed=None, how=Differs.MISSING)),
        (difference(path="/UserData", recorded=HIDDEN, observed=HIDDEN), difference(path="/UserData", recorded=HIDDEN, observed=HIDDEN)),
    ],
)  # fmt: skip
def test_of_what_may_be_a_secret_only_that_it_differs_is_shown(
    one: Difference, shown: Difference
) -> None:
    assert shown_safely(one) == shown
