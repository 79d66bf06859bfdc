"""What a running stack of CloudFormation becomes, and how values get the types of properties."""

from __future__ import annotations

import pytest
import yaml

from gitbot.language.cloudformation.adopting import RunningStack, adopted
from gitbot.language.cloudformation.coercing import Wanted, converted, literal
from gitbot.language.cloudformation.converting import convert
from gitbot.language.cloudformation.reader import read_template
from gitbot.language.load import load_tree
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.types import Types
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, tree
from tests.unit.language.test_aws_specs import CATALOG

TEMPLATE = """Parameters:
  Days: {Type: Number}
  Share: {Type: Number, Default: 1}
  Zones: {Type: CommaDelimitedList}
  Ports: {Type: List<Number>}
  Code: {Type: String, NoEcho: true}
  DbPassword: {Type: String}
  Odd: {Type: Number}
  Block: {Type: String, Default: 10.0.0.0/16}
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Block, Tags: [{Key: n, Value: !Ref AWS::StackName}]}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Link: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref VPC, InternetGatewayId: !Ref Gateway}}
  Private: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref VPC, VpnGatewayId: vgw-1}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref VPC}}
  Way: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
  Other: {Type: AWS::EC2::Route, Properties: {RouteTableId: !GetAtt Table.RouteTableId, GatewayId: !Ref Gateway}}
  Lost: {Type: AWS::EC2::Route, Properties: {RouteTableId: !GetAtt Table.RouteTableId, GatewayId: !Ref Gateway}}
  Gone: {Type: AWS::EC2::InternetGateway}
"""
RUNNING = RunningStack(
    name="LegacyNet",
    template=TEMPLATE,
    parameters={
        "Days": "30",
        "Share": "0.5",
        "Zones": "a, b",
        "Ports": "1,2.5",
        "Code": "****",
        "DbPassword": "hunter2",
        "Odd": "x",
        "Block": "10.0.0.0/16",
    },
    objects={
        "VPC": "vpc-1",
        "Gateway": "igw-1",
        "Link": "Lega-Link-X1",
        "Table": "rtb-1",
        "Way": "Lega-Way-X2",
        "Other": "rtb-1|::/0",
        "Lost": "Lega-Lost-X3",
        "Private": "Lega-Private-X4",
    },
)


def test_a_running_stack_gives_values_and_identifiers() -> None:
    template = read_template(TEMPLATE, Problems(file="a.yaml"))
    assert template is not None
    known = adopted(RUNNING, template, template)
    assert known.values == {
        "Days": 30,
        "Share": 0.5,
        "Zones": ["a", "b"],
        "Ports": [1, 2.5],
        "Odd": "x",
        "Block": "10.0.0.0/16",
    }
    assert known.imports == {
        "VPC": "vpc-1",
        "Gateway": "igw-1",
        "Link": "IGW|vpc-1",
        "Private": "VGW|vpc-1",
        "Table": "rtb-1",
        "Way": "rtb-1|0.0.0.0/0",
        "Other": "rtb-1|::/0",
    }
    assert known.unnamed == ("Lost",)


def test_the_spec_of_a_running_stack_has_both_and_says_what_it_lacks() -> None:
    catalog = open_catalog()
    types = Types(lookup=catalog.lookup, all_names=tuple, served_names=tuple)
    made = convert(
        TEMPLATE, name="legacynet", kind="Stack", types=types, file="the template", running=RUNNING
    )
    text = made.text or ""
    assert "    aws_stack_name: LegacyNet\n" in text
    assert "  values:\n    days: 30\n    share: 0.5\n" in text
    assert "block:" not in text.partition("  values:\n")[2].partition("  locals:\n")[0]
    assert "      lifecycle:\n        import: rtb-1|0.0.0.0/0\n" in text
    assert "# NOT CARRIED OVER: the identifier of lost: write lifecycle.import.\n" in text
    assert text.count("import: ") == 7
    assert made.left_out == 1


SECRETS = """Parameters:
  Word: {Type: String, NoEcho: true, Default: sup3rs3cret, MinLength: 8, AllowedPattern: "[a-z0-9]*"}
  Either: {Type: String, NoEcho: "true", AllowedValues: [sup3rs3cret, other]}
  Pin: {Type: Number, NoEcho: true, Default: 7309}
  DbPassword: {Type: String, Default: sup3rs3cret}
  Free: {Type: Number, NoEcho: true}
  Shown: {Type: String, NoEcho: false, Default: seen}
Resources:
  P: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Sub "${Word}${Either}${Pin}${DbPassword}${Free}${Shown}"}}
  Q: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: "{{resolve:ssm:/a/b}}"}}
Outputs:
  O: {Value: !Ref DbPassword}
"""
AS_IT_RUNS = RunningStack(
    name="leg",
    template=SECRETS,
    parameters={
        **dict.fromkeys(("Word", "Either", "Pin", "Free"), "****"),
        "DbPassword": "sup3rs3cret",
        "Shown": "seen",
    },
)


@pytest.mark.parametrize(
    ("kind", "running", "named", "unsaid"),
    [
        ("Stack", AS_IT_RUNS, ("word", "either", "db_password"), ("pin", "free")),
        ("Stack", None, ("word", "either", "db_password"), ("pin",)),
        ("Module", None, (), ("word", "either", "pin", "db_password")),
    ],
)
def test_values_of_parameters_that_are_or_may_be_secret_are_not_written(
    kind: str, running: RunningStack | None, named: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    """The kind: a default, or a choice, that CloudFormation shows to nobody and a spec to all who read it."""
    types = Types(lookup=CATALOG.lookup, all_names=tuple, served_names=tuple)
    made = convert(
        SECRETS, name="leg", kind=kind, types=types, file="t", environment="dev", running=running
    )
    text = made.text or ""
    assert "sup3rs3cret" not in text
    assert "7309" not in text
    variables = yaml.safe_load(text)["spec"]["variables"]
    assert variables.pop("shown") == {"type": "string", "default": "seen", "sensitive": False}
    assert all(one["sensitive"] is True for one in variables.values())
    values = {key: f'${{secret("ssm:/dev/leg/{key}")}}' for key in named}
    assert yaml.safe_load(text)["spec"].get("values", {}) == values
    for key in named:
        todo = f"--name /dev/leg/{key} --value ...\n"
        listed = f'    # and list "ssm:/dev/leg/{key}" in `secrets` of specs/dev/environment.yaml.'
        assert todo in text
        assert listed in text
    assert text.count("# TO DO") == len(named), "the template's own secret is no value left out"
    for key in unsaid:
        assert f"# NOT CARRIED OVER: the value of {key}, which is or may be secret.\n" in text
    assert made.left_out == len(unsaid)
    if kind == "Stack":
        rules = ENVIRONMENT + '  secrets: ["ssm:/dev/leg/*", "ssm:/a/b"]\n'
        text = text.replace("  values:\n", "  values:\n    pin: 1\n    free: 2\n")
        files = {"specs/dev/environment.yaml": rules, "specs/dev/leg.yaml": text}
        loaded = load_tree(tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names)
        assert [(one.line, one.detail) for one in loaded.errors()] == []


MAPPED = """Mappings:
  Prod:
    main: {Password: sup3rs3cret, PasswordArn: "arn:aws:x", Size: large, Tokens: [sup3rs3cret, b]}
  Passwords:
    dev: {Value: sup3rs3cret}
Resources:
  P: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !FindInMap [Prod, main, Password]}}
  Q: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !FindInMap [Passwords, dev, Value]}}
  R: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !FindInMap [Prod, main, Size]}}
Outputs:
  O: {Value: !FindInMap [Prod, main, Password]}
"""


@pytest.mark.parametrize("kind", ["Stack", "Module"])
def test_values_of_mappings_that_may_be_secret_are_not_written(kind: str) -> None:
    """The kind: a value in plain that a template keeps where no parameter is."""
    types = Types(lookup=CATALOG.lookup, all_names=tuple, served_names=tuple)
    made = convert(MAPPED, name="leg", kind=kind, types=types, file="t", environment="dev")
    text = made.text or ""
    spec = yaml.safe_load(text)["spec"]
    texts, lists = ["prod_main_password", "passwords_dev_value"], ["prod_main_tokens"]
    assert "sup3rs3cret" not in text
    assert "Size: large" in text
    assert {key: one["type"] for key, one in spec["variables"].items()} == {
        **dict.fromkeys(texts, "string"),
        **dict.fromkeys(lists, "list<string>"),
    }
    assert all(one["sensitive"] for one in spec["variables"].values())
    assert spec["outputs"]["o"]["sensitive"] is True
    named = texts if kind == "Stack" else []
    assert spec.get("values", {}) == {key: f'${{secret("ssm:/dev/leg/{key}")}}' for key in named}
    for key in {*texts, *lists} - {*named}:
        assert f"# NOT CARRIED OVER: the value of {key}, which is or may be secret.\n" in text
    if kind == "Stack":
        rules = ENVIRONMENT + '  secrets: ["ssm:/dev/leg/*"]\n'
        text = text.replace("  values:\n", "  values:\n    prod_main_tokens: [a]\n")
        files = {"specs/dev/environment.yaml": rules, "specs/dev/leg.yaml": text}
        loaded = load_tree(tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names)
        assert [(one.line, one.detail) for one in loaded.errors()] == []


LITERAL = """Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {DB_PASSWORD: sup3rs3cret, MODE: fast}}}
  Rule:
    Type: AWS::Events::Rule
    Properties: {Targets: [{Id: a, Arn: "arn:a", Input: '{"api_key": "sup3rs3cret", "v": "$${b}"}'}]}
"""


def test_literal_texts_of_properties_that_may_be_secret_are_not_written() -> None:
    types = Types(lookup=CATALOG.lookup, all_names=tuple, served_names=tuple)
    made = convert(LITERAL, name="leg", kind="Stack", types=types, file="t", environment="dev")
    text = made.text or ""
    assert "sup3rs3cret" not in text
    assert "MODE: fast" in text
    for name in ("fn/DB_PASSWORD", "rule/Targets-0-Input"):
        assert f'${{secret("ssm:/dev/leg/{name}")}}' in text.replace("\\", "")
        assert f"--name /dev/leg/{name} --value ...\n" in text


SCHEMA = {
    "definitions": {"Whole": {"type": "integer"}, "Loop": {"$ref": "#/definitions/Loop"}},
    "properties": {
        "number": {"type": "number"},
        "whole": {"$ref": "#/definitions/Whole"},
        "either": {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"n": {"type": "integer"}}}]},
        "open": {"anyOf": [{"type": "string"}, {}]},
        "loop": {"$ref": "#/definitions/Loop"},
        "map": {"patternProperties": {".*": {"type": "boolean"}}},
        "choice": {"enum": ["a", "b"]},
        "flag": {"type": "boolean"},
        "flags": {"items": {"type": "boolean"}},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        (("number",), "3", 3),
        (("number",), "3.5", 3.5),
        (("number",), "1e2", 100.0),
        (("number",), "x", "x"),
        (("whole",), "3", 3),
        (("whole",), 3.0, 3),
        (("whole",), 3.5, 3.5),
        (("either",), 3, "3"),
        (("either", "n"), "3", 3),
        (("open",), 3, 3),
        (("loop",), "3", "3"),
        (("map", "x"), "True", True),
        (("map", "x"), None, None),
        (("choice",), 1, "1"),
        (("flag",), "off", False),
        (("flags", 0), "maybe", "maybe"),
        (("unknown",), "3", "3"),
    ],
)
def test_a_value_gets_the_type_that_is_wanted(
    path: tuple[str | int, ...], value: object, found: object
) -> None:
    wanted = Wanted(schema=SCHEMA, root=SCHEMA)
    for step in path:
        wanted = wanted.below(step)
    made = literal(Node(value, (1, 1)), wanted).value
    assert (made, type(made)) == (found, type(found))


@pytest.mark.parametrize(
    ("name", "given", "made"),
    [
        ("number", "string", "${double(vars.x)}"),
        ("whole", "string", "${int(vars.x)}"),
        ("flag", "string", '${lower(vars.x) == "true"}'),
        ("choice", "number", "${string(vars.x)}"),
        ("choice", "string", "${vars.x}"),
        ("flags", "string", "${vars.x}"),
        ("whole", "", "${vars.x}"),
    ],
)
def test_an_expression_gets_the_type_that_is_wanted(name: str, given: str, made: str) -> None:
    wanted = Wanted(schema=SCHEMA, root=SCHEMA).below(name)
    assert converted("${vars.x}", given, wanted) == made
