"""A change of the rules of drift says what it loosens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gitbot.decisions.drift.rules import drift_changes
from gitbot.language.time.cron import read_cron
from gitbot.model.drift import DriftRules, HealRule, IgnoreRule, IssueRules
from gitbot.model.names import Address
from gitbot.model.rule_changes import Effect, RuleChange
from gitbot.model.time import Cron, Every
from tests.unit.decisions.drift.drift_by_hand import NOW

HOUR = timedelta(hours=1)
CRON = Cron(expression="0 */2 * * *", timezone="Europe/Berlin", fields=read_cron("0 */2 * * *"))
HEAL = HealRule(types=("AWS::S3::Bucket",), paths=("/Tags",))
IGNORE = IgnoreRule(
    stack="web", resource=Address("bucket"), path="/Tags/owner", until=NOW, because="handover"
)
IGNORED = "web: bucket /Tags/owner until 2026-11-28 12:00 UTC (handover)"


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        pytest.param(
            {}, {"scan": None}, ("drift.every", "1h", "off", Effect.LOOSENS), id="switched off"
        ),
        pytest.param(
            {"scan": None}, {}, ("drift.every", "off", "1h", Effect.TIGHTENS), id="switched on"
        ),
        pytest.param(
            {},
            {"scan": Every(interval=2 * HOUR)},
            ("drift.every", "1h", "2h", Effect.LOOSENS),
            id="less often",
        ),
        pytest.param(
            {},
            {"scan": CRON},
            ("drift.every", "1h", "0 */2 * * * (Europe/Berlin)", Effect.CHANGES),
            id="by cron",
        ),
        pytest.param(
            {},
            {"confirm_after": timedelta(minutes=1)},
            ("drift.confirmAfter", "5m", "1m", Effect.TIGHTENS),
            id="told sooner",
        ),
        pytest.param(
            {},
            {"issues": IssueRules(labels=("drift",), most=10)},
            ("drift.issues.labels", [], ["drift"], Effect.CHANGES),
            id="labels",
        ),
        pytest.param(
            {},
            {"issues": IssueRules(most=3)},
            ("drift.issues.max", 10, 3, Effect.CHANGES),
            id="fewer issues",
        ),
        pytest.param(
            {},
            {"heal": (HEAL,)},
            ("drift.heal", [], ["/Tags of AWS::S3::Bucket"], Effect.LOOSENS),
            id="heals more",
        ),
        pytest.param(
            {"ignore": (IGNORE,)},
            {},
            ("drift.ignore", [IGNORED], [], Effect.TIGHTENS),
            id="ignores less",
        ),
        pytest.param(
            {}, {"ignore": (IGNORE,)}, ("drift.ignore", [], [IGNORED], Effect.LOOSENS), id="ignores"
        ),
    ],
)
def test_each_change_of_a_rule_says_what_it_loosens(
    before: dict[str, Any], after: dict[str, Any], change: tuple[Any, ...]
) -> None:
    rule, old, new, effect = change
    found = tuple(drift_changes(DriftRules(**before), DriftRules(**after)))
    assert found == (RuleChange(rule=rule, before=old, after=new, effect=effect),)


def test_the_same_rules_are_no_change() -> None:
    assert not tuple(drift_changes(DriftRules(heal=(HEAL,)), DriftRules(heal=(HEAL,))))
