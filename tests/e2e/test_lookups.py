"""Lookups and secrets between plans and applies: what is newer is told, and what was recorded is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.model.keys import AnswerComment, ApplyEnvironment
from gitbot.model.names import Address, StackId
from gitbot.model.recorded import RecordedStack
from gitbot_sandbox.sandbox import ADMIN
from tests.e2e.conftest import environment
from tests.e2e.drift_world import DriftWorld, Place, drift_world
from tests.e2e.specs import group

pytestmark = pytest.mark.story

OFFICE = Address("lookups.office")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("lookups")
    with drift_world(root, repositories=3) as made:
        yield made


def put(world: DriftWorld, name: str, value: str, kind: str = "String") -> None:
    """Another version of a parameter."""
    ssm = world.sandbox.aws.client("ssm")
    ssm.put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)


NEWER = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: web}
spec:
  lookups:
    release: {type: "AWS::SSM::Parameter", identifier: /news/release}
  checks:
    named: {that: '${lookups.release.Value == "r-1"}', says: this is another release}
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupDescription: A group
        Tags: [{Key: release, Value: "${lookups.release.Value}"}]
    bucket:
      type: AWS::S3::Bucket
      properties: {Tags: [{Key: key, Value: '${secret("ssm:/news/key")}'}]}
    topped:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: 'for ${secret("ssm:/news/key")}'}
"""
NEWS_RULES = """\
  secrets: ["ssm:/news/*"]
  lookups: [{type: "AWS::SSM::Parameter", identifiers: ["/news/*"], attributes: [Value]}]
"""


def test_what_is_newer_is_a_remark_of_the_check_and_never_drift(world: DriftWorld) -> None:
    put(world, "/news/release", "r-1")
    put(world, "/news/key", "Eisvogel-1", "SecureString")
    place = world.place({"web": NEWER}, NEWS_RULES)
    place.scan()
    assert place.check() is None
    put(world, "/news/release", "r-2")
    put(world, "/news/key", "Eisvogel-2", "SecureString")
    place.scan()
    check = place.check()
    assert check is not None
    assert (check.conclusion, check.title) == (
        "success",
        "The cloud is as it was applied; one stack uses something that has a newer version",
    )
    told = check.summary or ""
    assert (
        "`dev/web`: `lookups.release`: Value would be read otherwise now; what was found before "
        "stays until somebody says `/plan refresh` on a pull request, or `gitbot plan "
        "--refresh-lookups`."
    ) in told
    assert (
        "`dev/web`: rotated: `ssm:/news/key (version 1 → 2)`. The next apply updates `bucket` and "
        "replaces `topped`."
    ) in told
    assert "Eisvogel" not in told
    runs = place.github.repository(place.name).check_runs
    written = len(runs)
    place.scan()
    assert (place.check(), len(runs)) == (check, written), "it is told once"
    assert place.row_or_none() is None
    # What is put back is put back alone: neither of both is done with it.
    ec2 = world.sandbox.aws.client("ec2")
    (ssh,) = [one.remote_id for at, one in state(place).resources.items() if at == "ssh"]
    ec2.create_tags(Resources=[ssh], Tags=[{"Key": "release", "Value": "by hand"}])
    issue = place.confirmed()
    before = state(place)
    assert "✓" in place.say(issue.number, "/drift apply"), place.said(issue.number)[-1]
    (group_,) = ec2.describe_security_groups(GroupIds=[ssh])["SecurityGroups"]
    assert {"Key": "release", "Value": "r-1"} in group_["Tags"]
    after = state(place)
    assert after.resources.keys() == before.resources.keys()
    assert all(
        one.remote_id == before.resources[at].remote_id for at, one in after.resources.items()
    )
    world.sandbox.aws.client("ssm").delete_parameter(Name="/news/key")
    place.scan()
    assert "cannot be had any more, so the stack cannot be planned. ssm:/news/key does not" in (
        (place.check() or check).summary or ""
    )
    put(world, "/news/release", "r-1")
    put(world, "/news/key", "Eisvogel-1", "SecureString")
    place.scan()
    assert (place.check() or check).title == "The cloud is as it was applied"


LISTS = """\
  lookups: [{type: "AWS::SSM::Parameter", identifiers: ["/held/*"], attributes: [Value]}]
"""
HELD = group("web", '"${lookups.office.Value}"').replace(
    "spec:\n",
    'spec:\n  lookups:\n    office: {type: "AWS::SSM::Parameter", identifier: /held/office}\n',
)


def state(place: Place) -> RecordedStack:
    stack = StackId(repository=place.id, environment="dev", name="web", region="us-east-1")
    return place.world.ports.engine.state.read(stack)


def held(place: Place, number: int) -> str:
    """The digest that waits for somebody's word on the pull request."""
    runs = place.world.ports.records.runs.held(place.key)
    (run,) = [one for one in runs if one.stack.name == "web"]
    assert f"/apply dev {run.digest[:16]}" in place.said(number)[-1]
    return run.digest[:16]


def allowed(place: Place) -> list[str]:
    """The addresses that the group of the stack lets in."""
    (remote_id,) = [one.remote_id for one in state(place).resources.values()]
    told = place.world.sandbox.aws.client("ec2").describe_security_groups(GroupIds=[remote_id])
    (mine,) = told["SecurityGroups"]
    return [one["CidrIp"] for rule in mine["IpPermissions"] for one in rule["IpRanges"]]


def test_a_held_tip_is_applied_with_what_was_looked_up_for_it(world: DriftWorld) -> None:
    """The kind: people agree to what they see, and something newer is made of it."""
    put(world, "/held/office", "203.0.113.1/32")
    place = world.place({"other": group("other")}, LISTS)
    number = place.open({"specs/dev/web.yaml": HELD})
    assert 'Value: "203.0.113.1/32"' in place.said(number)[0]
    assert state(place).lookups == {}, "what a pull request looked up is kept with it"
    # At the merge the tip wants another tag of the group, so nobody has seen its plan.
    tagged(place, LISTS)
    place.github.merge(place.name, number, ADMIN)
    put(world, "/held/office", "203.0.113.2/32")
    place.apply()
    digest = held(place, number)
    assert state(place).lookups == {}
    # What the tip does not list any more is not used, though people have seen it.
    tagged(place, "")
    said = release(place, number, digest)
    assert "lookups.office reads Value of AWS::SSM::Parameter /held/office, which the env" in said
    assert state(place).empty
    tagged(place, LISTS)
    # The word was given for this digest, which has the answer that people saw and no newer one.
    place.apply()
    assert "✓ Applied" in place.said(number)[-1]
    assert allowed(place) == ["203.0.113.1/32"]
    assert state(place).lookups[OFFICE].attributes == {"Value": "203.0.113.1/32"}


def tagged(place: Place, rules: str) -> None:
    """Push the environment with one tag more, and with these rules."""
    text = environment(place.project, "dev", rules).replace("env: dev}", "env: dev, team: ml}")
    place.push({"specs/dev/environment.yaml": text})


def release(place: Place, number: int, digest: str) -> str:
    place.hear(number, f"/apply dev {digest}", ADMIN, on_pull_request=True)
    place.world.run(AnswerComment, ApplyEnvironment)
    return place.said(number)[-1]
