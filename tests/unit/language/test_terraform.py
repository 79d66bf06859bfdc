"""A configuration of Terraform becomes a spec that loads, and what it cannot say is told with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitbot.adapters.terraform_folder import open_folder
from gitbot.errors import UserError
from gitbot.language.load import load_tree
from gitbot.language.terraform.converting import Converted, Folder, convert
from gitbot.language.terraform.state import State, read_state
from gitbot.model.desired import LoadedTree
from gitbot.providers.aws.catalog import Catalog, open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, tree

CASE = Path(__file__).parents[2] / "cases" / "terraform"
NOTHING = State()
VARIABLES = 'variable "a" { type = string }\nvariable "l" { type = list(string) }\n'


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return open_catalog()


def loaded(made: Converted, catalog: Catalog) -> LoadedTree:
    modules = {f"modules/{name}/module.yaml": one.text for name, one in made.modules.items()}
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/made.yaml": made.text, **modules}
    return load_tree(tree(files), catalog.lookup, catalog.names, catalog.native_names)


def converted(text: str, state: State = NOTHING) -> Converted:
    return convert(Folder(texts={"main.tf": text}, state=state, state_file="s.json"), name="made")


def spec_of(made: Converted) -> Any:
    return yaml.safe_load(made.text)["spec"]


def test_a_whole_configuration_becomes_a_stack_and_a_module_that_load(catalog: Catalog) -> None:
    made = convert(open_folder(CASE), name="made")
    assert made.lost == ()
    found = loaded(made, catalog)
    assert found.diagnostics == ()
    stack = found.stacks[0]
    assert set(stack.resources) == {
        "artifacts",
        "ssh",
        "gpu",
        'features["datasets"].this',
        'features["features"].this',
    }
    bucket = stack.resources["artifacts"].properties  # type: ignore[index]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionTransitions"] == [
        {"TransitionInDays": 30, "StorageClass": "STANDARD_IA"}
    ]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"plain"', "plain"),
        ('"a $${b} \\"c\\" \\u00e4"', 'a $${b} "c" ä'),
        ('"x-${var.a}-y"', "x-${vars.a}-y"),
        ("var.a", "${vars.a}"),
        ('var.a == "b" ? "c" : "d"', '${vars.a == "b" ? "c" : "d"}'),
        ('(var.a == "b") && !(1 + 2 * 3 > 4)', '${(vars.a == "b") && !(1 + 2 * 3 > 4)}'),
        ("[for one in var.l : upper(one) if one != var.a]",
         "${vars.l.filter(one, one != vars.a).map(one, upper(one))}"),
        ('join("-", [var.a, "b"])', '${join([vars.a, "b"], "-")}'),
        ('format("%s-%s", var.a, "b")', '${string(vars.a) + "-" + string("b")}'),
        ('contains(var.l, "b")', '${"b" in vars.l}'),
        ('length(var.l)', "${size(vars.l)}"),
        ("terraform.workspace", "${env.name}"),
        ('{ "a b" = 1, c = true, d = [null] }', {"a b": 1, "c": True, "d": [None]}),
        ('merge({ a = var.a }, { b = "c" })', {"a": "${vars.a}", "b": "c"}),
        ("-1.5", -1.5),
        ("<<-EOT\n    a ${var.a}\n      b\n  EOT\n", "a ${vars.a}\n  b\n"),
        ('lookup({ a = "b" }, var.a, "c")', '${vars.a in {"a": "b"} ? {"a": "b"}[vars.a] : "c"}'),
    ],
)  # fmt: skip
def test_expressions(expression: str, value: object, catalog: Catalog) -> None:
    made = converted(f"{VARIABLES}locals {{\n  x = {expression}\n}}\n")
    assert made.lost == ()
    assert spec_of(made)["locals"]["x"] == value


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('locals {\n  x = file("a")\n}', 2, "file()"),
        ("locals {\n  x = {for k, v in {} : k => v}\n}", 2, "for object"),
        ("locals {\n  x = [for k, v in {} : v]\n}", 2, "keys and values"),
        ('locals {\n  x = "%{if true}a%{endif}"\n}', 2, "%{…}"),
        ("locals {\n  x = aws_db_instance.y.id\n}", 2, "nothing that is carried over"),
        ('resource "aws_db_instance" "y" {}', 1, "aws_db_instance.y"),
        ('resource "aws_vpc" "y" {\n  nope = 1\n}', 2, "aws_vpc.nope"),
        ('resource "aws_vpc" "y" {\n  nope {\n  }\n}', 2, "aws_vpc.nope"),
        ('resource "aws_vpc" "y" {\n  count = length("a")\n}', 2, "count"),
        ('resource "aws_s3_bucket_versioning" "v" {\n  bucket = "x"\n}', 1, "no resource here"),
        ('data "aws_ami" "x" {}', 1, "lookup"),
        ('module "m" {\n  source = "registry/x/y"\n}', 1, "no folder"),
        ('variable "v" {\n  type = tuple([string])\n}', 2, "no counterpart"),
        ('variable "v" {\n  validation {\n    condition = local.a\n    error_message = "b"\n  }\n}',
         2, "its value alone"),
        ('resource "aws_iam_role" "r" {\n  assume_role_policy = local.x\n}', 2, "neither JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_told_with_its_line(text: str, line: int, words: str) -> None:
    lost = converted(text).lost
    assert [(one.file, one.line) for one in lost] == [("main.tf", line)]
    assert words in lost[0].detail


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        ("bool", "boolean"),
        ("list(string)", "list<string>"),
        ("set(number)", "list<number>"),
        ("map(list(string))", "map<list<string>>"),
        ("object({ a = string, b = optional(number, 3) })", "object<a: string, b?: number>"),
    ],
)
def test_types(type_: str, written: str) -> None:
    made = converted(f'variable "v" {{\n  type = {type_}\n}}\n')
    assert spec_of(made)["variables"]["v"]["type"] == written


def test_objects_of_the_state_are_imported_and_what_is_left_is_told() -> None:
    def known(name: str, **more: Any) -> dict[str, Any]:
        return {"mode": "managed", "type": "aws_vpc", "name": name, **more}

    def made(id_: str, **more: Any) -> dict[str, Any]:
        return {"attributes": {"id": id_}, **more}

    resources = [
        known("main", instances=[made("vpc-1")]),
        known("copy", instances=[made("vpc-2", index_key="a"), made("vpc-3", index_key=0)]),
        known("main", module="module.net", instances=[made("vpc-4")]),
        {**known("other", instances=[made("vpc-5")]), "mode": "data"},
        {**known("else", instances=[made("x")]), "type": "aws_nothing"},
    ]
    state = read_state(json.dumps({"version": 4, "resources": resources}), "state.json")
    assert state.imports == {("aws_vpc", "main"): "vpc-1"}
    assert state.left == ('aws_vpc.copy["a"]', "aws_vpc.copy[0]", "module.net.aws_vpc.main")
    found = converted('resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }\n', state)
    assert spec_of(found)["resources"]["main"]["lifecycle"] == {"import": "vpc-1"}
    assert [one.detail.partition(":")[0] for one in found.lost] == list(state.left)
    assert "a second time" in found.text


def test_a_number_of_copies_is_a_copy_for_each() -> None:
    made = converted('resource "aws_vpc" "main" {\n  count = 2\n}\n')
    assert spec_of(made)["resources"]["main"]["forEach"] == ["0", "1"]


@pytest.mark.parametrize("text", ["[]", "{", '{"version": 3, "resources": []}', '{"version": 4}'])
def test_a_state_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="terraform state pull"):
        read_state(text, "state.json")


@pytest.mark.parametrize("text", ["resource {", "x = ", "}" * 3, "[" * 2000])
def test_what_is_not_its_language_is_told(text: str) -> None:
    with pytest.raises(UserError, match=r"main\.tf:"):
        converted(text)


def test_names_that_are_taken_become_others(catalog: Catalog) -> None:
    text = (
        'resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }\n'
        'resource "aws_subnet" "main" {\n  vpc_id = aws_vpc.main.id\n  cidr_block = "10.0.0.0/24"\n}\n'
    )
    made = converted(text)
    assert list(spec_of(made)["resources"]) == ["main", "subnet_main"]
    assert loaded(made, catalog).diagnostics == ()
