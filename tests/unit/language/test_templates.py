"""CloudFormation templates as modules."""

from __future__ import annotations

import json

import pytest
import yaml

from gitbot.language.bind import bind
from gitbot.language.cloudformation.converting import Spelling, convert
from gitbot.language.cloudformation.reader import read_template
from gitbot.language.cloudformation.sam import Translated, Translator, translated
from gitbot.language.files import SpecFile
from gitbot.language.library import Library
from gitbot.language.load import load_tree
from gitbot.language.module_uses import is_sound
from gitbot.language.problems import Problems
from gitbot.language.types import Types
from gitbot.model.desired import DesiredStack, LoadedTree
from gitbot.model.names import Address
from gitbot.model.tree import Version
from gitbot.model.values import Sensitive, Unknown, Value, map_leaves
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import (
    ENVIRONMENT,
    HEAD,
    TYPES,
    codes,
    entries,
    load_files,
    load_spec,
    tree,
)

PARAMETERS = """Parameters:
  Name: {Type: String, Default: crate, MinLength: 2, MaxLength: 20, AllowedPattern: "[a-z-]+"}
  Size: {Type: Number, Default: "3", MinValue: 1, MaxValue: 9.5, ConstraintDescription: one to nine}
  Parts: {Type: CommaDelimitedList, Default: "a, b"}
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Flag: {Type: String, Default: true, AllowedValues: [true, false]}
  Code: {Type: String, NoEcho: true, Default: hunter22}
Mappings:
  Sizes:
    dev: {Size: 1, "1": [x, y]}
    prod: {Size: "7", "1": [z]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  Flagged: !Equals [true, !Ref Flag]
  Both: !And [Condition: IsProd, !Condition Flagged]
  Any: !Or [!Condition Both, !Equals [!Ref Size, 3]]
"""


def load(template: str, values: str = "", more: str = "", name: str = "a.yaml") -> LoadedTree:
    use = f"  resources:\n    net: {{module: templates/{name}, values: {{{values}}}}}\n"
    return load_spec(use + more, **{f"templates/{name}": template})


def stack(template: str, values: str = "", more: str = "") -> DesiredStack:
    loaded = load(template, values, more)
    assert [(one.line, one.code, one.detail) for one in loaded.errors()] == []
    return loaded.stacks[0]


def value(written: str, values: str = "", name: str = "Secret") -> Value:
    """What a property of a box is, that is written so in a template."""
    resources = (
        "Resources:\n  Other: {Type: Test::Box, Properties: {Name: other, Size: 2}}\n"
        f"  Box:\n    Type: Test::Box\n    Properties:\n      Name: box\n      {name}: {written}\n"
    )
    found = stack(PARAMETERS + resources, values)
    return found.resources[Address("net.Box")].properties.get(name)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("!Ref Name", "crate"),
        ("{Ref: Name}", "crate"),
        ("!Sub 'x-${Name}'", "x-crate"),
        ("!Sub ['${A}-${ Stage }', {A: !Ref Name}]", "crate-dev"),
        ("!Sub '${Other.Name}'", "other"),
        ("!Join [-, [a, !Ref Name, 1, true]]", "a-crate-1-true"),
        ("!Join ['${x}', [a, b]]", "a${x}b"),
        ("!Join [-, !Ref Parts]", "a-b"),
        ("!Join [-, !Split [x, axb]]", "a-b"),
        ("!Join [-, [a, !If [IsProd, b, !Ref AWS::NoValue], c]]", "a-c"),
        ("!Join [-, [!If [IsDev, b, c], !Ref AWS::NoValue, !Sub '${Size}']]", "b-3"),
        ("!Select [1, !Ref Parts]", "b"),
        ("!Select ['0', !Split [',', 'c,d']]", "c"),
        ("!Select [!Ref Size, [a, b, c, d]]", "d"),
        ("!If [IsProd, a, !If [Flagged, b, c]]", "b"),
        ("!If [Both, a, b]", "b"),
        ("!If [Any, a, b]", "a"),
        ("!Sub '${AWS::StackName}-${AWS::Partition}.${AWS::URLSuffix}'", "demo-aws.amazonaws.com"),
        ("!Ref AWS::Region", "us-east-1"),
        ("!GetAtt Other.Name", "other"),
        ("!GetAtt [Other, Name]", "other"),
        ("!Join ['', !FindInMap [Sizes, !Ref Stage, '1']]", "xy"),
        ("{'Fn::Join': ['', [!Sub x, {'Fn::Sub': y}]]}", "xy"),
        ("!Base64 {'Fn::Sub': 'a${Name}'}", "YWNyYXRl"),
    ],
)
def test_functions_give_texts(written: str, found: str) -> None:
    assert value(written, name="Secret") == found


@pytest.mark.parametrize(
    ("name", "written", "found"),
    [
        ("Size", "'22'", 22),
        ("Size", "22", 22),
        ("Size", "!Ref Size", 3),
        ("Size", "!FindInMap [Sizes, !Ref Stage, Size]", 1),
        ("Size", "!If [IsProd, 5, !Ref AWS::NoValue]", None),
        ("Size", "!Length [1, 2]", 2),
        ("Size", "!Select [0, [4, 5]]", 4),
        ("Size", "4.0", 4),
        ("On", "'true'", True),
        ("On", "no", False),
        ("On", "!Ref Flag", True),
        ("Secret", "22", "22"),
        ("Secret", "0123", "0123"),
        ("Secret", "true", "true"),
        ("Secret", "!Ref Size", "3"),
        ("Secret", "!Sub '${Size}'", "3"),
        ("Secret", "'${x} $${y}'", "${x} $${y}"),
        ("Secret", "!Sub '${!x} $${Size} $$${Size}'", "${x} $3 $$3"),
        ("Secret", "!Join [$, [a, !Ref Name]]", "a$crate"),
        ("Secret", "!Base64 abc", "YWJj"),
        ("Secret", "!ToJsonString {a: [1, true, !Ref Name]}", '{"a":[1,true,"crate"]}'),
        ("Secret", "99999999999999999999", "99999999999999999999"),
        ("Secret", "2012-10-17", "2012-10-17"),
        ("Secret", "!Ref Code", Sensitive("hunter22")),
        ("Items", "[1, !Ref Name, !Ref AWS::NoValue, !If [IsDev, x, y]]", ["1", "crate", "x"]),
        ("Items", "!Ref Parts", ["a", "b"]),
        ("Items", "!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("Items", "!If [IsDev, [!Ref Name, b], []]", ["crate", "b"]),
        ("Endpoint", "!If [IsDev, {Port: '5', Address: !Ref AWS::NoValue}, {}]", {"Port": 5}),
    ],
)  # fmt: skip
def test_values_are_of_the_type_that_a_property_wants(
    name: str, written: str, found: Value
) -> None:
    assert value(written, name=name) == found


BOX = "{Type: Test::Box, Properties: {Name: box%s}%s}"


def test_what_only_the_cloud_can_give_stays_unknown() -> None:
    found = stack(
        "Parameters: {Arn: {Type: String, Default: x}}\n"
        "Conditions: {Given: !Not [!Equals [!Ref Arn, x]]}\n"
        "Resources:\n"
        "  First: {Type: Test::Box, Properties: {Name: first}}\n"
        "  Second:\n    Type: Test::Box\n    DependsOn: [Third]\n"
        "    Properties: {Name: second, Secret: !Sub 'a ${First.Arn}', Items: [!If [Given, !Ref Arn, z]]}\n"
        "  Third: {Type: Test::Box, Properties: {Name: third}, DeletionPolicy: Retain, UpdateReplacePolicy: Retain}\n"
        "Outputs: {Arn: {Value: !GetAtt First.Arn, Description: it}}\n",
        "Arn: '${last.Arn}'",
        "    last: {type: Test::Box, properties: {Name: last, Secret: '${net.Arn}'}}\n".replace(
            ", Secret: '${net.Arn}'", ""
        )
        + "  outputs: {arn: '${net.Arn}'}\n",
    )
    second = found.resources[Address("net.Second")]
    assert second.depends_on == {"net.First", "net.Third", "last"}
    third = found.resources[Address("net.Third")].lifecycle
    assert (third.retain, third.protect, second.lifecycle.retain) == (True, True, False)
    secret, items = second.properties["Secret"], second.properties["Items"]
    given = {Address("net.First"): {"Arn": "arn:1"}, Address("last"): {"Arn": "arn:2"}}
    assert isinstance(secret, Unknown)
    assert bind(secret, given) == "a arn:1"
    assert isinstance(items, list)
    assert isinstance(items[0], Unknown)
    assert bind(items[0], given) == "arn:2"
    assert isinstance(found.outputs["arn"].value, Unknown)


def test_a_template_is_copied_and_conditional_as_modules_are() -> None:
    template = (
        "Parameters: {Name: {Type: String}}\nConditions: {Never: !Equals [a, b]}\n"
        "Resources:\n  Box: {Type: Test::Box, Properties: {Name: !Ref Name}}\n"
        "  None: {Type: Test::Box, Condition: Never, Properties: {Name: none}}\n"
        "Outputs:\n  Name: {Value: !GetAtt Box.Name}\n"
        "  None: {Condition: Never, Value: !GetAtt None.Name}\n"
    )
    loaded = load_spec(
        "  resources:\n"
        "    net: {module: templates/a.json, forEach: [x, y], values: {Name: '${each.key}'}}\n"
        "    off: {module: templates/a.json, when: false, values: {Name: z}}\n"
        "  outputs: {y: '${net.y.Name}', none: '${net.x.None == null}'}\n",
        **{"templates/a.json": template},
    )
    assert loaded.errors() == ()
    assert list(loaded.stacks[0].resources) == ['net["x"].Box', 'net["y"].Box']
    assert [one.value for one in loaded.stacks[0].outputs.values()] == ["y", True]


def test_json_may_be_indented_with_tabs() -> None:
    template = json.dumps(
        {"Resources": {"Box": {"Type": "Test::Box", "Properties": {"Name": {"Fn::Sub": "a/b"}}}}},
        indent="\t",
    ).replace("a/b", "a\\/b")
    (found,) = [one for one in load(template).errors() if one.code != "module-broken"]
    assert (found.line, found.code) == (6, "property-value")
    box = stack(template.replace("\\/", "-")).resources[Address("net.Box")]
    assert box.properties["Name"] == "a-b"


@pytest.mark.parametrize(
    ("template", "line", "code", "detail"),
    [
        ("Resources: {}\nRule: {}", 2, "bad-template", "no section"),
        ("Rules: {A: {}}\nResources: {}", 1, "template-unsupported", "Rules.A"),
        ("Hooks: {A: {}}\nResources: {}", 1, "template-unsupported", "Hooks.A"),
        ("Resources: {}\nGlobals: {}", 2, "template-unsupported", "SAM"),
        ("Resources: {}\nTransform: [AWS::LanguageExtensions, Mine]", 2, "template-unsupported", "Mine"),
        ("Resources: {}\nTransform: {Name: AWS::Include}", 2, "template-unsupported", "bucket"),
        ("Resources: []", 1, "bad-template", "must be a map"),
        ("Resources: {}\n---\nResources: {}", 3, "bad-template", "one template"),
        ("Resources:\n  A: 1", 2, "bad-template", "no Type"),
        ("Resources:\n  A: {Type: Test::Crate}", 2, "unknown-type", "Test::Crate"),
        ("Resources:\n  A: {Type: Custom::A}", 2, "template-unsupported", "custom resource"),
        ("Resources:\n  A: {Type: AWS::CloudFormation::Stack}", 2, "template-unsupported", "nested"),
        ("Resources:\n  A: {Type: A::B::C::MODULE}", 2, "template-unsupported", "modules"),
        ("Resources:\n  Fn::ForEach::A: [x]", 2, "template-unsupported", "loops"),
        ("Resources:\n  A-b: " + BOX % ("", ""), 2, "bad-name", "A-b"),
        ("Resources:\n  A: " + BOX % ("", ", Typo: 1"), 2, "bad-template", "Typo"),
        ("Resources:\n  A: " + BOX % ("", ", UpdatePolicy: {}"), 2, "template-unsupported", "UpdatePolicy"),
        ("Resources:\n  A: " + BOX % ("", ", CreationPolicy: {}"), 2, "template-unsupported", "signals"),
        ("Resources:\n  A: " + BOX % ("", ", Metadata: {AWS::CloudFormation::Init: {}}"), 2,
         "template-unsupported", "cfn-init"),
        ("Resources:\n  A: " + BOX % ("", ", DeletionPolicy: Snapshot"), 2, "bad-template", "no snapshots"),
        ("Resources:\n  A: " + BOX % ("", ", DeletionPolicy: Keep"), 2, "bad-template", "Keep"),
        ("Resources:\n  A: " + BOX % ("", ", UpdateReplacePolicy: Retain"), 2, "template-unsupported", "replaced"),
        ("Resources:\n  A: " + BOX % ("", ", DependsOn: B"), 2, "unknown-dependency", "B"),
        ("Resources:\n  A: " + BOX % ("", ", Condition: B"), 2, "unknown-name", "condition"),
        ("Resources:\n  A: " + BOX % ("", ", Condition: [B]"), 2, "bad-template", "a list"),
        ("Resources:\n  A: " + BOX % (", Secret: !Ref B", ""), 2, "unknown-name", "B"),
        ("Resources:\n  A: " + BOX % (", Secret: !Sub '${B.C}'", ""), 2, "unknown-name", "B"),
        ("Resources:\n  A: " + BOX % (", Secret: !GetAtt A.", ""), 2, "unknown-name", "attribute"),
        ("Resources:\n  A: " + BOX % (", Secret: !Ref AWS::Nothing", ""), 2, "template-unsupported", "Nothing"),
        ("Resources:\n  A: " + BOX % (", Secret: !ImportValue b", ""), 2, "template-unsupported", "exports"),
        ("Resources:\n  A: " + BOX % (", Items: !GetAZs eu-west-1", ""), 2, "template-unsupported", "own region"),
        ("Resources:\n  A: " + BOX % (", Secret: {'Fn::Mine': 1}", ""), 2, "bad-template", "Fn::Mine"),
        ("Resources:\n  A: " + BOX % (", Secret: !Join [a]", ""), 2, "bad-template", "2 arguments"),
        ("Resources:\n  A: " + BOX % (", Secret: !Ref [a]", ""), 2, "bad-template", "a list"),
        ("Resources:\n  A: " + BOX % (", Secret: !FindInMap [M, a, b]", ""), 2, "unknown-name", "mapping"),
        ("Resources:\n  A: " + BOX % (", Secret: !If [C, a, b]", ""), 2, "unknown-name", "condition"),
        ("Resources:\n  A: " + BOX % (", Secret: '{{resolve:own:/a}}'", ""), 2, "bad-template", "{{resolve:own:/a}}"),
        ("Resources:\n  A: " + BOX % (", Secret: '{{resolve:secretsmanager:a:SecretBinary}}'", ""), 2, "bad-template", "SecretBinary"),
        ("Resources:\n  A: " + BOX % (", Secret: '{{resolve:secretsmanager:a:::OLD:v}}'", ""), 2, "bad-template", "stage"),
        ("Resources:\n  A: " + BOX % (", Secret: !Sub '{{resolve:${AWS::Region}:/a}}'", ""), 2, "bad-template", "{{resolve:…:/a}}"),
        ("Resources:\n  A: " + BOX % (", Secret: !Mine a", ""), 2, "bad-template", "Fn::Mine"),
        ("Resources:\n  A: " + BOX % (", Secret: !!str a", ""), 2, "yaml-tag", "!!str"),
        ("Resources:\n  A: &a " + BOX % ("", ""), 2, "yaml-alias", "a"),
        ("Resources:\n  <<: 1", 2, "yaml-merge-key", "merge"),
        ("Resources:\n  A: " + BOX % ("", "") + "\n  A: 1", 3, "yaml-duplicate-key", "A"),
        ("Resources: {}\nConditions: {A: !Ref B}", 2, "bad-template", "Fn::And"),
        ("Resources: {}\nConditions: {A: !Condition B}", 2, "unknown-name", "B"),
        ("Resources: {}\nConditions: {A: !Not [1, 2]}", 2, "bad-template", "1 arguments"),
        ("Resources: {}\nConditions:\n  A: !Condition B\n  B: !Condition A", 3, "cycle", "A"),
        ("Resources: {}\nOutputs: {A: {}}", 2, "bad-template", "Value"),
        ("Resources: {}\nParameters: {A: {}}", 2, "bad-template", "Type"),
        ("Resources: {}\nParameters: {A: {Type: Text}}", 2, "bad-template", "Text"),
        ("Resources: {}\nParameters: {A: {Type: String, Min: 1}}", 2, "bad-template", "Min"),
        ("Resources: {}\nParameters: {A: {Type: Number, Default: x}}", 2, "bad-default", "not a number"),
        ("Resources: {}\nParameters: {A: {Type: String, AllowedPattern: '('}}", 2, "bad-value", "pattern"),
        ("Resources: {}\nParameters: {A: {Type: String, Default: a, MinLength: 2}}", 2, "variable-value", "at least 2"),
        ("Resources:\n  A: {Type: Test::Box, Properties: {Name: a, Size: x}}", 2, "property-type", "Size"),
        ("-\n  Resources: 1", 1, "bad-template", "a map"),
        ("Resources: [", 2, "yaml-syntax", "parser"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_line(
    template: str, line: int, code: str, detail: str
) -> None:
    loaded = load(template)
    first, *others = [one for one in loaded.errors() if one.file == "templates/a.yaml"]
    assert (first.line, first.code) == (line, code)
    assert detail in first.detail
    assert others == []
    assert [one.code for one in loaded.errors() if one.environment] == ["module-broken"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("Name: x", "it must have at least 2 characters and have at most 20 characters"),
        ("Name: Box", "does not match the pattern"),
        ("Size: 12", "one to nine"),
        ("Size: '3'", "not a number"),
        ("Stage: test", "is not one of"),
        ("Parts: a", "not a list"),
        ("Sise: 1", "does not declare"),
    ],
)
def test_values_are_checked_as_the_template_says(values: str, said: str) -> None:
    (found,) = load(PARAMETERS + "Resources: {}\n", values).errors()
    assert found.file == "specs/dev/demo.yaml"
    assert said in found.detail


def test_lists_are_checked_item_by_item() -> None:
    template = (
        "Parameters: {A: {Type: CommaDelimitedList, AllowedValues: [a, b]},"
        " B: {Type: List<Number>, Default: '1,2', AllowedPattern: '[0-9]'}}\nResources: {}\n"
    )
    assert codes(load(template, "A: [a, b]")) == []
    assert codes(load(template, "A: [a, c]")) == ["variable-value"]
    assert codes(load(template, "A: [a], B: [22]")) == ["variable-value"]


def test_secret_parameters_are_sensitive_also_in_outputs() -> None:
    template = PARAMETERS + "Resources: {}\nOutputs: {Code: {Value: !Sub 'x-${Code}'}}\n"
    loaded = load(template, "", "  outputs: {code: {value: '${net.Code}', sensitive: true}}\n")
    assert loaded.errors() == ()
    assert loaded.stacks[0].outputs["code"].value == Sensitive("x-hunter22")
    assert "hunter22" in loaded.secrets.texts
    assert "templates/a.yaml" in loaded.covered


def test_defaults_count_where_they_are_used_only() -> None:
    template = (
        "Parameters: {Size: {Type: String, Default: CHANGE-ME}}\nResources:\n"
        "  A: {Type: Test::Box, Properties: {Name: a, Size: !Ref Size}}\n"
    )
    assert stack(template, "Size: '3'").resources[Address("net.A")].properties["Size"] == 3
    (found,) = load(template).errors()
    assert (found.file, found.environment) == ("templates/a.yaml", "dev")


def test_what_is_no_template_is_ignored_until_it_is_used() -> None:
    others = {"templates/page.yaml": "title: {{x}}", "templates/src/app.py": "Resources:"}
    spec = "  resources: {box: {type: Test::Box, properties: {Name: box}}}\n"
    assert load_spec(spec, **others).errors() == ()
    loaded = load_spec("  resources: {net: {module: templates/page.yaml}}\n", **others)
    assert codes(loaded) == ["unknown-module"]


def test_a_wrong_template_that_nobody_uses_stops_nobody() -> None:
    spec = "  resources: {box: {type: Test::Box, properties: {Name: box}}}\n"
    loaded = load_spec(spec, **{"templates/a.yaml": "Resources: {A: {}}"})
    assert codes(loaded) == ["bad-template"]
    assert loaded.errors("dev") == ()


def test_texts_in_texts_do_not_grow_without_end() -> None:
    written = "x" * 50
    for _ in range(12):
        written = f"!Sub ['{'${A}' * 9}', {{A: {written}}}]"
    template = f"Resources:\n  A: {BOX % (f', Secret: {written}', '')}\n"
    found = {one.detail for one in load(template).errors() if one.code == "bad-template"}
    assert found == {"The value has more than 200,000 characters."}


def test_a_pinned_environment_takes_templates_from_its_commit() -> None:
    pin = "3f9c1e0b7a52d48c6e1f0a9b8c7d6e5f40312233"
    template = "Resources: {Box: {Type: Test::Box, Properties: {Name: %s}}}\n"
    home = "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: %s}\nspec: {region: us-east-1%s}\n"
    use = HEAD + "  resources: {net: {module: templates/a.yaml}}\n"
    files = {
        "specs/dev/environment.yaml": home % ("dev", ""),
        "specs/dev/demo.yaml": use,
        "specs/prod/environment.yaml": home % ("prod", f', promotesFrom: dev, modules: "{pin}"'),
        "specs/prod/demo.yaml": use,
        "templates/a.yaml": template % "now",
    }
    then = Version(
        commit=pin, contained=True, entries=entries({"templates/a.yaml": template % "then"})
    )
    loaded = load_files(files, versions={pin: then})
    assert loaded.errors() == ()
    names = {
        one.environment: one.resources[Address("net.Box")].properties["Name"]
        for one in loaded.stacks
    }
    assert names == {"dev": "now", "prod": "then"}


def test_a_converted_template_says_the_same() -> None:
    template = (
        "Description: |\n  A box\n  with # a lid\n"
        + PARAMETERS
        + """Resources:
  Other:
    Type: Test::Box
    Properties: {Name: other, Size: !Ref Size, Secret: !Ref Code}
    DeletionPolicy: Retain
  InTheBOX:
    Type: Test::Box
    Condition: Flagged
    DependsOn: Other
    Properties:
      Name: !Sub "b-${Name}"
      Size: !FindInMap [Sizes, !Ref Stage, Size]
      Items: [!If [IsDev, x, y], !If [IsProd, z, !Ref AWS::NoValue], "${u}"]
      Endpoint: !If [IsDev, {Port: "5", Address: !If [IsProd, a, !Ref AWS::NoValue]}, !Ref AWS::NoValue]
      Secret: !Join ["-", [!GetAtt Other.Arn, !Ref Stage]]
  Stack: {Type: Test::Box, Condition: IsProd, Properties: {Name: never}}
Outputs:
  Arn: {Condition: Flagged, Value: !GetAtt InTheBOX.Arn, Description: where it is}
  Code: {Value: !Ref Code}
"""
    )
    types = Types(lookup=TYPES.get, all_names=tuple, served_names=tuple)
    made = convert(template, name="demo", kind="Stack", types=types, file="a.yaml")
    assert made.lost == ()
    text = made.text or ""
    renamed = (
        "# Stack is stack_ here: its own name is taken, is a word of expressions, or is no key.\n"
    )
    assert text.startswith(f"# A box with # a lid\n#\n{renamed}#\napiVersion: gitbot/v1\n")
    reference = '${secret("ssm:/demo/code")}'
    assert f"    code: {reference}\n" in text
    text = text.replace(reference, "hunter22")
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/demo.yaml": text})
    assert [(one.line, one.detail) for one in loaded.errors()] == []
    used = {str(key): one for key, one in stack(template).resources.items()}
    own = {str(key): one for key, one in loaded.stacks[0].resources.items()}
    names = {"net.Other": "other", "net.InTheBOX": "in_the_box"}
    assert own.keys() == set(names.values())
    given = {Address(name): {"Arn": "arn:1"} for name in (*own, *used)}
    for theirs, ours in names.items():
        assert bound(used[theirs].properties, given) == bound(own[ours].properties, given)
        assert used[theirs].lifecycle == own[ours].lifecycle
    assert own["in_the_box"].depends_on == {"other"}
    assert own["in_the_box"].properties["Endpoint"] == {"Port": 5}
    assert loaded.stacks[0].outputs["code"].sensitive


def bound(value: Value, given: dict[Address, dict[str, str]]) -> Value:
    return map_leaves(value, lambda one: bind(one, given) if isinstance(one, Unknown) else one)


def test_what_cannot_be_converted_stands_in_comments() -> None:
    template = (
        "Parameters: {A: {Type: String}}\nResources:\n"
        "  Box: {Type: Test::Box, Properties: {Name: a, Secret: !ImportValue b, Items: [a, !GetAZs x]}}\n"
        "  Own: {Type: Custom::Thing}\nOutputs: {O: {Value: !Ref Own}, E: {Value: !ImportValue c}}\n"
    )
    types = Types(lookup=TYPES.get, all_names=tuple, served_names=tuple)
    made = convert(template, name="demo", kind="Module", types=types, file="a.yaml")
    assert [one.line for one in made.lost] == [3, 3, 4, 5]
    text = made.text or ""
    assert text.count("# NOT CARRIED OVER, a.yaml:") == 4
    loaded = load_spec(
        "  resources: {m: {module: modules/demo, values: {a: x}}}\n",
        **{"modules/demo/module.yaml": text},
    )
    assert loaded.errors() == ()
    box = loaded.stacks[0].resources[Address("m.box")].properties
    assert (box.get("Secret"), box["Items"]) == (None, ["a"])


def test_a_policy_of_a_type_that_is_not_served_is_no_problem_of_its_own() -> None:
    box = "Resources:\n  A: {Type: AWS::RDS::DBSecurityGroup, DeletionPolicy: Snapshot}\n"
    library = Library.of([SpecFile(path="templates/a.yaml", environment="", text=box)])
    catalog = open_catalog()
    types = Types(lookup=catalog.lookup, all_names=catalog.names, served_names=catalog.native_names)
    assert not is_sound("templates/a.yaml", library, types)
    assert [one.code for one in library.problems["templates/a.yaml"].found] == ["type-not-served"]


def test_only_templates_are_converted() -> None:
    types = Types(lookup=TYPES.get, all_names=tuple, served_names=tuple)
    made = convert("- 1", name="demo", kind="Stack", types=types, file="a.yaml")
    assert (made.text, [one.code for one in made.lost]) == (None, ["bad-template"])


def test_names_are_spelled_as_keys() -> None:
    spell = Spelling()
    names = ["PublicSubnet1", "ECSCluster", "VPC", "Vpc", "1st", "In", "Stack", "VPC", "A-b.c"]
    assert [spell(name) for name in names] == [
        "public_subnet1",
        "ecs_cluster",
        "vpc",
        "vpc_2",
        "n1st",
        "in_",
        "stack_",
        "vpc",
        "a_b_c",
    ]
    assert spell.renamed == {
        "Vpc": "vpc_2",
        "1st": "n1st",
        "In": "in_",
        "Stack": "stack_",
        "A-b.c": "a_b_c",
    }


def test_outputs_share_no_names_with_resources() -> None:
    template = """Resources:
  BOX: {Type: Test::Box, Properties: {Name: a}}
  Box: {Type: Test::Box, Properties: {Name: b}}
Outputs:
  Box: {Value: !GetAtt BOX.Arn}
"""
    types = Types(lookup=TYPES.get, all_names=tuple, served_names=tuple)
    text = convert(template, name="demo", kind="Stack", types=types, file="a.yaml").text or ""
    assert text.startswith("# Box is box_2 here: its own name is taken")
    spec = yaml.safe_load(text)["spec"]
    assert (list(spec["resources"]), spec["outputs"]) == (["box", "box_2"], {"box": "${box.Arn}"})


LOOKING = """Parameters:
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/service/ami}
  Text: {Type: "AWS::SSM::Parameter::Value<String>", Default: /acme/name}
  Groups: {Type: "AWS::SSM::Parameter::Value<List<String>>", Default: /acme/groups}
  Unused: {Type: "AWS::SSM::Parameter::Value<String>", Default: /acme/other}
Resources:
  Machine:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Image
      InstanceType: t3.micro
      AvailabilityZone: !Select [0, !GetAZs ""]
      SecurityGroupIds: !Ref Groups
      Tags: [{Key: name, Value: !Sub "x-${Text}"}, {Key: zone, Value: !Select [1, "Fn::GetAZs": !Ref AWS::Region]}]
"""
LISTS = """
  lookups:
    - {type: "AWS::EC2::Image", identifiers: ["*"], attributes: [ImageId]}
    - {type: "AWS::SSM::Parameter", identifiers: ["*"], attributes: [Value]}
    - {type: "AWS::EC2::AvailabilityZone", identifiers: ["*"], attributes: [ZoneName]}
"""


def looked_up(files: dict[str, str]) -> LoadedTree:
    catalog = open_catalog()
    home = {"specs/dev/environment.yaml": ENVIRONMENT.rstrip() + LISTS}
    return load_tree(
        tree({**home, **files}),
        catalog.lookup,
        catalog.names,
        catalog.native_names,
        catalog.lookup_kind,
    )


@pytest.mark.parametrize("converted", [False, True], ids=["used", "converted"])
def test_zones_and_parameters_of_ssm_are_looked_up(converted: bool) -> None:
    prefix, key = ("", "machine") if converted else ("net.", "Machine")
    image = "image" if converted else "Image"
    if converted:
        catalog = open_catalog()
        types = Types(lookup=catalog.lookup, all_names=tuple, served_names=tuple)
        text = convert(LOOKING, name="demo", kind="Stack", types=types, file="a.yaml").text or ""
        loaded = looked_up({"specs/dev/demo.yaml": text})
    else:
        use = HEAD + "  resources: {net: {module: templates/a.yaml, values: {Text: /acme/b}}}\n"
        loaded = looked_up({"specs/dev/demo.yaml": use, "templates/a.yaml": LOOKING})
    assert [one.detail for one in loaded.errors()] == []
    (found,) = loaded.stacks
    asked = {str(address): one for address, one in found.lookups.items()}
    name = "text" if converted else "Text"
    groups = "groups" if converted else "Groups"
    assert asked.keys() == {f"{prefix}lookups.{one}" for one in (image, name, groups, "aws_zones")}
    assert asked[f"{prefix}lookups.{name}"].identifier == ("/acme/name" if converted else "/acme/b")
    assert asked[f"{prefix}lookups.{image}"].filter == {"Parameter": "/aws/service/ami"}
    given = {
        Address(f"{prefix}lookups.{image}"): {"ImageId": "ami-1"},
        Address(f"{prefix}lookups.{name}"): {"Value": "y"},
        Address(f"{prefix}lookups.{groups}"): {"Value": "sg-1,sg-2"},
        Address(f"{prefix}lookups.aws_zones"): {"ZoneName": ["a", "b"]},
    }
    machine = found.resources[Address(f"{prefix}{key}")].properties
    assert bound(dict(machine), given) == {
        "ImageId": "ami-1",
        "InstanceType": "t3.micro",
        "AvailabilityZone": "a",
        "SecurityGroupIds": ["sg-1", "sg-2"],
        "Tags": [
            {"Key": "env", "Value": "dev"},
            {"Key": "name", "Value": "x-y"},
            {"Key": "zone", "Value": "b"},
        ],
    }


ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-1"


@pytest.mark.parametrize(
    ("written", "template"),
    [
        ("'{{resolve:ssm:/a/b}}'", '${secret("ssm:/a/b")}'),
        ("'x{{resolve:ssm-secure:/a:3}}-${q}'", 'x${secret("ssm:/a:3")}-$${q}'),
        (
            "!Sub '{{resolve:secretsmanager:${Name}:SecretString:pw}}@${AWS::Region}'",
            '${secret("secretsmanager:" + string(vars.Name) + "#pw")}@${env.region}',
        ),
        (
            "!Join [':', ['{{resolve:secretsmanager', !Ref Name, SecretString, 'pw}}']]",
            '${secret("secretsmanager:" + string(vars.Name) + "#pw")}',
        ),
        (
            f"'{{{{resolve:secretsmanager:{ARN}:SecretString:k:AWSCURRENT}}}}'",
            f'${{secret("secretsmanager:{ARN}#k")}}',
        ),
        (
            "'{{resolve:secretsmanager:a:SecretString:k:AWSPREVIOUS}}'",
            '${secret("secretsmanager:a:AWSPREVIOUS#k")}',
        ),
        (
            "'{{resolve:secretsmanager:a::::7d5b2a1e-8c3f-4e6a-9b0d-1f2e3d4c5b6a}}'",
            '${secret("secretsmanager:a:7d5b2a1e-8c3f-4e6a-9b0d-1f2e3d4c5b6a")}',
        ),
        ("!Base64 '{{resolve:secretsmanager:a}}'", '${base64(secret("secretsmanager:a"))}'),
    ],
)
def test_dynamic_references_are_secrets(written: str, template: str) -> None:
    files = {
        "specs/dev/environment.yaml": f'{ENVIRONMENT.rstrip()}\n  secrets: ["ssm:*", "secretsmanager:*"]\n',
        "specs/dev/demo.yaml": f"{HEAD}  resources: {{net: {{module: templates/a.yaml}}}}\n",
        "templates/a.yaml": f"{PARAMETERS}Resources:\n  A:\n    Type: Test::Box\n"
        f"    Properties:\n      Name: a\n      Secret: {written}\n",
    }
    loaded = load_files(files)
    assert [one.detail for one in loaded.errors()] == []
    secret = loaded.stacks[0].resources[Address("net.A")].properties["Secret"]
    assert isinstance(secret, Unknown)
    assert (secret.template, secret.sensitive, len(secret.secrets)) == (template, True, 1)
    unlisted = load_files({**files, "specs/dev/environment.yaml": ENVIRONMENT})
    assert codes(unlisted) == ["secret-not-listed"]


def test_a_dynamic_reference_in_a_spec_is_told_where_it_stands() -> None:
    loaded = load_spec(
        "  resources:\n    box:\n      type: Test::Box\n"
        "      properties: {Name: a, Items: ['{{resolve:ssm:/a}}']}\n"
    )
    assert [(one.line, one.code) for one in loaded.errors()] == [(8, "dynamic-reference")]


SERVERLESS = """Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  App: {Type: AWS::Serverless::SimpleTable}
  Box: {Type: Test::Box, Properties: {Name: box, Secret: !GetAtt App.Arn}}
"""


def problems_of(template: str, translator: Translator | None) -> list[tuple[int, str, str]]:
    problems = Problems(file="templates/a.yaml")
    node = read_template(template, problems)
    assert node is not None
    made = translated(node, translator, problems)
    assert (made is None) == bool(problems.found)
    return [(one.line, one.code, one.detail) for one in problems.found]


def test_what_sam_makes_stands_where_its_source_does() -> None:
    asked: list[object] = []

    def translator(template: dict[str, object]) -> Translated:
        asked.append(template)
        box = {"Type": "Test::Box", "Properties": {"Name": "BOX", "Items": ["a"]}}
        return Translated(template={"Resources": {"AppTable": box, "Other": box}, "Outputs": {}})

    library = Library.of(
        [SpecFile(path="templates/a.yaml", environment="", text=SERVERLESS)], translator=translator
    )
    types = Types(lookup=TYPES.get, all_names=tuple, served_names=tuple)
    assert not is_sound("templates/a.yaml", library, types)
    found = library.problems["templates/a.yaml"].found
    assert [(one.line, one.code) for one in found] == [(3, "property-value"), (1, "property-value")]
    (template,) = asked
    assert isinstance(template, dict)
    assert template["Resources"]["Box"]["Properties"]["Secret"] == {"Fn::GetAtt": ["App", "Arn"]}


def test_what_sam_refuses_is_told_at_its_line() -> None:
    def refusing(template: dict[str, object]) -> Translated:
        return Translated(template=None, refused=(("App", "no key"), (None, "no form")))

    assert problems_of(SERVERLESS, None)[0][:2] == (1, "template-unsupported")
    assert problems_of(SERVERLESS, refusing) == [
        (3, "bad-template", "aws-sam-translator refuses it: no key"),
        (1, "bad-template", "aws-sam-translator refuses it: no form"),
    ]
    made_of_it = (
        "Appb8281992f9",
        "'ContentUri' is not a valid S3 Uri of the form 's3://bucket/key'",
    )
    problems = Problems(file="templates/a.yaml")
    node = read_template(SERVERLESS, problems)
    assert node is not None
    translated(node, lambda _: Translated(template=None, refused=(made_of_it,)), problems)
    assert [(one.line, "sam package" in one.fix) for one in problems.found] == [(3, True)]
    nested = SERVERLESS.replace("SimpleTable", "Application")
    assert problems_of(nested, refusing)[0][:2] == (3, "template-unsupported")
    assert problems_of("Resources: {}", None) == []


def test_a_missing_account_is_told_with_where_to_write_it() -> None:
    (found,) = load(
        "Resources: {A: {Type: Test::Box, Properties: {Name: a, Secret: !Ref AWS::AccountId}}}"
    ).errors()
    assert (found.code, found.line) == ("expression-failed", 1)
    assert 'account: "<its 12 digits>"' in found.fix


def test_a_secret_in_a_template_is_a_warning() -> None:
    """A template is used as it is: an error would have people write another one."""
    template = """Resources:
  User: {Type: AWS::IAM::User, Properties: {LoginProfile: {Password: Eisvogel-7!}}}
"""
    use = HEAD + "  resources: {net: {module: templates/a.yaml}}\n"
    loaded = looked_up({"specs/dev/demo.yaml": use, "templates/a.yaml": template})
    assert loaded.errors() == ()
    at_template, at_use = loaded.diagnostics
    assert (at_template.code, at_use.code) == ("looks-secret", "looks-secret")
    assert (at_template.environment, at_use.environment) == (None, "dev")
    assert "Eisvogel" not in str(loaded.diagnostics)
