"""Three servers on one PostgreSQL: what is due, and what many pushes ask for, is done once among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gitbot.adapters.scheduler import START
from gitbot.model.names import StackId
from gitbot.model.runs import RunKind, RunStatus
from gitbot.model.time import At, Schedule, Work
from gitbot_sandbox.github.entities import Issue
from gitbot_sandbox.sandbox import WRITER, eventually
from gitbot_sandbox.stage import ANSWER, PLAN
from tests.e2e.conftest import environment
from tests.e2e.specs import bucket, group, stack
from tests.fault.fleet_world import Job, Served, serving_together
from tests.fault.server_world import LONG_S, all_met, slow

pytestmark = pytest.mark.full

SERVERS = 3
TICKS_S = 3.0
"""By then every server has looked at what is due: each does once a second."""
SWEEP = timedelta(seconds=5)
OFFICE = "off=(M-F,19);on=(M-F,7);tz=UTC"
HOURLY = {
    f"specs/{name}/environment.yaml": environment("time", name, "  drift: {every: 1h}\n")
    for name in ("dev", "prod")
}


def tuesday_noon() -> datetime:
    """Noon of a Tuesday between one and eight days ahead."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    days = (1 - tomorrow.weekday()) % 7
    return (tomorrow + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)


def trainer() -> str:
    """A stack with a machine that sleeps at night."""
    text = stack(
        "trainer",
        "box:\n"
        "  type: AWS::EC2::Instance\n"
        "  properties: {ImageId: ami-12c6146b, InstanceType: t3.micro}\n",
    )
    return text.replace("spec:\n", f'spec:\n  offhours: "{OFFICE}"\n')


@pytest.fixture
def pushed(postgres_url: str, tmp_path: Path) -> Iterator[Served]:
    with serving_together(postgres_url, tmp_path, "pushed", SERVERS, {}) as served:
        yield served


@pytest.fixture
def swept(postgres_url: str, tmp_path: Path) -> Iterator[Served]:
    environ = {"GITBOT_SWEEP_S": str(SWEEP.seconds)}
    with serving_together(postgres_url, tmp_path, "swept", SERVERS, environ) as served:
        yield served


class Timeline(Served):
    """Servers whose calendar begins at ``noon`` of a Tuesday, and is moved on."""

    noon: datetime

    @property
    def repository(self) -> str:
        return self.bench.key().repository

    def schedules(self, work: Work) -> list[Schedule]:
        rows = self.records.schedules.of_repository(self.repository)
        return [row.schedule for row in rows if row.schedule.work is work]

    def settled(self) -> dict[str, Job]:
        """All jobs of schedules, once nothing is due and all servers have looked."""
        repositories, now = [self.repository], self.bench.github.clock.now
        eventually(
            lambda: not self.records.schedules.due(repositories, now()), what="nothing to be due"
        )
        later = datetime.now(UTC) + timedelta(seconds=TICKS_S)
        eventually(lambda: datetime.now(UTC) > later, what="every server to look")
        self.quiet()
        return {job.id: job for work in ("drift:", "hours:") for job in self.jobs(work)}

    def at(self, instant: datetime) -> dict[str, Job]:
        """The jobs that the instant has made, and whatever else was due until some seconds later."""
        before = self.settled()
        self.bench.github.clock.move_to((instant + timedelta(seconds=5)).isoformat())
        return {id_: job for id_, job in self.settled().items() if id_ not in before}

    def scans(self, instant: datetime) -> set[str]:
        """The ids of the hourly scans of both environments."""
        names = ("dev", "prod")
        return {f"drift:{self.bench.key(n)}:{instant.isoformat()}:scan" for n in names}

    def issues(self) -> list[Issue]:
        """All issues that are no pull requests, oldest first."""
        found = self.bench.github.repository(self.bench.name)
        return [one for n, one in sorted(found.issues.items()) if n not in found.pulls]

    def switched(self, operation: str) -> list[str]:
        """The machines for which this was called, one for each call, as CloudTrail tells."""
        found = self.bench.sandbox.aws.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": operation}]
        )
        return [one["ResourceName"] for event in found["Events"] for one in event["Resources"]]

    def state(self, machine: str) -> str:
        found = self.bench.sandbox.aws.client("ec2").describe_instances(InstanceIds=[machine])
        return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])


@pytest.fixture
def timeline(postgres_url: str, tmp_path: Path) -> Iterator[Timeline]:
    noon = tuesday_noon()
    began = (noon + timedelta(seconds=5)).isoformat()
    with serving_together(
        postgres_url, tmp_path, "time", SERVERS, {}, HOURLY, calendar=began, world=Timeline
    ) as served:
        served.noon = noon
        yield served


def ran_once(jobs: dict[str, Job]) -> set[str]:
    """The ids of the jobs, of which each was begun once and succeeded."""
    assert {(job.status, job.starts) for job in jobs.values()} == {("SUCCESS", 1)}, jobs
    return {*jobs}


def test_each_instant_of_a_schedule_has_one_job_and_one_effect(timeline: Timeline) -> None:
    bench, noon = timeline.bench, timeline.noon
    dev, hour = bench.key(), timedelta(hours=1)
    files = {"specs/dev/web.yaml": bucket("web"), "specs/dev/trainer.yaml": trainer()}
    number = bench.planned("first", files)
    bench.merge(number)
    bench.result(number, "dev", "✓ Applied")
    (machine,) = (str(one["InstanceId"]) for one in bench.instances())
    s3 = bench.sandbox.aws.client("s3")
    timeline.settled()
    s3.put_bucket_tagging(
        Bucket="time-dev-web", Tagging={"TagSet": [{"Key": "owner", "Value": "eve"}]}
    )

    assert ran_once(timeline.at(noon + hour)) == timeline.scans(noon + hour)
    assert timeline.issues() == []
    (confirm,) = (one for one in timeline.schedules(Work.DRIFT) if one.name.startswith("confirm"))
    assert isinstance(confirm.when, At)
    second_look = f"drift:{dev}:{confirm.when.instant.isoformat()}:{confirm.name}"
    found = timeline.at(noon + 2 * hour)
    assert found.keys() == timeline.scans(noon + 2 * hour) | {second_look}
    (issue,) = timeline.issues()
    assert '"ml-team" → "eve"' in (issue.body or "")

    evening, morning = noon + 7 * hour, noon + 19 * hour
    for instant, state in ((evening, "stopped"), (morning, "running")):
        power = f"hours:{dev}:{instant.isoformat()}:trainer/box"
        assert ran_once(timeline.at(instant)) == timeline.scans(instant) | {power}
        assert timeline.state(machine) == state
    assert timeline.switched("StopInstances") == [machine]
    assert timeline.switched("StartInstances") == [machine]
    assert [one.number for one in timeline.issues()] == [issue.number]
    assert bench.said(issue.number) == []
    checks = bench.github.repository(bench.name).check_runs.values()
    assert len([one for one in checks if one.name == "gitbot/dev/drift"]) == 1
    # It was no proof, had one server done it all.
    assert len({job.process for job in timeline.settled().values()}) > 1


def test_many_pushes_lead_to_one_plan_of_the_newest_head(pushed: Served) -> None:
    bench, key = pushed.bench, pushed.bench.key()
    name = StackId(repository=key.repository, environment="dev", name="many", region="us-east-1")
    number = bench.planned("many", {"specs/dev/many.yaml": group("many")})
    (comment,) = bench.said(number, PLAN)
    pushed.quiet()
    plans = f"plan:{key.repository}:{number}:"
    known = {job.id for job in pushed.jobs(plans)}
    known_runs = {run.id for run in pushed.records.runs.of_stack(name, RunKind.PLAN)}

    def push(last: int) -> tuple[str, str]:
        """The new head, and the id of the job that its delivery makes."""
        text = group("many", cidr=f"203.0.113.{last}/32")
        bench.github.push_files(bench.name, "many", {"specs/dev/many.yaml": text}, WRITER)
        bench.github.courier.wait_idle()
        delivery = bench.github.courier.deliveries("pull_request", "synchronize")[-1]
        return bench.head(number), f"{plans}{delivery.guid}"

    slow(bench.sandbox, "DescribeSecurityGroups", LONG_S)
    begun = push(10)
    # By then it has read which head is the newest, and stays at that.
    eventually(lambda: all_met(bench.sandbox), what="the plan of the first push to read the cloud")
    later = [push(last) for last in range(11, 17)]
    newest = later[-1]
    eventually(lambda: pushed.jobs(newest[1]), what="the job of the newest push")
    bench.sandbox.aws.clear_faults()
    pushed.quiet()

    new = {job.id: job for job in pushed.jobs(plans) if job.id not in known}
    assert new.keys() <= {begun[1], *(id_ for _, id_ in later)}
    ran = {id_ for id_, job in new.items() if (job.status, job.starts) == ("SUCCESS", 1)}
    assert ran == {begun[1], newest[1]}
    left = {id_: job for id_, job in new.items() if id_ not in ran}
    assert left, "some waited in the queue when a newer one came"
    assert {(job.status, job.starts) for job in left.values()} == {("CANCELLED", 0)}
    runs = pushed.records.runs.of_stack(name, RunKind.PLAN)
    heads = [run.head for run in runs if run.id not in known_runs]
    assert heads == [newest[0], begun[0]]
    (shown,) = bench.said(number, PLAN)
    assert shown.id == comment.id
    assert newest[0][:8] in shown.body


def test_each_instant_of_a_sweep_has_one_job_and_finds_what_was_lost_once(swept: Served) -> None:
    bench, key = swept.bench, swept.bench.key()
    number = bench.planned("lost", {"specs/dev/lost.yaml": group("lost")})
    swept.quiet()
    bench.github.courier.hold()
    question = bench.github.comment(bench.name, number, WRITER, "/help")
    bench.merge(number)
    bench.answer(number, question)
    bench.result(number, "dev", "✓ Applied")
    sweeps = f"sweep:{key.repository}:20"
    seen = len(swept.jobs(sweeps))
    eventually(lambda: len(swept.jobs(sweeps)) >= seen + 3, what="three more sweeps")
    swept.quiet()

    for job in swept.jobs(sweeps):
        assert (job.status, job.starts) in {("SUCCESS", 1), ("CANCELLED", 0)}, job
    prefix = f"sweep:{key.repository}:"
    instants = [datetime.fromisoformat(job.id.removeprefix(prefix)) for job in swept.jobs(sweeps)]
    assert len({*instants}) == len(instants)
    assert {(instant - START) % SWEEP for instant in instants} == {timedelta()}
    assert len(bench.said(number, f"{ANSWER}:comment:{question}:")) == 1
    assert len(bench.said(number, "<!-- gitbot:apply:dev")) == 1
    name = StackId(repository=key.repository, environment="dev", name="lost", region="us-east-1")
    (run,) = swept.records.runs.of_stack(name, RunKind.APPLY)
    assert run.status is RunStatus.APPLIED
    assert len(bench.live()) == 1
