"""Which tagged objects are told as unmanaged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.drift.fingerprints import key_of
from gitbot.decisions.drift.strays import stray_differences
from gitbot.model.drift import Difference, Differs
from gitbot.model.names import RemoteId, StackId
from gitbot.model.observed import Found, Stray
from tests.unit.reconciler.planning_world import (
    BUCKET,
    STACK,
    deposed,
    power_intent,
    record,
    state,
)

WEB = replace(
    state(record("web", BUCKET, {}), deposed=(deposed("old", "op-1"),)),
    lineage="ours",
    intents=(replace(power_intent(record("web", BUCKET, {})), operation="begun"),),
)


def stray(**fields: Any) -> Stray:
    given = {"remote_id": RemoteId("b-9"), "lineage": "ours", "stack": "dev/web", "address": "web"}
    return Stray(type=BUCKET.name, found=Found(**{**given, **fields}))


def told(*strays: Stray) -> dict[StackId, tuple[Difference, ...]]:
    return dict(stray_differences(strays, replace(STACK, name=""), [WEB], {"new"}))


def test_an_object_that_no_state_knows_is_told_of_its_stack() -> None:
    ((stack, (one,)),) = told(stray()).items()
    assert stack == STACK
    assert (one.how, one.address, one.type, one.remote_id, one.detail) == (
        Differs.UNMANAGED,
        "web",
        BUCKET.name,
        "b-9",
        "",
    )


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"remote_id": RemoteId("id-web")}, id="recorded"),
        pytest.param({"remote_id": RemoteId("former-old")}, id="the old one of a replacement"),
        pytest.param({"operation": "begun"}, id="what an open intent made"),
        pytest.param({"lineage": "x", "stack": "dev/nobody"}, id="no stack and no state of ours"),
    ],
)
def test_what_is_known_or_is_not_ours_is_not_told(fields: dict[str, Any]) -> None:
    assert told(stray(**fields)) == {}


def test_an_object_of_another_state_is_told_with_the_remark_that_it_may_be_anothers() -> None:
    found = told(stray(lineage="theirs"), stray(lineage=None, stack="dev/new"))
    assert {stack.name for stack in found} == {"web", "new"}
    assert all("another gitbot" in one.detail for some in found.values() for one in some)


def test_an_object_of_a_stack_that_is_gone_is_told_by_its_lineage() -> None:
    assert {stack.name for stack in told(stray(stack="dev/former"))} == {"former"}


def test_two_objects_of_one_address_are_told_apart() -> None:
    ((_, both),) = told(stray(), stray(remote_id=RemoteId("b-8"), address=None)).items()
    assert [one.address for one in both] == ["web", "b-8"]
    ((_, both),) = told(stray(), stray(remote_id=RemoteId("b-8"))).items()
    assert len({key_of(one) for one in both}) == 2
