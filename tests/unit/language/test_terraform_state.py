"""Objects that Terraform's state knows are imported by the addresses that the spec has for them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from gitbot.errors import UserError
from gitbot.language.terraform.converting import Folder, convert
from gitbot.language.terraform.state import Instance, read_state, root_disk

VPC = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n%s}\n'


def one(type_: str, name: str, *made: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mode": "managed", "type": type_, "name": name, "instances": list(made), **more}


def of(id_: str, key: Any = None, **more: Any) -> dict[str, Any]:
    return {"attributes": {"id": id_, **more}} | ({} if key is None else {"index_key": key})


def state(*resources: dict[str, Any]) -> tuple[Instance, ...]:
    return read_state(json.dumps({"version": 4, "resources": resources}), "s.json")


def imported(
    text: str, *resources: dict[str, Any], **modules: str
) -> tuple[dict[str, str], list[str]]:
    """The identifiers by address, and what is told as not imported."""

    def opened(path: str) -> Folder | None:
        inside = modules.get(path.removeprefix("./"))
        return None if inside is None else Folder(texts={"main.tf": inside}, open=opened)

    folder = Folder(
        texts={"main.tf": text}, open=opened, state=state(*resources), state_file="s.json"
    )
    made = convert(folder, name="made")
    spec = yaml.safe_load(made.text)["spec"]
    ids = {each["to"]: each["id"] for each in spec.get("imports", ())}
    for key, resource in spec["resources"].items():
        if "import" in resource.get("lifecycle", {}):
            ids[key] = resource["lifecycle"]["import"]
    return ids, [each.detail for each in made.lost if each.file == "s.json"]


def test_one_resource_is_imported_where_it_stands() -> None:
    assert imported(VPC % "", one("aws_vpc", "main", of("vpc-1"))) == ({"main": "vpc-1"}, [])


@pytest.mark.parametrize(
    ("copies", "keys", "addresses"),
    [
        ("count = 2", (0, 1), ['main["0"]', 'main["1"]']),
        ('for_each = toset(["a", "b"])', ("a", "b"), ['main["a"]', 'main["b"]']),
        ('for_each = { "x y" = 1, z = 2 }', ("x y", "z"), ['main["x y"]', 'main["z"]']),
        ("count = var.on ? 1 : 0", (0,), ["main"]),
    ],
)
def test_each_copy_is_imported_by_its_key(
    copies: str, keys: tuple[Any, ...], addresses: list[str]
) -> None:
    made = [of(f"vpc-{at}", key) for at, key in enumerate(keys)]
    ids, told = imported(VPC % f"  {copies}\n", one("aws_vpc", "main", *made))
    assert (list(ids), told) == (addresses, [])


def test_what_is_in_modules_is_imported_by_the_way_there() -> None:
    ids, told = imported(
        'module "net" {\n  source = "./net"\n  for_each = { a = 1 }\n}\nmodule "only" {\n  source = "./net"\n}\n',
        one("aws_vpc", "main", of("vpc-1"), module='module.net["a"].module.deep[0]'),
        one("aws_vpc", "main", of("vpc-2"), module="module.only.module.deep[0]"),
        net='module "deep" {\n  source = "./deep"\n  count = 1\n}\n',
        deep=VPC % "",
    )
    assert ids == {'net["a"].deep["0"].main': "vpc-1", 'only.deep["0"].main': "vpc-2"}
    assert told == []


@pytest.mark.parametrize(
    ("text", "resource", "words"),
    [
        ("", one("aws_vpc", "gone", of("vpc-1")), "aws_vpc.gone: the configuration has it no more"),
        ("", one("aws_vpc", "x", of("v"), module="module.n"), "module.n is not carried over"),
        (VPC % '  for_each = nope.x\n', one("aws_vpc", "main", of("v", "a")), "its copies are not"),
        (VPC % '  count = 2\n', one("aws_vpc", "main", of("v")), "its copies are not"),
        (VPC % "", one("aws_vpc", "main", {"attributes": {}}), "does not name what is main"),
        (
            'module "net" {\n  source = "./net"\n  for_each = nope.x\n}\n',
            one("aws_vpc", "main", of("v"), module='module.net["a"]'),
            "the copies of module.net are not",
        ),
    ],
)  # fmt: skip
def test_what_is_not_imported_is_told(text: str, resource: dict[str, Any], words: str) -> None:
    ids, told = imported(text, resource, net=VPC % "")
    assert ids == {}
    assert [words in each and "a second time" in each for each in told] == [True]


@pytest.mark.parametrize(
    ("text", "resource", "ids"),
    [
        (
            'resource "aws_internet_gateway" "g" {\n  vpc_id = var.v\n}\n',
            one("aws_internet_gateway", "g", of("igw-1", vpc_id="vpc-1")),
            {"g": "igw-1", "g_attachment": "IGW|vpc-1"},
        ),
        (
            'resource "aws_route_table" "t" {\n  vpc_id = var.v\n  route {\n    cidr_block = "0.0.0.0/0"\n  }\n'
            '  route {\n    ipv6_cidr_block = "::/0"\n  }\n}\n',
            one("aws_route_table", "t", of("rtb-1", route=[])),
            {"t": "rtb-1", "t_route": "rtb-1|0.0.0.0/0", "t_route_2": "rtb-1|::/0"},
        ),
        (
            'resource "aws_route_table" "t" {\n  route {\n    cidr_block = var.c\n  }\n}\n',
            one("aws_route_table", "t", of("rtb-1", route=[{"cidr_block": "10.0.0.0/8"}])),
            {"t": "rtb-1", "t_route": "rtb-1|10.0.0.0/8"},
        ),
        (
            'resource "aws_route" "r" {\n  route_table_id = var.t\n}\n',
            one("aws_route", "r", of("r-1", route_table_id="rtb-1", destination_cidr_block="0.0.0.0/0")),
            {"r": "rtb-1|0.0.0.0/0"},
        ),
        (
            'resource "aws_security_group_rule" "s" {\n  type = "egress"\n  security_group_id = var.g\n'
            '  cidr_blocks = ["10.0.0.0/8"]\n  protocol = "tcp"\n}\n',
            one("aws_security_group_rule", "s", of("sgrule-1", security_group_rule_id="sgr-1")),
            {"s": "sgr-1"},
        ),
        (
            'resource "aws_internet_gateway_attachment" "a" {\n  vpc_id = var.v\n}\n',
            one("aws_internet_gateway_attachment", "a", of("igw-1:vpc-1", vpc_id="vpc-1")),
            {"a": "IGW|vpc-1"},
        ),
    ],
)  # fmt: skip
def test_objects_that_have_other_identifiers_here(
    text: str, resource: dict[str, Any], ids: dict[str, str]
) -> None:
    assert imported(text, resource) == (ids, [])


def test_a_rule_for_two_addresses_is_two_objects_that_the_state_does_not_name() -> None:
    text = (
        'resource "aws_security_group_rule" "s" {\n  type = "ingress"\n  security_group_id = "sg-1"\n'
        '  cidr_blocks = ["10.0.0.0/8", "11.0.0.0/8"]\n  protocol = "tcp"\n}\n'
    )
    ids, told = imported(text, one("aws_security_group_rule", "s", of("sgrule-1")))
    assert (ids, len(told)) == ({}, 2)


def test_the_root_disk_has_the_name_that_the_state_knows() -> None:
    text = 'resource "aws_instance" "m" {\n  root_block_device {\n    volume_size = 100\n  }\n}\n'
    disk = [{"device_name": "/dev/xvda"}]
    known = state(one("aws_instance", "m", of("i-1", root_block_device=disk)))
    made = convert(Folder(texts={"main.tf": text}, state=known), name="made")
    assert made.lost == ()
    assert "DeviceName: /dev/xvda" in made.text
    assert root_disk(state(one("aws_instance", "m", of("i", root_block_device=7))), ("aws_instance", "m")) is None  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        '{"version": 3, "resources": []}',
        '{"version": 4}',
        '{"version": 4, "resources": [7]}',
        '{"version": 4, "resources": [{"mode": "managed", "type": "aws_vpc"}]}',
        '{"version": 4, "resources": [{"mode": "managed", "type": "aws_vpc", "name": "a", "module": "x"}]}',
        '{"version": 4, "resources": [{"mode": "managed", "type": "aws_vpc", "name": "a", '
        '"instances": [{"index_key": []}]}]}',
        f'{{"version": 4, "resources": {"[" * 5000}',
    ],
)
def test_a_state_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="terraform state pull"):
        read_state(text, "state.json")
