"""A change of ``promotesFrom`` says whether it is looser."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitbot.decisions.promotion.rules import promotion_changes
from gitbot.decisions.rule_changes import rule_changes
from gitbot.model.desired import Environment
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.promotion import How, PromotionRules
from gitbot.model.rule_changes import Effect

DEV = PromotionRules(source="dev", soak=timedelta(hours=1), keep=(("spec", "a"),))


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (DEV, DEV, []),
        (
            None,
            PromotionRules(source="dev"),
            [
                ("promotesFrom.environment", None, "dev", Effect.CHANGES),
                ("promotesFrom.how", "off", "pr", Effect.LOOSENS),
            ],
        ),
        (
            PromotionRules(source="dev", how=How.MERGE),
            None,
            [
                ("promotesFrom.environment", "dev", None, Effect.CHANGES),
                ("promotesFrom.how", "merge", "off", Effect.TIGHTENS),
            ],
        ),
        (
            DEV,
            PromotionRules(source="dev", soak=timedelta(minutes=5), keep=()),
            [
                ("promotesFrom.soak", "1h", "5m", Effect.LOOSENS),
                ("promotesFrom.keep", ["/spec/a"], [], Effect.LOOSENS),
            ],
        ),
        (
            DEV,
            PromotionRules(
                source="dev", soak=timedelta(hours=2), keep=(("spec", "a"), ("spec", "b"))
            ),
            [
                ("promotesFrom.soak", "1h", "2h", Effect.TIGHTENS),
                ("promotesFrom.keep", ["/spec/a"], ["/spec/a", "/spec/b"], Effect.TIGHTENS),
            ],
        ),
        (
            PromotionRules(source="dev"),
            PromotionRules(source="dev", labels=("x",), assign_authors=True, title_prefix="t"),
            [
                ("promotesFrom.labels", [], ["x"], Effect.CHANGES),
                ("promotesFrom.assign", False, True, Effect.CHANGES),
                ("promotesFrom.titlePrefix", "", "t", Effect.CHANGES),
            ],
        ),
    ],
)
def test_each_part_says_whether_it_is_looser(
    before: PromotionRules | None, after: PromotionRules | None, changes: list[object]
) -> None:
    found = list(promotion_changes(before, after))
    assert [(one.rule, one.before, one.after, one.effect) for one in found] == changes


def test_the_rules_of_an_environment_name_it() -> None:
    span = SourceSpan(file="a", line=1, column=1)
    old = Environment(name="staging", region="eu-west-1", source=span)
    new = Environment(name="staging", region="eu-west-1", promotes_from=DEV, source=span)
    assert "promotesFrom.how" in [one.rule for one in rule_changes(old, new)]
