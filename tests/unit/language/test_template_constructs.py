"""Constructs that public templates use, each in a small template of our own."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from gitbot.language.bind import bind
from gitbot.language.load import load_tree
from gitbot.model.desired import LoadedTree
from gitbot.model.names import Address
from gitbot.model.values import Unknown
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, load_files, load_spec, tree
from tests.unit.language.test_templates import load, stack

BOX = "Resources:\n  Box:\n    Type: Test::Box\n    Properties: {Name: box, %s}\n"
STAGE = "Parameters: {Stage: {Type: String, Default: dev}}\nConditions: {Dev: !Equals [!Ref Stage, dev]}\n"


def box(template: str) -> dict[str, Any]:
    return dict(stack(template).resources[Address("net.Box")].properties)


@pytest.mark.parametrize(
    ("before", "written", "found"),
    [
        ("Mappings: {M: {a: {b: c}}}\n", "!FindInMap [M, a, z, {DefaultValue: d}]", "d"),
        ("Mappings: {M: {a: {b: c}}}\n", "!FindInMap [M, z, b, {DefaultValue: !Ref AWS::Region}]", "us-east-1"),
        ("Mappings: {M: {a: {b: c}}}\n", "!FindInMap [M, a, b, {DefaultValue: d}]", "c"),
        ("Mappings: {M: {a: {b: c}}, dev: {a: {b: e}}}\n" + STAGE, "!FindInMap [!Ref Stage, a, b]", "e"),
        ("Mappings: {M: {a: {32: M, b: c}}}\n", "!FindInMap [!FindInMap [M, a, 32], a, b]", "c"),
        ("Parameters: {Ports: {Type: List<Number>, Default: '1, 22'}}\n", "!Join [':', !Ref Ports]", "1:22"),
        ("Parameters: {Zones: {Type: List<String>, Default: 'a,b'}}\n", "!Select [1, !Ref Zones]", "b"),
        ("Parameters: {P: {Type: String, Default: '', AllowedPattern: '^$|[a-z]+'}}\n", "!Sub 'x${P}'", "x"),
        ("", "!Join [', ', !Split ['-', !Sub '${AWS::Region}-x']]", "us, east, 1, x"),
        ("", "!Select [1, !Cidr [!Select [0, !Cidr [10.0.0.0/16, 4, 14]], '8', '11']]", "10.0.8.0/21"),
    ],
)  # fmt: skip
def test_functions_mean_what_they_mean_there(before: str, written: str, found: str) -> None:
    assert box(before + BOX % f"Secret: {written}")["Secret"] == found


def test_the_identifier_of_a_stack_has_the_form_of_an_arn_and_is_always_the_same() -> None:
    """Public templates tag with it, and make names unique with a part of it."""

    def secret(written: str) -> Any:
        files = {
            "specs/dev/environment.yaml": f"{ENVIRONMENT}  account: '123456789012'\n",
            "specs/dev/demo.yaml": HEAD + "  resources: {net: {module: templates/a.yaml}}\n",
            "templates/a.yaml": BOX % f"Secret: {written}",
        }
        loaded = load_files(files)
        assert [one.detail for one in loaded.diagnostics] == []
        return loaded.stacks[0].resources[Address("net.Box")].properties["Secret"]

    made = secret("!Ref AWS::StackId")
    assert re.fullmatch(
        r"arn:aws:cloudformation:us-east-1:\d{12}:stack/demo/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
        made,
    )
    parts = "!Select [2, !Split ['/', !Ref AWS::StackId]]"
    assert secret(parts) == made.rpartition("/")[2]
    last = f"!Select [4, !Split ['-', {parts}]]"
    assert secret(last) == made.rpartition("-")[2]


@pytest.mark.parametrize(
    ("written", "empties"), [("true", True), ("'True'", True), ("false", False)]
)
def test_a_repository_is_emptied_by_its_lifecycle(written: str, empties: bool) -> None:
    loaded = real(
        f"Resources:\n  R: {{Type: AWS::ECR::Repository, Properties: {{EmptyOnDelete: {written}}}}}\n"
        "Outputs: {O: {Value: a}}\n"
    )
    assert [one.detail for one in loaded.diagnostics] == []
    found = loaded.stacks[0].resources[Address("net.R")]
    assert found.lifecycle.empty_on_delete is empties
    assert "EmptyOnDelete" not in found.properties


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("RDS::DBInstance", "DBInstanceIdentifier"),
        ("RDS::DBSubnetGroup", "DBSubnetGroupName"),
    ],
)
def test_what_rds_writes_in_small_letters_is_written_so(type_: str, name: str) -> None:
    more = "Engine: mysql, DBInstanceClass: db.t3.micro, AllocatedStorage: '20', ManageMasterUserPassword: true, MasterUsername: root"
    if type_.endswith("Group"):
        more = "DBSubnetGroupDescription: d, SubnetIds: [subnet-11111111, subnet-22222222]"
    template = (
        f"Resources:\n  D:\n    Type: AWS::{type_}\n    Properties: {{{name}: TestData, {more}}}\n"
    )
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/demo.yaml": HEAD + "  resources: {net: {module: templates/a.yaml}}\n",
        "templates/a.yaml": template,
    }
    catalog = open_catalog()
    loaded = load_tree(tree(files), catalog.lookup, catalog.names, catalog.native_names)
    assert [one.detail for one in loaded.diagnostics] == []
    assert loaded.stacks[0].resources[Address("net.D")].properties[name] == "testdata"


def test_numbers_of_a_list_are_texts_where_texts_are_wanted() -> None:
    before = "Parameters: {Ports: {Type: List<Number>, Default: '1,22'}}\n"
    assert box(before + BOX % "Items: !Ref Ports")["Items"] == ["1", "22"]


def test_one_map_is_a_list_of_one_where_maps_are_listed() -> None:
    """Public templates write one rule or one tag so, and CloudFormation takes it."""
    assert {"Key": "size", "Value": "3"} in box(BOX % "Tags: {Key: size, Value: 3}")["Tags"]


@pytest.mark.parametrize(
    ("stage", "found"),
    [("dev", {"Name": "a", "Size": 2}), ("test", {"Name": "b", "Secret": "x"}), ("prod", {"Name": "c"})],
)  # fmt: skip
def test_properties_as_a_whole_depend_on_conditions(stage: str, found: dict[str, Any]) -> None:
    template = (
        f"Parameters: {{Stage: {{Type: String, Default: {stage}}}}}\n"
        "Conditions: {Dev: !Equals [!Ref Stage, dev], Test: !Equals [!Ref Stage, test]}\n"
        "Resources:\n  Box:\n    Type: Test::Box\n    Properties: !If\n"
        '      - Dev\n      - {Name: a, Size: "2"}\n'
        "      - !If [Test, {Name: b, Secret: x}, {Name: c, Secret: !Ref AWS::NoValue}]\n"
    )
    assert {**box(template), "Tags": 0} == {**found, "Tags": 0}


def test_one_branch_may_have_no_properties() -> None:
    template = STAGE + (
        "Resources:\n  Box:\n    Type: Test::Box\n"
        "    Properties: !If [Dev, {Name: a}, !Ref AWS::NoValue]\n"
    )
    assert box(template)["Name"] == "a"


@pytest.mark.parametrize(
    ("tags", "keys"),
    [
        ("[{Key: a, Value: b}, !If [Dev, {Key: c, Value: d}, {Key: e, Value: f}]]", ["a", "c", "env"]),
        ("[{Key: a, Value: b}, !If [Dev, !Ref AWS::NoValue, {Key: e, Value: f}]]", ["a", "env"]),
        ("!If [Dev, [{Key: c, Value: d}], !Ref AWS::NoValue]", ["c", "env"]),
        ("[{Key: !If [Dev, g, h], Value: d}, {Key: !Ref Stage, Value: !Ref Stage}]", ["dev", "env", "g"]),
    ],
)  # fmt: skip
def test_tags_depend_on_conditions(tags: str, keys: list[str]) -> None:
    found = box(STAGE + BOX % f"Tags: {tags}")["Tags"]
    assert [one["Key"] for one in found] == keys


def test_json_on_one_line_is_a_template_with_characters_of_two_escapes() -> None:
    properties = {"Name": "box", "Secret": "a\\ud83d \U0001f600"}
    template = json.dumps(
        {"Description": "d", "Resources": {"Box": {"Type": "Test::Box", "Properties": properties}}}
    )
    assert "\\ud83d\\ude00" in template
    assert box(template)["Secret"] == "a\\ud83d \U0001f600"


@pytest.mark.parametrize("start", ["\ufeffResources:\n", '\ufeff{"Resources":\n'])
def test_a_template_may_begin_with_a_byte_order_mark(start: str) -> None:
    end = "  {Box: {Type: Test::Box, Properties: {Name: box}}}" + ("}" if "{" in start else "")
    assert box(start + end)["Name"] == "box"


@pytest.mark.parametrize(
    "text", ["\n" * 300_000, " " * 300_000, "{" + "\n " * 200_000, '{"Resources"' + " " * 300_000]
)
def test_it_is_seen_at_once_that_a_large_file_is_no_template(text: str) -> None:
    spec = "  resources: {box: {type: Test::Box, properties: {Name: box}}}\n"
    started = time.process_time()
    assert load_spec(spec, **{"templates/a.yaml": text}).diagnostics == ()
    assert time.process_time() - started < 2


LOOP = "  Fn::ForEach::%s: [I, [a], {'X${I}': %s}]\n"
REFUSED = [
    ("Rules:\n  R: {Assertions: [{Assert: !Contains [[a], !Ref P]}]}\n" + BOX % "Size: 1", 2, "Rules.R"),
    (BOX % "Secret: !ValueOf [a, b]", 4, "Fn::ValueOf: only rules have it"),
    (BOX % "Size: 1" + "Outputs:\n" + LOOP % ("O", "{Value: a}"), 6, "Fn::ForEach::O: loops"),
    ("Conditions:\n" + LOOP % ("C", "!Equals [a, b]") + BOX % "Secret: !If [Xa, b, c]", 2, "Fn::ForEach::C: loops"),
    ("Resources:\n" + LOOP % ("R", "{Type: Test::Box}") + "  Box: {Type: Test::Box, DependsOn: Xa, Properties: "
     "{Name: !Ref Xa, Secret: !GetAtt Xa.Arn}}\n", 2, "Fn::ForEach::R: loops"),
    (BOX % "Size: 1" + "    DeletionPolicy: !If [A, Retain, Delete]\n", 5, "DeletionPolicy of Box is a function"),
    (BOX % "Size: 1" + "    UpdateReplacePolicy: !Ref Keep\n", 5, "UpdateReplacePolicy of Box is a function"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "line", "detail"), REFUSED)
def test_what_gitbot_does_not_do_is_one_diagnostic_a_use(
    template: str, line: int, detail: str
) -> None:
    found = [one for one in load(template).diagnostics if one.code != "module-broken"]
    assert [(one.code, one.line) for one in found] == [("template-unsupported", line)]
    assert detail in found[0].detail


@pytest.mark.parametrize(
    ("template", "line", "detail"),
    [
        (BOX % "Secret: !Select [1, 'a,b']", 4, "Fn::Select wants a list here; this is a string"),
        (BOX % "Secret: !Join ['-', a]", 4, "Fn::Join wants a list here; this is a string"),
        (BOX % "Secret: !Join ['-', {a: b}]", 4, "Fn::Join wants a list here; this is a map"),
        (BOX % "Secret: !FindInMap [M, a, b, c]", 4, "The template has no mapping"),
        ("Mappings: {M: {}}\n" + BOX % "Secret: !FindInMap [M, a, b, c]", 5, "a map with DefaultValue"),
        (BOX % "Size: 1" + "    DependsOn: !Ref Box\n", 5, "DependsOn wants a name here"),
        (BOX % "Size: 1" + "    Condition: !Equals [a, b]\n", 5, "Condition wants a name here"),
    ],
)  # fmt: skip
def test_what_cloudformation_does_not_take_is_told(template: str, line: int, detail: str) -> None:
    found = [one for one in load(template).diagnostics if one.code != "module-broken"]
    assert [one.line for one in found] == [line]
    assert detail in found[0].detail


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("Default: !Ref Other", "a map"),
        ("Default: [a, b]", "a list"),
        ("Default: a, AllowedValues: [a, !Ref Other]", "a map"),
        ("Default: a, AllowedValues: !Split [',', 'a,b']", "a map"),
        ("Default: a, AllowedPattern: [a]", "a list"),
        ("Default: a, MinLength: {a: 1}", "a map"),
        ("Default: a, NoEcho: !Ref Other", "a map"),
        ("Default: a, ConstraintDescription: [a]", "a list"),
    ],
)
def test_parameters_have_no_functions(field: str, kind: str) -> None:
    template = f"Parameters: {{P: {{Type: String, {field}}}}}\n" + BOX % "Secret: !Ref P"
    found = [one for one in load(template).diagnostics if one.code != "module-broken"]
    assert [(one.code, one.line) for one in found] == [("bad-template", 1)]
    assert f"must be written out; this is {kind}" in found[0].detail


def real(template: str) -> LoadedTree:
    catalog = open_catalog()
    use = HEAD + "  resources: {net: {module: templates/a.yaml}}\n  outputs: {o: '${net.O}'}\n"
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/demo.yaml": use}
    return load_tree(
        tree({**files, "templates/a.yaml": template}),
        catalog.lookup,
        catalog.names,
        catalog.native_names,
    )


def test_ref_of_what_has_several_identifiers_gives_all() -> None:
    loaded = real(
        "Resources:\n"
        "  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
        "  Gateway: {Type: AWS::EC2::InternetGateway}\n"
        "  Joined:\n    Type: AWS::EC2::VPCGatewayAttachment\n"
        "    Properties: {VpcId: !Ref VPC, InternetGatewayId: !Ref Gateway}\n"
        "Outputs: {O: {Value: !Ref Joined}}\n"
    )
    assert [one.detail for one in loaded.diagnostics] == []
    value = loaded.stacks[0].outputs["o"].value
    assert isinstance(value, Unknown)
    given = {Address("net.Joined"): {"AttachmentType": "IGW", "VpcId": "vpc-1"}}
    assert bind(value, given) == "IGW|vpc-1"


@pytest.mark.parametrize(
    ("type_", "properties", "said"),
    [
        ("Route", "RouteTableId: rtb-12345678, DestinationCidrBlock: 0.0.0.0/0, CarrierGatewayId: cagw-12345678", ["CarrierGatewayId"]),
        ("VPCGatewayAttachment", "VpcId: vpc-12345678", ["AWS::EC2::VPCGatewayAttachment needs exactly one"]),
        ("Subnet", "VpcId: vpc-12345678, Ipv4IpamPoolId: x, Ipv4NetmaskLength: 24", ["Ipv4IpamPoolId", "Ipv4NetmaskLength"]),
        ("Subnet", "VpcId: vpc-12345678", ["AWS::EC2::Subnet needs CidrBlock"]),
        ("Subnet", "VpcId: vpc-12345678, CidrBlok: 10.0.0.0/24", ["AWS::EC2::Subnet needs CidrBlock", "AWS::EC2::Subnet has no property"]),
        ("Route", "RouteTableId: rtb-12345678, DestinationCidrBlock: 0.0.0.0/0", ["AWS::EC2::Route needs exactly one"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_once_and_not_beside_what_is_not_managed(
    type_: str, properties: str, said: list[str]
) -> None:
    template = (
        f"Resources:\n  A: {{Type: AWS::EC2::{type_}, Properties: {{{properties}}}}}\n"
        "Outputs: {O: {Value: a}}\n"
    )
    found = [one.detail for one in real(template).diagnostics if one.code != "module-broken"]
    assert len(found) == len(said)
    assert all(
        one.startswith(start) for one, start in zip(sorted(found), sorted(said), strict=True)
    )


VARIABLES = """Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties: {Containers: [{Image: i, Environment: &v}], PrimaryContainer: {Image: i, Environment: &v}}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: 'arn:aws:iam::123456789012:role/r', PackageType: Image, Code: {ImageUri: i}, Environment: {Variables: &v}}
Outputs: {O: {Value: made}}
"""


def test_variables_of_processes_are_texts() -> None:
    loaded = real(VARIABLES.replace("&v", "{GPUS: 4, DEBUG: true, SHARE: 0.95}"))
    assert [one.detail for one in loaded.diagnostics] == []
    found = loaded.stacks[0].resources
    model = found[Address("net.Model")].properties
    function = found[Address("net.Function")].properties
    texts = {"GPUS": "4", "DEBUG": "true", "SHARE": "0.95"}
    assert model["PrimaryContainer"] == {"Image": "i", "Environment": texts}
    assert model["Containers"] == [{"Image": "i", "Environment": texts}]
    assert function["Environment"] == {"Variables": texts}
