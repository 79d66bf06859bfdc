"""The words about preconditions, postconditions and checks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gitbot.model.conditions import ConditionKind, OpenCondition
from gitbot.model.drift import Difference, Differs
from gitbot.model.plan import WalkResult
from gitbot.render.applies import result_blocks
from gitbot.render.markdown import markdown
from gitbot.render.plans import plan_blocks
from gitbot.render.refreshing import refresh_lines
from tests.unit.render.plans_by_hand import SECRET, address, created, plan


def one(kind: ConditionKind, *, holds: bool | None, says: str = "it must be small") -> Any:
    return OpenCondition(kind=kind, address="trainer", says=says, holds=holds)


def test_a_plan_says_what_does_not_hold_and_what_is_checked_at_apply() -> None:
    conditions = (
        one(ConditionKind.PRECONDITION, holds=None),
        one(ConditionKind.POSTCONDITION, holds=None),
        one(ConditionKind.CHECK, holds=None),
        one(ConditionKind.CHECK, holds=False),
        one(ConditionKind.POSTCONDITION, holds=False),
    )
    text = markdown(tuple(plan_blocks(plan(created(), conditions=conditions))))
    for words in (
        "The precondition of `trainer` is checked at apply, before this resource is touched: it must",
        "The postcondition of `trainer` is checked at apply, after this resource: it must be small.",
        "`trainer` is checked at apply, when everything else is done: it must be small.",
        "**⚠ A check does not hold**: `trainer`: it must be small (it stops nothing).",
        "**⚠ A postcondition does not hold**: `trainer`: it must be small (an apply fails after",
    ):
        assert words in text
    assert text.index("⚠ A check") < text.index("is checked at apply")


def test_an_apply_tells_the_checks_that_do_not_hold_or_could_not_be_asked() -> None:
    checks = (
        one(ConditionKind.CHECK, holds=False, says="[x](https://e.test) @mona"),
        one(ConditionKind.CHECK, holds=None),
    )
    text = markdown(tuple(result_blocks(None, WalkResult(unmet=checks))))
    assert "A check does not hold" in text
    assert "@mona" not in text
    assert "\\[x\\]" in text
    assert "**⚠ A check could not be asked**: `trainer`: it must be small. The cloud does" in text


def test_a_refresh_says_what_it_records_and_what_stays() -> None:
    def one(path: str, how: Differs, recorded: Any = None, observed: Any = None) -> Difference:
        return Difference(
            address=address("web"), how=how, path=path, recorded=recorded, observed=observed
        )

    stack = plan().stack
    taken = (
        one("/Tags/owner", Differs.CHANGED, "ml\x1b[2J", "bob"),
        one("/Size", Differs.MISSING, 3),
        one("", Differs.GONE),
    )
    kept = (replace(one("/Password", Differs.CHANGED, SECRET, SECRET), detail="It is so."),)
    text = [line.text for line in refresh_lines(stack, taken, kept)]
    assert text[0] == "dev/gpu-trainer: 3 to record"
    assert "\x1b" not in text[1]
    assert text[1].endswith('"bob"')
    assert text[2] == "  web/Size: 3 → not set"
    assert text[3] == "  web was deleted outside gitbot: it leaves state"
    assert "stays in state as it was" in text[4]
    assert text[5] == "  web/Password: (sensitive) → (sensitive). It is so."
    (nothing,) = refresh_lines(stack, (), ())
    assert nothing.text == "dev/gpu-trainer: state is as the cloud is"
