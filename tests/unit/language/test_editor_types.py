"""Tests for the schema that editors complete and check specs by."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from gitbot.cli.main import main
from gitbot.cli.schema import SCHEMA_FILE
from gitbot.language.editor_types import type_schema
from gitbot.language.json_schemas import json_schema
from gitbot.model.schema import Route, TypeSchema
from gitbot.providers.aws.catalog import Catalog, open_catalog
from tests.model_checks import some

_SPECS = Path(__file__).parents[3] / "specs"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return open_catalog()


def schema_of(catalog: Catalog, names: Sequence[str]) -> Mapping[str, Any]:
    """The schema of a stack that knows the properties of these types."""
    types = [(catalog.lookup(one), catalog.prose(one)) for one in names]
    return json_schema("Stack", [(found, prose) for found, prose in types if found is not None])


@pytest.fixture(scope="module")
def stack_schema(catalog: Catalog) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(catalog, catalog.native_names()))


@pytest.mark.model
def test_the_schema_is_one_with_the_properties_of_types(catalog: Catalog) -> None:
    names = some(12, catalog.native_names())
    jsonschema.Draft202012Validator.check_schema(schema_of(catalog, names))


def _stack(type_name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "gitbot/v1",
        "kind": "Stack",
        "metadata": {"name": "one"},
        "spec": {"resources": {"one": {"type": type_name, "properties": properties}}},
    }


@pytest.mark.parametrize(
    "spec", sorted(_SPECS.rglob("*.yaml")), ids=lambda one: str(one.relative_to(_SPECS))
)
def test_every_example_is_right_for_an_editor(
    spec: Path, stack_schema: jsonschema.Draft202012Validator
) -> None:
    for document in yaml.safe_load_all(spec.read_text()):
        if document["kind"] == "Stack":
            stack_schema.validate(document)


@pytest.mark.parametrize(
    ("properties", "right"),
    [
        ({"BucketName": "a-name"}, True),
        ({"BucketNam": "a-name"}, False),
        ({"Arn": "arn:aws:s3:::x"}, False),
        ({"VersioningConfiguration": {"Status": "Enabled"}}, True),
        ({"VersioningConfiguration": {"Status": "On"}}, False),
        ({"VersioningConfiguration": {"Status": "${vars.status}"}}, True),
        ({"VersioningConfiguration": "${vars.versioning}"}, True),
        ({"Tags": ["${vars.tag}", {"Key": "owner", "Value": "ml"}]}, True),
        ({"Tags": {"Key": "owner", "Value": "ml"}}, False),
    ],
)
def test_properties_are_checked_by_their_type(
    properties: dict[str, Any], right: bool, stack_schema: jsonschema.Draft202012Validator
) -> None:
    assert stack_schema.is_valid(_stack("AWS::S3::Bucket", properties)) is right


def test_a_type_that_gitbot_does_not_handle_is_left_to_the_loader(
    stack_schema: jsonschema.Draft202012Validator,
) -> None:
    assert stack_schema.is_valid(_stack("AWS::DAX::Cluster", {"Anything": 1}))


def test_each_property_that_aws_describes_says_so_in_the_editor(catalog: Catalog) -> None:
    bucket = catalog.lookup("AWS::S3::Bucket")
    assert bucket is not None
    written = type_schema(bucket, catalog.prose("AWS::S3::Bucket"))

    versioning = written["properties"]["VersioningConfiguration"]
    assert "version" in versioning["description"].lower()
    status = versioning["anyOf"][0]["properties"]["Status"]
    assert "versioning state" in status["description"].lower()


@pytest.fixture(scope="module")
def written_schema(tmp_path_factory: pytest.TempPathFactory) -> jsonschema.Draft202012Validator:
    """The schema as ``gitbot schema --all`` writes it."""
    folder = tmp_path_factory.mktemp("editor") / "new"
    done = CliRunner().invoke(main, ["schema", "--all", str(folder)])
    assert done.exit_code == 0, done.output
    assert str(folder / SCHEMA_FILE) in done.output
    return jsonschema.Draft202012Validator(json.loads((folder / SCHEMA_FILE).read_text()))


@pytest.mark.parametrize("kind", ["Stack", "Module"])
def test_the_written_schema_knows_the_properties_of_stacks_and_modules(
    kind: str, written_schema: jsonschema.Draft202012Validator
) -> None:
    right = {**_stack("AWS::S3::Bucket", {"BucketName": "a-name"}), "kind": kind}
    wrong = {**_stack("AWS::S3::Bucket", {"BucketNam": "a-name"}), "kind": kind}
    assert written_schema.is_valid(right)
    assert not written_schema.is_valid(wrong)


def test_an_editor_completes_the_names_of_types(
    written_schema: jsonschema.Draft202012Validator, catalog: Catalog
) -> None:
    for kind in written_schema.schema["oneOf"]:
        if kind["properties"]["kind"]["enum"][0] in ("Stack", "Module"):
            resources = kind["properties"]["spec"]["properties"]["resources"]
            offered = resources["additionalProperties"]["properties"]["type"]["anyOf"][0]["enum"]
            assert tuple(offered) == catalog.served_names()
            entry = resources["additionalProperties"]["properties"]
            assert "gitbot/ml-network" in entry["module"]["examples"]
            variable = kind["properties"]["spec"]["properties"]["variables"]["additionalProperties"]
            kinds = (
                variable["anyOf"][1]["properties"]["type"]
                if "anyOf" in variable
                else variable["properties"]["type"]
            )
            assert {"cidr", "list<string>"} < set(kinds["examples"])
            assert all(re.fullmatch(kinds["pattern"], one) for one in kinds["examples"])


def test_a_schema_is_written_for_everything_or_printed_for_one_name(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["schema", "Stack", "--all", str(tmp_path)])
    assert done.exit_code == 2
    assert "leave NAME out" in done.output
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    failed = CliRunner().invoke(main, ["schema", "--all", str(in_the_way)])
    assert failed.exit_code in (1, 2)


def test_a_definition_that_contains_itself_ends() -> None:
    schema = TypeSchema(
        name="A::B::C",
        route=Route.CLOUD_CONTROL,
        json_schema={
            "properties": {"Tree": {"$ref": "#/definitions/Node"}},
            "definitions": {"Node": {"properties": {"Next": {"$ref": "#/definitions/Node"}}}},
        },
    )

    written = type_schema(schema, {})

    following = written["properties"]["Tree"]["anyOf"][0]["properties"]["Next"]
    assert following["anyOf"][0] == {}
