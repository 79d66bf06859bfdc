"""A world in which tests run the job that looks for drift themselves, at times that they choose."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gitbot.adapters.github import GitHubForges
from gitbot.bootstrap.engine import open_engine
from gitbot.bootstrap.jobs import JOBS
from gitbot.bootstrap.listener import Listener
from gitbot.jobs.apply_environment import apply_environment
from gitbot.jobs.detect_drift import detect_drift
from gitbot.jobs.plan_pull_request import plan_pull_request
from gitbot.jobs.steps.drift.undo import DriftApply, undo
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Ports, look
from gitbot.model.commands import Source
from gitbot.model.drift import DriftRow, Finding
from gitbot.model.events import TextWritten
from gitbot.model.keys import (
    AdoptDrift,
    AnswerComment,
    ApplyDrift,
    ApplyEnvironment,
    DetectDrift,
    HealDrift,
    JobKey,
    PlanPullRequest,
)
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.places import SqlitePlace
from gitbot.model.schema import SchemaLookup
from gitbot.ports.cloud import Cloud, Clouds
from gitbot_sandbox.github.entities import CheckRun, Issue
from gitbot_sandbox.sandbox import ADMIN, WRITER, Sandbox
from tests.e2e.conftest import environment
from tests.e2e.specs import stack

REPOSITORIES = 26
MINUTE = timedelta(minutes=1)


@dataclass
class SetCalendar:
    """The time for decisions, as the test has set it."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Waiting:
    """A queue whose jobs nobody runs; the test reads what is in it."""

    keys: list[JobKey] = field(default_factory=list)

    def enqueue(self, key: JobKey) -> bool:
        new = key.id not in {known.id for known in self.keys}
        self.keys += [key] if new else []
        return new


class DriftWorld:
    """One GitHub, one AWS, one database. Each test takes a repository of its own."""

    def __init__(self, sandbox: Sandbox, ports: Ports, calendar: SetCalendar) -> None:
        self.sandbox = sandbox
        self.ports = ports
        self.calendar = calendar
        self._names = iter(sandbox.repositories)

    def run(self, *kinds: type[JobKey]) -> None:
        """Run the waiting jobs of these kinds, and those that they wake."""
        while some := [key for key in self.waiting.keys if isinstance(key, kinds)]:
            for key in some:
                self.waiting.keys.remove(key)
                JOBS[type(key)](self.ports, key)

    @property
    def waiting(self) -> Waiting:
        assert isinstance(self.ports.queue, Waiting)
        return self.ports.queue

    def place(self, stacks: dict[str, str], rules: str = "") -> Place:
        """A repository whose stacks were planned, merged and applied in dev."""
        place = Place(self, next(self._names))
        place.rule(rules)
        place.bring({f"specs/dev/{stack}.yaml": text for stack, text in stacks.items()})
        return place


class Place:
    """One repository, and what gitbot does in it when the test says so."""

    def __init__(self, world: DriftWorld, name: str) -> None:
        self.world = world
        self.name = name
        self.project = name.split("/")[1]
        self.github = world.sandbox.github
        self.id = str(self.github.repository(name).id)
        self._reasons = iter(range(1000))

    def reason(self) -> str:
        return f"test:{next(self._reasons)}"

    def rule(self, rules: str) -> None:
        """Push the environment with these further rules to the tracked branch."""
        files = {"specs/dev/environment.yaml": environment(self.project, "dev", rules)}
        self.github.push_files(self.name, "main", files, ADMIN, message="Rules")

    def push(self, files: dict[str, str | None]) -> None:
        """Push these files to the tracked branch."""
        self.github.push_files(self.name, "main", files, ADMIN, message="Push")

    def bring(self, files: dict[str, str | None]) -> int:
        """Open a pull request with these files, plan it, merge it and apply the tip."""
        number = self.open(files)
        self.github.merge(self.name, number, ADMIN)
        self.apply()
        return number

    def open(self, files: dict[str, str | None]) -> int:
        """Open a pull request with these files, and plan it; its number."""
        branch = self.reason().replace(":", "-")
        self.github.push_files(self.name, branch, files, WRITER, message="Change")
        number = self.github.open_pull_request(
            self.name, author=WRITER, head=branch, title="Change"
        )
        key = PlanPullRequest(repository=self.id, number=number, reason=self.reason())
        plan_pull_request(self.world.ports, key)
        return number

    def apply(self) -> None:
        key = ApplyEnvironment(
            repository=self.id, environment="dev", tip=self.tip, why=self.reason()
        )
        apply_environment(self.world.ports, key)

    @property
    def tip(self) -> str:
        return self.world.ports.forges.mirror(self.id).tip()

    def scan(self, after: timedelta = 6 * MINUTE) -> None:
        """Some time later, look for drift."""
        self.world.calendar.at += after
        key = DetectDrift(repository=self.id, environment="dev", reason=self.reason())
        detect_drift(self.world.ports, key)

    def heals(self) -> list[HealDrift]:
        """The jobs to put drift back that wait; they are taken out of the queue."""
        waiting = self.world.ports.queue
        assert isinstance(waiting, Waiting)
        found = [key for key in waiting.keys if isinstance(key, HealDrift)]
        waiting.keys = [key for key in waiting.keys if key not in found]
        return [key for key in found if key.repository == self.id]

    def confirmed(self) -> Issue:
        """Look twice; the issue that was filed."""
        self.scan()
        assert self.issues() == []
        self.scan()
        (issue,) = self.issues()
        return issue

    def say(self, number: int, text: str, author: str = WRITER) -> str:
        """Write a comment there, run the jobs that it wakes, and return what gitbot said last."""
        self.hear(number, text, author)
        self.world.run(AnswerComment, ApplyDrift, AdoptDrift)
        return self.said(number)[-1]

    def die_before_telling(self) -> None:
        """Do what the waiting ``/drift apply`` does until its process dies before it tells of it."""
        ports = self.world.ports
        (key,) = [one for one in self.world.waiting.keys if isinstance(one, ApplyDrift)]
        command = ports.records.commands.get(key.command)
        assert command is not None
        assert command.accepted is not None
        clock, ttl = ports.clock, ports.engine.lease_ttl
        with hold(ports.engine.state, self.key, "dies", ttl=ttl, clock=clock) as lease:
            seen = look(ports, self.id)
            apply = DriftApply(
                ports=ports, seen=seen, lease=lease, command=command, accepted=command.accepted
            )
            assert undo(apply).run is not None

    def hear(
        self, number: int, text: str, author: str = WRITER, *, on_pull_request: bool = False
    ) -> None:
        """Write a comment there that gitbot hears; its jobs wait."""
        comment = self.github.comment(self.name, number, author, text)
        written = self.world.ports.forges.open(self.id).comment(comment)
        assert written is not None
        listener = Listener(
            commands=self.world.ports.records.commands,
            pull_requests=self.world.ports.records.pull_requests,
            said=self.world.ports.records.said,
            drift=self.world.ports.records.drift,
            freezes=self.world.ports.records.freezes,
            queue=self.world.ports.queue,
            login=self.world.sandbox.app.login,
        )
        listener.hear_text(
            TextWritten(
                repository=self.id,
                number=number,
                on_pull_request=on_pull_request,
                source=Source.COMMENT,
                id=comment,
                author=written.author,
                author_id=written.author_id,
                body=written.body,
                written_at=written.created_at,
                text_at=written.text_at,
                edited=False,
            )
        )

    # --- what there is

    @property
    def key(self) -> EnvironmentKey:
        return EnvironmentKey(repository=self.id, environment="dev")

    def issues(self) -> list[Issue]:
        """All issues, oldest first."""
        repository = self.github.repository(self.name)
        return [one for n, one in sorted(repository.issues.items()) if n not in repository.pulls]

    def said(self, number: int) -> list[str]:
        """What gitbot said on the issue."""
        return [
            one.body
            for one in self.github.comments(self.name, number)
            if one.author == self.world.sandbox.app.login
        ]

    def row(self, finding: Finding = Finding.DRIFT, name: str = "web") -> DriftRow:
        rows = self.world.ports.records.drift.of_environment(self.key)
        (found,) = [row for row in rows if (row.stack.name, row.finding) == (name, finding)]
        return found

    def row_or_none(self, finding: Finding = Finding.DRIFT) -> DriftRow | None:
        rows = self.world.ports.records.drift.of_environment(self.key)
        return next((row for row in rows if row.finding is finding), None)

    def check(self) -> CheckRun | None:
        """The check of the tip about drift."""
        runs = self.github.repository(self.name).check_runs.values()
        found = [run for run in runs if (run.sha, run.name) == (self.tip, "gitbot/dev/drift")]
        return found[-1] if found else None

    def pull_request(self, branch: str) -> int:
        """The number of the open pull request from a branch that begins so."""
        repository = self.github.repository(self.name)
        (found,) = [
            number
            for number, one in repository.pulls.items()
            if one.head_ref.startswith(branch) and repository.issues[number].state == "open"
        ]
        return found

    def file(self, number: int, path: str) -> str:
        """The text of a file at the head of the pull request."""
        mirror = self.world.ports.forges.mirror(self.id)
        mirror.fetch((number,))
        entry = mirror.specs(self.github.pull_request(self.name, number).head_sha).entries[path]
        return (entry.content or b"").decode()

    def makers(self, number: int) -> frozenset[str]:
        """Who counts as having made the newest commit of the pull request."""
        head = Sha(self.github.pull_request(self.name, number).head_sha)
        return self.world.ports.records.pull_requests.pushers(self.id, {head})[head]

    def machines(self) -> list[str]:
        """The machines of the repository that are there."""
        ec2 = self.world.sandbox.aws.client("ec2")
        named = [{"Name": "tag:Name", "Values": [self.project]}]
        found = ec2.describe_instances(Filters=named)["Reservations"]
        return [one["InstanceId"] for each in found for one in each["Instances"]]

    def versioning(self, stack: str = "web") -> str:
        s3 = self.world.sandbox.aws.client("s3")
        return str(s3.get_bucket_versioning(Bucket=self.bucket(stack)).get("Status", ""))

    # --- what people do in the console

    def bucket(self, stack: str = "web") -> str:
        return f"{self.project}-dev-{stack}"

    def tag(self, owner: str | None, stack: str = "web") -> None:
        """Set the tag ``owner`` of the bucket as somebody in the console does; None takes it off."""
        s3 = self.world.sandbox.aws.client("s3")
        tags = s3.get_bucket_tagging(Bucket=self.bucket(stack))["TagSet"]
        kept = [tag for tag in tags if tag["Key"] != "owner"]
        new = [{"Key": "owner", "Value": owner}] if owner is not None else []
        s3.put_bucket_tagging(Bucket=self.bucket(stack), Tagging={"TagSet": [*kept, *new]})


def web(name: str = "web", owner: str = "ml-team", versioning: str = "Enabled") -> str:
    """A stack with one bucket."""
    return stack(
        name,
        "bucket:\n"
        "  type: AWS::S3::Bucket\n"
        "  properties:\n"
        f"    BucketName: ${{env.project}}-${{env.name}}-{name}\n"
        f"    VersioningConfiguration: {{Status: {versioning}}}\n",
    ).replace("owner: ml-team", f"owner: {owner}")


def machine() -> str:
    """A stack with one machine."""
    return stack(
        "gpu",
        "gpu:\n"
        "  type: AWS::EC2::Instance\n"
        "  properties:\n"
        "    ImageId: ami-0123456789abcdef0\n"
        "    InstanceType: t3.micro\n"
        "    Tags: [{Key: Name, Value: '${env.project}'}]\n",
    )


@contextmanager
def drift_world(root: Path, repositories: int = REPOSITORIES) -> Iterator[DriftWorld]:
    """A running GitHub and AWS, and an engine on a database of its own."""
    with Sandbox(root) as sandbox:
        for number in range(repositories):
            sandbox.create_repository(f"d{number:02}", {"README.md": "x"})
        before = dict(os.environ)
        os.environ.update(sandbox.aws.environment)
        try:
            with open_engine(SqlitePlace(sandbox.root / "gitbot.db"), hash_key="k" * 32) as opened:
                # Ahead, since it stands still while the machine's clock, which runs are dated by, goes on.
                calendar = SetCalendar(at=datetime.now(UTC) + timedelta(hours=1))
                sandbox.aws.trail.now = calendar.now
                forges = GitHubForges(
                    url=sandbox.github.api_url,
                    repositories=sandbox.repositories,
                    data=sandbox.root,
                    app_id=str(sandbox.app.app_id),
                    app_key=sandbox.app.private_key_pem,
                    patience_s=1.0,
                )
                ports = Ports(
                    engine=replace(opened.engine, calendar=calendar),
                    forges=forges,
                    records=opened.records,
                    queue=Waiting(),
                    hear=_deaf,
                )
                yield DriftWorld(sandbox, ports, calendar)
        finally:
            os.environ.clear()
            os.environ.update(before)


def _deaf(written: Any) -> None:
    """Nobody writes commands here."""


@dataclass(frozen=True)
class Interfering:
    """Connections during whose reads another apply begins in the environment."""

    clouds: Clouds
    meanwhile: Callable[[], object]

    @property
    def schemas(self) -> SchemaLookup:
        return self.clouds.schemas

    def open(self, environment: Any, purpose: Any) -> Any:
        return _Interfered(self.clouds.open(environment, purpose), self.meanwhile)


@dataclass(frozen=True)
class _Interfered:
    cloud: Cloud
    meanwhile: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cloud, name)

    def at(self, region: str) -> Any:
        return _Interfered(self.cloud.at(region), self.meanwhile)

    def read(self, requests: Any) -> Any:
        found = self.cloud.read(requests)
        self.meanwhile()
        return found


class Died(BaseException):
    """The process ended here. Nothing catches it, as nothing catches SIGKILL."""


_WRITES = (
    "create_issue",
    "edit_issue",
    "reopen_issue",
    "close_issue",
    "create_comment",
    "edit_comment",
    "set_check",
    "commit",
    "open_pull_request",
    "edit_pull_request",
    "close_pull_request",
    "merge_pull_request",
    "ask_people",
    "label",
)


@dataclass
class Dying:
    """Forges whose process dies at the write of this number, before it or after it."""

    forges: Any
    at: int
    after: bool
    writes: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.forges, name)

    def open(self, repository: str) -> Any:
        return _DyingForge(self.forges.open(repository), self)

    def around(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            self.writes += 1
            if self.writes == self.at and not self.after:
                raise Died
            done = write(*arguments, **more)
            if self.writes == self.at:
                raise Died
            return done

        return call


@dataclass(frozen=True)
class _DyingForge:
    forge: Any
    dying: Dying

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.forge, name)
        return self.dying.around(found) if name in _WRITES else found
