"""What a change of the freeze windows does to the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.rule_changes import rule_changes
from gitbot.model.freeze import Act, Window
from gitbot.model.rule_changes import Effect
from tests.unit.decisions.facts_by_hand import PROD
from tests.unit.decisions.freeze.windows_by_hand import a_window

DENY = a_window("weekend", "deny", "0 17 * * FRI", 63)
ALLOW = a_window("office", "allow", "0 8 * * MON-FRI", 10)
WEB = replace(ALLOW, name="web", stacks=("web-*",))
MORE = replace(DENY, acts=DENY.acts | {Act.HEAL})
TEAM = replace(DENY, teams=frozenset({"acme/sre"}))
L, T = Effect.LOOSENS, Effect.TIGHTENS


@pytest.mark.parametrize(
    ("before", "after", "effects"),
    [
        ((), (DENY,), [T]),
        ((DENY,), (), [L]),
        ((), (ALLOW,), [T]),
        ((WEB,), (WEB, ALLOW), [L]),
        ((ALLOW,), (), [L]),
        ((ALLOW, WEB), (ALLOW,), [T]),
        ((ALLOW, WEB), (WEB,), [L]),
        ((DENY,), (MORE,), [T]),
        ((MORE,), (DENY,), [L]),
        ((DENY,), (TEAM,), [L]),
        ((TEAM,), (DENY,), [T]),
        ((ALLOW,), (replace(ALLOW, acts=MORE.acts),), [L]),
        ((DENY,), (replace(DENY, stacks=("a",)),), [L]),
        ((DENY,), (ALLOW,), [T, L]),
        ((DENY, ALLOW), (ALLOW, DENY), []),
    ],
)
def test_a_window_that_forbids_less_loosens_the_rules(
    before: tuple[Window, ...], after: tuple[Window, ...], effects: list[Effect]
) -> None:
    found = rule_changes(replace(PROD, freezes=before), replace(PROD, freezes=after))
    assert [each.effect for each in found] == effects


def test_the_words_of_a_window_are_those_of_the_file() -> None:
    (found,) = rule_changes(PROD, replace(PROD, freezes=(TEAM,)))
    assert (found.rule, found.before) == ("freeze.weekend", None)
    assert found.after == ("deny apply on *: 0 17 * * FRI for 2d15h (UTC), override by acme/sre")
