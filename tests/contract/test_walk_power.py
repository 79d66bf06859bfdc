"""A machine runs again after a change, also after a crash or a refusal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gitbot.model.cloud import Power
from gitbot.model.names import Address
from gitbot.model.plan import Action
from gitbot.model.recorded import Intent, IntentKind
from gitbot.render.plan_words import plan_headline
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.walk_death import KILLED, apply_until
from tests.contract.walk_world import WalkWorld, group, instance, ref, stack_of

TRAINER = Address("trainer")
SMALL = stack_of(group(), instance())
LARGE = stack_of(group(), instance(InstanceType="t3.large"))


def machine(world: WalkWorld) -> tuple[str, str, str]:
    """Identifier, power and type of the only instance."""
    [made] = world.instances()
    return made["InstanceId"], made["State"]["Name"], made["InstanceType"]


@pytest.mark.parametrize(
    "boundary",
    [
        "before cloud StopInstances",
        "after cloud StopInstances",
        "after cloud ModifyInstanceAttribute",
        "before cloud StartInstances",
    ],
)
def test_the_same_machine_runs_again_after_a_change_that_was_killed(
    world: WalkWorld, tmp_path: Path, boundary: str
) -> None:
    assert world.apply(SMALL).ok
    before, _, _ = machine(world)
    assert apply_until(world, tmp_path, LARGE, boundary) == KILLED
    # The plan of a pull request says what is owed, also where the properties are equal.
    owed = [change.address for change in world.plan(LARGE).changes if change.starts]
    assert owed == ([] if boundary == "before cloud StopInstances" else [TRAINER])
    with world.lease() as lease:
        world.recover(lease)
    assert machine(world) == (before, "running", "t3.large")
    assert not world.plan(LARGE).starts
    assert world.apply(LARGE).ok
    assert machine(world) == (before, "running", "t3.large")
    world.assert_state_is_the_cloud()
    assert world.plan(LARGE).empty


def refuse(world: WalkWorld, operation: str, code: str, count: int | None = None) -> None:
    status = 500 if code == "InsufficientInstanceCapacity" else 400  # as EC2 answers
    world.aws.inject(
        Fault(kind=FaultKind.ERROR, operation=operation, status=status, code=code, count=count)
    )


def power_goals(world: WalkWorld) -> list[Power | None]:
    return [intent.power for intent in world.recorded().intents]


def test_a_machine_is_stopped_only_for_what_needs_it_and_then_runs_again(world: WalkWorld) -> None:
    world.apply(SMALL)
    before, _, _ = machine(world)
    world.aws.hold_instances(pending=1, stopping=1)
    world.aws.forget_calls()
    both = stack_of(group(), instance(InstanceType="t3.large", DisableApiTermination=True))
    assert world.apply(both).ok
    changes = ("StopInstances", "ModifyInstanceAttribute", "StartInstances")
    made = [call.operation for call in world.aws.calls if call.operation in changes]
    assert made == [
        "ModifyInstanceAttribute",
        "StopInstances",
        "ModifyInstanceAttribute",
        "StartInstances",
    ]
    assert machine(world) == (before, "running", "t3.large")
    [address] = {each["PrivateIpAddress"] for each in world.instances()}
    assert world.recorded().resources[TRAINER].attributes["PrivateIp"] == address
    assert world.recorded().resources[TRAINER].attributes["State"]["Name"] == "running"  # type: ignore[index,call-overload]


def test_a_change_that_needs_no_stop_stops_nothing(world: WalkWorld) -> None:
    world.apply(SMALL)
    world.aws.forget_calls()
    assert world.apply(stack_of(group(), instance(DisableApiTermination=True))).ok
    assert "StopInstances" not in [call.operation for call in world.aws.calls]


def test_a_machine_that_was_stopped_before_stays_stopped(world: WalkWorld) -> None:
    world.apply(SMALL)
    before, _, _ = machine(world)
    world.aws.client("ec2").stop_instances(InstanceIds=[before])
    assert world.apply(LARGE).ok
    assert machine(world) == (before, "stopped", "t3.large")
    assert world.plan(LARGE).empty


def test_a_machine_whose_change_is_refused_runs_again_as_it_was(world: WalkWorld) -> None:
    world.apply(SMALL)
    before, _, _ = machine(world)
    refuse(world, "ModifyInstanceAttribute", "InvalidInstanceAttributeValue")
    result = world.apply(LARGE)
    assert "InvalidInstanceAttributeValue" in result.failures[0].message
    assert machine(world) == (before, "running", "t3.micro")
    assert not world.recorded().intents
    world.aws.clear_faults()
    assert world.apply(LARGE).ok
    assert machine(world) == (before, "running", "t3.large")


def test_a_refused_start_is_reported_and_tried_again_by_every_apply(world: WalkWorld) -> None:
    world.apply(SMALL)
    before, _, _ = machine(world)
    refuse(world, "StartInstances", "InsufficientInstanceCapacity")
    [failure] = world.apply(LARGE).failures
    assert "it is changed, but" in failure.message
    assert "declare a new machine there" in failure.message
    assert "internal error" not in failure.message
    assert "stopped and could not be started again" in failure.message
    assert power_goals(world) == [Power.RUNNING]
    # The properties are equal now; that the machine must run is remembered and planned all the same.
    assert plan_headline(world.plan(LARGE)) == "1 to start"
    [failure] = world.apply(LARGE).failures
    assert "must be running and is not" in failure.message
    assert "has no capacity" in failure.message
    assert not world.recorded().complete
    world.aws.clear_faults()
    assert world.apply(LARGE).ok
    assert machine(world) == (before, "running", "t3.large")
    world.assert_state_is_the_cloud()


def test_the_outputs_of_a_planned_start_are_those_of_the_machine_that_runs(
    world: WalkWorld,
) -> None:
    """The kind: an output that a start changes is read after the start, not with the plan."""
    small, large = (
        stack_of(*each.resources.values(), power=ref("${trainer.State.Name}"))
        for each in (SMALL, LARGE)
    )
    world.apply(small)
    # The apply and the recovery of the next one are refused; the walk itself starts the machine.
    refuse(world, "StartInstances", "InsufficientInstanceCapacity", count=2)
    assert not world.apply(large).ok
    result = world.apply(large)
    assert result.ok, result.failures
    assert result.outputs == {"power": "running"}
    assert world.plan(large).empty


def test_a_machine_that_is_only_taken_out_of_state_runs_again_as_planned(world: WalkWorld) -> None:
    kept = {"lifecycle": {"retain": True}}
    world.apply(stack_of(group(), instance(**kept)))
    refuse(world, "StartInstances", "InsufficientInstanceCapacity", count=2)
    assert not world.apply(stack_of(group(), instance(InstanceType="t3.large", **kept))).ok
    [change] = [one for one in world.plan(stack_of(group())).changes if one.address == TRAINER]
    assert (change.action, change.starts) == (Action.FORGET, True)
    result = world.apply(stack_of(group()))
    assert result.ok, result.failures
    assert machine(world)[1] == "running"
    assert not world.recorded().intents


def test_changing_its_type_can_help_a_machine_that_could_not_be_started(world: WalkWorld) -> None:
    world.apply(SMALL)
    before, _, _ = machine(world)
    refuse(world, "StartInstances", "InsufficientInstanceCapacity", count=2)
    assert not world.apply(LARGE).ok
    result = world.apply(stack_of(group(), instance(InstanceType="t3.medium")))
    assert result.ok, result.failures
    assert machine(world) == (before, "running", "t3.medium")
    world.assert_state_is_the_cloud()


def test_a_refused_change_and_a_refused_start_are_both_reported(world: WalkWorld) -> None:
    world.apply(SMALL)
    refuse(world, "ModifyInstanceAttribute", "InvalidInstanceAttributeValue")
    refuse(world, "StartInstances", "InsufficientInstanceCapacity")
    [failure] = world.apply(LARGE).failures
    assert "InvalidInstanceAttributeValue" in failure.message
    assert "has no capacity" in failure.message
    world.aws.clear_faults()
    with world.lease() as lease:
        world.recover(lease)
    assert machine(world)[1:] == ("running", "t3.micro")


def test_a_destroyed_machine_needs_no_power(world: WalkWorld) -> None:
    world.apply(SMALL)
    refuse(world, "StartInstances", "InsufficientInstanceCapacity")
    assert not world.apply(LARGE).ok
    result = world.apply(None)
    assert result.ok, result.failures
    assert world.recorded().empty


def test_recovery_does_not_wait_for_a_machine_that_is_gone(world: WalkWorld) -> None:
    world.apply(SMALL)
    before, _, _ = machine(world)
    refuse(world, "StartInstances", "InsufficientInstanceCapacity")
    world.apply(LARGE)
    world.aws.client("ec2").terminate_instances(InstanceIds=[before])
    with world.lease() as lease:
        assert not world.recover(lease).intents


def test_an_update_whose_answer_is_lost_is_finished_by_recovery(world: WalkWorld) -> None:
    world.apply(SMALL)
    before, _, _ = machine(world)
    world.aws.inject(
        Fault(kind=FaultKind.LOST_REQUEST, operation="ModifyInstanceAttribute", count=None)
    )
    assert not world.apply(LARGE).ok
    assert machine(world)[1] == "running"
    assert [intent.kind for intent in world.recorded().intents] == [IntentKind.UPDATE]
    world.aws.clear_faults()
    with world.lease() as lease:
        world.recover(lease)
    assert machine(world) == (before, "running", "t3.large")
    assert world.plan(LARGE).empty


@pytest.mark.parametrize(
    ("goal", "found"), [(Power.STOPPED, "stopped"), (Power.RUNNING, "running")]
)
def test_recovery_gives_a_machine_the_power_that_was_announced(
    world: WalkWorld, goal: Power, found: str
) -> None:
    world.apply(SMALL)
    before, _, _ = machine(world)
    now = world.clock.now()
    with world.lease() as lease:
        intent = Intent(
            operation="op-power",
            kind=IntentKind.POWER,
            address=TRAINER,
            resource=world.recorded().resources[TRAINER],
            remote_id=world.recorded().resources[TRAINER].remote_id,
            epoch=lease().epoch,
            begun_at=now,
            deadline=now + timedelta(minutes=1),
            power=goal,
        )
        world.store.begin(lease(), world.recorded().id, world.recorded().lineage, intent)
        for _ in range(2):
            state = world.recover(lease)
    assert machine(world)[:2] == (before, found)
    assert state.resources[TRAINER].attributes["State"]["Name"] == found  # type: ignore[index,call-overload]
    assert not state.intents
