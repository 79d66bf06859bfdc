"""Security groups of templates: rules beside a list, and groups by name."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gitbot.language.cloudformation.adopting import RunningStack
from gitbot.language.cloudformation.converting import convert
from gitbot.language.cloudformation.keys import local_key
from gitbot.language.cloudformation.sam import Translated
from gitbot.language.types import Types
from gitbot.providers.aws.catalog import open_catalog

CATALOG = open_catalog()
TYPES = Types(lookup=CATALOG.lookup, all_names=CATALOG.names, served_names=CATALOG.native_names)
BESIDE = """Conditions: {Is-Here: !Equals [!Ref AWS::Region, us-east-1]}
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Condition: Is-Here
    DeletionPolicy: Retain
    Properties:
      GroupDescription: web
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: "80", ToPort: 80, CidrIp: 0.0.0.0/0}
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
  WebIngress1: {Type: AWS::S3::Bucket}
  Own:
    Type: AWS::EC2::SecurityGroupIngress
    Condition: Is-Here
    Properties: {GroupId: !Ref Web, IpProtocol: -1, SourceSecurityGroupId: !GetAtt Web.GroupId}
  Machine:
    Type: AWS::EC2::Instance
    Properties: {ImageId: ami-1, SecurityGroups: [!Ref Web, default]}
"""


def spec_of(template: str, running: RunningStack | None = None) -> dict[str, Any]:
    made = convert(template, name="net", kind="Stack", types=TYPES, file="a.yaml", running=running)
    assert made.lost == ()
    found: dict[str, Any] = yaml.safe_load(made.text or "")["spec"]
    return found


def test_rules_of_a_list_stand_beside_those_that_are_resources() -> None:
    resources = spec_of(BESIDE)["resources"]
    assert resources["web"]["properties"] == {"GroupDescription": "web"}
    first, second = resources["web_ingress2"], resources["web_ingress3"]
    assert first == {
        "type": "AWS::EC2::SecurityGroupIngress",
        "when": "${locals.is_here}",
        "properties": {
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 80,
            "CidrIp": "0.0.0.0/0",
            "GroupId": "${web.GroupId}",
        },
        "lifecycle": {"retain": True},
    }
    assert second["properties"]["FromPort"] == 443
    assert list(resources)[:3] == ["web", "web_ingress2", "web_ingress3"]


def test_one_rule_is_a_list_of_one() -> None:
    listed = """
        - {IpProtocol: tcp, FromPort: "80", ToPort: 80, CidrIp: 0.0.0.0/0}
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}
"""
    one = " {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 192.0.2.1/32}\n"
    assert listed in BESIDE
    resources = spec_of(BESIDE.replace(listed, one))["resources"]
    assert resources["web_ingress2"]["properties"]["FromPort"] == 22
    assert "web_ingress3" not in resources


def test_a_rule_of_a_list_may_be_there_under_a_condition() -> None:
    template = BESIDE.replace(
        "    Condition: Is-Here\n    DeletionPolicy", "    DeletionPolicy"
    ).replace(
        "- {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}",
        "- !If [Is-Here, {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}, !Ref AWS::NoValue]",
    )
    resources = spec_of(template)["resources"]
    assert "when" not in resources["web_ingress2"]
    assert resources["web_ingress3"]["when"] == "${locals.is_here}"
    assert resources["web_ingress3"]["properties"]["CidrIp"] == "10.0.0.0/8"


def test_an_instance_takes_the_names_of_groups_where_it_wants_names() -> None:
    machine = spec_of(BESIDE)["resources"]["machine"]["properties"]
    assert machine["SecurityGroups"] == ["${web.GroupName}", "default"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("!Ref Web, IpProtocol", "sg-12345678, IpProtocol"),
        ("- {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}", "- !If [Is-Here, {}, {}]"),
        ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"),
    ],
)  # fmt: skip
def test_other_lists_stay_lists(old: str, new: str) -> None:
    template = BESIDE.replace(old, new).replace(
        "SourceSecurityGroupId: !GetAtt", "Description: !GetAtt"
    )
    made = convert(template, name="net", kind="Stack", types=TYPES, file="a.yaml")
    resources = yaml.safe_load(made.text or "")["spec"]["resources"]
    assert len(resources["web"]["properties"]["SecurityGroupIngress"]) == 2
    assert "web_ingress2" not in resources


def test_rules_name_a_group_by_its_identifier() -> None:
    template = """Resources:
  Web: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web}}
  Data:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: data
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 1, ToPort: 1, SourceSecurityGroupName: !Ref Web}]
  More:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupName: !Ref Web, IpProtocol: "-1", SourceSecurityGroupName: !Ref Data}
"""
    resources = spec_of(template)["resources"]
    (rule,) = resources["data"]["properties"]["SecurityGroupIngress"]
    assert rule["SourceSecurityGroupId"] == "${web.GroupId}"
    assert resources["more"]["properties"] == {
        "IpProtocol": "-1",
        "GroupId": "${web.GroupId}",
        "SourceSecurityGroupId": "${data.GroupId}",
    }


def test_a_running_stack_says_which_rules_need_an_identifier() -> None:
    running = RunningStack(name="net", template=BESIDE, objects={"Web": "sg-1", "Own": "sgr-1"})
    made = convert(BESIDE, name="net", kind="Stack", types=TYPES, file="a.yaml", running=running)
    text = made.text or ""
    assert "the identifier of web_ingress2" in text
    assert "the identifier of web_ingress3" in text
    assert text.count("NOT CARRIED OVER") == 2
    assert "import: sgr-1" in text


@pytest.mark.parametrize(
    ("policies", "found"),
    [
        ("DeletionPolicy: Snapshot", True),
        ("UpdateReplacePolicy: Snapshot", True),
        ("DeletionPolicy: Delete", False),
        ("DependsOn: []", None),
    ],
)
def test_what_is_kept_in_a_snapshot_is_said_by_the_policies(policies: str, found: Any) -> None:
    template = "Resources:\n  Data: {Type: AWS::RDS::DBInstance, %s, Properties: {Engine: mysql}}\n"
    made = spec_of(template % policies)["resources"]["data"]
    assert made.get("lifecycle", {}).get("snapshotOnDelete") is found


def test_names_of_conditions_become_keys() -> None:
    assert [local_key(one, ["A_b"]) for one in ("A-b", "in", "1a", "Plain", "ä")] == [
        "A_b_2", "nin", "n1a", "Plain", "n_"
    ]  # fmt: skip


def test_a_sam_template_is_converted_as_its_translation() -> None:
    def translator(template: dict[str, Any]) -> Translated:
        role = {"AssumeRolePolicyDocument": {"Statement": []}}
        return Translated(
            template={"Resources": {"AppRole": {"Type": "AWS::IAM::Role", "Properties": role}}}
        )

    sam = "Transform: AWS::Serverless-2016-10-31\nResources: {App: {Type: AWS::Serverless::Function}}\n"
    made = convert(sam, name="a", kind="Stack", types=TYPES, file="a.yaml", translator=translator)
    assert list(yaml.safe_load(made.text or "")["spec"]["resources"]) == ["app_role"]
    without = convert(sam, name="a", kind="Stack", types=TYPES, file="a.yaml")
    assert (without.text, "Install gitbot[sam]" in without.lost[0].fix) == (None, True)


OPEN = "AWS::EC2::SecurityGroup, Properties: {GroupDescription: d%s}"
OUT = "AWS::EC2::SecurityGroupEgress%s, Properties: {GroupId: !GetAtt G.GroupId, IpProtocol: '-1'}"


def test_a_group_whose_egress_rules_are_resources_has_none_of_its_own() -> None:
    """CloudFormation takes the rule away that EC2 gives a new group."""
    listed = ", SecurityGroupEgress: {IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}"
    for more in ("", listed):
        found = spec_of(f"Resources:\n  G: {{Type: {OPEN % more}}}\n  R: {{Type: {OUT % ''}}}\n")[
            "resources"
        ]
        assert found["g"] == {
            "type": "AWS::EC2::SecurityGroup",
            "lifecycle": {"ignoreChanges": ["/SecurityGroupEgress"]},
            "properties": {"GroupDescription": "d", "SecurityGroupEgress": []},
        }
        apart = found.get("g_egress1", {}).get("properties")
        assert apart == (
            {
                "IpProtocol": "tcp",
                "FromPort": 1,
                "ToPort": 1,
                "CidrIp": "10.0.0.0/8",
                "GroupId": "${g.GroupId}",
            }
            if more
            else None
        )


@pytest.mark.parametrize(
    ("of_the_group", "of_the_rule"), [(", SecurityGroupEgress: []", None), ("", ", Condition: C")]
)
def test_a_group_keeps_the_egress_rule_of_new_groups_where_no_other_is_sure_to_be_there(
    of_the_group: str, of_the_rule: str | None
) -> None:
    rule = "" if of_the_rule is None else f"  R: {{Type: {OUT % of_the_rule}}}\n"
    found = spec_of(
        "Conditions: {C: !Equals [a, b]}\n"
        f"Resources:\n  G: {{Type: {OPEN % of_the_group}}}\n{rule}"
    )["resources"]
    assert found["g"] == {
        "type": "AWS::EC2::SecurityGroup",
        "properties": {"GroupDescription": "d"},
    }
