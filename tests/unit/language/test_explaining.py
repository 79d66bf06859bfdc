"""What ``gitbot explain`` and the hovers of an editor say of types, properties and fields."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gitbot.cli.main import main
from gitbot.errors import UserError
from gitbot.language.definitions import place_of_map
from gitbot.language.editor_types import type_schema
from gitbot.language.explaining.fields import explain_field, kind_of
from gitbot.language.explaining.properties import explain_type, steps_of
from gitbot.language.field_shapes import LATER, Flag, ListOf, Number
from gitbot.language.json_schemas import WRITTEN
from gitbot.language.writing.declarations import explain_module
from gitbot.language.writing.outline import Outline
from gitbot.model.explained import Explained
from gitbot.model.schema import Removal, Route, TypeSchema
from gitbot.providers.aws.catalog import Catalog, open_catalog
from gitbot.render.explained import explained_lines, explained_markdown


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return open_catalog()


def of(catalog: Catalog, name: str) -> Explained:
    head, _, path = name.partition(".")
    schema = catalog.lookup(head)
    assert schema is not None
    return explain_type(schema, catalog.prose(head), steps_of(path))


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("AWS::S3::Bucket", "resource type", "It holds data: deleting"),
        ("AWS::S3::Bucket.BucketName", "text", "A change of it replaces the object."),
        ("AWS::S3::Bucket.Arn", "text", "Only the cloud gives it"),
        ("AWS::S3::Bucket.AnalyticsConfigurations", "list of maps", "does not manage it"),
        ("AWS::S3::Bucket.LifecycleConfiguration", "map", "Without it: all lifecycle rules"),
        ("AWS::S3::Bucket.LifecycleConfiguration.Rules", "list of maps", "It must be given."),
        ("AWS::S3::Bucket.LifecycleConfiguration.Rules[0].Status", "Enabled or Disabled", "Allowed are"),
        ("AWS::S3::Bucket.LifecycleConfiguration.Rules.Id", "text", "From 1 to 255 characters."),
        ("AWS::EC2::Instance.InstanceType", "text", "stops the object and starts it again"),
        ("AWS::EC2::Instance.BlockDeviceMappings.Ebs.VolumeSize", "whole number", ""),
        ("AWS::DAX::Cluster", "resource type", "does not manage it"),
        ("AWS::Lambda::Function.Timeout", "whole number", "From 1 to 900."),
        ("AWS::Lambda::Function.Environment.Variables", "map of texts", ""),
        ("AWS::RDS::DBInstance.DBInstanceClass", "text", "it cannot be reached for some minutes"),
        ("AWS::EC2::VPC.CidrBlock", "text", "Where it is not given, `Ipv4IpamPoolId` must be."),
        ("AWS::IAM::Policy.Users", "list of texts", "`Roles` or `Groups` must be."),
        ("AWS::EKS::Nodegroup.Labels", "map of texts", "Without it: the labels that the spec set are deleted."),
    ],
)  # fmt: skip
def test_what_is_said(catalog: Catalog, name: str, kind: str, says: str) -> None:
    found = of(catalog, name)
    assert found.kind == kind
    assert any(says in fact for fact in found.facts) or not says
    if kind != "resource type" and "Arn" not in name:
        assert found.text


def test_a_property_that_replaces_the_object_in_some_cases_or_is_never_shown() -> None:
    schema = TypeSchema(
        name="A::B::C",
        route=Route.NATIVE,
        conditional_create_only=("/Size",),
        write_only=("/Word",),
        removals={"/Size": Removal(default=1, says="it is 1.")},
        stateful_replacement=True,
        json_schema={
            "properties": {
                "Size": {"type": ["integer", "string"], "maximum": 3},
                "Word": {"type": "string", "pattern": "^x$", "minLength": 1},
                "List": {"type": "array", "items": {"enum": ["a", "b", "c", "d"]}},
                "Loop": {"$ref": "#/definitions/Loop"},
            },
            "definitions": {"Loop": {"$ref": "#/definitions/Loop"}},
        },
    )
    assert explain_type(schema, {}).facts[0].startswith("Replacing it loses data")
    size = explain_type(schema, {}, ("Size",))
    assert size.kind == "whole number or text"
    assert size.facts == (
        "Some changes of it replace the object; the plan says which.",
        "Without it: it is 1.",
        "At most 3.",
    )
    word = explain_type(schema, {}, ("Word",)).facts
    assert word == (
        "The cloud never shows it: gitbot compares with what it set.",
        "At least 1 characters.",
        "It matches the pattern ^x$",
    )
    assert explain_type(schema, {}, ("List",)).kind == "list of one of several texts"
    assert explain_type(schema, {}, ("Loop",)).kind == "any value"


def test_every_property_of_every_handled_type_is_explained(catalog: Catalog) -> None:
    for name in catalog.native_names():
        whole = of(catalog, name)
        assert whole.below
        assert whole.see.endswith(".html")
        for one in whole.below:
            below = of(catalog, f"{name}.{one.name}")
            assert "".join(line.text for line in explained_lines(below))
            assert explained_markdown(below).startswith(f"**{one.name}**")


def test_maps_are_explained_to_the_end(catalog: Catalog) -> None:
    """Also those of attributes, and those whose keys people choose."""
    endpoint = of(catalog, "AWS::RDS::DBInstance.Endpoint")
    assert (endpoint.below, endpoint.gives) == ((), ("Address", "HostedZoneId", "Port"))
    assert (
        of(catalog, "AWS::RDS::DBInstance.Endpoint.Address").facts[0].startswith("Only the cloud")
    )
    keyed = TypeSchema(
        name="A::B::C",
        route=Route.NATIVE,
        json_schema={
            "properties": {
                "Routes": {
                    "type": "object",
                    "patternProperties": {".*": {"$ref": "#/definitions/Route"}},
                },
                "Sizes": {"type": "object", "additionalProperties": {"type": "boolean"}},
                "Tree": {"$ref": "#/definitions/Tree"},
            },
            "definitions": {
                "Route": {"type": "object", "properties": {"Rate": {"type": "integer"}}},
                "Tree": {"type": "object", "additionalProperties": {"$ref": "#/definitions/Tree"}},
            },
        },
    )
    routes = explain_type(keyed, {}, ("Routes",))
    assert (routes.kind, [one.name for one in routes.below]) == ("map", ["Rate"])
    assert explain_type(keyed, {}, ("Routes", "Rate")).kind == "whole number"
    assert explain_type(keyed, {}, ("Sizes",)).kind == "map of true or false"
    assert explain_type(keyed, {}, ("Tree",)).kind == "map"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("AWS::S3::Bucket.LifecycleConfiguration.Rule", "has no property 'Rule'. Did you mean"),
        ("AWS::S3::Bucket.Zzzzz", "It has AbacStatus"),
        ("AWS::S3::Bucket.BucketName.First", "has no properties of its own"),
    ],
)
def test_a_wrong_step_is_named(catalog: Catalog, name: str, says: str) -> None:
    with pytest.raises(UserError) as raised:
        of(catalog, name)
    assert says in str(raised.value)


def test_steps_can_be_written_in_several_ways() -> None:
    for text in ("Rules.Status", "Rules[0].Status", "/Rules/0/Status", "Rules.*.Status"):
        assert steps_of(text) == ("Rules", "Status")


def test_what_a_definition_says_is_found_where_the_registry_repeats_it(catalog: Catalog) -> None:
    instance = catalog.lookup("AWS::EC2::Instance")
    assert instance is not None
    written = type_schema(instance, catalog.prose("AWS::EC2::Instance"))["properties"]
    disk = written["BlockDeviceMappings"]["anyOf"][0]["items"]["anyOf"][0]["properties"]
    size = disk["Ebs"]["anyOf"][0]["properties"]["VolumeSize"]
    assert "GiB" in size["description"]


def test_of_two_definitions_that_look_alike_the_one_of_that_name_counts() -> None:
    pair = {"properties": {"Key": {}, "Value": {}}}
    definitions = {"Tag": pair, "TagFilter": pair, "odd": 1}
    assert place_of_map(definitions, pair, "/properties/Tags/items") == "/definitions/Tag"
    assert place_of_map(definitions, pair, "/properties/Others/items") == "/properties/Others/items"
    assert place_of_map(definitions, {}, "/properties/Tags") == "/properties/Tags"
    assert place_of_map(definitions, pair, "/definitions/TagFilter") == "/definitions/TagFilter"


@pytest.mark.parametrize(
    ("kind", "path", "is_a", "says"),
    [
        ("Stack", (), "kind of document", ""),
        ("Stack", ("resources",), "map of maps with keys of yours", "It must be given."),
        ("Stack", ("spec", "resources", "lifecycle", "replace"), "create-first or delete-first", "Allowed are"),
        ("Stack", ("outputs",), "map of maps with keys of yours", ""),
        ("Stack", ("metadata", "name"), "text", "It is lower-case letters"),
        ("Environment", ("promotesFrom",), "map", ""),
        ("Module", ("variables", "sensitive"), "true or false", ""),
    ],
)  # fmt: skip
def test_fields_of_documents(kind: str, path: tuple[str, ...], is_a: str, says: str) -> None:
    found = explain_field(kind, path)
    assert found.kind == is_a
    assert any(says in fact for fact in found.facts) or not says
    assert found.name == ".".join((kind, *path))


def test_every_field_that_is_listed_can_be_asked_for() -> None:
    def walk(kind: str, path: tuple[str, ...]) -> None:
        for one in explain_field(kind, path).below:
            assert one.text
            walk(kind, (*path, one.name))

    for kind in WRITTEN:
        walk(kind, ())
    assert kind_of(ListOf(item=Flag())) == "list of true or false"
    assert kind_of(Number(least=0, most=1, whole=False)) == "number"
    assert kind_of(LATER) == "not in this version"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (("resource",), 'Did you mean "resources"?'),
        (("zzz",), "It has"),
        (("ttl", "x"), "has no fields of its own"),
    ],
)
def test_a_wrong_field_is_named(path: tuple[str, ...], says: str) -> None:
    with pytest.raises(UserError) as raised:
        explain_field("Stack", path)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("AWS::S3::Buket", 'Did you mean "AWS::S3::Bucket"?'),
        ("Stak", 'Did you mean "Stack"?'),
        ("zzz", "Write a type such as"),
        ("gitbot/ml-buckt", 'Did you mean "gitbot/ml-bucket"?'),
        ("modules/none", "modules/none/module.yaml cannot be read"),
    ],
)
def test_the_command_names_what_was_meant(name: str, says: str) -> None:
    done = CliRunner().invoke(main, ["explain", name])
    assert done.exit_code == 1
    assert says in done.output


def test_the_command_tells_people_and_programs() -> None:
    done = CliRunner().invoke(main, ["explain", "AWS::S3::Bucket"])
    assert done.exit_code == 0
    assert "What an expression can read of it, once it is there:\n  Arn, DomainName" in done.output
    module = CliRunner().invoke(main, ["explain", "gitbot/ml-bucket"])
    assert "gitbot/ml-bucket  (module)" in module.output
    assert "  name  (string, required)\n" in module.output
    told = json.loads(CliRunner().invoke(main, ["explain", "Stack.ttl", "--json"]).output)
    assert told["name"] == "Stack.ttl"
    assert told["below"] == []


MODULE = """kind: Module
metadata: {name: m, description: A module}
spec:
  variables:
    name: {type: string, description: how it is called}
    on: {type: bool, default: false}
    zones: {type: list<string>, default: [a, b]}
    mark: {type: string, default: ""}
    word: {type: string, sensitive: true, default: hunter2}
  outputs:
    ids: {value: "${net.Id}", description: by zone}
    id: ${net.Id}
"""
TEMPLATE = """Parameters:
  Size: {Type: Number, Default: 5}
  Word: {Type: String, NoEcho: true, Default: hunter2}
Resources: {}
Outputs:
  Id: {Value: 1, Description: the identifier}
"""


def test_a_module_is_explained_with_defaults_and_what_its_outputs_are() -> None:
    found = explain_module("modules/m", Outline.of("modules/m/module.yaml", MODULE))
    text = "\n".join(line.text for line in explained_lines(found))
    for line in (
        "name  (string, required)\n      how it is called",
        "on  (bool, false by default)",
        "zones  (list<string>, ['a', 'b'] by default)",
        'mark  (string, "" by default)',
        "  ids\n      by zone",
        "  id\n      It is `${net.Id}`.",
    ):
        assert line in text
    assert "hunter2" not in text


def test_a_template_is_explained_with_defaults_and_what_its_outputs_are() -> None:
    found = explain_module("templates/t.yaml", Outline.of("templates/t.yaml", TEMPLATE))
    text = "\n".join(line.text for line in explained_lines(found))
    assert "Size  (Number, 5 by default)" in text
    assert "  Id\n      the identifier" in text
    assert "hunter2" not in text
