"""A change goes from dev to staging to prod by merges, and each environment keeps what is its own."""

from __future__ import annotations

import pytest

from gitbot_sandbox.github.entities import Pull
from gitbot_sandbox.sandbox import ADMIN, eventually
from gitbot_sandbox.stage import Stage
from tests.e2e.conftest import environment
from tests.e2e.test_pull_requests import merged

pytestmark = pytest.mark.story

WEB = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {{name: web, labels: {{owner: ml-team, cost: tests}}}}
spec:
  values: {{my_ip: {ip}}}   # {name}
  variables:
    my_ip: {{type: cidr}}
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupName: ${{env.project}}-${{env.name}}-web
        GroupDescription: Web
        SecurityGroupIngress:
          - {{IpProtocol: tcp, FromPort: {port}, ToPort: {port}, CidrIp: "${{vars.my_ip}}"}}
"""


IPS = {"dev": 1, "staging": 2, "prod": 3}


def web(name: str, ip: int, port: int = 22) -> str:
    return WEB.format(name=name, ip=f"203.0.113.{ip}/32", port=port)


def promotion(stage: Stage, edge: str) -> Pull:
    """The open pull request of gitbot on the edge; waits until there is one."""

    def look() -> Pull | None:
        pulls = stage.github.repository(stage.name).pulls.values()
        found = [
            pull
            for pull in list(pulls)
            if pull.head_ref.startswith(f"gitbot/promote/{edge}/")
            and stage.github.issue(stage.name, pull.number).state == "open"
        ]
        return found[0] if found else None

    return eventually(look, timeout_s=stage.patience_s, what=f"a promotion {edge}")


def text_at(stage: Stage, commit: str, name: str) -> str:
    """The text of the stack's file in an environment at a commit."""
    git = stage.github.hub.git(stage.github.repository(stage.name))
    return git.blob(f"{commit}:specs/{name}/web.yaml").decode()


def applied_everywhere(stage: Stage) -> None:
    """Put the stack into three environments, all applied."""
    project = stage.name.rpartition("/")[2]
    staging = "  promotesFrom: {environment: dev, labels: [promotion]}\n"
    prod = "  promotesFrom: {environment: staging, how: merge, soak: 2h}\n"
    number = stage.open(
        "environments",
        "Add environments",
        {
            "specs/staging/environment.yaml": environment(project, "staging", staging),
            "specs/prod/environment.yaml": environment(project, "prod", prod),
        },
    )
    stage.check(number, "gitbot")
    stage.github.merge(stage.name, number, ADMIN)
    number = merged(
        stage,
        {f"specs/{name}/web.yaml": web(name, ip) for name, ip in IPS.items()},
        "stacks",
    )
    for name in IPS:
        stage.result(number, name)


def test_a_change_goes_from_dev_to_prod_and_leaves_the_values_of_each(stage: Stage) -> None:
    applied_everywhere(stage)
    source = merged(stage, {"specs/dev/web.yaml": web("dev", 1, 2222)}, "change")
    first = promotion(stage, "dev_to_staging")
    assert stage.check(first.number, "gitbot/promotion").conclusion == "success"
    said = stage.github.issue(stage.name, first.number)
    assert f"#{source} Bring change (bob)" in said.body
    assert "`/spec/values/my_ip` stays `203.0.113.2/32`" in said.body
    assert said.labels == ["promotion"]
    assert "**What it waits for**" in said.body
    assert text_at(stage, first.head_sha, "staging") == web("staging", 2, 2222)
    stage.github.merge(stage.name, first.number, ADMIN)
    stage.result(first.number, "staging")

    second = promotion(stage, "staging_to_prod")
    said = stage.github.issue(stage.name, second.number)
    assert f"#{first.number} Promote web from dev to staging" in said.body
    assert "- `bob` opened" not in said.body, "gitbot opened it"
    assert f"- `bob` made or commanded #{first.number}" in said.body
    assert text_at(stage, second.head_sha, "prod") == web("prod", 3, 2222)
    stage.plan_comment(second.number)
    assert stage.github.pull_request(stage.name, second.number).merged_at is None
    stage.move_time("121m")
    stage.result(second.number, "prod")
    assert stage.github.pull_request(stage.name, second.number).merged_by == stage.sandbox.app.login
    stage.comment(second.number, "gitbot merges this")
