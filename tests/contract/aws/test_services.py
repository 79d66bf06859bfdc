"""What only services of ECS do: deployments that take time, fail and are taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gitbot.errors import CloudError
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.ecs import CASES
from tests.contract.aws.world import AwsWorld

SERVICE, TASKS = "AWS::ECS::Service", "AWS::ECS::TaskDefinition"
FULL = {one.type: one.full for one in CASES}
CHANGES = {one.type: one.changes for one in CASES}
BROKEN = "ECS deployment circuit breaker: tasks failed to start."
DEPLOYED = (
    *("TaskDefinition", "NetworkConfiguration", "PlatformVersion", "LoadBalancers"),
    *("ServiceRegistries", "ServiceConnectConfiguration", "VolumeConfigurations"),
)


@pytest.fixture(autouse=True)
def at_once_afterwards() -> Iterator[None]:
    """Let no object of another test take time."""
    yield
    hold()


def changed(world: AwsWorld, *names: str) -> dict[str, Any]:
    """The full spec with these properties changed."""
    return {**FULL[SERVICE](world), **{name: CHANGES[SERVICE](world)[name] for name in names}}


@pytest.mark.parametrize("name", DEPLOYED)
def test_a_deployment_that_is_rolled_back_is_an_error_whatever_was_changed(
    world: AwsWorld, name: str
) -> None:
    """The kind: the service is as it was afterwards, so that all seems well."""
    spec = FULL[SERVICE](world)
    made = world.create(SERVICE, spec)
    hold(describes=2, fails=BROKEN)
    with pytest.raises(CloudError, match=f"was rolled back: {BROKEN}"):
        world.update(SERVICE, made, spec, changed(world, name))
    assert world.differences(SERVICE, made, spec) == ()


def test_a_deployment_that_was_rolled_back_fails_no_later_update(world: AwsWorld) -> None:
    spec = FULL[SERVICE](world)
    made = world.create(SERVICE, spec)
    hold(fails=BROKEN)
    with pytest.raises(CloudError, match="was rolled back"):
        world.update(SERVICE, made, spec, changed(world, "TaskDefinition"))
    hold()
    more = {**spec, "DesiredCount": 5}
    world.update(SERVICE, made, spec, more)
    after = {**changed(world, "TaskDefinition", "NetworkConfiguration"), "DesiredCount": 5}
    world.update(SERVICE, made, more, after)
    assert world.differences(SERVICE, made, after) == ()


def test_a_service_whose_first_deployment_fails_says_why(world: AwsWorld) -> None:
    hold(describes=1, fails=BROKEN)
    with pytest.raises(CloudError, match=f"cannot be used: {BROKEN}"):
        world.create(SERVICE, FULL[SERVICE](world))


@pytest.mark.parametrize("access", [{"IAM": "ENABLED"}, {"AccessPointId": "fsap-1"}])
def test_a_volume_is_shown_as_a_spec_has_it(world: AwsWorld, access: dict[str, str]) -> None:
    """The kind: names of the API, and values that are none, are in the spec that adopting writes."""
    efs = {"FilesystemId": "fs-0123456789abcdef0", "AuthorizationConfig": access}
    volumes = [{"Name": "data", "EFSVolumeConfiguration": efs}, {"Name": "scratch"}]
    made = world.create(TASKS, {**FULL[TASKS](world), "Volumes": volumes})
    shown = [{"Name": "data", "EFSVolumeConfiguration": {**efs, "RootDirectory": "/"}}, volumes[1]]
    assert world.properties(TASKS, made)["Volumes"] == shown


@pytest.mark.parametrize("memory", [{"MemoryReservation": 50}, {"Memory": 50}, {}])
def test_a_container_on_a_machine_may_reserve_memory_without_a_limit(
    world: AwsWorld, memory: dict[str, int]
) -> None:
    container = {"Name": "router", "Image": "fluentbit", **memory}
    spec = {"RequiresCompatibilities": ["EC2"], "ContainerDefinitions": [container]}
    if not memory:
        with pytest.raises(CloudError, match="At least one of 'memory' or 'memoryReservation'"):
            world.create(TASKS, spec)
        return
    made = world.create(TASKS, spec)
    assert world.differences(TASKS, made, spec) == ()
