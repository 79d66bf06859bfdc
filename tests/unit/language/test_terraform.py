"""A configuration of Terraform becomes a spec that loads, and what it cannot say is told with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gitbot.adapters.terraform_folder import open_folder
from gitbot.errors import UserError
from gitbot.language.load import load_tree
from gitbot.language.terraform.converting import Converted, Folder, convert
from gitbot.language.terraform.state import Instance
from gitbot.model.desired import LoadedTree
from gitbot.providers.aws.catalog import Catalog, open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, tree

CASE = Path(__file__).parents[2] / "cases" / "terraform"
VARIABLES = (
    'variable "a" { type = string }\nvariable "l" { type = list(string) }\n'
    'variable "m" { type = map(string) }\n'
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return open_catalog()


def loaded(made: Converted, catalog: Catalog) -> LoadedTree:
    modules = {f"modules/{name}/module.yaml": one.text for name, one in made.modules.items()}
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/made.yaml": made.text, **modules}
    return load_tree(tree(files), catalog.lookup, catalog.names, catalog.native_names)


def converted(text: str, state: tuple[Instance, ...] = ()) -> Converted:
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
        ("[for one in var.m : one]", "${vars.m.map(one_key, vars.m[one_key])}"),
        ("[for k, v in var.m : \"${k}-${v.a}\" if v.b]",
         '${vars.m.filter(k, vars.m[k].b).map(k, string(k) + "-" + string(vars.m[k].a))}'),
        ("[for one in split(\",\", var.a) : one]", '${(split(vars.a, ",")).map(one, one)}'),
        ("keys(var.m)", "${vars.m.map(key, key)}"),
        ("values(var.m)", "${vars.m.map(key, vars.m[key])}"),
        ('coalesce(var.a, "b")', '${vars.a != null && vars.a != "" ? vars.a : "b"}'),
        ("compact(var.l)", '${vars.l.filter(one, one != null && one != "")}'),
        ('startswith(var.a, "b")', '${vars.a.startsWith("b")}'),
        ('{ "a b" = 1, c = true, d = [null] }', {"a b": 1, "c": True, "d": [None]}),
        ('merge({ a = var.a }, { b = "c" })', {"a": "${vars.a}", "b": "c"}),
        ("-1.5", -1.5),
        ("-1", -1),
        ('cidrsubnet("10.0.0.0/16", 8, 3)',
         '${subnets("10.0.0.0/16", 3 + 1, 32 - int(split("10.0.0.0/16", "/")[1]) - 8)[3]}'),
        ('split("/", var.a)[1]', '${(split(vars.a, "/"))[1]}'),
        ("(var.a == null ? var.l : [])[0]", "${((vars.a == null ? vars.l : []))[0]}"),
        ("var.l[*].id[0]", "${vars.l.map(one, one.id[0])}"),
        ("var.l.*.id[0]", "${vars.l.map(one, one.id)[0]}"),
        ("var.l[*].a.b", "${vars.l.map(one, one.a.b)}"),
        ("var.o.my-key", '${vars.o["my-key"]}'),
        ("var.bucketName", "${vars.bucket_name}"),
        ("[for one in concat(var.l, [\"a\"]) : one]", '${(vars.l + ["a"]).map(one, one)}'),
        ('tonumber("22")', 22),
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
        ("locals {\n  x = [for k, v in [] : v]\n}", 2, "is a list, or a map"),
        ("locals {\n  x = [for v in var.nobody : v]\n}", 2, "is a list, or a map"),
        ('locals {\n  x = "%{if true}a%{endif}"\n}', 2, "%{…}"),
        ("locals {\n  x = aws_db_instance.y.id\n}", 2, "nothing that is carried over"),
        ('resource "aws_db_instance" "y" {}', 1, "aws_db_instance.y"),
        ('resource "aws_vpc" "y" {\n  nope = 1\n}', 2, "aws_vpc.nope"),
        ('resource "aws_vpc" "y" {\n  nope {\n  }\n}', 2, "aws_vpc.nope"),
        ('resource "aws_vpc" "y" {\n  count = length("a")\n}', 2, "count"),
        ('resource "aws_s3_bucket_versioning" "v" {\n  bucket = "x"\n}', 1, "no resource here"),
        ('data "aws_ami" "x" {}', 1, "lookup"),
        ("locals {\n  x = 3 / 2\n}", 2, "whole numbers"),
        ('locals {\n  x = sensitive("a")\n}', 2, "sensitive()"),
        ('locals {\n  x = replace("a", "/b+/", "c")\n}', 2, "between slashes"),
        ('locals {\n  x = tonumber("a")\n}', 2, "tonumber()"),
        ('resource "aws_vpc" "y" {\n  count = true ? 2 : false ? 1 : 0\n}', 2, "count"),
        ('output "o" {\n  value = 1\n  description = nope.x\n}', 3, "carried over"),
        ('resource "aws_vpc" "y" {\n  lifecycle {\n    prevent_destroy = nope.x\n  }\n}', 3, "carried over"),
        ('module "m" {\n  source = nope.x\n}', 2, "carried over"),
        ('module "m" {\n  source = "registry/x/y"\n}', 1, "no folder"),
        ('variable "v" {\n  type = tuple([string])\n}', 2, "no counterpart"),
        ('variable "v" {\n  validation {\n    condition = local.a\n    error_message = "b"\n  }\n}',
         2, "its value alone"),
        ('resource "aws_iam_role" "r" {\n  assume_role_policy = local.x\n}', 2, "neither JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_told_with_its_line(text: str, line: int, words: str) -> None:
    lost = converted(text).lost
    assert any((one.file, one.line) == ("main.tf", line) and words in one.detail for one in lost)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('variable "v" { type = string, default = 1 }\n', 1, "',' cannot stand there"),
        ('resource "aws_vpc" "v" {\n', 2, "it ends where more is needed"),
        ("locals {\n  x = @\n}\n", 2, "'@' cannot stand there"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_plain_words(
    text: str, line: int, words: str
) -> None:
    with pytest.raises(UserError) as told:
        converted(text)
    assert f"main.tf:{line}: this is not Terraform's language: {words}" in str(told.value)


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


def test_a_number_of_copies_is_a_copy_for_each() -> None:
    made = converted('resource "aws_vpc" "main" {\n  count = 2\n}\n')
    assert spec_of(made)["resources"]["main"]["forEach"] == ["0", "1"]


def test_a_copy_is_named_as_count_makes_it(catalog: Catalog) -> None:
    text = (
        'variable "on" { type = bool }\nvariable "values" { default = "" }\n'
        'resource "aws_vpc" "two" {\n  count = 2\n  cidr_block = "10.${count.index}.0.0/16"\n}\n'
        'resource "aws_vpc" "maybe" {\n  count = var.on ? 1 : 0\n  cidr_block = "10.9.0.0/16"\n}\n'
        'resource "aws_subnet" "s" {\n  count = 2\n  vpc_id = aws_vpc.two[count.index].id\n'
        '  cidr_block = "10.${count.index}.1.0/24"\n}\n'
        'output "first" { value = aws_vpc.two[0].id }\noutput "maybe" { value = aws_vpc.maybe[0].id }\n'
    )
    made = converted(text)
    assert made.lost == ()
    spec = spec_of(made)
    assert spec["outputs"] == {"first": '${two["0"].VpcId}', "maybe": "${maybe.VpcId}"}
    assert spec["resources"]["maybe"]["when"] == "${vars.on}"
    assert spec["resources"]["s"]["properties"]["VpcId"] == "${two[each.key].VpcId}"


def test_a_part_of_some_copies_is_told() -> None:
    text = (
        'resource "aws_s3_bucket" "b" { bucket = "b" }\n'
        'resource "aws_s3_bucket_versioning" "v" {\n  count = var.on ? 1 : 0\n  bucket = aws_s3_bucket.b.id\n}\n'
    )
    assert ["for some copies only" in one.detail for one in converted(text).lost] == [True]


def folder(**inside: str) -> Folder:
    """A folder with these folders below; each has itself beside it, too."""

    def opened(path: str) -> Folder | None:
        text = inside.get(path.replace("./", "").replace("/", "_"))
        return None if text is None else Folder(texts={"main.tf": text}, open=opened)

    uses = "".join(
        f'module "m{at}" {{\n  source = "./{one.replace("_", "/")}"\n  bucketName = "a"\n}}\n'
        for at, one in enumerate(inside)
    )
    return Folder(texts={"main.tf": uses}, open=opened)


def test_modules_of_one_name_in_two_folders_stay_two() -> None:
    text = (
        'variable "bucketName" { type = string }\nresource "aws_s3_bucket" "b" { bucket = "%s" }\n'
    )
    made = convert(folder(a_x=text % "one", b_x=text % "two"), name="made")
    assert sorted(made.modules) == ["x", "x-2"]
    assert "BucketName: two" in made.modules["x-2"].text
    uses = spec_of(made)["resources"]
    assert [(one["module"], one["values"]) for one in uses.values()] == [
        ("modules/x", {"bucket_name": "a"}),
        ("modules/x-2", {"bucket_name": "a"}),
    ]


def test_modules_that_never_end_are_told() -> None:
    made = convert(folder(x='module "again" { source = "./x" }\n'), name="made")
    while made.modules:
        (made,) = made.modules.values()
    assert "nested too deeply" in made.lost[0].detail


def test_nothing_that_is_told_ends_a_comment() -> None:
    made = converted("locals {\n  x = <<EOT\n${nope.\nspec: evil}\nEOT\n}\n")
    assert [
        one for one in made.text.splitlines() if "evil" in one and not one.startswith("#")
    ] == []


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
