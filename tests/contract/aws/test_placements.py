"""Machines with a placement: choices are tried in order, and only after a refusal for room."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.errors import CloudError, GitbotError
from gitbot.model.observed import Making
from gitbot.model.placement import PLACEMENT
from gitbot.model.schema import Route
from gitbot_sandbox.aws.faults import Fault, FaultKind
from tests.contract.aws.cases.case import AMI
from tests.contract.aws.world import ADDRESS, TOKEN, AwsWorld

INSTANCE = "AWS::EC2::Instance"
NO_ROOM = (
    "InsufficientInstanceCapacity",
    "SpotMaxPriceTooLow",
    "MaxSpotInstanceCountExceeded",
    "Unsupported",
)


def spec(**placement: Any) -> dict[str, Any]:
    return {"ImageId": AMI, PLACEMENT: placement}


def refuse(world: AwsWorld, text: str, code: str, **fields: Any) -> None:
    """Let EC2 refuse launches with this text in their parameters."""
    fault = {
        "kind": FaultKind.ERROR,
        "service": "ec2",
        "operation": "RunInstances",
        "status": 500 if code.startswith("Insufficient") else 400,
        "code": code,
        "containing": text,
        "count": None,
    }
    world.aws.inject(Fault(**(fault | fields)))


def machines(world: AwsWorld) -> list[dict[str, Any]]:
    reservations = world.aws.client("ec2").describe_instances()["Reservations"]
    return [one for each in reservations for one in each["Instances"]]


def launches(world: AwsWorld) -> int:
    return sum(call.operation == "RunInstances" for call in world.aws.calls)


CHOICES = {
    "spot": True,
    "instanceTypes": ["g5.xlarge", "g4dn.xlarge"],
    "zones": ["us-east-1a", "us-east-1b"],
}


@pytest.mark.parametrize("code", NO_ROOM)
def test_the_next_choice_is_taken_where_there_is_no_room(world: AwsWorld, code: str) -> None:
    refuse(world, "g5.xlarge", code)
    refuse(world, "us-east-1a", code)
    told: list[str] = []
    remote_id = world.create(INSTANCE, spec(**CHOICES), watch=told.append)
    [machine] = machines(world)
    assert machine["InstanceId"] == remote_id
    assert (machine["InstanceType"], machine["Placement"]["AvailabilityZone"]) == (
        "g4dn.xlarge",
        "us-east-1b",
    )
    assert machine["InstanceLifecycle"] == "spot"
    assert launches(world) == 4
    assert told == [
        f"AWS has no room for g5.xlarge on spot in us-east-1a ({code})",
        f"AWS has no room for g5.xlarge on spot in us-east-1b ({code})",
        f"AWS has no room for g4dn.xlarge on spot in us-east-1a ({code})",
        f"{remote_id} is started as g4dn.xlarge on spot in us-east-1b",
    ]
    shown = world.properties(INSTANCE, remote_id)
    assert (shown["gitbot:market"], shown["InstanceType"]) == ("spot", "g4dn.xlarge")
    assert world.differences(INSTANCE, remote_id, spec(**CHOICES)) == ()


def test_on_demand_comes_after_spot_and_subnets_are_choices_too(world: AwsWorld) -> None:
    subnets = world.aws.client("ec2").describe_subnets()["Subnets"]
    by_zone = {one["AvailabilityZone"]: one["SubnetId"] for one in subnets}
    given = {
        "spot": True,
        "onDemand": True,
        "subnets": [by_zone["us-east-1a"], by_zone["us-east-1b"]],
    }
    refuse(world, "InstanceMarketOptions", "InsufficientInstanceCapacity")
    refuse(world, by_zone["us-east-1a"], "InsufficientInstanceCapacity")
    remote_id = world.create(INSTANCE, {**spec(**given), "InstanceType": "t3.micro"})
    [machine] = machines(world)
    assert machine["SubnetId"] == by_zone["us-east-1b"]
    assert "InstanceLifecycle" not in machine
    assert world.properties(INSTANCE, remote_id)["gitbot:market"] == "on-demand"


def test_without_room_anywhere_the_error_names_every_choice(world: AwsWorld) -> None:
    refuse(world, "", "InsufficientInstanceCapacity")
    with pytest.raises(CloudError) as refused:
        world.cloud.create(world.operation(INSTANCE, spec(**CHOICES)))
    assert refused.value.code == "InsufficientInstanceCapacity"
    for type_ in CHOICES["instanceTypes"]:
        for zone in CHOICES["zones"]:
            words = f"{type_} on spot in {zone} (InsufficientInstanceCapacity)"
            assert words in str(refused.value)
    assert machines(world) == []
    assert launches(world) == 4


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "InvalidAMIID.NotFound"])
def test_another_refusal_ends_it_at_once(world: AwsWorld, code: str) -> None:
    refuse(world, "", code)
    with pytest.raises(CloudError):
        world.cloud.create(world.operation(INSTANCE, spec(**CHOICES)))
    assert launches(world) == 1


def test_an_unclear_answer_takes_no_other_choice(world: AwsWorld) -> None:
    """The first call may have started a machine."""
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation="RunInstances", count=None))
    with pytest.raises(GitbotError):
        world.cloud.create(world.operation(INSTANCE, spec(**CHOICES)))
    world.aws.clear_faults()
    assert {one["InstanceType"] for one in machines(world)} == {"g5.xlarge"}
    assert len(machines(world)) == 1


def test_the_machine_is_found_by_its_operation_whichever_choice_was_taken(world: AwsWorld) -> None:
    refuse(world, "g5.xlarge", "InsufficientInstanceCapacity")
    operation = world.operation(INSTANCE, spec(**CHOICES))
    remote_id = world.cloud.create(operation)
    found = world.cloud.find(operation)
    assert found is not None
    assert (found.remote_id, found.operation) == (remote_id, TOKEN)
    world.aws.clear_faults()


def test_a_type_among_the_choices_that_the_region_lacks_is_told_in_the_plan(
    world: AwsWorld,
) -> None:
    making = Making(
        address=ADDRESS,
        type=INSTANCE,
        route=Route.NATIVE,
        properties=spec(instanceTypes=["g5.xlarge", "g5.xlargo"]),
    )
    [objection] = world.cloud.objections([making])
    assert "no instance type `g5.xlargo`" in objection.why
