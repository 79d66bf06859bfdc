"""Plan, apply, plan again and destroy the examples and every native type; `make test` tries a few of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.errors import SpecError
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.target import Target
from gitbot.jobs.steps.target_plans import open_cloud
from gitbot.model.cloud import Purpose
from gitbot.model.names import Address
from gitbot.model.observed import Present, ReadRequest
from gitbot.model.places import SqlitePlace
from gitbot.model.plan import Action, Guard
from gitbot.model.schema import Route
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.sandbox import example_files
from tests.contract.aws.cases import CASES as TYPES
from tests.contract.aws.cases.case import SILENT
from tests.contract.aws.cases.lambda_ import archive, stored
from tests.contract.engine_world import (
    MINUTE,
    UNTAGGED,
    apply,
    known,
    on,
    plans,
    recovered,
    stack,
    state_at,
    target,
)
from tests.model_checks import some

ONE_DISK_TOO_MANY = """\
trainer:
  type: AWS::EC2::Instance
  properties:
    ImageId: ami-0a1b2c3d4e5f60718
    InstanceType: t3.micro
    BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {VolumeSize: 100}}]
"""


BY_TEXT = {case.stack: case.type for case in reversed(TYPES)}
"""One case for each text: a network is one for all the types that it is made of."""
CASES = {name: stack(text) for text, name in BY_TEXT.items()} | {"examples": example_files()}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as made:
        made.reset()  # the worlds of one process share one cloud
        stored(made)  # the code of layers
        yield made


@pytest.fixture(scope="module")
def opened(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    store = tmp_path_factory.mktemp("types") / "state.db"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        with open_engine(SqlitePlace(store), hash_key="k" * 32) as made:
            yield made


def test_a_plan_refuses_what_the_cloud_would_make_otherwise(opened: Opened) -> None:
    """The kind: a valid spec that makes something else than it says, seen only on the bill."""
    with pytest.raises(SpecError) as refused:
        plans(opened, target(opened, stack(ONE_DISK_TOO_MANY)))
    (problem,) = refused.value.diagnostics
    assert (problem.code, problem.file, problem.line) == ("made-otherwise", "specs/dev/it.yaml", 6)
    assert "is called `/dev/sda1`" in problem.detail


def managed(opened: Opened, it: Target) -> set[tuple[str, str]]:
    """Type and identifier of every object with gitbot's tags that the handler of its type finds."""
    cloud = open_cloud(opened.engine, it, Purpose.PLAN)
    requests = [
        ReadRequest(
            address=Address(f"object{number}"),
            type=type_,
            remote_id=remote_id,
            route=Route.NATIVE,
            surfaces=frozenset(),
        )
        for number, (type_, remote_id) in enumerate(cloud.owned())
    ]
    seen = cloud.read(requests)
    return {
        (one.type, str(one.remote_id)) for one in requests if isinstance(seen[one.address], Present)
    }


def living(described: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    return [one[name] for one in described if one["State"] != "deleted"]


def left_behind(opened: Opened, it: Target, aws: LocalAws) -> dict[str, Any]:
    """What is in the cloud: all that has gitbot's tags, and of the types of old also what has none."""
    ec2, iam = aws.client("ec2"), aws.client("iam")
    instances = [
        instance["InstanceId"]
        for reservation in ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] != "terminated"
    ]
    groups = ec2.describe_security_groups()["SecurityGroups"]
    return {
        "managed": managed(opened, it),
        "instances": instances,
        "groups": [g["GroupName"] for g in groups if g["GroupName"] != "default"],
        "vpcs": [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]],
        "subnets": [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]],
        "gateways": [
            g["InternetGatewayId"] for g in ec2.describe_internet_gateways()["InternetGateways"]
        ],
        "addresses": [one["PublicIp"] for one in ec2.describe_addresses()["Addresses"]],
        "nat gateways": living(ec2.describe_nat_gateways()["NatGateways"], "NatGatewayId"),
        "endpoints": living(ec2.describe_vpc_endpoints()["VpcEndpoints"], "VpcEndpointId"),
        "interfaces": [
            one["NetworkInterfaceId"]
            for one in ec2.describe_network_interfaces()["NetworkInterfaces"]
        ],
        "egress-only gateways": [
            one["EgressOnlyInternetGatewayId"]
            for one in ec2.describe_egress_only_internet_gateways()["EgressOnlyInternetGateways"]
        ],
        "flow logs": [one["FlowLogId"] for one in ec2.describe_flow_logs()["FlowLogs"]],
        "tables": [t["RouteTableId"] for t in ec2.describe_route_tables()["RouteTables"]],
        "keys": [k["KeyName"] for k in ec2.describe_key_pairs()["KeyPairs"]],
        "volumes": [v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]],
        "file systems": [
            one["FileSystemId"] for one in aws.client("efs").describe_file_systems()["FileSystems"]
        ],
        "buckets": [b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]],
        "roles": [
            r["RoleName"]
            for r in iam.list_roles()["Roles"]
            if not r["Path"].startswith("/aws-service-role/")  # AWS makes them itself
        ],
        "layers": [
            one["LatestMatchingVersion"]["LayerVersionArn"]
            for one in aws.client("lambda").list_layers()["Layers"]
        ],
        "groups of people": [one["GroupName"] for one in iam.list_groups()["Groups"]],
        "profiles": [
            p["InstanceProfileName"] for p in iam.list_instance_profiles()["InstanceProfiles"]
        ],
    }


def assert_a_lost_store_is_recovered(opened: Opened, it: Target, path: Path) -> None:
    """The kind: a lost store whose state comes back different, or only with an apply."""
    before = [one for one in opened.engine.state.read_all(it.key) if not one.empty]
    lost = on(opened, state_at(opened, path))
    found = recovered(lost, it)
    assert [one.proven for one in found.stacks] == [True] * len(before)
    assert found.strangers == ()
    after = lost.engine.state.read_all(it.key)
    assert list(map(known, after)) == list(map(known, before))
    assert all(two.serial > one.serial for one, two in zip(before, after, strict=True))
    assert plans(lost, it) == []


def forget_all(opened: Opened, it: Target) -> None:
    """Let state know no object any more."""
    state = opened.engine.state
    with hold(
        state, it.key, LocalProcesses().name("test"), ttl=MINUTE, clock=opened.engine.clock
    ) as lease:
        for stack in state.stacks(it.key):
            for address in state.read(stack).resources:
                state.forget(lease(), stack, address)


def assert_what_state_lost_is_found_and_adopted(opened: Opened, it: Target) -> None:
    """The kind: after a restored backup, what was made since is made a second time."""
    forget_all(opened, it)
    for plan in plans(opened, it):
        found = {change.action for change in plan.effective}
        assert found == {Action.ADOPT}
        assert plan.guards == ()
    apply(opened, it)
    assert plans(opened, it) == []


@pytest.mark.model
@pytest.mark.parametrize("case", some(5, [*CASES]))
def test_apply_then_plan_is_empty_and_destroy_leaves_nothing(
    opened: Opened, aws: LocalAws, case: str, tmp_path: Path
) -> None:
    it = target(opened, CASES[case])
    before = left_behind(opened, it, aws)
    assert plans(opened, it)
    apply(opened, it)
    assert plans(opened, it) == []
    made = left_behind(opened, it, aws)
    assert tagged_types(opened, it) <= {type_ for type_, _ in made["managed"] - before["managed"]}
    if SILENT.isdisjoint(types_of(opened, it)):
        assert_a_lost_store_is_recovered(opened, it, tmp_path / "recovered.db")
        assert_what_state_lost_is_found_and_adopted(opened, it)
    assert left_behind(opened, it, aws) == made
    apply(opened, target(opened, CASES[case], nothing=True))
    assert left_behind(opened, it, aws) == before
    assert all(
        opened.engine.state.read(stack).empty for stack in opened.engine.state.stacks(it.key)
    )


FOLLOWED = """\
template:
  type: AWS::EC2::LaunchTemplate
  properties: {{LaunchTemplateData: {{InstanceType: {size}}}}}
newest:
  type: AWS::SSM::Parameter
  properties: {{Name: newest, Type: String, Value: "${{template.LatestVersionNumber}}"}}
"""


def test_what_uses_a_number_that_a_change_makes_gets_it_in_the_same_apply(
    opened: Opened, aws: LocalAws
) -> None:
    """The kind: a plan that takes an attribute for known which its own change makes another."""
    for size, number in (("t3.micro", "1"), ("t3.large", "2")):
        it = target(opened, stack(FOLLOWED.format(size=size)))
        apply(opened, it)
        assert plans(opened, it) == []
        assert aws.client("ssm").get_parameter(Name="newest")["Parameter"]["Value"] == number
    apply(opened, target(opened, stack(FOLLOWED.format(size=size)), nothing=True))


LED_TO = """\
api: {{type: AWS::ApiGatewayV2::Api, properties: {{Name: led, ProtocolType: HTTP}}}}
there:
  type: AWS::ApiGatewayV2::Integration
  properties: {{ApiId: "${{api.ApiId}}", {there}}}
route:
  type: AWS::ApiGatewayV2::Route
  properties:
    ApiId: ${{api.ApiId}}
    RouteKey: $default
    Target: integrations/${{there.IntegrationId}}
"""


def test_what_a_route_leads_to_is_replaced_while_it_leads_there(
    opened: Opened, aws: LocalAws
) -> None:
    """The kind: an object that AWS does not delete while another one names it."""
    client = aws.client("apigatewayv2")
    for kind, to in (
        ("HTTP_PROXY", "https://a.example"),
        ("AWS_PROXY", "arn:aws:lambda:us-east-1:123456789012:function:a"),
    ):
        there = f'IntegrationType: {kind}, IntegrationUri: "{to}", PayloadFormatVersion: "1.0"'
        it = target(opened, stack(LED_TO.format(there=there)))
        apply(opened, it)
        assert plans(opened, it) == []
        [api] = [one["ApiId"] for one in client.get_apis()["Items"] if one["Name"] == "led"]
        [found] = client.get_integrations(ApiId=api)["Items"]
        [route] = client.get_routes(ApiId=api)["Items"]
        assert found["IntegrationType"] == kind
        assert route["Target"] == f"integrations/{found['IntegrationId']}"
    apply(opened, target(opened, stack(LED_TO.format(there=there)), nothing=True))


CODED = """\
role:
  type: AWS::IAM::Role
  properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: "sts:AssumeRole"}}]
coded:
  type: AWS::Lambda::Function
  properties:
    FunctionName: coded
    Runtime: python3.13
    Handler: index.handler
    Role: ${{role.Arn}}
    Timeout: {timeout}
    Code: {{ZipFile: "def handler(event, context): return 'own'"}}
"""


def test_code_that_somebody_replaced_is_put_back(opened: Opened, aws: LocalAws) -> None:
    """The kind: what nobody can read, so that somebody else's stays for ever."""
    client, it = aws.client("lambda"), target(opened, stack(CODED.format(timeout=3)))

    def code() -> str:
        return str(client.get_function(FunctionName="coded")["Configuration"]["CodeSha256"])

    def replaced() -> None:
        client.update_function_code(FunctionName="coded", ZipFile=archive())
        assert code() != own

    apply(opened, it)
    own = code()
    replaced()
    [plan] = plans(opened, it)
    assert [one.path for drift in plan.drift for one in drift.paths] == ["/Code"]
    apply(opened, it)
    assert (code(), plans(opened, it)) == (own, [])
    replaced()
    it = target(opened, stack(CODED.format(timeout=9)))
    apply(opened, it)
    assert (code(), plans(opened, it)) == (own, [])
    apply(opened, target(opened, stack(CODED.format(timeout=9)), nothing=True))


MIXED = """\
template:
  type: AWS::EC2::LaunchTemplate
  properties: {{LaunchTemplateData: {{ImageId: ami-12c6146b, InstanceType: t3.micro}}}}
vpc: {{type: AWS::EC2::VPC, properties: {{CidrBlock: 10.20.0.0/16}}}}
net:
  type: AWS::EC2::Subnet
  properties: {{VpcId: "${{vpc.VpcId}}", CidrBlock: 10.20.1.0/24}}
mixed:
  type: AWS::AutoScaling::AutoScalingGroup
  properties:
    AutoScalingGroupName: mixed
    MinSize: "0"
    MaxSize: "{most}"
    DesiredCapacity: "1"
    VPCZoneIdentifier: ["${{net.SubnetId}}"]
    MixedInstancesPolicy:
      LaunchTemplate:
        LaunchTemplateSpecification:
          LaunchTemplateId: ${{template.LaunchTemplateId}}
          Version: ${{template.LatestVersionNumber}}
        Overrides: [{{InstanceType: t3.large}}, {{InstanceType: {other}}}]
"""


def test_a_group_of_mixed_machines_changes_and_goes(opened: Opened, aws: LocalAws) -> None:
    """The kind: an update of something else, and a deletion, which empties the group first."""
    client = aws.client("autoscaling")
    before = left_behind(opened, target(opened, stack(MIXED.format(most=1, other="m5.large"))), aws)
    for most, other in ((2, "m5.large"), (4, "m5.large"), (4, "g5.xlarge")):
        it = target(opened, stack(MIXED.format(most=most, other=other)))
        apply(opened, it)
        assert plans(opened, it) == []
        [group] = client.describe_auto_scaling_groups()["AutoScalingGroups"]
        own = group["MixedInstancesPolicy"]["LaunchTemplate"]
        assert [one["InstanceType"] for one in own["Overrides"]] == ["t3.large", other]
        assert (group["MaxSize"], len(group["Instances"])) == (most, 1)
    client.update_auto_scaling_group(AutoScalingGroupName="mixed", MaxSize=7)
    apply(opened, it)
    apply(opened, target(opened, stack(MIXED.format(most=4, other="g5.xlarge")), nothing=True))
    assert left_behind(opened, it, aws) == before


def types_of(opened: Opened, it: Target) -> set[str]:
    """The types of the recorded objects."""
    stacks = map(opened.engine.state.read, opened.engine.state.stacks(it.key))
    return {one.type for stack in stacks for one in stack.resources.values()}


def tagged_types(opened: Opened, it: Target) -> set[str]:
    """The types of the recorded objects that carry tags."""
    return (types_of(opened, it) & NATIVE_TYPES.keys()) - UNTAGGED


def test_an_object_that_is_left_behind_is_seen(opened: Opened, aws: LocalAws) -> None:
    """The proof of the proof: state forgets an object, so that the destruction cannot delete it."""
    files = stack("left: {type: AWS::SQS::Queue, properties: {QueueName: left-behind}}\n")
    it = target(opened, files)
    before = left_behind(opened, it, aws)
    apply(opened, it)
    forget_all(opened, it)
    apply(opened, target(opened, files, nothing=True))
    queue = aws.client("sqs").get_queue_url(QueueName="left-behind")["QueueUrl"]
    after = left_behind(opened, it, aws)
    assert after["managed"] - before["managed"] == {("AWS::SQS::Queue", queue)}
    aws.client("sqs").delete_queue(QueueUrl=queue)
    assert left_behind(opened, it, aws) == before


def test_a_bucket_is_never_destroyed_without_a_guard(opened: Opened) -> None:
    files = CASES["AWS::S3::Bucket"]
    apply(opened, target(opened, files))
    (plan,) = plans(opened, target(opened, files, nothing=True))
    assert [hit.guard for hit in plan.guards] == [Guard.STATEFUL_DELETE]
    assert [c.action for c in plan.effective] == [Action.DELETE]
    apply(opened, target(opened, files, nothing=True))
