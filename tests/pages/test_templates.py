"""Templates of CloudFormation: plan, apply, plan nothing, change one value, destroy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import environment
from tests.e2e.shell import Shell, person
from tests.e2e.specs import stack

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Use:
    """A use of a template with these values, one that differs, and what it makes and changes."""

    template: str
    values: str
    other: tuple[str, str]
    makes: int
    changes: tuple[str, ...]


USES = (
    Use(
        "network.yaml",
        "{Zones: [us-east-1a, us-east-1b]}",
        ("{Zones", '{Public: "false", Zones'),
        9,
        ("t.Gateway AWS::EC2::InternetGateway will be deleted", "t.Inside AWS::EC2::SecurityGroup will be"),
    ),
    Use(
        "machine.yaml",
        "{Bucket: acme-data}",
        ("acme-data", "acme-other"),
        3,
        ("t.Role AWS::IAM::Role will be updated", "t.Machine AWS::EC2::Instance will be"),
    ),
    Use(
        "bucket.json",
        "{Days: 30}",
        ("{Days: 30}", '{Days: 60, Keep: "yes"}'),
        2,
        ("t.Data AWS::S3::Bucket will be updated",),
    ),
)  # fmt: skip

MORE = """
  account: "123456789012"
  lookups:
    - {type: "AWS::EC2::Image", identifiers: ["*"], attributes: [ImageId]}
    - {type: "AWS::SSM::Parameter", identifiers: ["/aws/service/*"], attributes: [Value]}
    - {type: "AWS::EC2::AvailabilityZone", identifiers: ["*"], attributes: [ZoneName]}
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    files = {f"templates/{use.template}": (FOLDER / use.template).read_text() for use in USES}
    home = environment("templates", "dev").rstrip() + MORE
    files["specs/dev/environment.yaml"] = home
    with person(tmp_path_factory.mktemp("templates"), files) as made:
        yield made


def test_every_template_of_the_folder_is_tried() -> None:
    assert {one.name for one in FOLDER.iterdir()} == {use.template for use in USES}


@pytest.mark.parametrize("use", USES, ids=lambda use: use.template)
def test_a_template_from_nothing_to_a_change_and_back(shell: Shell, use: Use) -> None:
    shell.aws.reset()
    name = f"s-{use.template.partition('.')[0]}"
    at = f"specs/dev/{name}.yaml"
    spec = stack(name, f"t:\n  module: templates/{use.template}\n  values: {use.values}\n")
    shell.write({at: spec})
    only = ("dev", "--stack", name)
    first = shell.gitbot("plan", *only)
    assert f"\n{use.makes} to create" in first.stdout, first.stdout + first.stderr
    new = () if shell.store.exists() else ("--new-store",)
    done = shell.gitbot("apply", *only, "--yes", *new)
    assert done.returncode == 0, done.stdout + done.stderr
    again = shell.gitbot("plan", *only, "--detailed-exitcode")
    assert again.returncode == 0, again.stdout + again.stderr
    listed = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout)
    assert len(listed[name]["resources"]) == use.makes

    shell.write({at: spec.replace(*use.other)})
    changed = shell.gitbot("plan", *only)
    for change in use.changes:
        assert change in changed.stdout, changed.stdout + changed.stderr

    plan = shell.gitbot("plan", *only, "--destroy").stdout
    digest = re.findall(r"[dD]igest ([0-9a-f]{16})", plan)
    gone = shell.gitbot("destroy", *only, *(("--digest", digest[0]) if digest else ("--yes",)))
    assert gone.returncode == 0, gone.stdout + gone.stderr
    listed = json.loads(shell.gitbot("state", "list", "dev", "--json").stdout)
    assert listed.get(name, {"resources": {}})["resources"] == {}
    shell.write({at: None})


RUNNING = """
Description: A network and a bucket that CloudFormation made
Parameters:
  Block: {Type: String, Default: 10.60.0.0/16}
  Stage: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  VPC:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: !Ref Block, Tags: [{Key: Name, Value: !Ref "AWS::StackName"}]}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref VPC, InternetGatewayId: !Ref Gateway}
  SubnetA:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref VPC, CidrBlock: 10.60.1.0/24, AvailabilityZone: !Sub "${AWS::Region}a"}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref VPC}}
  Way:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
  Data:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties: {BucketName: !If [IsProd, acme-legacy-prod, acme-legacy]}
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: acme-reader
      Path: /teams/
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]
  Worker:
    Type: AWS::IAM::Role
    Properties:
      RoleName: acme-worker
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Reader.Arn}, Action: sts:AssumeRole}]
      Tags: [{Key: reads, Value: !GetAtt Data.Arn}]
  Never: {Type: AWS::EC2::InternetGateway, Condition: IsProd}
"""


def test_a_running_stack_is_adopted_as_it_is(shell: Shell) -> None:
    shell.aws.reset()
    cloudformation = shell.aws.client("cloudformation")
    given = [{"ParameterKey": "Stage", "ParameterValue": "dev"}]
    cloudformation.create_stack(StackName="LegacyNet", TemplateBody=RUNNING, Parameters=given)
    done = shell.gitbot("adopt", "cloudformation", "LegacyNet", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    spec = (shell.clone / "specs/dev/legacynet.yaml").read_text()
    assert "\n  values:\n    stage: dev\n" in spec
    assert spec.count("        import: ") == 9
    assert "9 to adopt" in done.stdout, done.stdout
    assert "DELETE_SKIPPED" in done.stderr

    broken = shell.clone / "specs/dev/broken.yaml"
    broken.write_text("a: [")
    refused = shell.gitbot("adopt", "cloudformation", "LegacyNet", "dev", "--name", "other")
    assert (refused.returncode, "Nothing was adopted" in refused.stderr) == (1, True)
    assert not (shell.clone / "specs/dev/other.yaml").exists()
    broken.unlink()

    again = shell.gitbot("adopt", "cloudformation", "LegacyNet", "dev")
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    missing = shell.gitbot("adopt", "cloudformation", "Nothing", "dev", "--name", "other")
    assert "there is no CloudFormation stack" in missing.stderr
    shell.write({})
    plan = shell.gitbot("plan", "dev", "--stack", "legacynet").stdout
    digest = re.findall(r"[dD]igest ([0-9a-f]{16})", plan)
    new = () if shell.store.exists() else ("--new-store",)
    taken = shell.gitbot("apply", "dev", "--stack", "legacynet", "--digest", digest[0], *new)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    after = shell.gitbot("plan", "dev", "--stack", "legacynet", "--detailed-exitcode")
    assert after.returncode == 0, after.stdout + after.stderr


WITH_A_SECRET = """Parameters:
  Word: {Type: String, NoEcho: true, Default: Kanarie-word}
  DbPassword: {Type: String}
Resources:
  W: {Type: AWS::SSM::Parameter, Properties: {Name: /secretive/w, Type: String, Value: !Ref Word}}
  D: {Type: AWS::SSM::Parameter, Properties: {Name: /secretive/d, Type: String, Value: !Ref DbPassword}}
"""


def test_a_running_stack_with_secret_parameters_is_adopted_with_references_to_secrets(
    shell: Shell,
) -> None:
    cloudformation, ssm = shell.aws.client("cloudformation"), shell.aws.client("ssm")
    given = [{"ParameterKey": "DbPassword", "ParameterValue": "Kanarie-db"}]
    cloudformation.create_stack(StackName="Secretive", TemplateBody=WITH_A_SECRET, Parameters=given)
    (running,) = cloudformation.describe_stacks(StackName="Secretive")["Stacks"]
    shown = {one["ParameterKey"]: one["ParameterValue"] for one in running["Parameters"]}
    assert shown == {"Word": "****", "DbPassword": "Kanarie-db"}
    made = shell.gitbot("adopt", "cloudformation", "Secretive", "dev")
    assert made.returncode == 1
    assert "which `secrets` of" in made.stderr
    spec = (shell.clone / "specs/dev/secretive.yaml").read_text()
    assert "Kanarie" not in spec + made.stdout + made.stderr
    names = re.findall(r"# aws ssm put-parameter --type SecureString --name (\S+) --value", spec)
    assert names == ["/dev/secretive/word", "/dev/secretive/db_password"]
    for name, value in zip(names, ("Kanarie-word", "Kanarie-db"), strict=True):
        ssm.put_parameter(Name=name, Value=value, Type="SecureString")
    rules = shell.clone / "specs/dev/environment.yaml"
    before = rules.read_text()
    shell.write({"specs/dev/environment.yaml": before + '  secrets: ["ssm:/dev/secretive/*"]\n'})
    own = {"GITBOT_HASH_KEY": "k" * 32, "GITBOT_STORE": str(shell.store.with_name("own.db"))}
    plan = shell.gitbot("plan", "dev", "--stack", "secretive", **own)
    assert "2 to adopt" in plan.stdout, plan.stderr
    (digest,) = re.findall(r"[dD]igest ([0-9a-f]{16})", plan.stdout)
    apply = ("apply", "dev", "--stack", "secretive", "--digest", digest, "--new-store")
    taken = shell.gitbot(*apply, **own)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    state = shell.gitbot("state", "pull", "dev", "secretive", **own).stdout
    assert "/secretive/w" in state
    assert "Kanarie" not in state
    shell.write({"specs/dev/environment.yaml": before, "specs/dev/secretive.yaml": None})


SERVERLESS = """Transform: AWS::Serverless-2016-10-31
Parameters: {Name: {Type: String, Default: acme-sam}}
Resources:
  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Name}-data"}}
  Job:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.12, CodeUri: s3://bucket/key}
Outputs: {Role: {Value: !GetAtt JobRole.Arn}}
"""


def test_a_template_of_sam_is_converted_as_its_translation(shell: Shell) -> None:
    shell.write(
        {"sam.yaml": SERVERLESS, "local.yaml": SERVERLESS.replace("s3://bucket/key", "src/")}
    )
    made = shell.gitbot("convert", "cloudformation", "sam.yaml")
    assert made.returncode == 0, made.stderr
    assert "BucketName: ${vars.name}-data" in made.stdout
    assert "  job_role:\n      type: AWS::IAM::Role" in made.stdout
    assert "role: ${job_role.Arn}" in made.stdout
    refused = shell.gitbot("convert", "cloudformation", "local.yaml")
    assert refused.returncode == 1
    assert "line 5" in refused.stderr
    assert "sam package" in refused.stderr
    shell.write({"sam.yaml": None, "local.yaml": None})
