"""What is put back without asking, when, and that nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from gitbot.decisions.drift.healing import (
    FIRST_PAUSE,
    due_heals,
    healable,
    healing,
    may_heal_at,
    reports_until,
)
from gitbot.model.drift import Difference, Differs, Finding, HealRule, Phase
from gitbot.model.plan import Action, Plan
from gitbot.reconciler.drift import differences
from tests.unit.decisions.drift.drift_by_hand import MINUTE, NOW, difference, row
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    MACHINE,
    REDACT,
    TYPES,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

TAGS = HealRule(types=("Test::Bucket", "Test::Group"), paths=("/Tags",))
ALL = HealRule(types=tuple(TYPES), paths=("/Tags", "/Ingress", "/Versioning", "/Size", "/Image"))
HOUR = 60 * MINUTE


def tag(address: str = "web", **fields: Any) -> Difference:
    return difference(address, **{"type": "Test::Bucket", **fields})


@pytest.mark.parametrize(
    ("found", "rules", "healed"),
    [
        pytest.param([tag()], [], 0, id="nothing unless it is listed"),
        pytest.param([tag()], [TAGS], 1, id="listed"),
        pytest.param([tag(type="Test::Machine")], [TAGS], 0, id="another type"),
        pytest.param([tag(type="Test::Unknown")], [ALL], 0, id="a type that nobody knows"),
        pytest.param([tag(path="/TagsToo")], [TAGS], 0, id="another path"),
        pytest.param([tag(how=Differs.ADDED), tag(path="/Tags/b")], [TAGS], 2, id="several"),
        pytest.param([tag(), tag(path="/Versioning/Status")], [TAGS], 0, id="all of a resource"),
        pytest.param([tag(), tag("b", path="/Versioning")], [TAGS], 1, id="each resource alone"),
        pytest.param([tag(path="/Versioning/Status")], [ALL], 0, id="of a stateful type only tags"),
        pytest.param([tag(path="", how=Differs.GONE)], [ALL], 0, id="no object is made again"),
        pytest.param([tag(path="", how=Differs.STOPPED)], [ALL], 0, id="no machine is started"),
        pytest.param([tag(path="/Ingress/-", type="Test::Group")], [ALL], 1, id="a rule"),
    ],
)
def test_only_what_is_listed_may_be_put_back(
    found: list[Difference], rules: list[HealRule], healed: int
) -> None:
    assert len(healable(found, rules, TYPES.get)) == healed


@pytest.mark.parametrize(
    ("heals", "at"),
    [
        pytest.param([], NOW, id="never yet"),
        pytest.param([NOW - MINUTE], NOW - MINUTE + FIRST_PAUSE, id="once"),
        pytest.param(
            [NOW - HOUR, NOW - MINUTE], NOW - MINUTE + 2 * FIRST_PAUSE, id="the pause doubles"
        ),
        pytest.param([NOW - 3 * HOUR, NOW - 2 * HOUR, NOW - HOUR], None, id="three in a day"),
        pytest.param(
            [NOW - 24 * HOUR, NOW - 2 * HOUR, NOW - HOUR],
            NOW - HOUR + 2 * FIRST_PAUSE,
            id="one was longer ago than a day",
        ),
    ],
)
def test_the_pauses_grow_and_after_three_in_a_day_it_is_only_reported(
    heals: list[datetime], at: datetime | None
) -> None:
    assert may_heal_at(heals, NOW) == at
    assert (reports_until(heals, NOW) is None) == (at is not None)


def test_it_is_reported_until_the_third_last_time_is_a_day_ago() -> None:
    heals = [NOW - hours * HOUR for hours in (1, 30, 3, 5, 8)]
    assert reports_until(heals, NOW) == NOW + 19 * HOUR
    assert may_heal_at(heals, NOW + 19 * HOUR) is not None


def test_only_open_rows_of_drift_are_healed() -> None:
    given = row(phase=Phase.OPEN, differences=(tag(),))
    others = [
        replace(given, phase=Phase.SUSPECT),
        replace(given, phase=Phase.ACKNOWLEDGED),
        replace(given, finding=Finding.ERROR),
        replace(given, differences=()),
    ]
    assert due_heals([given, *others], [TAGS], TYPES.get) == (given,)


def tagged(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


BUCKET_SAYS = {"BucketName": "b", "Tags": tagged(owner="ada")}
GROUP_SAYS = {"Description": "d", "Ingress": [{"Port": 443}]}
WANTED = stack(resource("web", BUCKET, BUCKET_SAYS), resource("ssh", GROUP, GROUP_SAYS))
STATE = state(record("web", BUCKET, BUCKET_SAYS), record("ssh", GROUP, GROUP_SAYS))


def healed(rules: list[HealRule], *, wanted: Any = WANTED, **now: dict[str, Any]) -> Plan | None:
    seen = {
        **present("web", **{**BUCKET_SAYS, **now.get("web", {})}),
        **present("ssh", **{**GROUP_SAYS, **now.get("ssh", {})}),
    }
    plan = plan_of(wanted, STATE, seen)
    found = differences(STATE, seen, TYPES.get, REDACT, ignored={})
    return healing(plan, found, rules, TYPES.get)


BOB = {"Tags": tagged(owner="bob")}
OPEN = {"Ingress": [{"Port": 443}, {"Port": 22}]}


def test_the_part_of_the_plan_that_may_be_done_is_done_and_nothing_else() -> None:
    part = healed([TAGS], web=BOB, ssh=OPEN)
    assert part is not None
    assert change_of(part, "web").action is Action.UPDATE
    assert [path.path for path in change_of(part, "web").paths] == ["/Tags/owner"]
    assert change_of(part, "ssh").action is Action.NOOP
    whole = healed([ALL], web=BOB, ssh=OPEN)
    assert whole is not None
    assert change_of(whole, "ssh").action is Action.UPDATE
    assert whole.digest != part.digest


def test_without_anything_to_put_back_there_is_no_plan() -> None:
    assert healed([TAGS]) is None
    assert healed([TAGS], ssh=OPEN) is None


def test_a_change_of_the_spec_that_was_not_applied_yet_is_for_people() -> None:
    changed = stack(
        resource("web", BUCKET, {**BUCKET_SAYS, "Tags": tagged(owner="eve")}),
        resource("ssh", GROUP, GROUP_SAYS),
    )
    assert healed([TAGS], wanted=changed, web=BOB) is None
    more = stack(
        resource("web", BUCKET, BUCKET_SAYS),
        resource("ssh", GROUP, {**GROUP_SAYS, "Ingress": [{"Port": 80}]}),
    )
    assert healed([TAGS], wanted=more, web=BOB) is None


def test_what_restarts_or_replaces_is_never_done() -> None:
    says = {"Image": "i", "Size": "s"}
    wanted = stack(resource("box", MACHINE, says))
    was = state(record("box", MACHINE, says))
    for moved in ({"Image": "j"}, {"Size": "l"}):
        seen = present("box", **{**says, **moved})
        plan = plan_of(wanted, was, seen)
        found = differences(was, seen, TYPES.get, REDACT, ignored={})
        assert healable(found, [ALL], TYPES.get) == found
        assert healing(plan, found, [ALL], TYPES.get) is None
