"""What public templates use, as tests/cases/templates/public.yaml lists it, is covered by cases of our own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitbot.language.load import load_tree
from gitbot.model.desired import LoadedTree
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, tree
from tests.unit.language.test_templates import LISTS

PUBLIC = Path("tests/cases/templates/public.yaml")
MORE = '  account: "123456789012"\n  secrets: ["ssm:/images/*"]\n'
BUCKET = "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {%s}}\n"
NAME = BUCKET % "BucketName: %s"
TAG = BUCKET % "Tags: [{Key: a, Value: %s}]"
TEXT = "Parameters: {A: {Type: String, Default: a%s}}\n" + TAG % "!Ref A"
CHOICE = "Parameters: {A: {Type: String, Default: a}}\nConditions: {C: !Equals [!Ref A, a]}\n"
MAPPING = "Mappings: {M: {us-east-1: {a: b, l: [x, y]}}}\n"
PORT = (
    "Resources:\n  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: d\n"
    "      SecurityGroupIngress: [{%s, CidrIp: 10.0.0.0/8}]\n"
)
ROLE = (
    "  R:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n"
    "        Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}\n"
)
MACHINE = "Resources:\n  M: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-12345678, %s}}\n"
DISK = "BlockDeviceMappings: [{DeviceName: /dev/sdm, Ebs: {VolumeSize: '10', DeleteOnTermination: 'true'}}]"
EXTENDED = "Transform: AWS::LanguageExtensions\n"

COVERED: dict[str, str] = {
    "short tags": TAG % "!Sub 'x-${AWS::Region}'",
    "JSON": '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}',
    "JSON with tabs": '{\n\t"Resources": {\n\t\t"B": {"Type": "AWS::S3::Bucket"}\n\t}\n}',
    "Parameters: String": TEXT % "",
    "Parameters: Number": "Parameters: {N: {Type: Number, Default: '3', MinValue: 1}}\n" + TAG % "!Ref N",
    "Parameters: CommaDelimitedList": "Parameters: {L: {Type: CommaDelimitedList, Default: 'a,b'}}\n" + TAG % "!Select [1, !Ref L]",
    "Parameters: List<AWS…>": "Parameters: {L: {Type: 'List<AWS::EC2::AvailabilityZone::Name>', Default: 'a,b'}}\n" + TAG % "!Select [0, !Ref L]",
    "Parameters: AWS…::Id": "Parameters: {K: {Type: 'AWS::EC2::KeyPair::KeyName', Default: k}}\n" + TAG % "!Ref K",
    "Parameters: image of SSM": "Parameters: {I: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/a}}\n" + TAG % "!Ref I",
    "AllowedValues": TEXT % ", AllowedValues: [a, b]",
    "AllowedPattern": TEXT % ", AllowedPattern: '[a-z]+', ConstraintDescription: small letters",
    "MinLength, MaxLength": TEXT % ", MinLength: '1', MaxLength: 9",
    "NoEcho": "Parameters: {A: {Type: String, Default: hunter22, NoEcho: true}}\n" + TAG % "!Ref A",
    "Mappings": MAPPING + TAG % "!FindInMap [M, !Ref AWS::Region, a]",
    "Mappings: lists": MAPPING + TAG % "!Select [0, !FindInMap [M, !Ref AWS::Region, l]]",
    "Fn::FindInMap: inside another": "Mappings: {M: {us-east-1: {a: N}}, N: {us-east-1: {b: c}}}\n"
    + TAG % "!FindInMap [!FindInMap [M, !Ref AWS::Region, a], !Ref AWS::Region, b]",
    "Conditions": CHOICE + TAG % "!If [C, x, y]",
    "Conditions: And, Or, Not": "Conditions: {A: !Equals [a, b], B: !And [!Not [!Condition A], !Or [!Condition A, !Equals [a, a]]]}\n"
    + TAG % "!If [B, x, y]",
    "Condition of a resource": CHOICE + "Resources:\n  B: {Type: AWS::S3::Bucket, Condition: C}\n",
    "Condition of an output": CHOICE + NAME % "acme-a" + "Outputs: {O: {Condition: C, Value: !Ref B}}\n",
    "Fn::If: AWS::NoValue": CHOICE + NAME % "!If [C, !Ref AWS::NoValue, acme-b]",
    "Fn::If: Properties": CHOICE + "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: !If [C, {BucketName: acme-a}, {}]\n",
    "Fn::If: Tags": CHOICE + BUCKET % "Tags: [!If [C, {Key: a, Value: b}, {Key: c, Value: d}]]",
    "DependsOn": NAME % "acme-a" + "  D: {Type: AWS::S3::Bucket, DependsOn: [B]}\n",
    "DeletionPolicy: Retain": "Resources:\n  B: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}\n",
    "Export": NAME % "acme-a" + "Outputs: {O: {Value: !Ref B, Export: {Name: !Sub '${AWS::StackName}-b'}}}\n",
    "Metadata": "Metadata: {AWS::CloudFormation::Interface: {ParameterGroups: []}}\n"
    "Resources:\n  B: {Type: AWS::S3::Bucket, Metadata: {guard: {SuppressedRules: [A]}}}\n",
    "Ref": NAME % "acme-a" + "Outputs: {O: {Value: {Ref: B}}}\n",
    "Fn::GetAtt": "Resources:\n" + ROLE + "Outputs: {O: {Value: !GetAtt R.Arn}, P: {Value: {'Fn::GetAtt': [R, Arn]}}}\n",
    "Fn::GetAtt: a property": MACHINE % "AvailabilityZone: us-east-1a" + "Outputs: {O: {Value: !GetAtt M.AvailabilityZone}}\n",
    "Fn::Sub": NAME % "!Sub 'acme-${AWS::Region}-${AWS::AccountId}'",
    "Fn::Join": TAG % "!Join ['-', [a, !Ref AWS::Region]]",
    "Fn::Select": TAG % "!Select [0, [a, b]]",
    "Fn::GetAZs": TAG % "!Select [0, !GetAZs '']",
    "Fn::Cidr": TAG % "!Select [0, !Cidr [!Select [1, !Cidr [10.0.0.0/16, 4, 14]], 8, 11]]",
    "Fn::Base64": MACHINE % "UserData: !Base64 {'Fn::Sub': 'echo $? ${AWS::Region} ${!HOME}'}",
    "{{resolve:ssm}}": MACHINE % "UserData: '{{resolve:ssm:/images/start}}'",
    "numbers as text": PORT % "IpProtocol: tcp, FromPort: '22', ToPort: '22'",
    "text as numbers": PORT % "IpProtocol: -1",
    "booleans as text": MACHINE % DISK,
    "rules beside those of their group": PORT % "IpProtocol: tcp, FromPort: 22, ToPort: 22"
    + "  I:\n    Type: AWS::EC2::SecurityGroupIngress\n"
    "    Properties: {GroupId: !Ref G, IpProtocol: -1, SourceSecurityGroupId: !GetAtt G.GroupId}\n",
    "groups by name": MACHINE % "SecurityGroups: [!Ref G]"
    + "  G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d}}\n",
    "groups of rules by name": PORT % "IpProtocol: tcp, FromPort: 1, ToPort: 1"
    + "  H:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: d\n"
    "      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 1, ToPort: 1, SourceSecurityGroupName: !Ref G}]\n",
    "names of conditions with dashes": "Conditions: {Is-A: !Equals [a, a], Is-B: !Not [Condition: Is-A]}\n" + TAG % "!If [Is-B, x, y]",
    "JSON with a comma too many": '{"Resources": {"B": {"Type": "AWS::S3::Bucket",},}}',
    "Fn::Split": TAG % "!Select [0, !Split ['-', a-b]]",
    "policies": "Resources:\n" + ROLE + "  P: {Type: AWS::IAM::InstanceProfile, Properties: {Path: /, Roles: [!Ref R]}}\n",
}  # fmt: skip
REFUSED: dict[str, str] = {
    "CreationPolicy": "Resources:\n  B: {Type: AWS::S3::Bucket, CreationPolicy: {}}\n",
    "AWS::CloudFormation::Init": "Resources:\n  B: {Type: AWS::S3::Bucket, Metadata: {AWS::CloudFormation::Init: {}}}\n",
    "AWS::CloudFormation::Stack": "Resources:\n  B: {Type: AWS::CloudFormation::Stack}\n",
    "custom resources": "Resources:\n  C: {Type: Custom::A}\n" + (TAG % "!GetAtt C.Id").removeprefix("Resources:\n"),
    "modules of the registry": "Resources:\n  A: {Type: Some::IAM::Role::MODULE}\n",
    "Fn::ImportValue": TAG % "!ImportValue a",
    "Fn::ForEach": EXTENDED + "Resources:\n  Fn::ForEach::L: [I, [a], {'B${I}': {Type: AWS::S3::Bucket}}]\n",
    "Rules": "Rules: {R: {Assertions: [{Assert: !Contains [[a], !Ref A]}]}}\n" + TEXT % "",
    "DeletionPolicy: a function": EXTENDED
    + "Resources:\n  B: {Type: AWS::S3::Bucket, DeletionPolicy: !Ref AWS::Region}\n",
}  # fmt: skip
OTHERWISE: dict[str, tuple[str, str]] = {
    "types that are not served": (
        NAME % "acme-a" + "  A: {Type: AWS::RDS::DBSecurityGroup}\nOutputs: {O: {Value: !Ref A}, P: {Value: !GetAtt A.Id}}\n",
        "type-not-served",
    ),
    "properties that are not managed": (MACHINE % "AdditionalInfo: x", "property-not-handled"),
    "ACLs without OwnershipControls": (BUCKET % "AccessControl: PublicRead", "missing-property"),
    "values that AWS does not have": (BUCKET % "VersioningConfiguration: {Status: 'On'}", "property-value"),
    "keys given twice": ("Description: a\nDescription: b\n" + NAME % "acme-a", "yaml-duplicate-key"),
    "names that are not there": (TAG % "!If [C, a, b]", "unknown-name"),
}  # fmt: skip

ELSEWHERE = {
    "defaults that do not suit": "tests/unit/language/test_templates.py",
    "SAM: code in a folder": "tests/contract/test_sam.py",
    "SAM: names that it refuses": "tests/contract/test_sam.py",
}


def loaded(template: str) -> LoadedTree:
    catalog = open_catalog()
    use = HEAD + "  resources: {net: {module: templates/a.yaml}}\n"
    home = ENVIRONMENT.rstrip() + LISTS + MORE
    files = {"specs/dev/environment.yaml": home, "specs/dev/demo.yaml": use}
    return load_tree(
        tree({**files, "templates/a.yaml": template}),
        catalog.lookup,
        catalog.names,
        catalog.native_names,
        catalog.lookup_kind,
    )


def public() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(PUBLIC.read_text(encoding="utf-8"))["templates"]
    return found


@pytest.mark.parametrize("construct", COVERED)
def test_what_public_templates_use_is_loaded(construct: str) -> None:
    assert [(one.line, one.detail) for one in loaded(COVERED[construct]).errors()] == []


@pytest.mark.parametrize(
    ("construct", "code"),
    [
        *((one, "template-unsupported") for one in REFUSED),
        *((one, code) for one, (_, code) in OTHERWISE.items()),
    ],
)
def test_what_gitbot_cannot_do_is_one_diagnostic(construct: str, code: str) -> None:
    template = REFUSED.get(construct) or OTHERWISE[construct][0]
    found = [one for one in loaded(template).errors() if one.code != "module-broken"]
    assert [one.code for one in found] == [code]


def test_every_construct_of_a_public_template_has_a_case() -> None:
    known = COVERED.keys() | REFUSED.keys() | OTHERWISE.keys() | ELSEWHERE.keys()
    used = Counter(name for one in public() for name in one["uses"])
    assert used.keys() - known == set()
    assert known - used.keys() == set()


def test_each_public_template_is_named_once_with_what_becomes_of_it() -> None:
    places = Counter((one["repository"], one["path"]) for one in public())
    assert max(places.values()) == 1
    known = REFUSED.keys() | OTHERWISE.keys() | {one for one in ELSEWHERE if one.startswith("SAM")}
    for one in public():
        refused = [name for name in one["uses"] if name in known]
        assert (one["becomes"] == "refused") == bool(refused), one["path"]
        assert one["becomes"] in ("applied", "planned", "refused"), one["path"]


def test_the_page_has_the_figures_of_the_list() -> None:
    becomes = Counter(one["becomes"] for one in public())
    counts = (
        len({one["repository"] for one in public()}),
        len(public()),
        *(becomes[name] for name in ("applied", "planned", "refused")),
    )
    row = f"| {' | '.join(map(str, counts))} |"
    assert row in Path("docs/templates.md").read_text(encoding="utf-8")


def test_of_two_properties_that_exclude_each_other_a_condition_may_leave_one() -> None:
    template = (
        "Parameters: {S: {Type: String, Default: ''}}\nConditions: {New: !Equals [!Ref S, '']}\n"
        "Resources:\n  D:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      %s\n"
        "      DBInstanceClass: db.t3.micro\n      AllocatedStorage: '20'\n      Engine: postgres\n"
        "      ManageMasterUserPassword: true\n"
        "      DBSnapshotIdentifier: !If [New, !Ref AWS::NoValue, !Ref S]\n"
    )
    one = "MasterUsername: !If [New, postgres, !Ref AWS::NoValue]"
    assert loaded(template % one).errors() == ()
