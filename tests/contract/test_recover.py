"""State is rebuilt from the tags of what is in the cloud, after a loss or from an older backup.

The kind: a lost or old store that people can only follow with an apply that makes, replaces or deletes
something.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.errors import UserError
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.recovering import Recovered
from gitbot.jobs.steps.target import Target
from gitbot.jobs.steps.target_plans import open_cloud, plan_target
from gitbot.model.cloud import Purpose
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Address
from gitbot.model.places import SqlitePlace
from gitbot.model.plan import Action
from gitbot.model.recorded import Intent, IntentKind, Lease, RecordedStack
from gitbot.model.recovery import How
from gitbot.model.values import Redacted
from gitbot.reconciler.digest import operation_token
from gitbot_sandbox.aws import LocalAws
from tests.contract.engine_world import (
    MINUTE,
    apply,
    known,
    on,
    plans,
    recovered,
    stack,
    state_at,
    target,
)
from tests.contract.state_world import intent

NETWORK = """\
vpc:
  type: AWS::EC2::VPC
  properties: {CidrBlock: 10.20.0.0/16}
gateway:
  type: AWS::EC2::InternetGateway
attachment:
  type: AWS::EC2::VPCGatewayAttachment
  properties: {VpcId: "${vpc.VpcId}", InternetGatewayId: "${gateway.InternetGatewayId}"}
table:
  type: AWS::EC2::RouteTable
  properties: {VpcId: "${vpc.VpcId}"}
"""
ROUTE = """\
  type: AWS::EC2::Route
  properties:
    RouteTableId: ${table.RouteTableId}
    DestinationCidrBlock: 0.0.0.0/0
    GatewayId: ${gateway.InternetGatewayId}
"""
GROUP = """\
  type: AWS::EC2::SecurityGroup
  properties: {GroupDescription: none, VpcId: "${vpc.VpcId}"}
"""
MACHINE = """\
machine:
  type: AWS::EC2::Instance
  properties: {ImageId: IMAGE, InstanceType: t3.micro}
"""
BUCKET = """\
data:
  type: AWS::S3::Bucket
  properties: {BucketName: recover-data, VersioningConfiguration: {Status: STATUS}}
"""
OLD = (
    NETWORK
    + f"out:\n{ROUTE}ssh:\n{GROUP}"
    + MACHINE.replace("IMAGE", "ami-0a1b2c3d4e5f60718")
    + BUCKET.replace("STATUS", "Suspended")
    + "leaving: {type: AWS::EC2::InternetGateway}\n"
)
NEW = (
    NETWORK
    + f"default:\n{ROUTE}  lifecycle: {{moved: out}}\nshell:\n{GROUP}  lifecycle: {{moved: ssh}}\n"
    + MACHINE.replace("IMAGE", "ami-0b1b2c3d4e5f60718")
    + BUCKET.replace("STATUS", "Enabled")
    + """\
policy:
  type: AWS::S3::BucketPolicy
  properties:
    Bucket: ${data.BucketName}
    PolicyDocument:
      Version: 2012-10-17
      Statement:
        - {Effect: Deny, Principal: "*", Action: "s3:*", Resource: "${data.Arn}/*",
           Condition: {Bool: {"aws:SecureTransport": "false"}}}
"""
)


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as made:
        made.reset()  # the worlds of one process share one cloud
        yield made


@pytest.fixture(scope="module")
def opened(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    store = tmp_path_factory.mktemp("recover") / "state.db"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        with open_engine(SqlitePlace(store), hash_key="k" * 32) as made:
            yield made


@pytest.fixture(scope="module")
def backup(opened: Opened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the store from before the last apply; the cloud is as that one left it."""
    apply(opened, target(opened, stack(OLD)))
    path = tmp_path_factory.mktemp("backup") / "old.db"
    source = sqlite3.connect(str(opened.engine.state._engine.url.database))  # type: ignore[attr-defined]
    with sqlite3.connect(path) as copy:
        source.backup(copy)
    source.close()
    apply(opened, target(opened, stack(NEW)))
    return path


def restored(opened: Opened, backup: Path, path: Path) -> Opened:
    path.write_bytes(backup.read_bytes())
    return on(opened, state_at(opened, path))


def the_state(opened: Opened) -> RecordedStack:
    (found,) = opened.engine.state.read_all(target(opened, stack(NEW)).key)
    return found


def hows(found: Recovered) -> set[tuple[str, How]]:
    return {(each.address, each.how) for one in found.stacks for each in one.found.findings()}


def test_an_older_backup_is_brought_up_to_what_was_applied_after_it(
    opened: Opened, backup: Path, tmp_path: Path
) -> None:
    old = restored(opened, backup, tmp_path / "a.db")
    it = target(opened, stack(NEW))
    found = recovered(old, it)
    assert [one.proven for one in found.stacks] == [True]
    stays = {(name, How.KNOWN) for name in ("attachment", "data", "gateway", "table", "vpc")}
    assert hows(found) - stays == {
        ("default", How.MOVED),
        ("shell", How.MOVED),
        ("leaving", How.GONE),
        ("policy", How.FOUND),
        ("machine", How.FOUND),
        ("machine", How.GONE),
    }
    assert known(the_state(old)) == known(the_state(opened))
    assert plans(old, it) == []
    assert not any(one.changes for one in recovered(old, it).stacks)


def test_a_plan_on_an_older_backup_ends_and_says_what_leads_on(
    opened: Opened, backup: Path, tmp_path: Path
) -> None:
    """The kind: what state has is gone and another object has its tags, so that a plan reads and looks for ever."""
    old = restored(opened, backup, tmp_path / "f.db")
    it = target(opened, stack(NEW))
    new, gone = (the_state(one).resources[Address("machine")].remote_id for one in (opened, old))
    problems: list[Diagnostic] = []
    cloud = open_cloud(opened.engine, it, Purpose.PLAN)
    assert plan_target(old.engine, it, cloud, unread={}, problems=problems) == ()
    (problem,) = [one for one in problems if one.code == "another-in-place"]
    assert (f"`{gone}`" in problem.detail, f"`{new}`" in problem.detail) == (True, True)
    assert "gitbot recover dev" in problem.fix
    assert [one.proven for one in recovered(old, it).stacks] == [True]


def test_specs_that_are_not_those_of_the_last_apply_are_told_and_not_proven(
    opened: Opened, backup: Path, tmp_path: Path
) -> None:
    """What they do not declare is recorded all the same, so that the next plan deletes it."""
    lost = on(opened, state_at(opened, tmp_path / "b.db"))
    less = NEW.replace("STATUS", "").replace("Status: Enabled", "Status: Suspended")
    less = less[: less.index("machine:")] + less[less.index("data:") :]
    (one,) = recovered(lost, target(opened, stack(less))).stacks
    assert one.plan is not None
    assert not one.proven
    assert {change.address: change.action for change in one.plan.effective} == {
        "data": Action.UPDATE,
        "machine": Action.DELETE,
    }
    state = the_state(lost)
    assert (state.complete, state.desired_hash) == (False, None)
    (plan,) = plans(lost, target(opened, stack(less)))
    assert plan.digest == one.plan.digest


def test_of_two_objects_that_claim_an_address_the_newer_one_counts(
    opened: Opened, backup: Path, aws: LocalAws, tmp_path: Path
) -> None:
    """The old object of a replacement that was cut off; the tags say which one is newer."""
    state, ec2 = the_state(opened), aws.client("ec2")
    address, lineage = Address("gateway"), state.lineage
    extra = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]

    def tagged(operation: str) -> None:
        tags = {
            "gitbot:stack": "dev/it",
            "gitbot:resource": address,
            "gitbot:lineage": lineage,
            "gitbot:operation": operation,
        }
        ec2.create_tags(Resources=[extra], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])

    tagged(operation_token(lineage, address, 500, "create"))
    lost = on(opened, state_at(opened, tmp_path / "c.db"))
    (one,) = recovered(lost, target(opened, stack(NEW))).stacks
    after = the_state(lost)
    assert after.resources[address].remote_id == extra
    assert [old.resource.remote_id for old in after.deposed] == [state.resources[address].remote_id]
    assert after.serial > 1500
    assert not one.proven

    tagged("nobody knows")
    lost = on(opened, state_at(opened, tmp_path / "d.db"))
    (one,) = recovered(lost, target(opened, stack(NEW))).stacks
    assert address not in the_state(lost).resources
    assert len(one.found.rivals[address]) == 2
    assert not one.proven
    ec2.delete_internet_gateway(InternetGatewayId=extra)


def test_objects_that_another_repository_has_under_the_same_names_are_left_alone(
    opened: Opened, backup: Path
) -> None:
    theirs = replace(target(opened, stack(NEW)), repository="another")
    before = the_state(opened)
    found = recovered(opened, theirs)
    assert [one.after.resources for one in found.stacks] == [{}]
    assert {one.why for one in found.strangers} == {
        "this store has it in the state of dev/it of repository r"
    }
    assert the_state(opened) == before


def test_what_a_cut_off_apply_had_begun_is_looked_at_and_closed(
    opened: Opened, backup: Path, tmp_path: Path
) -> None:
    it = target(opened, stack(NEW))
    old = restored(opened, backup, tmp_path / "e.db")
    made = the_state(opened).resources[Address("machine")]
    before = the_state(old)
    begun = replace(
        intent(Lease(environment=it.key, epoch=1, holder="", expires_at=opened.clock.now())),
        address=made.address,
        resource=made,
    )
    begin(old, it, before, begun)
    (one,) = recovered(old, it).stacks
    assert (one.proven, the_state(old).intents) == (True, ())
    begin(old, it, before, replace(begun, kind=IntentKind.POWER, operation="power"))
    with pytest.raises(UserError, match="apply it first, then recover"):
        recovered(old, it)


SECRETS = """\
role:
  type: AWS::IAM::Role
  properties:
    Description: "db ${secret('ssm:/recover/db')}"
    AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
fn:
  type: AWS::Lambda::Function
  properties:
    FunctionName: recover-secrets
    Runtime: python3.12
    Handler: i.h
    Role: ${role.Arn}
    Code: {ZipFile: "pw = 1"}
    Description: "d ${secret('ssm:/recover/db')}"
    Environment: {Variables: {PW: "${secret('ssm:/recover/db')}", B64: "${base64(vars.note)}", OPEN: seen}}
queue:
  type: AWS::SQS::Queue
  properties: {QueueName: recover-secrets, Tags: [{Key: t, Value: "${secret('ssm:/recover/db')}"}, {Key: o, Value: x}]}
group:
  type: AWS::EC2::SecurityGroup
  properties: {GroupDescription: "${secret('ssm:/recover/db')}", Tags: [{Key: t, Value: "${secret('ssm:/recover/db')}"}]}
"""
LEFT = """left:
  type: AWS::SQS::Queue
  properties: {QueueName: recover-left, Tags: [{Key: t, Value: "${secret('ssm:/recover/db')}"}]}
noted:
  type: AWS::IAM::Role
  properties:
    Description: "${vars.note}"
    AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
"""


def secret_stack(resources: str) -> dict[str, str]:
    files = dict(stack(resources))
    files["specs/dev/environment.yaml"] += '  secrets: ["ssm:/recover/*"]\n'
    files["specs/dev/it.yaml"] = files["specs/dev/it.yaml"].replace(
        "spec:\n",
        "spec:\n  variables: {note: {type: string, sensitive: true}}\n  values: {note: Kanarie-note}\n",
    )
    return files


def assert_silent(state: RecordedStack) -> None:
    for text in ("Kanarie", base64.b64encode(b"Kanarie-note").decode()):
        assert text not in repr(state)


def test_no_secret_that_the_cloud_shows_comes_into_a_recovered_state(
    opened: Opened, aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: recovering reads in the clear what an apply has set and never written."""
    aws.client("ssm").put_parameter(
        Name="/recover/db", Value="Kanarie-db", Type="SecureString", Overwrite=True
    )
    world = on(opened, state_at(opened, tmp_path / "secrets.db"))
    whole, it = (target(opened, secret_stack(one)) for one in (SECRETS + LEFT, SECRETS))
    apply(world, whole)
    (before,) = world.engine.state.read_all(whole.key)
    assert_silent(before)
    lost = on(opened, state_at(opened, tmp_path / "lost.db"))
    recovered(lost, it, before.lineage)
    (found,) = lost.engine.state.read_all(it.key)
    assert_silent(found)
    assert found.resources.keys() == before.resources.keys()
    assert "Tags" not in found.resources[Address("left")].attributes
    options = found.resources[Address("fn")].properties["Environment"]
    assert isinstance(options, dict)
    assert options["Variables"]["OPEN"] == "seen"
    assert isinstance(options["Variables"]["PW"], Redacted)
    apply(lost, it)
    (after,) = lost.engine.state.read_all(it.key)
    assert_silent(after)
    for at, one in after.resources.items():
        assert one.properties == before.resources[at].properties
        assert one.attributes.keys() == before.resources[at].attributes.keys()
    assert plans(lost, it) == []


IN_LISTS = """\
task:
  type: AWS::ECS::TaskDefinition
  properties:
    Family: recover-lists
    ContainerDefinitions:
      - Name: side
        Image: "busybox:1"
        Memory: 64
      - Name: web
        Image: "nginx:1"
        Memory: 128
        Environment:
          - {Name: OPEN, Value: seen}
          - {Name: PW, Value: "${secret('ssm:/recover/db')}"}
"""


def test_what_aws_fills_in_beside_a_secret_within_a_list_is_not_taken_for_declared(
    opened: Opened, aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: a value that nobody opens is taken from the object, which shows more than the spec says."""
    aws.client("ssm").put_parameter(
        Name="/recover/db", Value="Kanarie-db", Type="SecureString", Overwrite=True
    )
    world = on(opened, state_at(opened, tmp_path / "secrets.db"))
    it = target(opened, secret_stack(IN_LISTS))
    apply(world, it)
    (before,) = world.engine.state.read_all(it.key)
    lost = on(opened, state_at(opened, tmp_path / "lost.db"))
    recovered(lost, it, before.lineage)
    (found,) = lost.engine.state.read_all(it.key)
    assert_silent(found)
    (plan,) = plans(lost, it)
    (change,) = plan.changes
    assert [(one.path, one.forces) for one in change.paths] == [
        ("/ContainerDefinitions/1/Environment/1/Value", False)
    ]
    apply(lost, it)
    (after,) = lost.engine.state.read_all(it.key)
    task = Address("task")
    assert after.resources[task].remote_id == before.resources[task].remote_id
    assert after.resources[task].properties == before.resources[task].properties
    assert plans(lost, it) == []


def test_the_next_apply_takes_out_what_state_has_in_plain(
    opened: Opened, aws: LocalAws, tmp_path: Path
) -> None:
    """Whoever wrote it, and also where the plan has nothing to do."""
    aws.client("ssm").put_parameter(
        Name="/recover/db", Value="Kanarie-db", Type="SecureString", Overwrite=True
    )
    world = on(opened, state_at(opened, tmp_path / "plain.db"))
    it = target(opened, secret_stack(LEFT))
    apply(world, it)
    (good,) = world.engine.state.read_all(it.key)
    shown = {
        "left": {"Tags": [{"Key": "t", "Value": "Kanarie-db"}]},
        "noted": {"Description": "Kanarie-note"},
    }
    bad = {
        at: replace(one, attributes={**one.attributes, **shown[at]})
        for at, one in good.resources.items()
    }
    bad[Address("noted")] = replace(
        bad[Address("noted")],
        properties={**good.resources[Address("noted")].properties, **shown["noted"]},
    )
    with hold(world.engine.state, it.key, "test", ttl=MINUTE, clock=opened.clock) as lease:
        world.engine.state.rewrite(lease(), replace(good, resources=bad))
    (leaking,) = world.engine.state.read_all(it.key)
    assert "Kanarie-note" in repr(leaking)
    assert plans(world, it) == []
    apply(world, it)
    (after,) = world.engine.state.read_all(it.key)
    assert after.resources == good.resources


def begin(opened: Opened, it: Target, state: RecordedStack, begun: Intent) -> None:
    """Write an intent, as an apply does that dies then."""
    store = opened.engine.state
    with hold(store, it.key, "test", ttl=MINUTE, clock=opened.clock) as lease:
        store.begin(lease(), state.id, state.lineage, begun)
