"""Tables of what is written into a spec file when drift is adopted, and what a person must write."""

from __future__ import annotations

import difflib
from typing import Any

import pytest

from gitbot.decisions.drift.adopting import HIDDEN, Adoption, adopt
from gitbot.model.names import Address
from gitbot.model.plan import Cause, Drift, DriftKind, PathChange
from gitbot.model.values import Redacted

SPEC = """\
# The trainer.
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer, labels: {team: ml}}
spec:
  variables:
    size:   {type: string, default: t3.micro}   # small is enough
    zone:   {type: string}
    often:  {type: string, default: x}
    key:    {type: string, sensitive: true}
    built:  {type: string, default: "${env.project}-1"}
  values:
    zone: eu-west-1a
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupDescription: "SSH for ${env.project}"
        SecurityGroupIngress:
          - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}  # me
        Tags:
          - Key: owner
            Value: ada   # who to ask
          - {Key: size, Value: "${vars.size}"}
    trainer:
      type: AWS::EC2::Instance
      properties:
        InstanceType: ${ vars.size }
        AvailabilityZone: "${vars.zone}"
        KeyName: ${vars.often}
        Monitoring: "${vars.often}"
        Secret: ${vars.key}
        Built: ${vars.built}
        UserData: echo hi
        Name: "${stack.name}"
        Missing: ${vars.missing}
        Nested: {a: {b: 1}}
        Plain: text
    map:
      type: AWS::SSM::Parameter
      properties:
        Tags: {owner: ada, size: "${vars.size}"}
    expression:
      type: AWS::S3::Bucket
      properties:
        Tags: "${vars.size}"
"""
TAGS = {"AWS::EC2::SecurityGroup": "/Tags", "AWS::EC2::Instance": "/Tags", "AWS::S3::Bucket": "/Tags", "AWS::SSM::Parameter": "/Tags"}  # fmt: skip
TYPES = {"ssh": "AWS::EC2::SecurityGroup", "trainer": "AWS::EC2::Instance", "map": "AWS::SSM::Parameter", "expression": "AWS::S3::Bucket"}  # fmt: skip
RULE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}


def taken_over(
    address: str, path: str, before: Any = None, after: Any = None, **more: Any
) -> Adoption:
    change = PathChange(path=path, before=before, after=after, cause=Cause.DRIFT, **more)
    drift = Drift(
        address=Address(address),
        type=TYPES.get(address, "AWS::X::Y"),
        kind=DriftKind.CHANGED,
        paths=(change,),
    )
    return adopt(SPEC, 0, [drift], TAGS.get)


def lines(adoption: Adoption) -> list[str]:
    found = difflib.ndiff(SPEC.splitlines(), adoption.text.splitlines())
    return [line for line in found if line[:2] in ("- ", "+ ")]


@pytest.mark.parametrize(
    ("address", "path", "change", "wanted"),
    [
        ("ssh", "/SecurityGroupIngress/1", {"before": RULE, "removed": True},
         ["+           - IpProtocol: tcp", "+             FromPort: 22", "+             ToPort: 22", "+             CidrIp: 0.0.0.0/0"]),
        ("ssh", "/SecurityGroupIngress/0/CidrIp", {"before": "0.0.0.0/0", "after": "203.0.113.5/32"},
         ["-           - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}  # me",
          "+           - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}  # me"]),
        ("ssh", "/SecurityGroupIngress/0", {"after": RULE | {"CidrIp": "203.0.113.5/32"}, "added": True},
         ["-         SecurityGroupIngress:",
          "+         SecurityGroupIngress: []",
          "-           - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}  # me"]),
        ("ssh", "/Tags/owner", {"before": "bob", "after": "ada"},
         ["-             Value: ada   # who to ask", "+             Value: bob   # who to ask"]),
        ("ssh", "/Tags/owner", {"after": "ada", "added": True},
         ["-           - Key: owner", "-             Value: ada   # who to ask"]),
        ("ssh", "/Tags/size", {"before": "big", "after": "t3.micro"}, None),
        ("ssh", "/Tags/team", {"before": "web", "after": "ml"}, ["+           - Key: team", "+             Value: web"]),
        ("trainer", "/Tags/team", {"before": "${x}", "after": "ml"}, None),
        ("map", "/Tags/owner", {"before": "bob", "after": "ada"},
         ['-         Tags: {owner: ada, size: "${vars.size}"}', '+         Tags: {owner: bob, size: "${vars.size}"}']),
        ("map", "/Tags/owner", {"after": "ada", "added": True},
         ['-         Tags: {owner: ada, size: "${vars.size}"}', '+         Tags: {size: "${vars.size}"}']),
        ("trainer", "/AvailabilityZone", {"before": "eu-west-1b", "after": "eu-west-1a"},
         ["-     zone: eu-west-1a", "+     zone: eu-west-1b"]),
        ("trainer", "/Nested/a/b", {"before": 2, "after": 1},
         ["-         Nested: {a: {b: 1}}", "+         Nested: {a: {b: 2}}"]),
        ("trainer", "/Plain", {"before": "a ${b} c", "after": "text"},
         ["-         Plain: text", '+         Plain: "a $${b} c"']),
        ("trainer", "/Nested", {"before": {"a": {"b": 2}}, "after": {"a": {"b": "1"}}},
         ["-         Nested: {a: {b: 1}}", "+         Nested: {a: {b: 2}}"]),
        ("ssh", "/SecurityGroupIngress", {"before": [RULE], "after": [RULE | {"CidrIp": "203.0.113.5/32"}]},
         ["-           - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 203.0.113.5/32}  # me",
          "+           - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}  # me"]),
        ("trainer", "/Nested/c", {"before": [1], "removed": True},
         ["-         Nested: {a: {b: 1}}", "+         Nested: {a: {b: 1}, c: [1]}"]),
        ("trainer", "/Fresh/Deep", {"before": True, "after": False}, ["+         Fresh:", "+           Deep: true"]),
    ],
)  # fmt: skip
def test_a_literal_is_changed_where_it_stands_and_nothing_else(
    address: str, path: str, change: dict[str, Any], wanted: list[str] | None
) -> None:
    found = taken_over(address, path, **change)
    if wanted is not None:
        assert not found.left
        assert lines(found) == wanted


def test_the_default_of_a_variable_is_changed_where_only_one_value_uses_it() -> None:
    text = SPEC.replace('- {Key: size, Value: "${vars.size}"}', "- {Key: size, Value: s}")
    text = text.replace('size: "${vars.size}"', "size: s").replace(
        'Tags: "${vars.size}"', "Tags: []"
    )
    change = PathChange(
        path="/InstanceType", before="t3.large", after="t3.micro", cause=Cause.DRIFT
    )
    drift = Drift(address=Address("trainer"), type="AWS::EC2::Instance", kind=DriftKind.CHANGED, paths=(change,))  # fmt: skip
    found = adopt(text, 0, [drift], TAGS.get)
    assert "    size:   {type: string, default: t3.large}   # small is enough\n" in found.text
    assert [(one.path, one.line) for one in found.taken] == [("/InstanceType", 7)]


@pytest.mark.parametrize(
    ("address", "path", "change", "why"),
    [
        ("trainer", "/InstanceType", {"before": "t3.large", "after": "t3.micro"}, "its value is `vars.size`, which other values use too"),
        ("trainer", "/KeyName", {"before": "k", "after": "x"}, "its value is `vars.often`, which other values use too"),
        ("trainer", "/Built", {"before": "k", "after": "x"}, "its value is `vars.built`, which is `${env.project}-1`"),
        ("trainer", "/Name", {"before": "k", "after": "trainer"}, "its value comes from `${stack.name}`"),
        ("trainer", "/Name/Deeper", {"before": "k", "after": "trainer"}, "its value comes from `${stack.name}`"),
        ("trainer", "/AvailabilityZone", {"after": "eu-west-1a", "added": True}, "its value comes from `${vars.zone}`"),
        ("ssh", "/GroupDescription", {"before": "k", "after": "SSH for x"}, "its value comes from `SSH for ${env.project}`"),
        ("ssh", "/Tags/size", {"before": "k", "after": "t3.micro"}, "its value is `vars.size`"),
        ("map", "/Tags/size", {"before": "k", "after": "t3.micro"}, "its value is `vars.size`"),
        ("ssh", "/Tags/team", {"after": "ml", "added": True}, "the tag comes from the labels"),
        ("ssh", "/Tags/gitbot:lineage", {"after": "l", "added": True}, "gitbot's own tags"),
        ("map", "/Tags/team", {"after": "ml", "added": True}, "the tag comes from the labels"),
        ("expression", "/Tags/team", {"before": "k", "after": "ml"}, "its tags come from an expression"),
        ("trainer", "/Plain", {"before": "k", "after": "other"}, "the spec does not say there what was last applied"),
        ("trainer", "/Plain/0", {"before": "k", "after": "t"}, "the spec writes it in another form"),
        ("trainer", "/Plain/0/x", {"before": "k", "after": "t"}, "the spec writes it in another form"),
        ("ssh", "/SecurityGroupIngress/0/More", {"before": "k", "removed": True}, "the spec may have that list in another order"),
        ("trainer", "/Plain/More", {"before": "k", "removed": True}, "the spec has no list there"),
        ("trainer", "/Nested/-", {"before": "k", "removed": True}, "the spec has no list there"),
        ("ssh", "/SecurityGroupIngress/7/CidrIp", {"before": "k", "after": "t"}, "the spec writes it in another form"),
        ("elsewhere", "/Plain", {"before": "k", "after": "t"}, "it does not stand in the stack's own file"),
        ("trainer", "/Missing", {"before": "k", "after": "t"}, HIDDEN),
        ("trainer", "/Secret", {"before": "k", "after": "t"}, HIDDEN),
        ("trainer", "/UserData", {"before": "rm", "after": "echo hi"}, HIDDEN),
        ("trainer", "/Plain", {"before": Redacted(digest="d", key_id="k"), "after": "text"}, HIDDEN),
        ("trainer", "/Plain", {"before": "x", "after": Redacted(digest="d", key_id="k")}, HIDDEN),
        ("trainer", "/Plain", {"before": "ghp_0123456789abcdefghij", "after": "text"}, HIDDEN),
        ("ssh", "/Tags/api-key", {"before": "x", "after": "y"}, HIDDEN),
    ],
)  # fmt: skip
def test_what_a_person_must_write_is_left_and_says_why(
    address: str, path: str, change: dict[str, Any], why: str
) -> None:
    found = taken_over(address, path, **change)
    assert found.text == SPEC
    assert [one.why[: len(why)] for one in found.left] == [why]
    assert not found.taken


def test_what_is_gone_is_left() -> None:
    gone = Drift(address=Address("ssh"), type="AWS::EC2::SecurityGroup", kind=DriftKind.DELETED)
    found = adopt(SPEC, 0, [gone], TAGS.get)
    assert (found.text, found.left[0].path, found.left[0].why[:10]) == (SPEC, "", "it is gone")


def test_several_differences_are_taken_together_and_what_is_left_keeps_none_out() -> None:
    paths = (
        PathChange(path="/Plain", before="new", after="text", cause=Cause.DRIFT),
        PathChange(path="/UserData", before="rm", after="echo hi", cause=Cause.DRIFT),
        PathChange(path="/AvailabilityZone", before="b", after="eu-west-1a", cause=Cause.DRIFT),
    )
    drift = Drift(address=Address("trainer"), type="AWS::EC2::Instance", kind=DriftKind.CHANGED, paths=paths)  # fmt: skip
    found = adopt(SPEC, 0, [drift], TAGS.get)
    assert [one.path for one in found.taken] == ["/Plain", "/AvailabilityZone"]
    assert [one.path for one in found.left] == ["/UserData"]
    assert "        Plain: new\n" in found.text
    assert "    zone: b\n" in found.text


def test_a_file_without_resources_leaves_everything() -> None:
    drift = Drift(address=Address("a"), type="AWS::X::Y", kind=DriftKind.CHANGED, paths=(PathChange(path="/P"),))  # fmt: skip
    assert adopt("kind: Stack\nspec: {}\n", 0, [drift], TAGS.get).left
    assert adopt("kind: Stack\nspec: {resources: []}\n", 0, [drift], TAGS.get).left


def test_of_a_stack_in_several_regions_the_value_counts_in_one() -> None:
    path = "/SecurityGroupIngress/0/CidrIp"
    change = PathChange(path=path, before="0.0.0.0/0", after="203.0.113.5/32", cause=Cause.DRIFT)
    kind = DriftKind.CHANGED
    drift = Drift(address=Address("ssh"), type=TYPES["ssh"], kind=kind, paths=(change,))
    found = adopt(SPEC, 0, [drift], TAGS.get, region="eu-west-1")
    assert (
        """CidrIp: '${env.region == "eu-west-1" ? "0.0.0.0/0" : "203.0.113.5/32"}'}  # me"""
        in found.text
    )
    assert [one.path for one in found.taken] == [path]
