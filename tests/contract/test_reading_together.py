"""The command line reads the cloud once, with one child, for all stacks of an environment."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gitbot.adapters.loader import pool
from gitbot.adapters.loader.child import Child
from gitbot.cli.main import main
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws

ENVIRONMENT = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {region: us-east-1}\n"
)
STACK = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {{name: {name}}}
spec:
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupName: {name}
        GroupDescription: for {name}
        SecurityGroupIngress:
          - {{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}}
  outputs:
    group: ${{ssh.GroupId}}
"""
NAMES = ("one", "two", "three")
MIXED = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {{name: {name}}}
spec:
  resources:
    logs: {{type: AWS::Logs::LogGroup, properties: {{LogGroupName: /{name}, Tags: [{{Key: a, Value: b}}]}}}}
    token: {{type: AWS::SecretsManager::Secret, properties: {{Name: {name}, GenerateSecretString: {{}}}}}}
    parameter: {{type: AWS::SSM::Parameter, properties: {{Name: /{name}/x, Type: String, Value: "1", Tags: {{a: b}}}}}}
    queue: {{type: AWS::SQS::Queue, properties: {{QueueName: {name}}}}}
    bucket: {{type: AWS::S3::Bucket, properties: {{BucketName: together-{name}, Tags: [{{Key: a, Value: b}}]}}}}
    table: {{type: AWS::EC2::RouteTable, properties: {{VpcId: "${{vpc.VpcId}}"}}}}
    vpc: {{type: AWS::EC2::VPC, properties: {{CidrBlock: 10.0.0.0/16}}}}
    net: {{type: AWS::EC2::Subnet, properties: {{VpcId: "${{vpc.VpcId}}", CidrBlock: 10.0.1.0/24}}}}
    association:
      type: AWS::EC2::SubnetRouteTableAssociation
      properties: {{RouteTableId: "${{table.RouteTableId}}", SubnetId: "${{net.SubnetId}}"}}
"""
MIXED_CALLS = {
    "sts.GetCallerIdentity": 1,
    "logs.DescribeLogGroups": 1,
    "secretsmanager.ListSecrets": 1,
    "ssm.GetParameters": 1,
    "sqs.GetQueueAttributes": 3,
    "s3.HeadBucket": 3,
    # the tags of log groups, parameters, queues and buckets
    "tagging.GetResources": 4,
    "ec2.DescribeVpcs": 1,
    "ec2.DescribeSubnets": 1,
    # by table, and by association
    "ec2.DescribeRouteTables": 2,
    # the default group of each VPC, its default access list, and those of subnets
    "ec2.DescribeSecurityGroups": 1,
    "ec2.DescribeNetworkAcls": 2,
}
"""What a plan of three such stacks costs that finds nothing to do."""


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as running:
        running.reset()
        yield running


def run(aws: LocalAws, folder: Path, *arguments: str) -> Result:
    """What became of the command."""
    environ = {**aws.environment, "GITBOT_HASH_KEY": "k" * 32, "GITBOT_STORE": f"{folder}/s.db"}
    return CliRunner().invoke(main, [*arguments, "--repo", str(folder / "clone")], env=environ)


def gitbot(aws: LocalAws, folder: Path, *arguments: str) -> Any:
    """What the command prints as JSON."""
    done = run(aws, folder, *arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def clone(folder: Path, text: str = STACK) -> None:
    specs = folder / "clone" / "specs" / "dev"
    specs.mkdir(parents=True)
    (specs / "environment.yaml").write_text(ENVIRONMENT)
    for name in NAMES:
        (specs / f"{name}.yaml").write_text(text.format(name=name))
    subprocess.run(["git", "init", "-q"], cwd=folder / "clone", check=True)
    commit(folder, "Three stacks")


def commit(folder: Path, message: str) -> None:
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.com")
    for arguments in (("add", "-A"), ("commit", "-qm", message)):
        subprocess.run([*git, *arguments], cwd=folder / "clone", check=True)


def test_stacks_are_read_together_and_each_gets_its_own_objects(
    aws: LocalAws, tmp_path: Path
) -> None:
    clone(tmp_path)
    applied = gitbot(aws, tmp_path, "apply", "dev", "--yes", "--new-store", "--json")
    assert [one["ok"] for one in applied["results"]] == [True] * len(NAMES)
    group = applied["results"][1]["plan"]["stack"]["name"]
    ec2 = aws.client("ec2")
    found = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [group]}])
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    ec2.authorize_security_group_ingress(
        GroupId=found["SecurityGroups"][0]["GroupId"],
        IpPermissions=[{**rule, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    aws.forget_calls()
    plans = gitbot(aws, tmp_path, "plan", "dev", "--json")["plans"]
    assert Counter(map(str, aws.calls)) == {
        "sts.GetCallerIdentity": 1,
        "ec2.DescribeSecurityGroups": 1,
    }
    drifted = {plan["stack"]["name"]: len(plan.get("drift", ())) for plan in plans}
    assert drifted == {name: int(name == group) for name in NAMES}


def test_a_plan_that_finds_nothing_to_do_costs_few_calls(aws: LocalAws, tmp_path: Path) -> None:
    """The kind: a call for each object, where one would do for all of a type."""
    clone(tmp_path, MIXED)
    gitbot(aws, tmp_path, "apply", "dev", "--yes", "--new-store", "--json")
    aws.forget_calls()
    plans = gitbot(aws, tmp_path, "plan", "dev", "--json")["plans"]
    assert {change["action"] for plan in plans for change in plan["changes"]} == {"no-op"}
    assert Counter(map(str, aws.calls)) == MIXED_CALLS


def test_an_object_that_cannot_be_read_stops_its_own_stack_alone_and_is_named(
    aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: one refusal must not keep others from being planned, and must say what to allow."""
    clone(tmp_path)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    role = {"RoleName": "secret", "AssumeRolePolicyDocument": {"Statement": [trust]}}
    spec = {"resources": {"role": {"type": "AWS::IAM::Role", "properties": role}}}
    stack = {"apiVersion": "gitbot/v1", "kind": "Stack", "metadata": {"name": "locked"}}
    (tmp_path / "clone/specs/dev/locked.yaml").write_text(json.dumps(stack | {"spec": spec}))
    commit(tmp_path, "A role")
    gitbot(aws, tmp_path, "apply", "dev", "--yes", "--new-store", "--json")
    aws.inject(Fault(kind=FaultKind.ERROR, operation="GetRole", status=403, count=None))
    done = run(aws, tmp_path, "plan", "dev", "--json")
    assert done.exit_code == 1
    assert {plan["stack"]["name"] for plan in json.loads(done.stdout)["plans"]} == set(NAMES)
    assert "dev/locked was left as it is: " in done.stderr
    told = " ".join(done.stderr.split())
    assert "AWS::IAM::Role secret cannot be read" in told
    assert "Allow `iam:GetRole`" in told


def test_what_only_the_cloud_tells_of_a_stack_stops_its_plan_alone(
    aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: people correct the first error that they are shown, and meet the next one then."""
    clone(tmp_path)
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 100}}
    machine = {"ImageId": "ami-0a1b2c3d4e5f60718", "InstanceType": "t3.micro"}
    resource = {
        "type": "AWS::EC2::Instance",
        "properties": machine | {"BlockDeviceMappings": [disk]},
    }
    wrong = ("a", "pair")
    for name in wrong:
        stack = {"apiVersion": "gitbot/v1", "kind": "Stack", "metadata": {"name": name}}
        text = json.dumps(stack | {"spec": {"resources": {f"of_{name}": resource}}}, indent=1)
        (tmp_path / f"clone/specs/dev/{name}.yaml").write_text(text)
    commit(tmp_path, "Two machines")
    done = run(aws, tmp_path, "plan", "dev", "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert {plan["stack"]["name"] for plan in told["plans"]} == set(NAMES)
    problems = [(one["code"], one["file"]) for one in told["diagnostics"]]
    assert problems == [("made-otherwise", f"specs/dev/{name}.yaml") for name in wrong]
    for name in wrong:
        assert f"dev/{name} was left as it is: specs/dev/{name}.yaml:" in done.stderr
    part = run(aws, tmp_path, "plan", "dev", *(f"--target=of_{name}" for name in wrong))
    assert (part.exit_code, part.stderr.count("(made-otherwise)")) == (1, 2)
    # What the plan itself cannot do, and what is there already, come in the same round.
    aws.client("sqs").create_queue(QueueName="theirs")
    pair = tmp_path / "clone/specs/dev/pair.yaml"
    before = pair.read_text()
    spec = json.loads(before)
    spec["spec"]["resources"]["taken"] = {
        "type": "AWS::SQS::Queue",
        "properties": {"QueueName": "theirs"},
    }
    pair.write_text(json.dumps(spec, indent=1))
    commit(tmp_path, "A queue of somebody else")
    told = json.loads(run(aws, tmp_path, "plan", "dev", "--json").stdout)
    of_pair = sorted(one["code"] for one in told["diagnostics"] if "pair" in one["file"])
    assert of_pair == ["already-exists", "made-otherwise"]
    never = {"preconditions": [{"that": "${env.name != 'dev'}", "says": "never"}]}
    spec["spec"]["resources"]["taken"]["lifecycle"] = never
    pair.write_text(json.dumps(spec, indent=1))
    commit(tmp_path, "A condition that never holds")
    told = json.loads(run(aws, tmp_path, "plan", "dev", "--json").stdout)
    of_pair = sorted(one["code"] for one in told["diagnostics"] if "pair" in one["file"])
    assert of_pair == ["already-exists", "made-otherwise", "precondition-failed"]
    pair.write_text(before)
    commit(tmp_path, "Without the queue")
    # An apply does none of them: somebody agrees to all or to nothing.
    refused = run(aws, tmp_path, "apply", "dev", "--yes", "--new-store", "--json")
    assert refused.exit_code == 1
    assert len(json.loads(refused.stdout)["diagnostics"]) == len(wrong)
    groups = aws.client("ec2").describe_security_groups()["SecurityGroups"]
    assert not {one["GroupName"] for one in groups} & set(NAMES)


def test_a_persons_own_specs_are_loaded_and_bound_by_one_child(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    class Counted(Child):
        def __init__(self, **more: Any) -> None:
            super().__init__(**more)
            started.append(self.pid)

    monkeypatch.setattr(pool, "Child", Counted)
    clone(tmp_path)
    # Stacks that are applied at once may each need a child at the same moment.
    one = ("--parallelism", "1")
    gitbot(aws, tmp_path, "apply", "dev", "--yes", "--new-store", "--json", *one)
    assert len(started) == 1
    assert gitbot(aws, tmp_path, "plan", "dev", "--json")["plans"]
    assert len(started) == 2
