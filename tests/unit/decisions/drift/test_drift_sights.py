"""What a scan has seen of a stack, what of it counts, and when the next scan is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.drift.fingerprints import key_of
from gitbot.decisions.drift.ignores import in_force, is_ignored
from gitbot.decisions.drift.life import Clear, Removed, Seen, Unseen
from gitbot.decisions.drift.schedule import schedules_of
from gitbot.decisions.drift.sights import Scanned, roll_up_of, sight_of
from gitbot.model.drift import (
    Differs,
    DriftOff,
    DriftRules,
    Finding,
    How,
    IgnoreRule,
    Phase,
)
from gitbot.model.names import Address, EnvironmentKey
from gitbot.model.time import At, Every, Missed
from tests.unit.decisions.drift.drift_by_hand import CONFIRM, DAY, NOW, STACK, difference, row

TAG = difference()
RULES = DriftRules()
IGNORE = IgnoreRule(
    stack="web", resource=Address("bucket"), path="/Tags/owner", until=NOW + DAY, because="x"
)
OFF = DriftOff(until=NOW + DAY, because="migration")


def sight(
    finding: Finding = Finding.DRIFT, rules: DriftRules = RULES, last: Any = None, **facts: Any
) -> Any:
    given = Scanned(**{"stack": STACK, "serial": 4, **facts})
    return sight_of(given, finding, last or row(), rules, NOW)


def test_differences_are_seen_and_none_is_clear() -> None:
    found = sight(differences=(TAG,))
    assert isinstance(found, Seen)
    assert found.differences == (TAG,)
    assert found.ways.serial == 4
    assert isinstance(sight(), Clear)


@pytest.mark.parametrize(
    ("facts", "finding", "expected"),
    [
        pytest.param({"busy": "held"}, Finding.DRIFT, Unseen(), id="busy"),
        pytest.param({"moved": True}, Finding.DRIFT, Unseen(), id="an apply came between"),
        pytest.param({"refusal": "no"}, Finding.DRIFT, Unseen(), id="an error ends no drift"),
        pytest.param({"untagged": True}, Finding.UNMANAGED, Unseen(), id="nor an unmanaged one"),
        pytest.param({"busy": "held", "refusal": "no"}, Finding.ERROR, Unseen(), id="error, busy"),
        pytest.param({"present": False}, Finding.DRIFT, Removed(), id="gone"),
        pytest.param({"off": OFF}, Finding.DRIFT, Removed(how=How.SWITCHED_OFF), id="off"),
        pytest.param({"off": OFF}, Finding.ERROR, Removed(how=How.SWITCHED_OFF), id="error, off"),
    ],
)
def test_what_a_scan_cannot_say(facts: dict[str, Any], finding: Finding, expected: Any) -> None:
    assert sight(finding, differences=(TAG,), unmanaged=(TAG,), **facts) == expected


def test_a_stack_is_looked_at_again_after_its_time_off() -> None:
    assert isinstance(sight(off=replace(OFF, until=NOW), differences=(TAG,)), Seen)


def test_an_environment_that_switches_it_off_ends_everything() -> None:
    rules = replace(RULES, scan=None)
    assert sight(rules=rules, differences=(TAG,)) == Removed(how=How.SWITCHED_OFF)


def test_a_stack_that_cannot_be_read_is_an_error_of_its_own() -> None:
    found = sight(Finding.ERROR, refusal="AccessDenied", differences=(TAG,))
    assert [(one.how, one.detail) for one in found.differences] == [(Differs.ERROR, "AccessDenied")]
    assert isinstance(sight(Finding.ERROR, differences=(TAG,)), Clear)


def test_unmanaged_objects_are_a_finding_of_their_own() -> None:
    stray = difference("bucket", "", how=Differs.UNMANAGED)
    assert sight(Finding.UNMANAGED, unmanaged=(stray,)).differences == (stray,)
    assert isinstance(sight(Finding.UNMANAGED, differences=(TAG,), present=False), Clear)


def test_an_ignored_path_is_not_seen_and_its_end_is_known() -> None:
    rules = replace(RULES, ignore=(IGNORE,))
    found = sight(rules=rules, last=row(differences=(TAG,)), differences=(TAG,))
    assert isinstance(found, Clear)
    assert found.ways.ignored == {key_of(TAG)}
    later = replace(RULES, ignore=(replace(IGNORE, until=NOW),))
    assert isinstance(sight(rules=later, differences=(TAG,)), Seen)


def test_an_entry_ignores_its_path_and_what_is_below() -> None:
    rules = in_force([IGNORE, replace(IGNORE, stack="other")], "web", NOW)
    assert in_force([IGNORE, replace(IGNORE, stack="other")], "web@eu-west-1", NOW) == rules
    assert rules == (IGNORE,)
    above = replace(IGNORE, path="/Tags")
    assert [is_ignored(TAG, [rule]) for rule in (IGNORE, above)] == [True, True]
    others = [replace(IGNORE, path="/Tags/o"), replace(IGNORE, resource=Address("logs"))]
    assert not is_ignored(TAG, others)
    assert not is_ignored(difference(path="", how=Differs.GONE), [IGNORE, above])


def test_a_roll_up_sees_the_stacks_that_need_an_issue() -> None:
    found = roll_up_of([row(since=NOW), row(finding=Finding.ERROR)])
    assert isinstance(found, Seen)
    assert [(one.address, one.path) for one in found.differences] == [
        ("dev/web", "/drift"),
        ("dev/web", "/error"),
    ]
    assert isinstance(roll_up_of([]), Clear)


def test_scans_are_scheduled_by_the_rules_and_by_what_waits() -> None:
    dev = EnvironmentKey(repository="7", environment="dev")
    rows = [
        row(),
        row(phase=Phase.SUSPECT, since=NOW),
        row(phase=Phase.ACKNOWLEDGED, finding=Finding.ERROR, until=NOW + DAY),
        row(phase=Phase.OPEN),
    ]
    found = schedules_of(dev, RULES, rows, {row().stack: NOW + CONFIRM})
    assert [(one.name, one.when) for one in found] == [
        ("scan", Every(interval=12 * CONFIRM)),
        ("confirm:web@eu-west-1:drift", At(instant=NOW + CONFIRM)),
        ("acknowledged:web@eu-west-1:error", At(instant=NOW + DAY)),
        ("cause:web@eu-west-1", At(instant=NOW + CONFIRM)),
    ]
    off = replace(RULES, scan=None)
    assert schedules_of(dev, off, rows) == ()
    (end,) = schedules_of(dev, off, [row(phase=Phase.OPEN, seen_at=NOW)])
    assert (end.name, end.when, end.missed) == ("end", At(instant=NOW), Missed.LEVEL)
