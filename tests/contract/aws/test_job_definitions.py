"""What job definitions of Batch need beyond the contract of every type, against a local AWS over HTTP.

The kinds: revisions that pile up or come back when the newest goes, and settings of others that a new
revision loses.
"""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.language.keywords import validator_of
from gitbot.model.names import RemoteId
from tests.contract.aws.world import AwsWorld

DEFINITION = "AWS::Batch::JobDefinition"
SIZES = [{"Type": "VCPU", "Value": "1"}, {"Type": "MEMORY", "Value": "2048"}]
CONTAINER = {"Image": "train:1", "ResourceRequirements": SIZES}
TASKS = {"TaskProperties": [{"Containers": [{"Name": "train", **CONTAINER}]}]}
RANGES = [{"TargetNodes": "0:", "Container": CONTAINER}]
NODES = {"MainNode": 0, "NumNodes": 2, "NodeRangeProperties": RANGES}
PODS = {"PodProperties": {"Containers": [{"Name": "train", "Image": "train:1"}]}}
BODIES = {
    "ContainerProperties": CONTAINER,
    "EcsProperties": TASKS,
    "EksProperties": PODS,
    "NodeProperties": NODES,
}


def spec_of(body: str = "ContainerProperties", **more: Any) -> dict[str, Any]:
    kind = "multinode" if body == "NodeProperties" else "container"
    return {"JobDefinitionName": "train", "Type": kind, body: BODIES[body], **more}


def active(world: AwsWorld) -> list[int]:
    """The revisions that jobs can be submitted with."""
    batch = world.aws.client("batch")
    asked = {"jobDefinitionName": "train", "status": "ACTIVE"}
    found = batch.describe_job_definitions(**asked)["jobDefinitions"]
    return sorted(one["revision"] for one in found)


def register(world: AwsWorld, **more: Any) -> None:
    """Make a revision by hand."""
    world.aws.client("batch").register_job_definition(
        jobDefinitionName="train",
        type="container",
        containerProperties={"image": "theirs:1", "vcpus": 1, "memory": 2048},
        **more,
    )


def test_a_change_leaves_one_active_revision_with_the_tags_of_its_owner(world: AwsWorld) -> None:
    spec = spec_of()
    remote_id = world.create(DEFINITION, spec)
    first = world.properties(DEFINITION, remote_id)
    changed = {**spec, "Timeout": {"AttemptDurationSeconds": 600}}
    world.update(DEFINITION, remote_id, spec, changed)
    assert active(world) == [2]
    second = world.properties(DEFINITION, remote_id)
    assert second["Tags"] == first["Tags"]
    arns = [one["JobDefinitionArn"] for one in (first, second)]
    assert [arn.rpartition(":")[2] for arn in arns] == ["1", "2"]


def test_a_change_of_tags_alone_makes_no_revision(world: AwsWorld) -> None:
    spec = spec_of(Tags={"owner": "ml"})
    remote_id = world.create(DEFINITION, spec)
    world.update(DEFINITION, remote_id, spec, spec_of(Tags={"owner": "platform"}))
    assert active(world) == [1]


def test_no_older_revision_comes_back_when_the_newest_is_deleted(world: AwsWorld) -> None:
    """A process died between registering the new revision and deregistering the old ones."""
    spec = spec_of()
    remote_id = world.create(DEFINITION, spec)
    register(world)
    register(world)
    assert active(world) == [1, 2, 3]
    world.cloud.delete(world.operation(DEFINITION, spec), remote_id)
    assert active(world) == []
    assert world.is_absent(DEFINITION, remote_id)


def test_the_newest_revision_is_the_object_whoever_made_it(world: AwsWorld) -> None:
    spec = spec_of()
    remote_id = world.create(DEFINITION, spec)
    register(world)
    (change, *_) = world.differences(DEFINITION, remote_id, spec)
    assert change.path == "/ContainerProperties/Image"


def test_what_no_spec_says_of_a_definition_is_in_its_next_revision_too(world: AwsWorld) -> None:
    remote_id = RemoteId("train")
    register(world, parameters={"theirs": "yes"})
    spec = spec_of()
    world.update(DEFINITION, remote_id, {**spec, "Timeout": {"AttemptDurationSeconds": 60}}, spec)
    assert world.properties(DEFINITION, remote_id)["Parameters"] == {"theirs": "yes"}


@pytest.mark.parametrize("after", sorted(set(BODIES) - {"ContainerProperties"}))
def test_a_definition_changes_to_another_kind_of_jobs(world: AwsWorld, after: str) -> None:
    before, wanted = spec_of(), spec_of(after)
    assert validator_of(world.schema(DEFINITION).json_schema).errors(wanted) == []
    remote_id = world.create(DEFINITION, before)
    changed = frozenset({after, "Type"})
    operation = world.operation(DEFINITION, wanted, changed=changed, recorded=before)
    world.cloud.update(operation, remote_id)
    assert world.differences(DEFINITION, remote_id, wanted) == ()
    assert BODIES.keys() & world.properties(DEFINITION, remote_id).keys() == {after}


@pytest.mark.parametrize(
    "wrong",
    [
        {"EcsProperties": TASKS},
        {"NodeProperties": NODES},
        {"Type": "multinode"},
        {"ContainerProperties": {"Image": "train:1", "Memory": 2048}},
        {"Timeout": {"AttemptDurationSeconds": 59}},
    ],
    ids=["two kinds", "nodes for one node", "no nodes for many", "no CPUs", "too short"],
)
def test_what_batch_would_refuse_is_refused_at_plan_time(
    world: AwsWorld, wrong: dict[str, Any]
) -> None:
    schema = world.schema(DEFINITION).json_schema
    assert validator_of(schema).errors({**spec_of(), **wrong}) != []
