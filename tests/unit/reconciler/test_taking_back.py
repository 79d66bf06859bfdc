"""An old object that is still to be deleted gets its address back when the spec wants it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId
from gitbot.model.recorded import Deposed, RecordedResource, RecordedStack
from gitbot.model.schema import Route, TypeSchema
from gitbot.model.values import Unknown
from gitbot.reconciler.taking_back import taken_back
from tests.unit.reconciler.planning_world import (
    REDACT,
    power_intent,
    record,
    resource,
    stack,
    state,
)

NET = TypeSchema(name="Test::Net", route=Route.NATIVE, create_only=("/Block", "/Vpc"))
SCHEMAS = {NET.name: NET}.get
OLD, NEW = {"Block": "10.0.1.0/24", "Vpc": "vpc-1"}, {"Block": "10.0.2.0/24", "Vpc": "vpc-1"}


def one(name: str, properties: Mapping[str, Any]) -> RecordedResource:
    found = record("net", NET, dict(properties))
    return replace(found, remote_id=RemoteId(name), attributes=dict(properties))


def half_way(*olds: RecordedResource) -> RecordedStack:
    """The state after a replacement whose old objects could not be deleted."""
    deposed = tuple(Deposed(resource=old, operation=f"of {old.remote_id}") for old in olds)
    return replace(state(one("new", NEW)), deposed=deposed)


def ids(found: RecordedStack) -> tuple[str, list[str]]:
    return found.resources[Address("net")].remote_id, [
        each.resource.remote_id for each in found.deposed
    ]


@pytest.mark.parametrize(
    ("wanted", "olds", "expected"),
    [
        pytest.param(OLD, [one("old", OLD)], ("old", ["new"]), id="it is wanted again"),
        pytest.param(NEW, [one("old", OLD)], ("new", ["old"]), id="the new one is wanted"),
        pytest.param(
            {**OLD, "Block": "10.0.3.0/24"}, [one("old", OLD)], ("new", ["old"]), id="neither"
        ),
        pytest.param(
            {**OLD, "Vpc": Unknown(template="${vpc.VpcId}")},
            [one("old", OLD)],
            ("old", ["new"]),
            id="what is not known decides nothing",
        ),
        pytest.param(
            OLD,
            [one("older", OLD), one("old", OLD)],
            ("old", ["older", "new"]),
            id="the newest of several",
        ),
        pytest.param(
            OLD,
            [one("older", OLD), one("old", {**OLD, "Vpc": "vpc-2"})],
            ("older", ["old", "new"]),
            id="the one that fits",
        ),
        pytest.param(
            OLD,
            [replace(one("old", OLD), tainted=True)],
            ("new", ["old"]),
            id="one that did not get ready stays away",
        ),
    ],
)
def test_an_object_is_taken_back_if_the_present_one_would_be_replaced(
    wanted: Mapping[str, Any], olds: list[RecordedResource], expected: tuple[str, list[str]]
) -> None:
    desired = stack(resource("net", NET, dict(wanted)))
    before = half_way(*olds)
    after = taken_back(before, desired, SCHEMAS, REDACT)
    assert ids(after) == expected
    assert (after is before) == (expected[0] == "new")
    assert len({each.operation for each in after.deposed}) == len(after.deposed)
    assert taken_back(after, desired, SCHEMAS, REDACT) is after


def test_nothing_is_taken_back_of_a_stack_that_ends_or_that_an_apply_left_open() -> None:
    before = half_way(one("old", OLD))
    assert taken_back(before, None, SCHEMAS, REDACT) is before
    intent = power_intent(before.resources[Address("net")])
    opened = replace(before, intents=(intent,))
    desired = stack(resource("net", NET, dict(OLD)))
    assert taken_back(opened, desired, SCHEMAS, REDACT) is opened
