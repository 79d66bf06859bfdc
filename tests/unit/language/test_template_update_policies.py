"""``UpdatePolicy`` of the Auto Scaling groups of templates."""

from __future__ import annotations

import pytest

from gitbot.language.cloudformation.converting import convert
from tests.unit.language.test_template_groups import TYPES, spec_of

GROUP = """Resources:
  Nodes:
    Type: AWS::AutoScaling::AutoScalingGroup
    UpdatePolicy: {%s}
    Properties: {MinSize: "1", MaxSize: "3", AvailabilityZones: [us-east-1a], LaunchConfigurationName: l}
"""
SCALED = "AutoScalingScheduledAction: {IgnoreUnmodifiedGroupSizeProperties: %s}"
REPLACED = "AutoScalingReplacingUpdate: {WillReplace: true}"
ROLLED = "AutoScalingRollingUpdate: {MinInstancesInService: '1', PauseTime: PT5M}"


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        (SCALED % "true", True),
        (SCALED % "'true'", True),
        (f"{REPLACED}, {SCALED % 'true'}", True),
        (SCALED % "false", False),
        (f"{REPLACED}, {ROLLED}", False),
    ],
)
def test_sizes_stay_as_others_make_them_where_the_policy_says_so(policy: str, left: bool) -> None:
    lifecycle = spec_of(GROUP % policy)["resources"]["nodes"].get("lifecycle", {})
    sizes = ["/MinSize", "/MaxSize", "/DesiredCapacity"]
    assert lifecycle == ({"ignoreDrift": sizes} if left else {})


def test_what_groups_do_not_have_is_one_problem() -> None:
    template = GROUP % "CodeDeployLambdaAliasUpdate: {ApplicationName: a}"
    made = convert(template, name="net", kind="Stack", types=TYPES, file="a.yaml")
    assert [(one.code, one.line) for one in made.lost] == [("template-unsupported", 4)]
