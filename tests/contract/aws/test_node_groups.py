"""What only node groups of EKS do: new machines for all, sizes that others change, and slow ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gitbot.errors import CloudError
from gitbot.model.cloud import FAILED
from gitbot.model.names import RemoteId
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.case import made_role
from tests.contract.aws.cases.eks import least_group, made_cluster, template
from tests.contract.aws.world import AwsWorld

GROUP = "AWS::EKS::Nodegroup"


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """Nothing is held any more by the test before."""
    hold()
    yield
    hold()


def spec_of(world: AwsWorld, **more: Any) -> dict[str, Any]:
    return {**least_group(world), "NodegroupName": "workers", **more}


def described(world: AwsWorld, remote_id: RemoteId) -> dict[str, Any]:
    """What EKS tells of the group."""
    cluster, _, group = remote_id.partition("/")
    eks = world.aws.client("eks")
    found = eks.describe_nodegroup(clusterName=cluster, nodegroupName=group)
    return dict(found["nodegroup"])


def upgrade(world: AwsWorld, version: str) -> None:
    """Bring the cluster to its next version."""
    world.aws.client("eks").update_cluster_version(name=made_cluster(world), version=version)


def test_all_that_takes_time_is_waited_for(world: AwsWorld) -> None:
    before = spec_of(world, Labels={"team": "ml"})
    after = {**before, "ReleaseVersion": "1.31.0-20250201", "Labels": {"stage": "dev"}}
    made_cluster(world)
    hold(describes=2)
    remote_id = world.create(GROUP, before)
    assert described(world, remote_id)["status"] == "ACTIVE"
    world.update(GROUP, remote_id, before, after)
    assert world.differences(GROUP, remote_id, after) == ()
    world.cloud.delete(world.operation(GROUP, after), remote_id)
    assert world.is_absent(GROUP, remote_id)


def test_a_cluster_and_its_nodes_are_upgraded_in_turns(world: AwsWorld) -> None:
    spec = spec_of(world)
    remote_id = world.create(GROUP, spec)
    upgrade(world, "1.32")
    assert described(world, remote_id)["version"] == "1.31"
    assert world.differences(GROUP, remote_id, spec) == ()
    with pytest.raises(
        ClientError, match=r"workers must be updated to match cluster version 1\.32"
    ):
        upgrade(world, "1.33")
    wanted = {**spec, "Version": "1.32"}
    world.update(GROUP, remote_id, spec, wanted)
    assert world.differences(GROUP, remote_id, wanted) == ()
    assert described(world, remote_id)["releaseVersion"].startswith("1.32.")
    upgrade(world, "1.33")


@pytest.mark.parametrize(
    ("declared", "changes"),
    [
        ({}, {"LaunchTemplate": "2"}),
        ({"Version": "1.31"}, {"LaunchTemplate": "2"}),
        ({}, {"ReleaseVersion": "1.31.0-20250201"}),
    ],
)
def test_a_change_of_machines_upgrades_nothing_else(
    world: AwsWorld, declared: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    """The kind: EKS takes a version that it is not told for the one of the cluster."""
    named = {"Id": template(world), "Version": "1"}
    spec = spec_of(world, **declared, LaunchTemplate=named)
    remote_id = world.create(GROUP, spec)
    upgrade(world, "1.32")
    wanted = {**spec, **changes}
    if "LaunchTemplate" in changes:
        wanted["LaunchTemplate"] = {**named, "Version": changes["LaunchTemplate"]}
    world.update(GROUP, remote_id, spec, wanted)
    assert world.differences(GROUP, remote_id, wanted) == ()
    one = described(world, remote_id)
    assert (one["version"], one["launchTemplate"]["version"]) == (
        "1.31",
        changes.get("LaunchTemplate", "1"),
    )


def test_a_launch_template_is_named_by_its_name_as_well(world: AwsWorld) -> None:
    template(world)
    spec = spec_of(world, LaunchTemplate={"Name": "nodes-a", "Version": "1"})
    remote_id = world.create(GROUP, spec)
    wanted = {**spec, "LaunchTemplate": {"Name": "nodes-a", "Version": "2"}}
    world.update(GROUP, remote_id, spec, wanted)
    assert world.differences(GROUP, remote_id, wanted) == ()
    own = {"Id": template(world), "Version": "2"}
    assert world.differences(GROUP, remote_id, {**spec, "LaunchTemplate": own}) == ()


@pytest.mark.parametrize(
    ("sizes", "scaled", "becomes"),
    [
        ({"MinSize": 3, "MaxSize": 6}, 2, 3),
        ({"MinSize": 0, "MaxSize": 6}, 4, 4),
        ({"MinSize": 0, "MaxSize": 3}, 4, 3),
        ({"MinSize": 0, "MaxSize": 6, "DesiredSize": 1}, 4, 1),
    ],
)
def test_the_number_of_machines_is_left_to_whoever_scales_the_group(
    world: AwsWorld, sizes: dict[str, int], scaled: int, becomes: int
) -> None:
    """The kind: EKS refuses a smallest size above the number of machines, which no spec says."""
    spec = spec_of(world, ScalingConfig={"MinSize": 1, "MaxSize": 5})
    remote_id = world.create(GROUP, spec)
    world.aws.client("eks").update_nodegroup_config(
        clusterName=made_cluster(world),
        nodegroupName="workers",
        scalingConfig={"desiredSize": scaled, "maxSize": 7},
    )
    spec = {**spec, "ScalingConfig": {"MinSize": 1, "MaxSize": 7}}
    assert world.differences(GROUP, remote_id, spec) == ()
    wanted = {**spec, "ScalingConfig": sizes}
    world.update(GROUP, remote_id, spec, wanted)
    assert world.differences(GROUP, remote_id, wanted) == ()
    assert described(world, remote_id)["scalingConfig"]["desiredSize"] == becomes


def test_what_eks_could_not_do_is_told_with_its_reason(world: AwsWorld) -> None:
    spec = spec_of(world)
    operation = world.operation(GROUP, spec)
    hold(describes=2, fails="no machine joined the cluster")
    remote_id = world.cloud.create(operation)
    with pytest.raises(CloudError, match="no machine joined the cluster") as refused:
        world.cloud.settle(operation, remote_id)
    assert refused.value.code == FAILED
    hold(describes=2, fails="a network interface is in use")
    with pytest.raises(CloudError, match="deleted: a network interface is in use") as refused:
        world.cloud.delete(operation, remote_id)
    assert refused.value.code == FAILED
    hold(describes=2)
    world.cloud.delete(operation, remote_id)
    assert world.is_absent(GROUP, remote_id)


def test_a_change_waits_for_one_that_somebody_else_has_begun(world: AwsWorld) -> None:
    spec, wanted = spec_of(world), spec_of(world, Labels={"team": "ml"})
    remote_id = world.create(GROUP, spec)
    hold(describes=4)
    world.aws.client("eks").update_nodegroup_config(
        clusterName=made_cluster(world),
        nodegroupName="workers",
        scalingConfig={"maxSize": 9},
    )
    hold()
    world.update(GROUP, remote_id, spec, wanted)
    assert world.differences(GROUP, remote_id, wanted) == ()
    assert described(world, remote_id)["scalingConfig"]["maxSize"] == 9


def test_labels_of_others_stay_and_those_that_left_the_spec_go(world: AwsWorld) -> None:
    """The kind: a plan that says nothing of what somebody else has set, and an apply that takes it away."""
    before = spec_of(world, Labels={"team": "ml", "tier": "gpu"})
    remote_id = world.create(GROUP, before)
    world.aws.client("eks").update_nodegroup_config(
        clusterName=made_cluster(world),
        nodegroupName="workers",
        labels={"addOrUpdateLabels": {"theirs": "1"}},
    )
    for labels, left in (
        ({"team": "data"}, {"team": "data", "theirs": "1"}),
        ({"team": "data", "theirs": "2"}, {"team": "data", "theirs": "2"}),
        ({"team": "data"}, {"team": "data"}),
    ):
        after = {**before, "Labels": labels}
        world.update(GROUP, remote_id, before, after)
        assert described(world, remote_id)["labels"] == left
        assert world.differences(GROUP, remote_id, after) == ()
        before = after


def test_a_group_waits_for_a_change_of_its_cluster(world: AwsWorld) -> None:
    spec, eks = spec_of(world), world.aws.client("eks")
    hold(describes=2)
    eks.update_cluster_config(name=made_cluster(world), deletionProtection=True)
    operation = world.operation(GROUP, spec, within_s=1)
    with pytest.raises(CloudError, match="EKS is still busy with a change of the cluster"):
        world.cloud.create(operation)
    for _ in range(2):
        eks.describe_cluster(name=made_cluster(world))
    hold()
    assert world.create(GROUP, spec) == f"{made_cluster(world)}/workers"


def test_the_local_aws_refuses_what_eks_refuses(world: AwsWorld) -> None:
    spec = least_group(world)
    asked = {
        "clusterName": spec["ClusterName"],
        "nodegroupName": "workers",
        "nodeRole": spec["NodeRole"],
        "subnets": spec["Subnets"],
    }
    not_ec2 = made_role(world, "eks.amazonaws.com")
    refused: list[tuple[dict[str, Any], str]] = [
        ({"version": "1.30"}, "should be equal to cluster version 1.31"),
        ({"releaseVersion": "1.30.0-20250103"}, "not valid for kubernetes version 1.31"),
        ({"scalingConfig": {"minSize": 3}}, "minSize can't be greater than desiredSize"),
        ({"scalingConfig": {"maxSize": 1}}, "desiredSize can't be greater than maxSize"),
        ({"remoteAccess": {"ec2SshKey": "none"}}, "key pair 'none' does not exist"),
        ({"launchTemplate": {"version": "1"}}, "Either provide launch template ID or"),
        ({"launchTemplate": {"name": "none"}}, "does not exist"),
        ({"subnets": ["subnet-0123456789abcdef9"]}, "'subnet-0123456789abcdef9' does not exist"),
        ({"nodeRole": not_ec2}, "[ec2.amazonaws.com] were not found in the trust relationships"),
    ]
    for other, words in refused:
        with pytest.raises(ClientError, match=re.escape(words)):
            world.aws.client("eks").create_nodegroup(**asked | other)


def test_the_local_aws_refuses_changes_that_eks_refuses(world: AwsWorld) -> None:
    remote_id = world.create(GROUP, spec_of(world, ReleaseVersion="1.31.0-20250201"))
    eks = world.aws.client("eks")
    cluster, _, group = remote_id.partition("/")
    own = {"clusterName": cluster, "nodegroupName": group}
    configs = [
        ("Minimum capacity 3 can't be greater than desired size 2", {"minSize": 3}),
        ("desired capacity 3 can't be greater than max size 2", {"desiredSize": 3}),
    ]
    for words, sizes in configs:
        with pytest.raises(ClientError, match=words):
            eks.update_nodegroup_config(**own, scalingConfig=sizes)
    versions: list[tuple[str, dict[str, Any]]] = [
        (r"1\.32 is not valid", {"version": "1.32"}),
        (r"1\.30 is not valid", {"version": "1.30"}),
        ("20250103 is invalid", {"version": "1.31", "releaseVersion": "1.31.0-20250103"}),
        ("that has one", {"launchTemplate": {"id": template(world), "version": "1"}}),
        ("No changes needed", {"version": "1.31"}),
    ]
    for words, parameters in versions:
        with pytest.raises(ClientError, match=words):
            eks.update_nodegroup_version(**own, **parameters)
