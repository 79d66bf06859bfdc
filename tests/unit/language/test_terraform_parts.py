"""What Terraform keeps in pieces becomes properties and resources of a spec, and nothing is lost silently."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gitbot.language.terraform.converting import Converted, Folder, convert
from gitbot.providers.aws.catalog import Catalog, open_catalog
from tests.unit.language.test_terraform import loaded

BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "acme-b"\n%s}\n'
ROLE = 'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({})\n%s}\n'
GROUP = 'resource "aws_security_group" "g" {\n  name = "g"\n%s}\n'
DATA = 'data "aws_iam_policy_document" "d" {\n%s}\n' + ROLE % ""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return open_catalog()


def converted(text: str, **more: Any) -> Converted:
    return convert(Folder(texts={"main.tf": text}, **more), name="made")


def resources(made: Converted) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(made.text)["spec"]["resources"]
    return found


def attachment(argument: str) -> str:
    return f'resource "aws_iam_role_policy_attachment" "a" {{\n  role = aws_iam_role.r.name\n{argument}}}\n'


@pytest.mark.parametrize(
    ("text", "properties"),
    [
        (
            ROLE % '  inline_policy {\n    name = "p"\n    policy = jsonencode({ Version = "2012-10-17" })\n  }\n',
            {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17"}}]},
        ),
        (
            ROLE % '  managed_policy_arns = ["x"]\n' + attachment('  policy_arn = "y"\n'),
            {"ManagedPolicyArns": ["x", "y"]},
        ),
        (
            ROLE % "" + attachment('  for_each = toset(["x", "y"])\n  policy_arn = each.value\n'),
            {"ManagedPolicyArns": ["x", "y"]},
        ),
        (
            ROLE % "" + attachment('  for_each = { a = "x" }\n  policy_arn = each.value\n'),
            {"ManagedPolicyArns": ["x"]},
        ),
        (
            ROLE % "" + attachment("  for_each = toset(var.l)\n  policy_arn = each.key\n"),
            {"ManagedPolicyArns": "${vars.l}"},
        ),
        (
            BUCKET % "" + 'resource "aws_s3_bucket_public_access_block" "p" {\n'
            "  bucket = aws_s3_bucket.b.id\n  block_public_acls = true\n}\n",
            {"PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True, "BlockPublicPolicy": False,
                "IgnorePublicAcls": False, "RestrictPublicBuckets": False}},
        ),
        (
            BUCKET % "" + 'resource "aws_s3_bucket_lifecycle_configuration" "l" {\n'
            '  bucket = aws_s3_bucket.b.id\n  rule {\n    id = "a"\n    filter {\n      and {\n        prefix = "x"\n'
            '        tags = { k = "v" }\n      }\n    }\n    expiration {\n      days = 3\n    }\n  }\n}\n',
            {"LifecycleConfiguration": {"Rules": [{
                "Id": "a", "Prefix": "x", "TagFilters": [{"Key": "k", "Value": "v"}],
                "ExpirationInDays": 3}]}},
        ),
        (
            GROUP % "  ingress {\n    protocol = -1\n    from_port = 0\n    to_port = 0\n    self = true\n  }\n",
            {"SecurityGroupIngress": [{"IpProtocol": "-1", "SourceSecurityGroupId": "${g.GroupId}"}]},
        ),
        (GROUP % "", {"SecurityGroupEgress": []}),
        (
            ROLE % "" + 'resource "aws_iam_role_policy" "p" {\n  role = aws_iam_role.r.id\n  name = "p"\n'
            "  policy = jsonencode({ Version = var.v })\n}\n",
            {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "${vars.v}"}}]},
        ),
        (
            'resource "aws_instance" "i" {\n  user_data = "x"\n  ebs_block_device {\n    device_name = "/dev/sdf"\n'
            "    volume_size = 8\n  }\n}\n",
            {"UserData": '${base64("x")}',
             "BlockDeviceMappings": [{"Ebs": {"VolumeSize": 8}, "DeviceName": "/dev/sdf"}]},
        ),
        (
            GROUP % ('  egress {\n    protocol = "-1"\n    cidr_blocks = ["10.0.0.0/8"]\n  }\n' * 2)
            + 'variable "v" { default = [] }\n',
            {"SecurityGroupEgress": [{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}]},
        ),
        (
            GROUP % "  ingress {\n    from_port = 22\n    cidr_blocks = var.l\n  }\n"
            '  ingress {\n    security_groups = ["sg-1"]\n  }\n',
            {"SecurityGroupIngress": '${[{"SourceSecurityGroupId": "sg-1"}] + '
             'vars.l.map(one, {"FromPort": 22, "CidrIp": one})}'},
        ),
        (
            'resource "aws_vpc" "v" {\n  count = var.x == null ? 0 : 1\n}\n', {},
        ),
        (
            'locals {\n  two = 2\n}\nresource "aws_subnet" "v" {\n  availability_zone = element(["a", var.b], 1)\n}\n',
            {"AvailabilityZone": '${["a", vars.b][1 % size(["a", vars.b])]}'},
        ),
        (
            BUCKET % "  count = 2\n" + 'resource "aws_s3_bucket_versioning" "v" {\n  count = 2\n'
            '  bucket = aws_s3_bucket.b[count.index].id\n  versioning_configuration {\n    status = "Enabled"\n  }\n}\n',
            {"VersioningConfiguration": {"Status": "Enabled"}},
        ),
        (
            'variable "t" { type = map(string) }\nlocals { more = merge(var.t, { a = "b" }) }\n'
            + BUCKET % "  tags = merge(local.more, { c = var.c })\n",
            {"Tags": '${vars.t.filter(key, !(key in ({"a": "b", "c": vars.c}))).map(key, {"Key": key, "Value": '
             'vars.t[key]}) + [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": vars.c}]}'},
        ),
        (
            'locals { t = { a = "b" } }\n' + BUCKET % '  tags = merge(local.t, { c = 7, e = true })\n',
            {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "7"}, {"Key": "e", "Value": "true"}]},
        ),
    ],
)  # fmt: skip
def test_pieces_become_properties(text: str, properties: dict[str, Any]) -> None:
    made = converted(text)
    assert made.lost == ()
    (resource,) = resources(made).values()
    assert {key: resource["properties"][key] for key in properties} == properties


def test_a_group_without_egress_lets_nothing_out_and_keeps_rules_of_others() -> None:
    (group,) = resources(converted(GROUP % "")).values()
    assert group["lifecycle"] == {"ignoreChanges": ["/SecurityGroupEgress"]}


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        ('"{\\"Version\\": \\"2012-10-17\\"}"', {"Version": "2012-10-17"}),
        ('<<EOT\n{"Resource": "${var.a}/*", "Id": "${var.b}"}\nEOT\n',
         {"Resource": "${vars.a}/*", "Id": "${vars.b}"}),
        ("local.policy", {"Version": "1"}),
        ("data.aws_iam_policy_document.d.json",
         {"Version": "2012-10-17", "Statement": [
             {"Effect": "Deny", "Sid": "S", "NotAction": "a:B", "Resource": ["x", "${vars.r}"],
              "Principal": {"AWS": ["p", "q"]},
              "Condition": {"StringLike": {"aws:user": "$${aws:username}", "b": ["c", "d"]}}},
             {"Effect": "Allow", "Action": "${vars.l}", "Principal": "*"}]}),
    ],
)  # fmt: skip
def test_policies(policy: str, found: object, catalog: Catalog) -> None:
    text = (
        'locals {\n  policy = jsonencode({ Version = "1" })\n}\ndata "aws_iam_policy_document" "d" {\n'
        '  statement {\n    effect = "Deny"\n    sid = "S"\n    not_actions = ["a:B"]\n    resources = ["x", var.r]\n'
        '    principals {\n      type = "AWS"\n      identifiers = ["p"]\n    }\n'
        '    principals {\n      type = "AWS"\n      identifiers = ["q"]\n    }\n'
        '    condition {\n      test = "StringLike"\n      variable = "aws:user"\n      values = ["&{aws:username}"]\n'
        '    }\n    condition {\n      test = "StringLike"\n      variable = "b"\n      values = ["c", "d"]\n    }\n  }\n'
        '  statement {\n    actions = var.l\n    principals {\n      type = "*"\n      identifiers = ["*"]\n    }\n  }\n}\n'
        f'resource "aws_iam_role" "r" {{\n  assume_role_policy = {policy}}}\n'
    )
    made = converted(text)
    assert made.lost == ()
    assert resources(made)["r"]["properties"]["AssumeRolePolicyDocument"] == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DATA % "  source_policy_documents = []\n" + "%s", "source_policy_documents of"),
        (DATA % '  dynamic "statement" {\n  }\n' + "%s", "dynamic in line 2"),
        (DATA % "  statement {\n    nope = 1\n  }\n" + "%s", "nope of a statement"),
        (DATA % '  statement {\n    condition {\n      test = var.x\n    }\n  }\n' + "%s", "plain texts"),
        (DATA % "  for_each = {}\n" + 'resource "aws_s3_bucket_policy" "p" {\n  bucket = "x"\n'
         '  policy = data.aws_iam_policy_document.d["a"].json\n}\n', "which copy of the data source"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_told_is_lost_with_its_words(text: str, words: str) -> None:
    use = (
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = "x"\n'
        "  policy = data.aws_iam_policy_document.d.json\n}\n"
    )
    found = converted(text % use if "%s" in text else text).lost
    assert [words in one.detail for one in found] == [True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('provider "aws" {\n  alias = "west"\n}\n', "has an alias"),
        ('provider "aws" {\n  default_tags {\n    tags = {}\n  }\n}\n', "below spec.tags"),
        ('removed {\n  from = aws_vpc.x\n}\n', "removed: it has no counterpart"),
        (BUCKET % "  provider = aws.west\n", "another region or account"),
        ('module "m" {\n  source = "./m"\n  providers = { aws = aws.west }\n}\n', "another region"),
        (BUCKET % "  force_destroy = var.x\n", "emptyOnDelete"),
        (BUCKET % "  timeouts {\n    read = \"5m\"\n  }\n", "lifecycle.timeouts"),
        (BUCKET % "  depends_on = [aws_sns_topic.t]\n", "depends_on: aws_sns_topic.t"),
        (BUCKET % '  lifecycle {\n    ignore_changes = [tags["x"]]\n  }\n', "ignore_changes"),
        ('variable "aB" {}\nvariable "a_b" {}\n', "would both be a_b"),
        ('locals {\n  aB = 1\n  a_b = 2\n}\n', "would both be"),
        ('variable "v" {\n  default = null\n}\n', "is null"),
        ('output "o" {\n  value = 1\n  precondition {\n  }\n}\n', "spec.checks"),
        ("locals {\n  x = <<EOT\n${jsonencode({a = 1})}\nEOT\n}\n", "braces inside"),
        ("locals {\n  x = <<EOT\n%{ if true }a%{ endif }\nEOT\n}\n", "%{…}"),
        ('locals {\n  m = merge(var.a, var.b)\n  n = "${local.m}"\n}\n', "known for tags only"),
        ('variable "n" {\n  default = 2\n}\nresource "aws_vpc" "v" {\n  count = var.n\n}\n', "does not follow"),
        ('variable "n" {\n  default = [1]\n}\nresource "aws_vpc" "v" {\n  count = length(var.n)\n}\n', "is 1 by"),
        ('locals {\n  n = length(var.l)\n}\nvariable "l" {\n  default = [1, 2]\n}\nresource "aws_vpc" "v" {\n'
         "  count = local.n\n}\n", "is 2 by"),
        ('output "o" {\n  value = merge(var.a, {})\n}\n', "known for tags only"),
        ('output "o" {\n  value = [{ a = merge(var.a, {}) }]\n}\n', "known for tags only"),
        ('output "o" {\n  value = length(merge(var.a, {}))\n}\n', "known for tags only"),
        (BUCKET % "  bucket = merge(var.a, {})\n", "known for tags only"),
        (ROLE % "" + 'resource "aws_s3_bucket_policy" "p" {\n  policy = "{\\"a\\": \\"\ue000${var.x}\\"}"\n}\n', "neither JSON"),
        ('resource "aws_vpc" "v" {}\nlocals { x = aws_vpc.v.tags["a"] }\n', "no attribute tags"),
        ('resource "aws_vpc" "v" {\n  for_each = {}\n}\nlocals { x = aws_vpc.v[*].id }\n', "aws_vpc.v[*]"),
        (GROUP % "  ingress {\n    self = var.x\n  }\n", "ingress.self"),
        (GROUP % "  ingress {\n    nope = 1\n  }\n", "ingress.nope"),
        (GROUP % "  ingress {\n    cidr_blocks = var.x\n    self = true\n  }\n", "self stands beside a list"),
        ('resource "aws_security_group_rule" "s" {\n  type = "egress"\n  security_group_id = "g"\n'
         "  cidr_blocks = var.x\n}\n", "a list that is not written out"),
        ('resource "aws_security_group_rule" "s" {\n  type = var.t\n}\n', "no type or group"),
        ('resource "aws_security_group_rule" "s" {\n  type = "ingress"\n  security_group_id = "g"\n}\n', "names no address"),
        (BUCKET % '  for_each = toset(["a", "b"])\n' + 'resource "aws_s3_bucket_versioning" "v" {\n'
         '  bucket = aws_s3_bucket.b["a"].id\n}\n', "for some copies only"),
        (BUCKET % '  for_each = toset(["a", "b"])\n' + 'resource "aws_s3_bucket_versioning" "v" {\n'
         '  for_each = toset(["a"])\n  bucket = aws_s3_bucket.b[each.key].id\n}\n', "for some copies only"),
        (ROLE % "  managed_policy_arns = var.l\n" + attachment('  policy_arn = "y"\n'), "one expression already"),
        (ROLE % "" + attachment("  for_each = var.m\n  policy_arn = each.value\n"), "for some copies only"),
    ],
)  # fmt: skip
def test_nothing_is_lost_without_a_word(text: str, words: str) -> None:
    assert [one.detail for one in converted(text).lost if words in one.detail], converted(text)


def test_locals_that_need_each_other_often_or_in_a_circle_end() -> None:
    text = (
        "locals {\n  a0 = { k = 1 }\n  c = merge(local.d, local.d)\n  d = merge(local.c, local.c)\n"
    )
    text += "".join(f"  a{at} = merge(local.a{at - 1}, local.a{at - 1})\n" for at in range(1, 60))
    made = converted(f'{text}}}\nresource "aws_s3_bucket" "b" {{\n  tags = local.a59\n}}\n')
    assert yaml.safe_load(made.text)["spec"]["locals"]["a59"] == {"k": 1}


def test_a_secret_value_is_not_written_and_unread_files_are_told() -> None:
    text = 'variable "password" {\n  type = string\n  sensitive = true\n}\n'
    made = converted(text, values={"password": "hunter2"}, values_file="v", unread=("a.tf.json",))
    assert "hunter2" not in made.text
    assert [one.file for one in made.lost] == ["a.tf.json", "v"]


@pytest.mark.parametrize(
    ("variable", "given"),
    [
        ('"pin" {\n  sensitive = true\n  default = "hunter2"\n}', {}),
        ('"db_password" {\n  default = "hunter2"\n}', {}),
        ('"db_password" {\n  type = string\n}', {"db_password": "hunter2"}),
        ('"env" {\n  default = { DB_PASSWORD = "hunter2", A = "a" }\n}', {}),
        ('"tokens" {\n  default = ["ghp_hunter2hunter2hunter2"]\n}', {}),
        ('"url" {\n  default = "postgres://ml:hunter2@db/x"\n}', {}),
    ],
)
def test_a_default_or_value_that_may_be_secret_is_not_written(
    variable: str, given: dict[str, str]
) -> None:
    made = converted(f"variable {variable}\n", values=given, values_file="v")
    assert "hunter2" not in made.text
    (lost,) = made.lost
    assert lost.detail.endswith("which is or may be secret: write it with secret()")


def test_what_only_has_the_name_of_a_secret_is_written() -> None:
    made = converted('variable "password_length" {\n  default = 12\n}\n')
    assert made.lost == ()
    assert "default: 12" in made.text


def test_what_the_whole_configuration_becomes_loads(catalog: Catalog) -> None:
    text = (
        BUCKET
        % '  force_destroy = true\n  timeouts {\n    create = "30m"\n  }\n'
        + 'variable "azs" {\n  type = list(string)\n  default = ["us-east-1a", "us-east-1b"]\n}\n'
        'data "aws_caller_identity" "me" {}\ndata "aws_partition" "p" {}\n'
        'resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }\n'
        'resource "aws_subnet" "s" {\n  for_each = { a = "10.0.1.0/24" }\n  vpc_id = aws_vpc.v.id\n  cidr_block = each.value\n}\n'
        'resource "aws_internet_gateway" "g" { vpc_id = aws_vpc.v.id }\n'
        'resource "aws_route_table" "t" {\n  vpc_id = aws_vpc.v.id\n'
        '  route {\n    cidr_block = "0.0.0.0/0"\n    gateway_id = aws_internet_gateway.g.id\n  }\n}\n'
        'output "subnets" { value = values(aws_subnet.s)[*].id }\n'
        'output "arn" { value = "arn:${data.aws_partition.p.partition}:iam::root" }\n'
        'output "all" { value = { a = aws_vpc.v[*].id } }\n'
    )
    made = converted(text)
    assert made.lost == ()
    found = loaded(made, catalog)
    assert found.diagnostics == ()
    stack = found.stacks[0]
    assert stack.resources["b"].lifecycle.empty_on_delete  # type: ignore[index]
    assert "g_attachment" in stack.resources["t_route"].depends_on  # type: ignore[index]
    assert stack.outputs["arn"].value == "arn:aws:iam::root"


@pytest.mark.parametrize(
    ("type_", "names", "pointers"),
    [
        ("aws_security_group", "ingress", ["/SecurityGroupIngress", "/SecurityGroupEgress"]),
        ("aws_security_group", "tags, egress", ["/Tags", "/SecurityGroupEgress"]),
        ("aws_instance", "ami, root_block_device", ["/ImageId", "/BlockDeviceMappings"]),
        ("aws_instance", "metadata_options", ["/MetadataOptions"]),
    ],
)
def test_changes_that_are_ignored(type_: str, names: str, pointers: list[str]) -> None:
    text = f'resource "{type_}" "x" {{\n  lifecycle {{\n    ignore_changes = [{names}]\n  }}\n}}\n'
    assert resources(converted(text))["x"]["lifecycle"]["ignoreChanges"] == pointers
