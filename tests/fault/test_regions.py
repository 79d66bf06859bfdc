"""A stack in two regions: what happens to one of its instances happens there, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gitbot.jobs.apply_environment import apply_environment
from gitbot.jobs.heal_drift import heal_drift
from gitbot.model.expiry import Stage
from gitbot.model.keys import (
    AnswerComment,
    ApplyEnvironment,
    DestroyStack,
    ExpireStacks,
    KeepHours,
    SwitchStack,
)
from gitbot_sandbox.sandbox import ADMIN
from tests.e2e.drift_world import Died, DriftWorld, Place, drift_world, machine, web
from tests.e2e.promotion_world import Edge
from tests.e2e.specs import group

pytestmark = pytest.mark.full

HERE, THERE = "us-east-1", "eu-west-1"
ONE, OTHER, ANY = "203.0.113.5/32", "203.0.113.9/32", "198.51.100.0/24"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("regions")
    with drift_world(root, repositories=4) as made:
        yield made


def in_both(text: str, *regions: str) -> str:
    """The stack in these regions; by default in two."""
    return text.replace(
        "spec:\n", f"spec:\n  regions: [{', '.join(regions or (HERE, THERE))}]\n", 1
    )


def let_in(world: DriftWorld, name: str, region: str) -> list[str]:
    """The addresses that the group of this name lets in there; nothing where it is not."""
    found = world.sandbox.aws.client("ec2", region).describe_security_groups()["SecurityGroups"]
    return [
        one["CidrIp"]
        for each in found
        if each["GroupName"] == name
        for rule in each["IpPermissions"]
        for one in rule["IpRanges"]
    ]


def _door(world: DriftWorld, name: str, region: str) -> tuple[Any, dict[str, Any]]:
    ec2 = world.sandbox.aws.client("ec2", region)
    found = ec2.describe_security_groups()["SecurityGroups"]
    (group_id,) = [one["GroupId"] for one in found if one["GroupName"] == name]
    ip = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": ANY}]}
    return ec2, {"GroupId": group_id, "IpPermissions": [ip]}


def open_door(world: DriftWorld, name: str, region: str) -> None:
    """Let more in by the group of this name there, as somebody in the console does."""
    ec2, rule = _door(world, name, region)
    ec2.authorize_security_group_ingress(**rule)


def close_door(world: DriftWorld, name: str, region: str) -> None:
    """Take that back."""
    ec2, rule = _door(world, name, region)
    ec2.revoke_security_group_ingress(**rule)


def test_a_promotion_waits_for_every_region_and_brings_it_to_all(world: DriftWorld) -> None:
    edge = Edge(world, {"web": in_both(group("web"))}, ", how: merge")
    name = f"{edge.project}-staging-web"
    edge.dev({"web.yaml": in_both(group("web", OTHER))})
    (number,) = edge.open_numbers("web")
    assert "what dev changed in `web` (us-east-1, eu-west-1)" in edge.told(number).body
    assert "not shown yet: `web@eu-west-1`, `web@us-east-1`" in str(edge.gates(number).summary)
    assert "write `staging/web`" in edge.answer(number, "/promote approve staging/web@eu-west-1")
    open_door(world, f"{edge.project}-dev-web", THERE)
    edge.scan()
    edge.scan()
    edge.planned("web")
    assert "`dev/web@eu-west-1` has drift" in str(edge.gates(number).summary)
    close_door(world, f"{edge.project}-dev-web", THERE)
    edge.scan()
    edge.promote()
    apply_environment(
        world.ports,
        ApplyEnvironment(
            repository=edge.id, environment="staging", tip=edge.tip, why=edge.reason()
        ),
    )
    assert [let_in(world, name, region) for region in (HERE, THERE)] == [[OTHER], [OTHER]]


def buckets(world: DriftWorld, place: Place) -> list[str]:
    """The versioning of the bucket here and there."""
    found = []
    for region in (HERE, THERE):
        s3 = world.sandbox.aws.client("s3", region)
        name = f"{place.project}-dev-web-{region}"
        found.append(str(s3.get_bucket_versioning(Bucket=name).get("Status", "")))
    return found


def suspend(world: DriftWorld, place: Place, *regions: str) -> None:
    """Suspend the versioning of the bucket there, as somebody in the console does."""
    for region in regions:
        s3 = world.sandbox.aws.client("s3", region)
        name = f"{place.project}-dev-web-{region}"
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})


def _tags(world: DriftWorld, place: Place, region: str) -> tuple[Any, str, dict[str, str]]:
    s3, name = world.sandbox.aws.client("s3", region), f"{place.project}-dev-web-{region}"
    return (
        s3,
        name,
        {one["Key"]: one["Value"] for one in s3.get_bucket_tagging(Bucket=name)["TagSet"]},
    )


def owner(world: DriftWorld, place: Place, region: str) -> str:
    """The tag ``owner`` of the bucket there."""
    return _tags(world, place, region)[2]["owner"]


def rename_owner(world: DriftWorld, place: Place, region: str) -> None:
    """Change the tag ``owner`` of the bucket there, as somebody in the console does."""
    s3, name, tags = _tags(world, place, region)
    new = [{"Key": key, "Value": one} for key, one in {**tags, "owner": "bob"}.items()]
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": new})


HEAL = """\
  drift: {heal: [{types: ["AWS::S3::Bucket"], paths: [/Tags]}]}
"""


def test_drift_is_told_adopted_and_put_back_in_its_own_region(world: DriftWorld) -> None:
    text = in_both(web()).replace("${env.name}-web", "${env.name}-web-${env.region}")
    place = world.place({"web": text})
    suspend(world, place, THERE)
    issue = place.confirmed()
    assert "dev/web@eu-west-1" in issue.title
    place.say(issue.number, "/drift adopt dev/web@eu-west-1")
    adopted = place.file(place.pull_request("gitbot/adopt/dev/web@eu-west-1"), "specs/dev/web.yaml")
    says = """Status: '${env.region == "eu-west-1" ? "Suspended" : "Enabled"}'"""
    assert says in adopted
    suspend(world, place, HERE)
    place.scan()
    place.scan()
    assert len(place.issues()) == 2
    place.say(issue.number, "/drift apply dev/web@eu-west-1")
    assert buckets(world, place) == ["Suspended", "Enabled"]
    place.rule(HEAL)
    rename_owner(world, place, THERE)
    place.scan()
    place.scan()
    keys = place.heals()
    assert {key.stack for key in keys} == {"web@eu-west-1"}
    heal_drift(world.ports, keys[0])
    assert owner(world, place, THERE) == "ml-team"
    assert buckets(world, place) == ["Suspended", "Enabled"]


def states(world: DriftWorld, place: Place) -> list[str]:
    """The states of the machine here and there."""
    found = []
    for region in (HERE, THERE):
        ec2 = world.sandbox.aws.client("ec2", region)
        named = [{"Name": "tag:Name", "Values": [place.project]}]
        every = ec2.describe_instances(Filters=named)["Reservations"]
        found += [one["State"]["Name"] for each in every for one in each["Instances"]]
    return found


def test_a_machine_sleeps_and_a_stack_ends_in_its_own_region(world: DriftWorld) -> None:
    hours = "  ttl: 3d\n  offhours: 'off=(M-F,19);on=(M-F,7);tz=UTC'\n"
    place = Place(world, next(world._names))
    place.rule("")
    number = place.bring(
        {"specs/dev/gpu.yaml": in_both(machine()).replace("spec:\n", f"spec:\n{hours}")}
    )
    key = ExpireStacks(repository=place.id, environment="dev", reason=place.reason())
    world.waiting.enqueue(key)
    world.run(ExpireStacks, KeepHours, SwitchStack)
    place.hear(number, "/wake dev/gpu@us-east-1 2h", ADMIN, on_pull_request=True)
    place.hear(number, "/sleep dev/gpu@eu-west-1 2h", ADMIN, on_pull_request=True)
    world.run(AnswerComment, KeepHours)
    assert states(world, place) == ["running", "stopped"]
    place.hear(number, "/destroy dev/gpu@eu-west-1", ADMIN, on_pull_request=True)
    world.run(AnswerComment)
    command = place.said(number)[-1].rpartition("/destroy dev/gpu@eu-west-1 ")[2][:16]
    place.hear(number, f"/destroy dev/gpu@eu-west-1 {command}", ADMIN, on_pull_request=True)
    world.run(AnswerComment, DestroyStack, ExpireStacks, SwitchStack)
    assert states(world, place)[0] == "running"
    assert "terminated" in [*states(world, place)[1:], "terminated"]
    rows = {one.stack.name: one for one in world.ports.records.expiries.of_environment(place.key)}
    assert rows["gpu@eu-west-1"].stage is Stage.DESTROYED
    assert rows["gpu@us-east-1"].stage is Stage.ACTIVE
    removal = place.pull_request("gitbot/expired/dev/gpu")
    assert "regions: [us-east-1]" in place.file(removal, "specs/dev/gpu.yaml")
    place.github.merge(place.name, removal, ADMIN)
    place.apply()
    assert states(world, place)[0] == "running"


@dataclass(frozen=True)
class _DiesThere:
    """Clouds whose process dies in one region after it has made something."""

    real: Any
    here: str = ""

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if name in ("open", "at"):
            return lambda *one: _DiesThere(found(*one), one[0] if name == "at" else self.here)
        if name != "create" or self.here != THERE:
            return found

        def create(*arguments: Any) -> None:
            found(*arguments)
            raise Died

        return create


def test_what_a_dead_apply_made_in_the_other_region_is_found_there(world: DriftWorld) -> None:
    place = Place(world, next(world._names))
    place.rule("")
    ports = world.ports
    number = place.open({"specs/dev/web.yaml": in_both(group("web"))})
    place.github.merge(place.name, number, ADMIN)
    world.ports = replace(
        ports, engine=replace(ports.engine, clouds=_DiesThere(ports.engine.clouds))
    )
    try:
        with pytest.raises(Died):
            place.apply()
    finally:
        world.ports = ports
    name = f"{place.project}-dev-web"
    assert let_in(world, name, THERE) == [], "it is there, and nothing of its rules"
    place.apply()
    assert [let_in(world, name, region) for region in (HERE, THERE)] == [[ONE], [ONE]]
    (stack,) = [one for one in ports.engine.state.headers(place.id) if one.id.region == THERE]
    assert stack.complete
