"""The third part: what changes by itself, what ends by itself, and what is kept from changing. Shell."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from gitbot_sandbox.github.entities import Issue
from gitbot_sandbox.sandbox import ADMIN, WRITER, eventually
from gitbot_sandbox.stage import Stage
from gitbot_sandbox.story.review import TRAINER
from gitbot_sandbox.story.telling import Chapter, gist, in_one_line

_TRIES = 20
WORLD = "0.0.0.0/0"
LAB = "specs/dev/lab.yaml"
EXPERIMENT = """\
# An experiment: its machine is gone when it is over, and its data stays.
apiVersion: gitbot/v1
kind: Stack
metadata:
  name: lab
  labels: {owner: ml-team, cost: ml-experiments}
spec:
  ttl: 3d
  resources:
    machine:
      type: AWS::EC2::Instance
      properties: {ImageId: "${env.gpu_ami}", InstanceType: g4dn.xlarge}
    data:
      type: AWS::S3::Bucket
      properties: {BucketName: "${env.project}-${env.name}-lab"}
"""


def _opened_by_hand(stage: Stage) -> tuple[str, tuple[str, ...]]:
    ec2 = stage.sandbox.aws.client("ec2", person=WRITER)
    ec2.authorize_security_group_ingress(
        GroupId=_group(stage), IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp=WORLD
    )
    stage.move_time("1h")
    # It must differ for a few minutes before anybody is told: it might be the work of an apply.
    issue = _issue(stage, "Drift: dev/gpu-trainer", meanwhile="6m")
    body = eventually(
        lambda: issue.body if f"by `{WRITER}`" in (issue.body or "") else None,
        timeout_s=stage.patience_s,
        what="who did it",
    )
    stage.pulls["drift"] = issue.number
    lines = [line.strip("> ") for line in body.splitlines() if WRITER in line or WORLD in line]
    return f"{stage.github.url}/{stage.name}/issues/{issue.number}", (issue.title, *lines)


def _put_back(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["drift"]
    stage.github.comment(stage.name, number, ADMIN, "/drift apply")
    issue = stage.github.issue(stage.name, number)
    eventually(lambda: issue.state == "closed", timeout_s=stage.patience_s, what="its end")
    said = stage.comment(number, "put it back")
    return f"{stage.github.url}/{stage.name}/issues/{number}", (
        f"{ADMIN}: /drift apply",
        f"gitbot: {in_one_line(said.body)}",
    )


def _experiment(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.open("lab", "Try something for three days", {LAB: EXPERIMENT})
    stage.plan_comment(number)
    stage.github.merge(stage.name, number, ADMIN)
    stage.result(number, "dev", "✓ Applied")
    stage.move_time("25h")
    warning = stage.comment(number, "`dev/lab` expires on")
    command = stage.github.comment(stage.name, number, WRITER, "/extend dev/lab 1d")
    answer = stage.answer(number, command)
    return stage.page(number), (
        in_one_line(warning.body),
        f"{WRITER}: /extend dev/lab 1d",
        f"gitbot: {in_one_line(answer.body)}",
    )


def _experiment_over(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["lab"]
    until = stage.comment(number, "now expires on ").body.partition("now expires on ")[2]
    stage.move_time("25h")
    # Nothing ends of which nobody was warned: the new end has a warning of its own.
    stage.comment(number, f"`dev/lab` expires on {until.partition('. ')[0]}")
    stage.move_time("48h")
    _wait_for(stage, "stopped")
    over = stage.comment(number, "The time of `dev/lab` is over")
    stage.move_time("25h")
    _wait_for(stage, "")
    said = stage.comment(number, "`dev/lab` is destroyed")
    buckets = [each["Name"] for each in stage.sandbox.aws.client("s3").list_buckets()["Buckets"]]
    assert "ml-platform-dev-lab" in buckets, buckets
    return stage.page(number), (
        in_one_line(over.body),
        *gist(said.body),
        "AWS still has the bucket ml-platform-dev-lab",
    )


def _frozen(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.open("farewell", "Remove the GPU trainer", {TRAINER: None})
    shown = stage.plan_comment(number)
    line = "/freeze dev because the demo is on stage"
    stage.answer(number, stage.github.comment(stage.name, number, ADMIN, line))
    stage.github.merge(stage.name, number, ADMIN)
    waits = stage.result(number, "dev", "Waits: frozen")
    return stage.page(number), (*gist(shown.body), f"{ADMIN}: {line}", *gist(waits.body))


def _let_go(stage: Stage) -> tuple[str, tuple[str, ...]]:
    number = stage.pulls["farewell"]
    stage.github.comment(stage.name, number, ADMIN, "/unfreeze dev")
    comment = stage.result(number, "dev", "✓ Destroyed")
    assert _power(stage, "gpu-trainer") == "", stage.instances()
    return stage.page(number), (f"{ADMIN}: /unfreeze dev", *gist(comment.body))


def _wait_for(stage: Stage, power: str) -> None:
    """Let hours pass until the machine of the experiment is in this state; empty: until it is gone."""
    for _ in range(_TRIES):
        with suppress(TimeoutError):
            eventually(lambda: _power(stage, "lab") == power, timeout_s=2, what=power)
            return
        stage.move_time("3h")
    eventually(
        lambda: _power(stage, "lab") == power,
        timeout_s=stage.patience_s,
        what=f"the machine of the experiment to be {power or 'gone'}",
    )


def _machines(stage: Stage, stack: str) -> list[dict[str, Any]]:
    mine = {"Key": "gitbot:stack", "Value": f"dev/{stack}"}
    found: list[Any] = stage.instances()
    return [each for each in found if mine in each["Tags"]]


def _power(stage: Stage, stack: str) -> str:
    """The state of the stack's machine in dev; empty: there is none."""
    return next((str(each["State"]["Name"]) for each in _machines(stage, stack)), "")


def _group(stage: Stage) -> str:
    """The security group of the trainer in dev."""
    (machine,) = _machines(stage, "gpu-trainer")
    return str(machine["SecurityGroups"][0]["GroupId"])


def _issue(stage: Stage, title: str, *, meanwhile: str) -> Issue:
    """The issue of gitbot whose title begins so; until there is one, time moves on."""

    def look() -> Issue | None:
        found = list(stage.github.repository(stage.name).issues.values())
        return next((each for each in found if each.title.startswith(title)), None)

    for _ in range(_TRIES):
        with suppress(TimeoutError):
            return eventually(look, timeout_s=2, what=title)
        stage.move_time(meanwhile)
    return eventually(look, timeout_s=stage.patience_s, what=f"an issue {title}")


CHAPTERS = (
    Chapter(
        title="Somebody opens SSH to the world in the console; gitbot says who",
        play=_opened_by_hand,
    ),
    Chapter(title="/drift apply puts it back", play=_put_back),
    Chapter(title="An experiment is warned of, and extended once", play=_experiment),
    Chapter(title="It ends by itself; its data stays", play=_experiment_over),
    Chapter(title="dev is frozen: a merge that removes the trainer waits", play=_frozen),
    Chapter(title="/unfreeze lets it go; the trainer is destroyed", play=_let_go),
)
