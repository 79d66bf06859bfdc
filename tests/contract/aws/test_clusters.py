"""What only EKS has: changes that are made one at a time and later, and clusters that are in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gitbot.errors import CloudError
from gitbot.model.cloud import FAILED
from gitbot_sandbox.aws.states import hold
from tests.contract.aws.cases.case import made_role
from tests.contract.aws.cases.eks import least_cluster, logs
from tests.contract.aws.cases.elasticloadbalancingv2 import subnets
from tests.contract.aws.world import AwsWorld

CLUSTER = "AWS::EKS::Cluster"


@pytest.fixture(autouse=True)
def slow() -> Iterator[None]:
    """Nothing is made, changed or deleted at once: whoever does not wait is refused."""
    hold(describes=2)
    yield
    hold()


def spec_of(world: AwsWorld, **more: Any) -> dict[str, Any]:
    return {"Name": "training", **least_cluster(world), **more}


def count(world: AwsWorld, operation: str) -> int:
    return Counter(one.operation for one in world.aws.calls)[operation]


def test_changes_of_all_kinds_are_made_one_after_the_other(world: AwsWorld) -> None:
    before = spec_of(world, Version="1.30")
    after = spec_of(
        world,
        Version="1.31",
        Logging=logs("audit"),
        UpgradePolicy={"SupportType": "STANDARD"},
        ResourcesVpcConfig={
            "SubnetIds": subnets(world, "b", "c"),
            "EndpointPrivateAccess": True,
            "ControlPlaneEgressMode": "CUSTOMER_ROUTED",
        },
    )
    remote_id = world.create(CLUSTER, before)
    world.aws.forget_calls()
    world.update(CLUSTER, remote_id, before, after)
    assert world.differences(CLUSTER, remote_id, after) == ()
    assert (count(world, "UpdateClusterVersion"), count(world, "UpdateClusterConfig")) == (1, 5)
    world.cloud.delete(world.operation(CLUSTER, after), remote_id)
    assert world.is_absent(CLUSTER, remote_id)


def test_what_eks_could_not_do_is_told_with_its_reason(world: AwsWorld) -> None:
    hold(describes=2, fails="no addresses are left")
    spec = spec_of(world)
    operation = world.operation(CLUSTER, spec)
    remote_id = world.cloud.create(operation)
    with pytest.raises(CloudError, match="no addresses are left") as refused:
        world.cloud.settle(operation, remote_id)
    assert refused.value.code == FAILED
    hold(describes=2)
    world.cloud.delete(operation, remote_id)
    assert world.create(CLUSTER, spec) == remote_id
    hold(describes=2, fails="no network interface is left")
    wanted = spec_of(world, Logging=logs("api"))
    with pytest.raises(CloudError, match="no network interface is left") as refused:
        world.update(CLUSTER, remote_id, spec, wanted)
    assert refused.value.code == FAILED
    hold(describes=2)
    world.update(CLUSTER, remote_id, spec, wanted)
    assert world.differences(CLUSTER, remote_id, wanted) == ()


def test_a_change_waits_for_one_that_somebody_else_has_begun(world: AwsWorld) -> None:
    """The kind: a process died after its call, and the next one calls while EKS is still busy."""
    spec, wanted = spec_of(world), spec_of(world, Logging=logs("api"), DeletionProtection=True)
    remote_id = world.create(CLUSTER, spec)
    hold(describes=4)
    begun = {"clusterLogging": [{"types": ["api"], "enabled": True}]}
    world.aws.client("eks").update_cluster_config(name=remote_id, logging=begun)
    hold()
    world.aws.forget_calls()
    world.update(CLUSTER, remote_id, spec, wanted)
    assert world.differences(CLUSTER, remote_id, wanted) == ()
    assert count(world, "UpdateClusterConfig") > 2


@pytest.mark.parametrize("what", ["node group", "Fargate profile", "protection"])
def test_a_cluster_that_is_in_use_or_protected_stays(world: AwsWorld, what: str) -> None:
    hold()
    spec = spec_of(world, DeletionProtection=what == "protection")
    remote_id, eks = world.create(CLUSTER, spec), world.aws.client("eks")
    own = {"clusterName": remote_id, "subnets": subnets(world, "a")}
    if what == "node group":
        role = made_role(world, "ec2.amazonaws.com")
        eks.create_nodegroup(**own, nodegroupName="workers", nodeRole=role)
    elif what == "Fargate profile":
        role = made_role(world, "eks-fargate-pods.amazonaws.com")
        eks.create_fargate_profile(
            **own,
            fargateProfileName="workers",
            podExecutionRoleArn=role,
            selectors=[{"namespace": "a"}],
        )
    says = "Set `DeletionProtection: false`" if what == "protection" else f"{what} workers"
    with pytest.raises(CloudError, match=says):
        world.cloud.delete(world.operation(CLUSTER, spec), remote_id)
    assert eks.describe_cluster(name=remote_id)["cluster"]["status"] == "ACTIVE"


def test_the_local_aws_refuses_what_eks_refuses(world: AwsWorld) -> None:
    role, other = (made_role(world, f"{one}.amazonaws.com") for one in ("eks", "ec2"))
    refused = [
        (role, subnets(world, "a"), "at least two different AZs"),
        (role, ["subnet-0123456789abcdef9"], "'subnet-0123456789abcdef9' does not exist"),
        (f"{role}-gone", subnets(world, "a", "b"), "-gone, does not exist"),
        (other, subnets(world, "a", "b"), "trusted entity is not correct"),
    ]
    for arn, places, words in refused:
        with pytest.raises(ClientError, match=words):
            world.aws.client("eks").create_cluster(
                name="training", roleArn=arn, resourcesVpcConfig={"subnetIds": places}
            )


def test_the_local_aws_refuses_changes_that_eks_refuses(world: AwsWorld) -> None:
    hold()
    eks, name = world.aws.client("eks"), world.create(CLUSTER, spec_of(world, Version="1.30"))
    ec2 = world.aws.client("ec2")
    other = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    elsewhere = [
        ec2.create_subnet(
            VpcId=other, CidrBlock=f"10.77.{at}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for at, zone in enumerate("ab")
    ]
    asked: list[tuple[str, dict[str, Any]]] = [
        ("a different VPC", {"resourcesVpcConfig": {"subnetIds": elsewhere}}),
        ("No changes needed", {"deletionProtection": False}),
        (
            "Only one type of update",
            {"deletionProtection": True, "zonalShiftConfig": {"enabled": True}},
        ),
    ]
    for words, parameters in asked:
        with pytest.raises(ClientError, match=words):
            eks.update_cluster_config(name=name, **parameters)
    with pytest.raises(ClientError, match=r"from 1\.30 to 1\.32"):
        eks.update_cluster_version(name=name, version="1.32")
