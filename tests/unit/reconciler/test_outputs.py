"""Tests of one kind: nobody changed anything, and the apply was held.

The value of an output moves by itself, as a public address does when a machine starts again.
"""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.model.desired import DesiredOutput
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedOutput
from gitbot.reconciler.outputs import definition_hash
from tests.unit.reconciler.planning_world import (
    MACHINE,
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

IP = DesiredOutput(value=unknown("${vm.PublicIp}"))
DNS = DesiredOutput(value=unknown("${vm.InstanceId}"))


def planned(
    address: str, output: DesiredOutput = IP, recorded: RecordedOutput | None = None
) -> Plan:
    """The plan of a machine whose public address is this, with one output of that name."""
    outputs = {} if recorded is None else {"ip": recorded}
    return plan_of(
        stack(resource("vm", MACHINE, {"Size": "s"}), outputs={"ip": output}),
        state(record("vm", MACHINE, {"Size": "s"}), outputs=outputs),
        present("vm", Size="s", PublicIp=address, InstanceId="i-1"),
    )


BEFORE = RecordedOutput(value="192.0.2.1", definition=definition_hash(IP, REDACT))


def test_an_address_that_moved_overnight_is_shown_and_not_in_the_digest() -> None:
    moved, same = planned("192.0.2.9", IP, BEFORE), planned("192.0.2.1", IP, BEFORE)
    (output,) = moved.outputs
    assert (output.before, output.after, output.moved) == ("192.0.2.1", "192.0.2.9", True)
    assert same.outputs == ()
    assert moved.digest == same.digest


def test_a_new_output_counts_by_its_expression_whatever_it_gives_now() -> None:
    assert planned("192.0.2.1").digest == planned("192.0.2.9").digest
    assert planned("192.0.2.1").digest != planned("192.0.2.1", DNS).digest


@pytest.mark.parametrize(
    ("output", "recorded"),
    [
        pytest.param(DNS, {"definition": definition_hash(IP, REDACT)}, id="another expression"),
        pytest.param(IP, {"definition": ""}, id="an earlier version recorded no definition"),
        pytest.param(
            IP,
            {"definition": definition_hash(IP, REDACT), "sensitive": True},
            id="it is no longer sensitive",
        ),
    ],
)
def test_an_output_that_the_spec_makes_otherwise_is_in_the_digest(
    output: DesiredOutput, recorded: dict[str, Any]
) -> None:
    plan = planned("192.0.2.9", output, RecordedOutput(value="192.0.2.1", **recorded))
    assert [each.moved for each in plan.outputs] == [False]
    assert plan.digest != planned("192.0.2.1", IP, BEFORE).digest
    assert not change_of(plan, "vm").does_something
