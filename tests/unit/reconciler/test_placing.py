"""A placement: its choices in order and in words, and the machine that is one of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.model.placement import (
    MARKET,
    ON_DEMAND,
    PLACEMENT,
    SPOT,
    Kind,
    candidates,
    rank,
    sentence,
    taken,
)
from gitbot.model.plan import Action, Plan
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.reconciler.planning_world import (
    absent,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

KIND = Kind(size="InstanceType", subnet="SubnetId", zone="AvailabilityZone")
IMAGE = {"ImageId": "ami-1"}
CATALOG = open_catalog()
MACHINE = CATALOG.lookup("AWS::EC2::Instance")
assert MACHINE is not None
NET = unknown("${net.SubnetId}", net={"SubnetId": None})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param({"spot": True}, "the declared type on spot", id="spot alone"),
        pytest.param(
            {"spot": True, "instanceTypes": ["a", "b"], "zones": ["x", "y"]},
            "first a on spot in x, then a on spot in y, then b on spot in x, then b on spot in y",
            id="all places of a type come before the next type",
        ),
        pytest.param(
            {"spot": True, "onDemand": True, "instanceTypes": ["a", "b"]},
            "first a on spot, then b on spot, then a on demand, then b on demand",
            id="on demand comes last",
        ),
        pytest.param({"instanceTypes": ["a"]}, "a on demand", id="on demand"),
        pytest.param(
            {"subnets": ["subnet-1", NET]},
            "first the declared type on demand in subnet-1, then the declared type on demand in "
            "${net.SubnetId}",
            id="an unknown subnet stands as its expression",
        ),
        pytest.param(
            {"subnets": NET}, "the declared type on demand in ${net.SubnetId}", id="an unknown list"
        ),
    ],
)
def test_a_placement_is_told_in_the_order_in_which_it_is_tried(
    given: Mapping[str, Any], words: str
) -> None:
    assert sentence(given, KIND) == words
    assert len(candidates(given, KIND)) == words.count("then") + 1


def seen(size: str, zone: str = "x", *, spot: bool = True) -> dict[str, Any]:
    market = SPOT if spot else ON_DEMAND
    return {"InstanceType": size, "AvailabilityZone": zone, "SubnetId": f"s-{zone}", MARKET: market}


@pytest.mark.parametrize(
    ("given", "machine", "number"),
    [
        ({"spot": True, "instanceTypes": ["a", "b"]}, seen("b"), 2),
        ({"spot": True, "instanceTypes": ["a", "b"]}, seen("c"), None),
        ({"spot": True, "instanceTypes": ["a", "b"]}, seen("b", spot=False), None),
        ({"spot": True, "onDemand": True}, seen("b", spot=False), 2),
        ({"instanceTypes": ["a"], "zones": ["x"]}, seen("a", "y", spot=False), None),
        ({"instanceTypes": ["a"], "subnets": ["s-x"]}, seen("a", "x", spot=False), 1),
    ],
)
def test_a_machine_has_a_place_among_the_choices_or_none(
    given: Mapping[str, Any], machine: Mapping[str, Any], number: int | None
) -> None:
    assert rank(given, machine, KIND) == number


def test_the_machine_is_told_with_its_zone() -> None:
    assert taken(seen("a", "x"), KIND) == "a on spot in x"


def planned(
    given: Mapping[str, Any],
    recorded: Mapping[str, Any] | None,
    machine: Mapping[str, Any],
    **more: Any,
) -> Plan:
    """The plan for a machine that was made with the recorded placement."""
    wanted = resource("trainer", MACHINE, {**IMAGE, **more, PLACEMENT: given})
    was = {} if recorded is None else {PLACEMENT: recorded}
    before = record("trainer", MACHINE, {**IMAGE, **was})
    return plan_of(
        stack(wanted),
        state(before),
        present("trainer", **IMAGE, **machine),
        schemas=CATALOG.lookup,
    )


FIRST = {"spot": True, "instanceTypes": ["a", "b"], "zones": ["x"]}


def test_whichever_choice_was_taken_is_no_change_and_no_drift() -> None:
    for size in "ab":
        plan = planned(FIRST, FIRST, seen(size))
        assert plan.empty
        assert plan.drift == ()


def test_other_choices_that_name_the_machine_change_the_setting_alone() -> None:
    plan = planned({**FIRST, "instanceTypes": ["b"]}, FIRST, seen("b"))
    change = change_of(plan, "trainer")
    assert change.action is Action.NOOP
    [setting] = change.settings
    assert (setting.name, setting.before, setting.after) == (
        "placement",
        "first a on spot in x, then b on spot in x",
        "b on spot in x",
    )
    assert "It runs as b on spot in x, choice 1 of its placement." in change.reasons


def test_a_machine_that_is_no_choice_any_more_is_replaced() -> None:
    plan = planned({**FIRST, "instanceTypes": ["c"]}, FIRST, seen("b"))
    change = change_of(plan, "trainer")
    assert change.action is Action.REPLACE
    [path] = change.paths
    assert (path.path, path.before, path.after) == (
        "/placement",
        "b on spot in x",
        "c on spot in x",
    )
    assert (
        "It runs as b on spot in x, and that is no choice of its placement any more."
        in change.reasons
    )


def test_a_machine_that_is_made_again_names_all_its_choices() -> None:
    """They are recorded already, so no setting tells them."""
    told = "It is started as what AWS has room for: first a on spot in x, then b on spot in x."
    before = record("trainer", MACHINE, {**IMAGE, PLACEMENT: FIRST})
    wanted = resource("trainer", MACHINE, {**IMAGE, PLACEMENT: FIRST})
    for recorded, number in ((state(before), 1), (state(), 0)):
        plan = plan_of(stack(wanted), recorded, absent("trainer"), schemas=CATALOG.lookup)
        change = change_of(plan, "trainer")
        assert change.action is Action.CREATE
        assert change.reasons.count(told) == number
        assert len(change.settings) == 1 - number


def test_a_machine_that_somebody_changed_is_drift() -> None:
    assert planned(FIRST, FIRST, seen("m5.large")).drift[0].paths[0].path == "/placement"


def test_a_place_that_is_not_known_yet_may_replace_the_machine() -> None:
    given = {"spot": True, "subnets": [NET]}
    change = change_of(planned(given, {"spot": True, "subnets": ["s-x"]}, seen("a")), "trainer")
    assert change.action is Action.REPLACE
    assert change.paths[0].may_force
    stays = planned({"spot": True, "subnets": ["s-x", NET]}, given, seen("a"))
    assert change_of(stays, "trainer").action is Action.NOOP


def test_what_needs_a_stop_replaces_a_machine_on_spot() -> None:
    """AWS stops no machine of a one-time request."""
    for spot, action in ((True, Action.REPLACE), (False, Action.UPDATE)):
        given = {"spot": True, "onDemand": True, "instanceTypes": ["a"]}
        plan = planned(given, given, seen("a", spot=spot), UserData="IyE=")
        assert change_of(plan, "trainer").action is action


def test_the_choices_are_in_the_digest_as_they_are_told() -> None:
    def create(**given: Any) -> Plan:
        return plan_of(
            stack(resource("trainer", MACHINE, {**IMAGE, PLACEMENT: given})), schemas=CATALOG.lookup
        )

    one = create(spot=True, instanceTypes=["a", "b"])
    assert one.digest == create(spot=True, instanceTypes=["a", "b"]).digest
    for other in (["b", "a"], ["a"]):
        assert create(spot=True, instanceTypes=other).digest != one.digest
    assert create(instanceTypes=["a", "b"]).digest != one.digest
    [setting] = change_of(one, "trainer").settings
    assert setting.after == "first a on spot, then b on spot"
