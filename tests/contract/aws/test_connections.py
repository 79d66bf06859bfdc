"""Tests for opening connections: credentials, roles, accounts, lost answers, shared throttling."""

from __future__ import annotations

import json

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Roles
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Present, ReadRequest
from gitbot.model.schema import Route
from gitbot.ports.telemetry import Metric
from gitbot.providers.aws.clouds import AwsClouds
from gitbot.providers.aws.connection import Connection
from gitbot.providers.aws.table_handler import TableHandler
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases import some_types
from tests.contract.aws.cases.case import AMI, Case, trust
from tests.contract.aws.world import AwsWorld, environment
from tests.contract.telemetry_world import hearing

OTHER_ACCOUNT = "210987654321"
UNCLEAR = {
    name
    for name, native in NATIVE_TYPES.items()
    if isinstance(native.handler, TableHandler) and not native.handler.table.create.repeatable
}
"""Their creating calls have neither a token nor a name: they are never sent twice."""


def fresh(world: AwsWorld) -> AwsClouds:
    """Connections that have not been opened before."""
    return AwsClouds(
        world.catalog,
        SystemClock(),
        hide=str,
        endpoint_url=world.aws.url,
        access_key_id="AKIASANDBOX",
        secret_access_key="sandbox",
    )


def bucket_request(name: str) -> ReadRequest:
    return ReadRequest(
        address=Address("b"),
        type="AWS::S3::Bucket",
        remote_id=RemoteId(name),
        route=Route.NATIVE,
        surfaces=frozenset({"BucketName"}),
    )


def test_opening_asks_whose_credentials_these_are_once_for_all_environments(
    world: AwsWorld,
) -> None:
    clouds = fresh(world)
    world.aws.forget_calls()
    first = clouds.open(environment(account="123456789012"), Purpose.APPLY)
    again = clouds.open(environment(name="staging", region="eu-west-1"), Purpose.PLAN)
    assert (first.account(), again.account()) == ("123456789012", "123456789012")
    assert (first.region, again.region) == ("us-east-1", "eu-west-1")
    clouds.open(environment(), Purpose.APPLY)
    clouds.open(environment(region="eu-west-1"), Purpose.PLAN)
    assert [str(call) for call in world.aws.calls] == ["sts.GetCallerIdentity"]


def test_a_bucket_is_made_in_the_region_of_its_environment(world: AwsWorld) -> None:
    cloud = world.clouds.open(environment(region="eu-west-1"), Purpose.APPLY)
    operation = world.operation("AWS::S3::Bucket", {"BucketName": "far-away"})
    cloud.settle(operation, cloud.create(operation))
    location = world.aws.client("s3").get_bucket_location(Bucket="far-away")
    assert location["LocationConstraint"] == "eu-west-1"
    observed = cloud.read([bucket_request("far-away")])[Address("b")]
    assert isinstance(observed, Present)
    assert observed.properties["RegionalDomainName"] == "far-away.s3.eu-west-1.amazonaws.com"


def test_another_account_than_the_environments_is_refused(world: AwsWorld) -> None:
    with pytest.raises(UserError, match=f"belongs to account {OTHER_ACCOUNT}.*nothing was done"):
        fresh(world).open(environment(account=OTHER_ACCOUNT), Purpose.APPLY)


def test_the_roles_of_an_environment_connect_to_their_account(world: AwsWorld) -> None:
    for role in ("plan", "apply"):
        world.aws.client("iam").create_role(
            RoleName=role, AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com"))
        )
    roles = Roles(
        plan=f"arn:aws:iam::{OTHER_ACCOUNT}:role/plan",
        apply=f"arn:aws:iam::{OTHER_ACCOUNT}:role/apply",
    )
    there = environment(name="prod", account=OTHER_ACCOUNT, roles=roles)
    clouds = fresh(world)
    world.aws.forget_calls()
    apply_, plan = clouds.open(there, Purpose.APPLY), clouds.open(there, Purpose.PLAN)
    assert (apply_.account(), plan.account()) == (OTHER_ACCOUNT, OTHER_ACCOUNT)
    assert [str(call) for call in world.aws.calls] == ["sts.AssumeRole", "sts.AssumeRole"]
    operation = world.operation("AWS::EC2::SecurityGroup", {"GroupDescription": "x"})
    group = apply_.create(operation)
    assert plan.find(operation) is not None
    assert world.is_absent("AWS::EC2::SecurityGroup", group)  # not in the server's own account


def test_the_error_for_a_role_that_cannot_be_assumed_says_what_to_check(world: AwsWorld) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="sts",
            operation="AssumeRole",
            status=403,
            code="AccessDenied",
        )
    )
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/plan"
    with pytest.raises(UserError, match=r"cannot be assumed.*trust policy"):
        fresh(world).open(environment(roles=Roles(plan=role)), Purpose.PLAN)


def test_the_error_for_missing_credentials_says_what_to_set(
    world: AwsWorld, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    nowhere = str(tmp_path_factory.mktemp("home") / "none")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, nowhere)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    clouds = AwsClouds(world.catalog, SystemClock(), hide=str, endpoint_url=world.aws.url)
    with pytest.raises(UserError, match="set AWS_ACCESS_KEY_ID"):
        clouds.open(environment(), Purpose.PLAN)


@pytest.mark.model
@some_types(4)
def test_a_create_whose_answer_is_lost_makes_one_object(world: AwsWorld, case: Case) -> None:
    spec = case.full(world)
    operation = world.operation(case.type, spec)
    world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation=case.creating))
    if case.type in UNCLEAR:
        with pytest.raises(TransientError):
            world.cloud.create(operation)
        found = world.cloud.find(world.again(operation))
        assert found is not None
        remote_id = found.remote_id
    else:
        remote_id = world.cloud.create(operation)
    world.cloud.settle(operation, remote_id)
    assert world.differences(case.type, remote_id, spec) == ()
    sent = [call for call in world.aws.calls if call.operation == case.creating]
    assert (len(sent) == 1) == (case.type in UNCLEAR)
    if case.type == "AWS::EC2::Instance":
        assert len(world.aws.client("ec2").describe_instances()["Reservations"]) == 1


def test_a_call_that_is_repeated_for_long_is_not_silent(world: AwsWorld) -> None:
    """The kind: whoever waits for AWS hears what it answered last."""
    heard: list[str] = []
    world.aws.inject(
        Fault(kind=FaultKind.ERROR, operation="CreateSecurityGroup", status=503, count=3)
    )
    world.cloud.create(
        world.operation("AWS::EC2::SecurityGroup", {"GroupDescription": "x"}, watch=heard.append)
    )
    assert heard == ["ec2:CreateSecurityGroup is tried again, 3 times so far: Unavailable"]


def test_throttling_is_waited_out(world: AwsWorld) -> None:
    world.aws.inject(Fault(kind=FaultKind.THROTTLE, service="ec2", operation="Describe*", count=2))
    spec = {"GroupDescription": "x"}
    assert world.properties(
        "AWS::EC2::SecurityGroup", world.create("AWS::EC2::SecurityGroup", spec)
    )


def test_clients_of_one_account_service_and_region_share_their_token_bucket(
    world: AwsWorld,
) -> None:
    clouds = fresh(world)
    plan = clouds.open(environment(), Purpose.PLAN)
    apply_ = clouds.open(
        environment(roles=Roles(apply="arn:aws:iam::123456789012:role/a")), Purpose.APPLY
    )
    for cloud in (plan, apply_):
        cloud.find(world.operation("AWS::EC2::SecurityGroup", {"GroupDescription": "x"}))
    connections: list[Connection] = [plan.aws, apply_.aws]
    first, second = (
        one.throttles.limiter("123456789012", "ec2", "us-east-1") for one in connections
    )
    assert first is not None
    assert first is second
    assert not first._enabled
    world.aws.inject(Fault(kind=FaultKind.THROTTLE, service="ec2", count=1))
    plan.aws.call("ec2", "describe_vpcs")
    assert first._enabled  # what the plan was told slows the apply


def test_a_final_refusal_is_a_cloud_error_with_the_code_of_aws(world: AwsWorld) -> None:
    with pytest.raises(CloudError, match=r"t3\.enormous") as refused:
        world.create("AWS::EC2::Instance", {"ImageId": AMI, "InstanceType": "t3.enormous"})
    assert refused.value.code


def test_a_denied_call_names_the_permission_that_is_missing(world: AwsWorld) -> None:
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            service="ec2",
            operation="CreateSecurityGroup",
            status=403,
            code="UnauthorizedOperation",
        )
    )
    with pytest.raises(CloudError, match="Allow `ec2:CreateSecurityGroup`"):
        world.create("AWS::EC2::SecurityGroup", {"GroupDescription": "x"})


def test_an_aws_that_does_not_answer_is_transient(world: AwsWorld) -> None:
    clouds = AwsClouds(
        world.catalog,
        SystemClock(),
        hide=str,
        endpoint_url="http://127.0.0.1:9",
        access_key_id="a",
        secret_access_key="b",
    )
    with pytest.raises(TransientError, match="did not answer"):
        clouds.open(environment(), Purpose.PLAN)


def test_a_type_without_a_handler_for_its_route_is_refused(world: AwsWorld) -> None:
    operation = world.operation("AWS::DAX::Cluster", {}, route=Route.CLOUD_CONTROL)
    with pytest.raises(CloudError, match="cannot be managed by this version"):
        world.cloud.create(operation)


def test_each_call_is_told_with_how_it_ended_and_each_throttle_too(world: AwsWorld) -> None:
    with hearing() as heard:
        aws = fresh(world).open(environment(), Purpose.PLAN).aws
        world.aws.inject(Fault(kind=FaultKind.THROTTLE, operation="DescribeVpcs", count=2))
        aws.call("ec2", "describe_vpcs")
        with pytest.raises(CloudError):
            aws.call("ec2", "describe_vpcs", VpcIds=["vpc-none"])
        world.aws.inject(Fault(kind=FaultKind.LOST_REPLY, operation="CreateVpc"))
        with pytest.raises(TransientError):
            aws.call_once("ec2", "create_vpc", CidrBlock="10.0.0.0/16")
        world.aws.inject(Fault(kind=FaultKind.THROTTLE, operation="CreateVpc"))
        aws.call_once("ec2", "create_vpc", CidrBlock="10.0.0.0/16")
        assert len(list(aws.pages("ec2", "describe_vpcs", "Vpcs"))) > 1
    assert heard.of(Metric.AWS_CALLS) == {
        ("sts", "GetCallerIdentity", "ok"): 1,
        ("ec2", "DescribeVpcs", "ok"): 2,
        ("ec2", "DescribeVpcs", "refused"): 1,
        ("ec2", "CreateVpc", "unanswered"): 1,
        ("ec2", "CreateVpc", "throttled"): 1,
        ("ec2", "CreateVpc", "ok"): 1,
    }
    assert heard.of(Metric.AWS_THROTTLES) == {
        ("ec2", "DescribeVpcs"): 2,
        ("ec2", "CreateVpc"): 1,
    }
    assert heard.values[Metric.AWS_DURATION, "ec2"] > 0


def test_identifying_asks_where_it_last_opened_and_nothing_where_no_region_is_known(
    world: AwsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    clouds = fresh(world)
    world.aws.forget_calls()
    assert clouds.identify() is None
    assert world.aws.calls == ()
    clouds.open(environment(region="eu-west-1"), Purpose.PLAN)
    assert clouds.identify() is True
    assert [str(call) for call in world.aws.calls] == ["sts.GetCallerIdentity"] * 2
    world.aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="GetCallerIdentity",
            status=403,
            code="InvalidClientTokenId",
        )
    )
    with pytest.raises(UserError, match="does not accept the credentials"):
        clouds.identify()
