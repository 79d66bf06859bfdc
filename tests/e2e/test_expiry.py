"""A stack that expires is warned of, stopped and destroyed, and its data stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gitbot.errors import CloudError, RowChangedError, TransientError, UnfinishedError
from gitbot.jobs.destroy_stack import destroy_stack
from gitbot.jobs.expire_stacks import expire_stacks
from gitbot.jobs.open_windows import open_windows
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.switch_stack import switch_stack
from gitbot.model.expiry import Expiry, Stage
from gitbot.model.freeze import HandFreeze
from gitbot.model.keys import AnswerComment, DestroyStack, ExpireStacks, OpenWindows, SwitchStack
from gitbot.model.names import Address, RemoteId, Sha
from gitbot.model.runs import Claim
from gitbot_sandbox.aws.faults import Fault, FaultKind
from gitbot_sandbox.sandbox import ADMIN
from tests.contract.records_world import NOON
from tests.e2e.conftest import environment
from tests.e2e.drift_world import MINUTE, Died, DriftWorld, Place, drift_world
from tests.e2e.specs import stack

pytestmark = pytest.mark.story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULES = "  timezone: Europe/Berlin\n  ttl: {max: 30d, extensions: 1, warn: [2d, 2h], grace: 1d}\n"


JOB = stack(
    "job",
    "role:\n"
    "  type: AWS::IAM::Role\n"
    "  properties:\n"
    "    RoleName: '${env.project}-job'\n"
    "    AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: "
    "{Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}\n"
    "    Policies: [{PolicyName: read, PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: "
    "Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::${env.project}-lab/*'}]}}]\n",
)
"""A stack that uses the bucket of the lab."""
TAKES_NO_COMMANDS = Fault(
    kind=FaultKind.ERROR,
    service="ssm",
    operation="SendCommand",
    status=400,
    code="InvalidInstanceId",
    message="Instances not in a valid state for account",
)


TAKES_NO_TAGS = replace(
    TAKES_NO_COMMANDS, service="s3", operation="PutBucketTagging", code="AccessDenied", count=None
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("expiry")
    with drift_world(root, repositories=4) as made:
        yield made


def lab(ttl: str = "3d", more: str = "") -> str:
    """A stack with a machine, and a bucket that holds data."""
    text = stack(
        "lab",
        "machine:\n"
        "  type: AWS::EC2::Instance\n"
        "  properties:\n"
        "    ImageId: ami-12c6146b\n"
        "    InstanceType: t3.micro\n"
        "    Tags: [{Key: env, Value: '${env.project}'}]\n"
        "data:\n"
        "  type: AWS::S3::Bucket\n"
        "  properties: {BucketName: '${env.project}-lab'}\n"
        f"{more}",
    )
    return text.replace("spec:\n", f"spec:\n  ttl: {ttl}\n")


@dataclass(frozen=True)
class _Away:
    """GitHub, when something is to be written on one pull request: what happens before."""

    real: Any
    number: int
    happens: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if name == "open":
            return lambda *arguments: _Away(found(*arguments), self.number, self.happens)
        if name != "create_comment":
            return found

        def write(number: int, body: str) -> Any:
            if number == self.number:
                self.happens()
            return found(number, body)

        return write


@dataclass(frozen=True)
class _Meanwhile:
    """The clouds, and what happens when something is asked of one."""

    real: Any
    what: str
    happens: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        if name in ("open", "at"):
            return lambda *arguments: _Meanwhile(found(*arguments), self.what, self.happens)
        if name != self.what:
            return found

        def call(*arguments: Any) -> Any:
            self.happens()
            return found(*arguments)

        return call


class Lab:
    """One repository with one stack that expires."""

    def __init__(self, world: DriftWorld, text: str = "", rules: str = RULES) -> None:
        self.world = world
        self.place = Place(world, next(world._names))
        self.place.rule(rules)
        self.number = self.place.bring({"specs/dev/lab.yaml": text or lab()})
        self.follow()

    def follow(self, after: timedelta = timedelta(0)) -> None:
        """Some time later, run what is due, and what that wakes."""
        self.world.calendar.at += after
        key = ExpireStacks(repository=self.place.id, environment="dev", reason=self.place.reason())
        self.queue.clear()
        expire_stacks(self.world.ports, key)
        self.run()

    def wait(self) -> None:
        """An hour passes."""
        self.world.calendar.at += HOUR

    def run(self) -> None:
        """Run the jobs that were woken, and those that they wake."""
        done = 0
        while done < len(self.queue):
            woken = self.queue[done]
            done += 1
            if isinstance(woken, SwitchStack):
                switch_stack(self.world.ports, woken)
            if isinstance(woken, DestroyStack):
                destroy_stack(self.world.ports, woken)
            if isinstance(woken, ExpireStacks):
                expire_stacks(self.world.ports, woken)

    @property
    def queue(self) -> list[object]:
        return self.world.ports.queue.keys  # type: ignore[attr-defined]

    @property
    def row(self) -> Expiry:
        rows = self.world.ports.records.expiries.of_environment(self.place.key)
        (found,) = [row for row in rows if row.stack.name != "job"]
        return found

    @property
    def said(self) -> str:
        """The newest thing that gitbot said about the expiry on the pull request."""
        return [text for text in self.place.said(self.number) if "gitbot:expiry" in text][-1]

    @property
    def machines(self) -> dict[str, str]:
        """The power of the repository's machines that are not terminated."""
        found = self.world.sandbox.aws.client("ec2").describe_instances(
            Filters=[{"Name": "tag:env", "Values": [self.place.project]}]
        )
        return {
            instance["InstanceId"]: instance["State"]["Name"]
            for reservation in found["Reservations"]
            for instance in reservation["Instances"]
            if instance["State"]["Name"] != "terminated"
        }

    def crowd(self) -> None:
        """Record nine more objects of the stack. They are not there any more."""
        engine, stack = self.world.ports.engine, self.row.stack
        recorded = engine.state.read(stack)
        ttl, clock = engine.lease_ttl, self.world.ports.clock
        with hold(engine.state, self.place.key, "test", ttl=ttl, clock=clock) as lease:
            for number in range(9):
                one = replace(
                    recorded.resources[Address("machine")],
                    address=Address(f"p{number}"),
                    type="AWS::S3::BucketPolicy",
                    remote_id=RemoteId(f"{self.place.project}-none-{number}"),
                )
                engine.state.put(lease(), stack, recorded.lineage, one)

    def works_until(self, at: datetime) -> None:
        """Say on the machine until when it works."""
        (machine,) = self.machines
        tag = {"Key": "gitbot:busy-until", "Value": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        self.world.sandbox.aws.client("ec2").create_tags(Resources=[machine], Tags=[tag])

    @property
    def tags(self) -> set[str | None]:
        """What the tag about the expiry says on the machine and on the bucket."""
        aws = self.world.sandbox.aws
        (machine,) = self.machines
        found = aws.client("ec2").describe_tags(
            Filters=[{"Name": "resource-id", "Values": [machine]}]
        )
        bucket = aws.client("s3").get_bucket_tagging(Bucket=f"{self.place.project}-lab")
        return {
            {tag["Key"]: tag["Value"] for tag in tags}.get("gitbot:expires")
            for tags in (found["Tags"], bucket["TagSet"])
        }

    @property
    def kept(self) -> list[str]:
        state = self.world.ports.engine.state.read(self.row.stack)
        return [address for address, one in state.resources.items() if one.kept]


def _be_away() -> None:
    raise TransientError("GitHub does not answer.")


def _die() -> None:
    raise Died


def _refuse() -> None:
    raise CloudError("AWS does not allow it.", code="UnauthorizedOperation")


def test_a_stack_is_warned_of_stopped_and_destroyed_and_revived(world: DriftWorld) -> None:
    world.sandbox.aws.inject(TAKES_NO_TAGS)
    it = Lab(world)
    world.sandbox.aws.clear_faults()
    assert it.tags == {f"{it.row.expires_at:%Y-%m-%dT%H:%MZ}", None}
    assert "AWS did not take the tag" in it.said
    it.follow(4 * MINUTE)
    assert it.row.untagged
    it.follow(2 * MINUTE)
    assert it.tags == {f"{it.row.expires_at:%Y-%m-%dT%H:%MZ}"}
    assert "By now every object" in it.said
    it.follow(23 * HOUR - 6 * MINUTE)
    assert it.row.stage is Stage.ACTIVE
    it.follow(HOUR)
    assert it.row.stage is Stage.WARNED
    assert "@bob **`dev/lab` expires on " in it.said
    assert "It keeps what holds data: `data`." in it.said
    first = it.said
    it.follow(2 * DAY - 2 * HOUR)
    assert it.said != first
    assert list(it.machines.values()) == ["running"]
    it.follow(2 * HOUR)
    assert it.row.stage is Stage.EXPIRED
    assert list(it.machines.values()) == ["stopped"]
    assert "The time of `dev/lab` is over." in it.said
    it.follow(23 * HOUR)
    assert it.row.stage is Stage.EXPIRED
    _waits_for_a_person(it)
    assert it.row.stage is Stage.DESTROYED
    assert (it.machines, it.kept) == ({}, ["data"])
    assert f"`data (AWS::S3::Bucket {it.place.project}-lab)`" in it.said
    # Its file still stands: neither an apply nor the pull request that removes it does anything, and
    # nothing of it is drift.
    it.place.apply()
    it.place.scan()
    it.follow()
    assert (it.machines, it.place.issues()) == ({}, [])
    changes = _comes_back(it)
    assert list(it.machines.values()) == ["running"]
    assert (it.row.stage, it.row.extensions, it.row.pull_request) == (Stage.ACTIVE, 0, changes)
    assert it.row.expires_at == world.calendar.at + 4 * DAY
    assert it.tags == {f"{it.row.expires_at:%Y-%m-%dT%H:%MZ}"}
    # Nothing of this is drift, or a change. Without an expiry, the tags say so, and the row goes.
    it.place.rule("")
    never = it.place.bring({"specs/dev/lab.yaml": lab().replace("  ttl: 3d\n", "")})
    assert "Only the expiry changes" in it.place.said(never)[0]
    it.follow()
    assert it.tags == {"never"}
    it.follow()
    assert world.ports.records.expiries.of_environment(it.place.key) == ()


def _comes_back(it: Lab) -> int:
    """A pull request changes the spec, and the one that would remove the file is closed. Its number."""
    assert it.row.removal is not None
    # On the pull request that gives another stack an expiry, its time has not begun.
    job = it.place.open({"specs/dev/job.yaml": JOB.replace("spec:\n", "spec:\n  ttl: 3d\n")})
    it.place.hear(job, "/extend 1d", on_pull_request=True)
    it.world.run(AnswerComment)
    assert "its time has not begun" in it.place.said(job)[-1]
    it.place.github.close(it.place.name, job, ADMIN)
    page = it.place.github.issue(it.place.name, it.row.removal)
    assert (page.title, page.state) == ("Remove dev/lab: bob ended it", "open")
    changes = it.place.bring({"specs/dev/lab.yaml": lab("4d")})
    it.follow()
    assert it.place.github.issue(it.place.name, page.number).state == "closed"
    assert "`dev/lab` is wanted again" in it.place.said(page.number)[-1]
    return changes


def _waits_for_a_person(it: Lab) -> None:
    """Much of the environment at once is held, until somebody asks with the digest."""
    it.crowd()
    it.follow(HOUR)
    assert it.row.stage is Stage.EXPIRED
    held = "10 of the environment's 11 resources would be destroyed at once: more than 30%"
    assert any(held in text for text in it.place.said(it.number))
    digest = it.place.say(it.number, "/destroy dev/lab").rpartition("/destroy dev/lab ")[2][:16]
    it.place.say(it.number, f"/destroy dev/lab {digest}")
    it.run()


def test_people_extend_keep_and_end_a_stack_within_what_the_environment_allows(
    world: DriftWorld,
) -> None:
    it = Lab(world)
    # A warning that cannot be written everywhere yet is owed, and written later.
    changes = it.place.open({"specs/dev/lab.yaml": lab("4d")})
    ports = world.ports
    world.ports = replace(ports, forges=_Away(ports.forges, changes, _be_away))
    with pytest.raises(TransientError):
        it.follow(DAY)
    assert not any("gitbot:expiry" in text for text in it.place.said(changes))
    # GitHub takes it a while after the job began: people have it only since then.
    world.ports = replace(ports, forges=_Away(ports.forges, changes, it.wait))
    it.follow()
    world.ports = ports
    (delivery,) = ports.records.expiries.deliveries(it.place.key)[it.row.stack]
    assert delivery.delivered_at == it.row.stage_at == world.calendar.at
    assert "**`dev/lab` expires on " in it.place.said(changes)[-1]
    it.place.github.close(it.place.name, changes, ADMIN)
    it.follow(2 * DAY - 2 * HOUR)
    early = it.place.say(it.number, "/destroy dev/lab").rpartition("/destroy dev/lab ")[2][:16]
    before, answers = it.row.expires_at, list[str]()
    # Somebody extends it in the very moment in which its machine is stopped.
    extend = partial(it.place.say, it.number, "/extend 1d")
    clouds = _Meanwhile(ports.engine.clouds, "stop", lambda: answers.append(extend()))
    world.ports = replace(ports, engine=replace(ports.engine, clouds=clouds))
    with pytest.raises(RowChangedError):
        it.follow(HOUR)
    world.ports = ports
    (said,) = answers
    assert (it.row.expires_at, it.row.stopped) == (before + DAY, ("machine",))
    assert list(it.machines.values()) == ["stopped"]
    it.follow()
    assert (it.row.stage, it.row.expires_at) == (Stage.WARNED, before + DAY)
    assert list(it.machines.values()) == ["running"]
    assert " Europe/Berlin (" in said
    assert " UTC). It cannot be extended again." in said
    assert "no more" in it.place.say(it.number, "/keep dev/lab until 2026-12-20")
    assert it.row.expires_at == before + DAY
    plan = it.place.say(it.number, "/destroy dev/lab")
    assert "This deletes: `machine`." in plan
    assert "It keeps: `data`." in plan
    digest = plan.rpartition("/destroy dev/lab ")[2][:16]
    assert it.row.stage is Stage.WARNED
    # What was shown before somebody extended it is not done any more.
    assert "not the digest" in it.place.say(it.number, f"/destroy dev/lab {early}")
    it.place.say(it.number, f"/destroy dev/lab {digest}")
    assert (it.row.requested_by, it.row.stage) == ("bob", Stage.WARNED)
    it.run()
    assert (it.row.stage, it.machines, it.kept) == (Stage.DESTROYED, {}, ["data"])


def test_what_holds_a_destruction_back_is_told_and_a_stop_goes_on(world: DriftWorld) -> None:
    text = lab().replace(
        "spec:\n", "spec:\n  busy: {tag: true, atMost: 6h}\n  preStop: {command: ./save.sh}\n"
    )
    it = Lab(world, text)
    place, records = it.place, world.ports.records
    it.works_until(NOON)
    it.follow(DAY)
    # While the conversation is locked, the warnings go to an issue.
    world.sandbox.github.lock(place.name, it.number, ADMIN)
    it.follow(2 * DAY - HOUR)
    assert it.row.issue is not None
    assert "**`dev/lab` expires on " in place.said(it.row.issue)[-1]
    body = place.github.issue(place.name, it.row.issue).body or ""
    assert body.startswith(f"<!-- gitbot:expiry:{place.id}:dev/lab@us-east-1 -->")
    claim = Claim(
        stack=it.row.stack, pull_request=99, claimed_by="bob", claimed_at=NOON, head=Sha("a" * 40)
    )
    records.claims.claim([claim])
    _waits_for_the_end_of_a_freeze(it)
    world.sandbox.aws.inject(TAKES_NO_COMMANDS)
    it.follow()
    assert list(it.machines.values()) == ["stopped"]
    assert any("The `preStop` of these" in text for text in place.said(it.row.issue))
    assert it.row.pre_stop == ()
    it.follow(4 * DAY)
    assert it.row.stage is Stage.EXPIRED
    assert "#99 holds it" in place.said(it.row.issue)[-1]
    records.claims.release([claim.stack])
    broken = {"specs/dev/broken.yaml": "kind: Stack\n"}
    place.github.push_files(place.name, "main", broken, ADMIN, message="Broken")
    it.follow(HOUR)
    assert it.row.stage is Stage.EXPIRED
    assert "the specs of the environment have errors" in place.said(it.row.issue)[-1].lower()
    place.github.push_files(
        place.name, "main", {"specs/dev/broken.yaml": None}, ADMIN, message="Mended"
    )
    _told_once_more(it)
    # A machine of which nobody knows counts as working.
    ports = world.ports
    clouds = _Meanwhile(ports.engine.clouds, "read", _refuse)
    world.ports = replace(ports, engine=replace(ports.engine, clouds=clouds))
    it.follow(HOUR)
    world.ports = ports
    assert (it.row.stage, it.row.put_off_at) == (Stage.EXPIRED, world.calendar.at)
    # Somebody has started it again, and works with it.
    (machine,) = it.machines
    world.sandbox.aws.client("ec2").start_instances(InstanceIds=[machine])
    it.works_until(world.calendar.at + 3 * HOUR)
    it.follow(HOUR)
    assert (it.row.stage, it.machines) == (Stage.EXPIRED, {machine: "running"})
    it.works_until(world.calendar.at + 9 * HOUR)
    it.follow(4 * HOUR + HOUR / 2)
    assert "still work, or nobody knows" in place.said(it.row.issue)[-1]
    assert "they are destroyed with their stack on" in place.said(it.row.issue)[-1]
    it.follow(29 * MINUTE)
    assert it.row.stage is Stage.EXPIRED
    it.follow(31 * MINUTE)
    assert (it.row.stage, it.machines) == (Stage.DESTROYED, {})


def _told_once_more(it: Lab) -> None:
    """The last warning was long ago: people have another one, and their notice."""
    it.follow()
    assert it.row.issue is not None
    assert "so you are told once more" in it.place.said(it.row.issue)[-1]
    it.follow(HOUR)
    assert it.row.put_off_at is None


def _waits_for_the_end_of_a_freeze(it: Lab) -> None:
    """Its time is over while its environment is frozen: grace begins when the machine is stopped."""
    freezes, row = it.world.ports.records.freezes, it.row
    freeze = HandFreeze(
        environment=it.place.key, by="bob", since=NOON, because="the demo", command="c1"
    )
    freezes.freeze(freeze)
    it.follow(3 * HOUR)
    assert (it.row.stage, it.row.grace_from) == (Stage.EXPIRED, None)
    assert list(it.machines.values()) == ["running"]
    assert row.issue is not None
    (told,) = [text for text in it.place.said(row.issue) if "is over.**" in text]
    assert "Its machines are not stopped yet: bob froze dev because `the demo`" in told
    said = it.place.say(row.issue, "/unfreeze dev")
    assert "the machines of `dev/lab` are stopped first, and it is destroyed 1d after that" in said
    it.queue.clear()
    open_windows(it.world.ports, OpenWindows(repository=it.place.id, environment="dev", reason="x"))
    assert [one for one in it.queue if isinstance(one, ExpireStacks)]


def test_a_renamed_stack_keeps_its_expiry_and_a_broken_environment_still_stops_it(
    world: DriftWorld,
) -> None:
    given_up = lab(more="  lifecycle: {onExpiry: delete, emptyOnDelete: true}\n")
    it = Lab(world, given_up)
    it.place.say(it.number, "/extend dev/lab 23h60m")
    before = it.row
    text = given_up.replace("  name: lab\n", "  name: den\n  moved: lab\n")
    files = {"specs/dev/lab.yaml": None, "specs/dev/den.yaml": text, "specs/dev/job.yaml": JOB}
    it.place.bring(files)
    it.follow()
    assert (it.row.stack.name, it.row.expires_at) == ("den", before.expires_at)
    assert it.row.extensions == 1
    it.place.rule("  nonsense: 1\n")
    # Nobody looks until long after its end: one message, which says what holds by then.
    it.follow(4 * DAY + 9 * HOUR)
    (told,) = [text for text in it.place.said(it.number) if "gitbot:expiry" in text]
    assert "but nobody was warned early enough. So its machines are stopped on " in told
    assert "It is not destroyed while `role` of `dev/job` uses `" in told
    assert list(it.machines.values()) == ["running"]
    it.follow(2 * HOUR)
    assert list(it.machines.values()) == ["stopped"]
    it.follow(2 * DAY)
    assert it.row.stage is Stage.EXPIRED
    assert "have errors" in it.said
    # In another region nothing of it is there, and nothing may pass for gone.
    moved = environment(it.place.project, "dev", RULES).replace("us-east-1", "us-west-2")
    it.place.push({"specs/dev/environment.yaml": moved})
    it.follow()
    assert (it.row.stage, list(it.machines.values())) == (Stage.EXPIRED, ["stopped"])
    assert "It is in region us-east-1, and environment.yaml names region us-west-2" in it.said
    assert "It is in region" in it.place.say(it.number, "/destroy dev/den").replace(": it", ": It")
    it.place.rule(RULES)
    it.follow()
    assert it.row.stage is Stage.EXPIRED
    assert "`role` of `dev/job` uses `" in it.said
    it.place.bring({"specs/dev/job.yaml": None})
    _destroyed_in_turns(it)


def _destroyed_in_turns(it: Lab) -> None:
    """Destroy it with its bucket. Between two turns others have the lease, and processes die."""
    world = it.world
    bucket, s3 = f"{it.place.project}-lab", world.sandbox.aws.client("s3")
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    ports = world.ports
    world.ports = replace(ports, engine=replace(ports.engine, turn=timedelta(0)))
    with pytest.raises(UnfinishedError):
        it.follow()
    assert it.row.stage is Stage.DESTROYING
    assert any("goes on in turns" in text for text in it.place.said(it.number))
    it.place.apply()
    s3.put_object(Bucket=bucket, Key="y", Body=b"y")
    clouds = _Meanwhile(ports.engine.clouds, "delete", _die)
    world.ports = replace(ports, engine=replace(ports.engine, clouds=clouds))
    with pytest.raises(Died):
        it.follow()
    world.ports = ports
    it.follow()
    assert (it.row.stage, it.machines, it.row.kept) == (Stage.DESTROYED, {}, ())
    assert bucket not in {one["Name"] for one in s3.list_buckets()["Buckets"]}
