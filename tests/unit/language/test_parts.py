"""A rule of its own beside rules that its group declares itself."""

from __future__ import annotations

import pytest

from gitbot.model.diagnostic import Diagnostic
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import load_files

ENVIRONMENT = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {region: us-east-1}\n"
)
HEAD = "apiVersion: gitbot/v1\nkind: Stack\nmetadata: {name: it}\nspec:\n  resources:\n"
CATALOG = open_catalog()
GROUP = "AWS::EC2::SecurityGroup"
LIST = "SecurityGroupIngress: []"
POLICY = "AWS::IAM::Policy"
HOLDERS = {one: f"AWS::IAM::{one.removesuffix('s')}" for one in ("Roles", "Users", "Groups")}


def rule(group: str, direction: str = "Ingress") -> str:
    return (
        f"    https:\n      type: AWS::EC2::SecurityGroup{direction}\n      properties:\n"
        f"        GroupId: {group}\n"
        "        IpProtocol: tcp\n        FromPort: 443\n        ToPort: 443\n"
        "        CidrIp: 10.0.0.0/8\n"
    )


def group(more: str = "", lifecycle: str = "") -> str:
    return (
        f"    web:\n      type: {GROUP}\n      properties:\n        GroupDescription: web\n"
        f"        {more}\n" + (f"      lifecycle: {lifecycle}\n" if lifecycle else "")
    )


def problems(resources: str) -> list[Diagnostic]:
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/it.yaml": HEAD + resources}
    names = (GROUP, *(f"{GROUP}{one}" for one in ("Ingress", "Egress")), *HOLDERS.values(), POLICY)
    types = {name: schema for name in names if (schema := CATALOG.lookup(name)) is not None}
    return list(load_files(files, types).diagnostics)


@pytest.mark.parametrize("reference", ["${web.GroupId}", "${web.Id}"])
def test_a_rule_beside_its_groups_own_list_is_refused_with_place_and_fix(reference: str) -> None:
    [found] = problems(group(LIST) + rule(reference))
    assert (found.code, str(found.span)) == ("list-and-element", "specs/dev/it.yaml:14:18")
    assert "SecurityGroupIngress of web" in found.detail
    assert "line 10" in found.detail
    assert "Move https into SecurityGroupIngress of web" in found.fix


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_policy_beside_the_inline_policies_of_its_holder_is_refused(holder: str) -> None:
    """Not only of a role's: a list that is managed as a whole would lose the policy at every apply."""
    document = "{Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}"
    trust = (document.replace("Resource: '*'", "Principal: {Service: ec2.amazonaws.com}")).replace(
        "s3:*", "sts:AssumeRole"
    )
    role = f"        AssumeRolePolicyDocument: {trust}\n" if holder == "Roles" else ""
    whole = f"[{{PolicyName: list, PolicyDocument: {document}}}]"
    name = f"{HOLDERS[holder].rpartition('::')[2]}Name"
    of_one = (
        f"    team:\n      type: {HOLDERS[holder]}\n      properties:\n{role}"
        f"        Policies: {whole}\n    read:\n      type: {POLICY}\n      properties:\n"
        f"        PolicyName: read\n        PolicyDocument: {document}\n"
        f"        {holder}: ['${{team.{name}}}']\n"
    )
    assert [one.code for one in problems(of_one)] == ["list-and-element"]


def test_a_group_that_is_taken_over_is_known_by_its_identifier_too() -> None:
    taken_over = group(LIST, "{import: sg-0123456789abcdef0}")
    assert [one.code for one in problems(taken_over + rule("sg-0123456789abcdef0"))] == [
        "list-and-element"
    ]
    assert problems(taken_over + rule("sg-00000000000000000")) == []
    listed = "  imports: [{to: web, id: sg-0123456789abcdef0}]\n"
    assert [one.code for one in problems(group(LIST) + rule("sg-0123456789abcdef0") + listed)] == [
        "list-and-element"
    ]


@pytest.mark.parametrize(
    "resources",
    [
        group() + rule("${web.GroupId}"),
        group(LIST) + rule("${web.GroupId}", "Egress"),
        group(LIST, "{ignoreChanges: [/SecurityGroupIngress]}") + rule("${web.GroupId}"),
        group(LIST) + rule("sg-0123456789abcdef0"),
    ],
    ids=["no list", "the other direction", "an ignored list", "another group"],
)
def test_rules_that_nobody_else_declares_are_fine(resources: str) -> None:
    assert problems(resources) == []


def test_the_fix_of_the_message_works() -> None:
    inline = "[{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}]"
    assert problems(group(f"SecurityGroupIngress: {inline}")) == []
    assert problems(group() + rule("${web.GroupId}")) == []
