"""Replacements because a value of lifecycle.replaceWhen is another one."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import SpecError
from gitbot.model.desired import Lifecycle
from gitbot.model.names import Address
from gitbot.model.plan import Action, Plan, SettingChange, Trigger
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, is_known
from gitbot.reconciler.reasons import triggered
from gitbot.reconciler.triggers import triggers_of, values_kept
from gitbot.reconciler.weaker import may_turn_out_weaker
from tests.unit.reconciler.planning_world import (
    GROUP,
    REDACT,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

NAMED = {"Description": "d"}
OTHER_KEY = Redacted(digest="f" * 64, key_id="k0")
ID = unknown("${g.GroupId}")


@pytest.mark.parametrize(
    ("wanted", "recorded", "found"),
    [
        (1, 1, []),
        (1, 1.0, []),
        (1, True, ["n"]),
        (1, "1", ["n"]),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, []),
        ({"a": [1]}, {"a": [1, 2]}, ["n"]),
        ({"a": 1}, {"b": 1}, ["n"]),
        (Sensitive("x"), REDACT("x"), []),
        (Sensitive("x"), REDACT("y"), ["n"]),
        (Sensitive("x"), "x", []),
        ("x", REDACT("x"), []),
        ("y", REDACT("x"), ["n"]),
        (Sensitive("x"), OTHER_KEY, []),
        (ID, 1, ["n"]),
        ({"a": ID, "b": 1}, {"a": 1, "b": 1}, ["n"]),
        ([1, ID], [1, 2], ["n"]),
        (ID, REDACT("x"), ["n"]),
        ([ID], REDACT("x"), ["n"]),
    ],
)
def test_a_value_replaces_where_it_is_another_one(
    wanted: Value, recorded: Value, found: list[str]
) -> None:
    triggers = triggers_of({"n": wanted, "new": 1}, {"n": recorded, "old": 2}, REDACT)
    assert [one.name for one in triggers] == found
    assert [one.may for one in triggers] == [not is_known(wanted) for _ in found]
    kept = values_kept({"n": wanted, "new": 1}, {"n": recorded, "old": 2}, REDACT)
    assert kept["new"] == 1
    assert "old" not in kept
    if found:
        assert kept["n"] == recorded
    elif isinstance(wanted, Sensitive):
        assert kept["n"] == REDACT("x")


def planned(
    values: dict[str, Value], recorded: dict[str, Value], *, protect: bool = False, **more: Any
) -> Plan:
    """The plan of a group that uses another one, whose id is ``sg-1`` or, made anew, not known."""
    remade = more.pop("remade", False)
    lifecycle = Lifecycle(replace_when=values, protect=protect)
    desired = stack(
        resource("g", GROUP, {"Description": "e"} if remade else NAMED),
        resource("user", GROUP, more.pop("properties", NAMED), needs=["g"], lifecycle=lifecycle),
    )
    before = state(
        record("g", GROUP, NAMED),
        record("user", GROUP, NAMED, needs=["g"], replace_when=recorded, protect=protect),
    )
    seen = present("g", GroupId="sg-1", **NAMED) | present("user", GroupId="sg-2", **NAMED)
    return plan_of(desired, before, seen)


def test_a_value_that_changes_replaces_and_says_which() -> None:
    change = change_of(planned({"build": 8}, {"build": 7}), "user")
    assert change.action is Action.REPLACE
    assert change.triggers == (Trigger(name="build", before=7, after=8),)
    assert "lifecycle.replaceWhen.build changes from 7 to 8, so this is replaced." in change.reasons
    assert not may_turn_out_weaker(change)
    digests = {planned({"build": value}, {"build": 7}).digest for value in (7, 8, 9)}
    assert len(digests) == 3


def test_the_first_value_replaces_nothing_and_is_recorded() -> None:
    change = change_of(planned({"build": 7}, {}), "user")
    assert change.action is Action.NOOP
    assert change.settings == (SettingChange(name="replaceWhen", after=["build"]),)
    assert planned({"build": 7}, {"build": 7}).empty
    assert change_of(planned({}, {"build": 7}), "user").action is Action.NOOP


def test_another_resource_replaces_once_its_value_is_another_one() -> None:
    assert planned({"group": ID}, {"group": "sg-1"}).empty
    assert change_of(planned({"group": ID}, {"group": "sg-0"}), "user").action is Action.REPLACE
    plan = planned({"group": ID}, {"group": "sg-1"}, remade=True)
    change = change_of(plan, "user")
    assert (change.action, change.triggers[0].may) == (Action.REPLACE, True)
    assert any("known after apply" in reason for reason in change.reasons)
    assert may_turn_out_weaker(change)
    sure = {"group": ID, "build": 8}
    both = change_of(planned(sure, {"group": "sg-1", "build": 7}, remade=True), "user")
    assert not may_turn_out_weaker(both)
    forced = planned({"group": ID}, {"group": "sg-1"}, remade=True, properties={"Description": "e"})
    assert not may_turn_out_weaker(change_of(forced, "user"))


@pytest.mark.parametrize(
    ("wanted", "recorded", "parts"),
    [
        ({"a": ID, "b": 2, "c": {"d": 1}}, {"a": 1, "b": 1, "c": {"d": 2}}, " (b, c.d)"),
        ({"a": ID}, {"b": 1}, " (b)"),
        ({"a": [ID, 1]}, {"a": [1, 2]}, ""),
        ([ID, 1], [1, 2], ""),
        ({"a": ID}, "x", ""),
    ],
)
def test_what_is_known_to_differ_replaces_for_sure_and_is_named(
    wanted: Value, recorded: Value, parts: str
) -> None:
    (trigger,) = triggers_of({"n": wanted}, {"n": recorded}, REDACT)
    assert not trigger.may
    said = f"lifecycle.replaceWhen.n is another one{parts}, so this is replaced."
    assert triggered(trigger) == said


def test_a_resource_as_a_whole_replaces_when_it_is_made_anew_or_its_spec_changes() -> None:
    whole = Unknown(template='${g["gitbot:made"]}', references={"g": Address("g")})
    value = {"made": whole, "properties": NAMED}
    made = {"made": 1, "properties": NAMED}
    assert planned({"g": value}, {"g": made}).empty
    other = change_of(planned({"g": value}, {"g": {**made, "made": 2}}), "user")
    assert not other.triggers[0].may
    assert "lifecycle.replaceWhen.g is another one (made), so this is replaced." in other.reasons
    remade = change_of(planned({"g": value}, {"g": made}, remade=True), "user")
    assert (remade.action, remade.triggers[0].may) == (Action.REPLACE, True)
    spec = {"g": {**value, "properties": {"Description": "e"}}}
    changed = change_of(planned(spec, {"g": made}, remade=True), "user")
    assert not changed.triggers[0].may


def test_a_secret_or_long_value_is_not_shown() -> None:
    for after, before in ((Sensitive("hunter22"), REDACT("other")), ("x" * 300, "y" * 300)):
        change = change_of(planned({"build": after}, {"build": before}), "user")
        assert "lifecycle.replaceWhen.build is another one, so this is replaced." in change.reasons
        assert "hunter22" not in repr(change)


def test_a_protected_resource_is_not_replaced_by_a_value_either() -> None:
    with pytest.raises(SpecError, match="protect"):
        planned({"build": 8}, {"build": 7}, protect=True)
