"""What only SageMaker's types do: deployments that take time or fail, and notebooks that must stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.sagemaker.models import sagemaker_backends

from gitbot.errors import CloudError
from gitbot.model.cloud import Power
from gitbot.model.names import RemoteId
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.sagemaker import ROLE, config, features, group, steps
from tests.contract.aws.world import AwsWorld

pytestmark = pytest.mark.usefixtures("at_once_afterwards")
ENDPOINT, NOTEBOOK = "AWS::SageMaker::Endpoint", "AWS::SageMaker::NotebookInstance"
GROUP = "AWS::SageMaker::ModelPackageGroup"
PIPELINE, FEATURES = "AWS::SageMaker::Pipeline", "AWS::SageMaker::FeatureGroup"
PING = "The primary container did not pass the ping health check."
SMALL: dict[str, Any] = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE}
LARGE: dict[str, Any] = {**SMALL, "InstanceType": "ml.g5.xlarge"}


@pytest.fixture
def at_once_afterwards() -> Iterator[None]:
    """Let no object of another test take time."""
    yield
    hold()


def endpoint(world: AwsWorld, arn: str) -> dict[str, Any]:
    return dict(world.aws.client("sagemaker").describe_endpoint(EndpointName=arn.split("/")[1]))


def power(world: AwsWorld, notebook: RemoteId) -> Power | None:
    return world.cloud.power(world.operation(NOTEBOOK, SMALL), notebook)


def test_an_endpoint_is_made_and_updated_only_when_it_is_in_service(world: AwsWorld) -> None:
    hold(describes=2)
    one = {"EndpointConfigName": config(world, "first")}
    made = world.create(ENDPOINT, one)
    assert endpoint(world, made)["EndpointStatus"] == "InService"
    other = {"EndpointConfigName": config(world, "second")}
    world.update(ENDPOINT, made, one, other)
    shown = endpoint(world, made)
    assert (shown["EndpointStatus"], shown["EndpointConfigName"]) == ("InService", "second")


def test_an_endpoint_that_is_still_being_updated_is_updated_and_deleted_afterwards(
    world: AwsWorld,
) -> None:
    """The kind: an apply after a crash, which meets what the one before began."""
    one = {"EndpointConfigName": config(world, "first")}
    made = world.create(ENDPOINT, one)
    hold(describes=3)
    client = world.aws.client("sagemaker")
    name = made.rpartition("/")[2]
    client.update_endpoint(EndpointName=name, EndpointConfigName=config(world, "second"))
    world.update(ENDPOINT, made, one, {"EndpointConfigName": config(world, "third")})
    assert endpoint(world, made)["EndpointConfigName"] == "third"
    client.update_endpoint(EndpointName=name, EndpointConfigName="first")
    world.cloud.delete(world.operation(ENDPOINT, one), made)
    assert world.is_absent(ENDPOINT, made)


def test_an_endpoint_that_fails_says_why(world: AwsWorld) -> None:
    hold(describes=1, fails=PING)
    one = {"EndpointConfigName": config(world, "first")}
    with pytest.raises(CloudError, match=f"cannot be used: {PING}"):
        world.create(ENDPOINT, one)


def test_an_update_that_is_rolled_back_is_an_error_with_the_reason(world: AwsWorld) -> None:
    """The kind: the endpoint is in service afterwards, so that all seems well."""
    one = {"EndpointConfigName": config(world, "first")}
    made = world.create(ENDPOINT, one)
    hold(describes=1, fails=PING)
    with pytest.raises(CloudError, match=f"was rolled back: {PING}"):
        world.update(ENDPOINT, made, one, {"EndpointConfigName": config(world, "second")})
    assert world.differences(ENDPOINT, made, one) == ()


def test_how_to_deploy_is_no_reason_to_deploy(world: AwsWorld) -> None:
    one = {"EndpointConfigName": config(world, "first"), "RetainAllVariantProperties": True}
    made = world.create(ENDPOINT, one)
    world.update(ENDPOINT, made, one, {**one, "RetainAllVariantProperties": False})
    assert "UpdateEndpoint" not in {call.operation for call in world.aws.calls}
    world.update(ENDPOINT, made, one, {**one, "EndpointConfigName": config(world, "second")})
    assert "UpdateEndpoint" in {call.operation for call in world.aws.calls}


@pytest.mark.parametrize("stopped", [False, True])
def test_a_notebook_is_changed_while_it_is_stopped(world: AwsWorld, stopped: bool) -> None:
    made = world.create(NOTEBOOK, SMALL)
    operation = world.operation(NOTEBOOK, LARGE, changed=frozenset({"InstanceType"}))
    hold(describes=2)
    if not stopped:
        with pytest.raises(ClientError, match="Unable to transition"):
            world.aws.client("sagemaker").update_notebook_instance(
                NotebookInstanceName=made.rpartition("/")[2], InstanceType="ml.g5.xlarge"
            )
    world.cloud.stop(operation, made)
    world.cloud.stop(operation, made)
    assert power(world, made) is Power.STOPPED
    world.cloud.update(operation, made)
    assert power(world, made) is Power.STOPPED
    assert world.differences(NOTEBOOK, made, LARGE) == ()
    if not stopped:
        world.cloud.start(operation, made)
        world.cloud.start(operation, made)
        assert power(world, made) is Power.RUNNING


def test_a_notebook_on_its_way_is_waited_for_before_it_is_switched(world: AwsWorld) -> None:
    made = world.create(NOTEBOOK, SMALL)
    operation = world.operation(NOTEBOOK, SMALL)
    client, name = world.aws.client("sagemaker"), made.rpartition("/")[2]
    hold(describes=2)
    client.stop_notebook_instance(NotebookInstanceName=name)
    assert power(world, made) is Power.STOPPING
    world.cloud.start(operation, made)
    assert power(world, made) is Power.RUNNING
    client.stop_notebook_instance(NotebookInstanceName=name)
    world.cloud.delete(operation, made)
    assert world.is_absent(NOTEBOOK, made)


def test_a_notebook_that_does_not_start_says_why(world: AwsWorld) -> None:
    made = world.create(NOTEBOOK, SMALL)
    operation = world.operation(NOTEBOOK, SMALL)
    world.cloud.stop(operation, made)
    hold(describes=1, fails="The lifecycle script took longer than 5 minutes.")
    with pytest.raises(CloudError, match="The lifecycle script took longer"):
        world.cloud.start(operation, made)


def test_a_group_with_models_is_not_deleted_and_the_models_are_named(world: AwsWorld) -> None:
    made = world.create(GROUP, {"ModelPackageGroupName": "churn"})
    world.aws.client("sagemaker").create_model_package(ModelPackageGroupName="churn")
    with pytest.raises(CloudError, match=r"still in use .* model package arn:.*churn/1"):
        world.cloud.delete(world.operation(GROUP, {}), made)
    assert not world.is_absent(GROUP, made)


def test_a_pipeline_that_runs_is_not_deleted_and_the_execution_is_named(world: AwsWorld) -> None:
    spec = {"PipelineName": "Train", "PipelineDefinition": steps("train"), "RoleArn": ROLE}
    made = world.create(PIPELINE, spec)
    client = world.aws.client("sagemaker")
    client.start_pipeline_execution(PipelineName="Train")
    [pipeline] = sagemaker_backends["123456789012"]["us-east-1"].pipelines.values()
    [execution] = pipeline.pipeline_executions.values()
    execution.pipeline_execution_status = "Executing"
    with pytest.raises(CloudError, match=r"still in use .* execution arn:.*pipeline/Train/"):
        world.cloud.delete(world.operation(PIPELINE, spec), made)
    execution.pipeline_execution_status = "Stopped"
    world.cloud.delete(world.operation(PIPELINE, spec), made)
    assert world.is_absent(PIPELINE, made)


def test_a_feature_group_takes_time_and_says_why_a_feature_was_not_added(world: AwsWorld) -> None:
    hold(describes=2)
    spec = group(world)
    made = world.create(FEATURES, spec)
    more = {**spec, "FeatureDefinitions": features("plan")}
    world.update(FEATURES, made, spec, more)
    assert world.differences(FEATURES, made, more) == ()
    hold(describes=1, fails="Glue refused the new column.")
    with pytest.raises(CloudError, match="was rolled back: Glue refused the new column"):
        world.update(FEATURES, made, more, {**spec, "FeatureDefinitions": features("plan", "x")})
    hold(describes=2)
    world.cloud.delete(world.operation(FEATURES, spec), made)
    assert world.is_absent(FEATURES, made)


def test_a_failed_change_of_a_feature_group_stops_the_next_one_and_no_later_update(
    world: AwsWorld,
) -> None:
    """The kinds: a later change that comes through hides one that did not, and one of long ago fails another."""
    online = {"EnableOnlineStore": True, "TtlDuration": {"Unit": "Days", "Value": 30}}
    units = {"ProvisionedReadCapacityUnits": 5, "ProvisionedWriteCapacityUnits": 5}
    spec = {**group(world), "OnlineStoreConfig": online}
    made = world.create(FEATURES, spec)
    more = {
        **spec,
        "OnlineStoreConfig": {**online, "TtlDuration": {"Unit": "Days", "Value": 60}},
        "ThroughputConfig": {"ThroughputMode": "Provisioned", **units},
    }
    hold(fails="The store is busy.")
    with pytest.raises(CloudError, match="was rolled back: The store is busy"):
        world.update(FEATURES, made, spec, more)
    updates = [one for one in world.aws.calls if one.operation == "UpdateFeatureGroup"]
    assert len(updates) == 1
    hold()
    world.update(FEATURES, made, spec, {**spec, "Tags": [{"Key": "team", "Value": "growth"}]})
    with pytest.raises(CloudError, match="was rolled back: The store is busy"):
        world.cloud.update(world.operation(FEATURES, more), made)
