"""Tests for objects that would exchange what only one of them can have."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gitbot.errors import SpecError
from gitbot.model.plan import Plan
from gitbot.model.schema import Route, TypeSchema
from tests.unit.reconciler.planning_world import plan_of, present, record, resource, stack, state

RULE = TypeSchema(
    name="Test::Rule",
    route=Route.NATIVE,
    natural_key=("Listener", "Priority"),
    tags_path="/Tags",
)


def planned(before: Mapping[str, int], after: Mapping[str, int], listener: str = "l") -> Plan:
    """The plan that gives rules of a listener other priorities; the rule ``b`` may have one of its own."""

    def given(name: str, priority: int) -> dict[str, object]:
        return {"Listener": listener if name == "b" else "l", "Priority": priority}

    observed = {}
    for name, priority in before.items():
        observed |= present(name, **given(name, priority))
    return plan_of(
        stack(*(resource(name, RULE, given(name, one)) for name, one in after.items())),
        state(*(record(name, RULE, given(name, one)) for name, one in before.items())),
        observed,
        schemas={RULE.name: RULE}.get,
    )


@pytest.mark.parametrize(
    "after", [{"a": 20, "b": 10, "c": 30}, {"a": 20, "b": 30, "c": 10}], ids=["two", "three"]
)
def test_a_circle_of_updates_is_refused_with_the_way_round(after: Mapping[str, int]) -> None:
    with pytest.raises(SpecError) as caught:
        planned({"a": 10, "b": 20, "c": 30}, after)
    [found] = caught.value.diagnostics
    assert found.code == "values-exchanged"
    assert "Give `a` a Priority that is free" in found.fix
    others = [name for name in "bc" if f"`{name}`" in found.detail]
    assert others == (["b"] if after["c"] == 30 else ["b", "c"])


def test_a_row_whose_end_is_free_is_carried_out() -> None:
    assert len(planned({"a": 10, "b": 20}, {"a": 20, "b": 30}).changes) == 2


def test_rules_of_two_listeners_stand_in_nobodys_way() -> None:
    assert len(planned({"a": 10, "b": 20}, {"a": 20, "b": 10}, listener="m").changes) == 2


def test_a_key_that_somebody_changed_is_put_back() -> None:
    """The kind: what was applied counts as what the object has, so that it would exchange with itself."""
    given = {"Listener": "l", "Priority": 10}
    plan = plan_of(
        stack(resource("a", RULE, given)),
        state(record("a", RULE, given)),
        present("a", **{**given, "Priority": 20}),
        schemas={RULE.name: RULE}.get,
    )
    [change] = plan.effective
    assert [(path.before, path.after) for path in change.paths] == [(20, 10)]
