"""Three servers on one PostgreSQL, with people and faults at random; then prove that all is right."""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.database import open_database
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.model.commands import CommandStatus, Source
from gitbot.model.names import EnvironmentKey
from gitbot.model.runs import RunKind, RunStatus
from gitbot.ports.records import Records
from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.fleet import Fleet
from gitbot_sandbox.sandbox import Sandbox, eventually
from gitbot_sandbox.server_process import ServerProcess
from gitbot_sandbox.stage import ANSWER
from tests.contract.postgres_server import LASTING, new_database, restart, running, written
from tests.e2e.conftest import base_files
from tests.fault.server_world import Bench
from tests.soak.people import People

TAKEN_OVER_S = 15.0
_SETTLES_S = 300.0
_MARKER = re.compile(r"<!-- gitbot:.*? -->")
_UNFINISHED = "status IN ('PENDING', 'ENQUEUED', 'DELAYED')"


@dataclass(slots=True)
class Told:
    """What was done and measured."""

    kills: Counter[str] = field(default_factory=Counter)
    takeovers_s: list[float] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    restarts: int = 0
    loads: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def lines(self, people: People, rows: str) -> Sequence[str]:
        """For people to read."""
        times = sorted(self.takeovers_s)
        kills = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        return [
            f"people: {people.acts} acts, {len(people.merged)} merges, {len(people.commands)} commands",
            f"killed with SIGKILL: {kills}; PostgreSQL restarted {self.restarts} time(s)",
            f"load of the machine: {min(self.loads):.0f} to {max(self.loads):.0f}",
            f"refused commands, each answered with the reason: {len(self.refused)}",
            *(f"  {why}" for why in self.refused),
            f"servers that ended by themselves and were started again: {len(self.ended)}",
            f"jobs of {len(times)} killed servers went on elsewhere"
            + (f" {times[0]:.1f} to {times[-1]:.1f} s after the death" if times else ""),
            rows,
        ]


class Soak:
    """The world: the sandbox with its fleet, the database, and the people."""

    def __init__(
        self,
        sandbox: Sandbox,
        fleet: Fleet,
        binaries: Path,
        url: sa.URL,
        seed: int,
        say: Callable[[str], None],
    ) -> None:
        self.fleet = fleet
        self.bench = Bench(sandbox, sandbox.repositories[0])
        self.random = random.Random(seed)
        self.people = People(self.bench, random.Random(seed))
        self.told = Told()
        self._binaries = binaries
        self._say = say
        self._url = url
        self._engine = sa.create_engine(url, pool_pre_ping=True)

    def close(self) -> None:
        """Close what looks into the database."""
        self._engine.dispose()

    # --- acting

    def run(self, seconds: float) -> None:
        """Let people and faults go on for that long, then let all come to rest."""
        over = threading.Event()
        people = threading.Thread(target=self._act, args=(over,), name="people")
        people.start()
        try:
            self._break_things(time.monotonic() + seconds)
        finally:
            over.set()
            people.join()
        self.bench.sandbox.aws.clear_faults()
        self._say(f"over after {self.people.acts} acts")
        self._all_up()
        self.people.finish()
        self._say("all is merged")
        try:
            eventually(self._is_settled, timeout_s=_SETTLES_S, what="all to be applied and told")
        except TimeoutError:
            self._say(f"missing: {self.missing()}")
            for work in self.people.merged:
                if any(one.endswith(f"-{work.name}") for one in self.missing()):
                    for comment in self.bench.github.comments(self.bench.name, work.number):
                        when = f"{comment.updated_at:%H:%M:%S}"
                        self._say(f"#{work.number} {when} {comment.author}: {comment.body[:1500]}")
            raise

    def _act(self, over: threading.Event) -> None:
        while not over.wait(self.random.uniform(0.2, 1.2)):
            self.people.act()

    def _break_things(self, until: float) -> None:
        half = time.monotonic() + (until - time.monotonic()) / 2
        time.sleep(5)
        turn = 0
        while time.monotonic() < until:
            if not self.told.restarts and time.monotonic() > half:
                self._restart_database()
            self._all_up()
            self._kill(self.fleet.members[turn % len(self.fleet.members)])
            turn += 1
            time.sleep(self.random.uniform(0, 5))
        if not self.told.restarts:  # on a busy machine a kill and a start may take half of the time
            self._restart_database()

    def _restart_database(self) -> None:
        restart(self._binaries, self._url.render_as_string(hide_password=False))
        self.told.restarts += 1
        self._say("PostgreSQL restarted")
        time.sleep(12)  # the locks of all are looked at anew

    def _all_up(self) -> None:
        for one in self.fleet.members:
            if not one.is_alive:
                if not one.was_killed:
                    self.told.ended.append(one.name)
                one.launch()
                one.wait_ready()

    def _kill(self, member: ServerProcess) -> None:
        """Kill it while it runs something, if it does soon, and see when that goes on elsewhere."""
        process, deadline = member.pid, time.monotonic() + 10
        while not (jobs := self._jobs_of(process)) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.told.loads.append(os.getloadavg()[0])
        member.kill()
        killed_at = time.monotonic()
        self.told.kills[member.name] += 1
        jobs |= self._jobs_of(process)
        if jobs:
            eventually(lambda: self._goes_on(jobs), timeout_s=60, what=f"another to run {jobs}")
            self.told.takeovers_s.append(time.monotonic() - killed_at)
            self._say(
                f"{member.name} killed: {len(jobs)} jobs went on {self.told.takeovers_s[-1]:.1f} s later"
            )
        else:
            self._say(f"{member.name} killed: it ran nothing")
        member.launch()
        member.wait_ready()

    def _jobs_of(self, process: int) -> dict[str, str]:
        """The jobs that run in the process with this id, with its name in the queue."""
        found = self._rows(
            "SELECT workflow_uuid, executor_id FROM dbos.workflow_status"
            f" WHERE status = 'PENDING' AND executor_id LIKE '%:{process}:%'"
        )
        return {str(row[0]): str(row[1]) for row in found}

    def _goes_on(self, jobs: dict[str, str]) -> bool:
        """Whether each has ended, or runs in another process."""
        rows = self._rows("SELECT workflow_uuid, executor_id, status FROM dbos.workflow_status")
        return not any(
            id_ in jobs and (status == "ENQUEUED" or (status == "PENDING" and name == jobs[id_]))
            for id_, name, status in rows
        )

    # --- looking

    def _rows(self, query: str) -> Sequence[sa.Row[tuple[object, ...]]]:
        with self._engine.connect() as connection:
            return connection.execute(sa.text(query)).all()

    def _count(self, of: str) -> int:
        ((found,),) = self._rows(f"SELECT count(*) FROM {of}")
        return int(str(found))

    def _is_settled(self) -> bool:
        return (
            not self.missing()
            and self.bench.github.courier.wait_idle(0.1)
            and self._count("deliveries WHERE document IS NOT NULL") == 0
            and self._count(f"dbos.workflow_status WHERE {_UNFINISHED}") == 0
        )

    def _wanted(self) -> Counter[str]:
        """The names of the objects that the tip wants, each once."""
        prefix = f"{self.bench.project}-dev-"
        groups = [f"{prefix}{work.name}" for work in self.people.merged]
        machines = [f"{prefix}{w.name} machine" for w in self.people.merged if _is_machine(w.name)]
        return Counter([*groups, *machines])

    def _there(self) -> Counter[str]:
        """The names of the objects in the cloud."""
        ec2 = self.bench.sandbox.aws.client("ec2")
        groups = [
            one["GroupName"]
            for one in ec2.describe_security_groups()["SecurityGroups"]
            if one["GroupName"].startswith(f"{self.bench.project}-")
        ]
        machines = [
            f"{tag['Value']} machine"
            for one in self.bench.machines()
            for tag in one["Tags"]  # type: ignore[attr-defined]
            if tag["Key"] == "Name"
        ]
        return Counter([*groups, *machines])

    def missing(self) -> Counter[str]:
        """What the tip wants and the cloud has not."""
        return self._wanted() - self._there()

    # --- proving

    def prove(self) -> Sequence[str]:
        """Prove that nothing was lost, doubled or applied twice; returns what to print."""
        assert self._there() == self._wanted(), (self._there(), self._wanted())
        runs = self._prove_stores()
        comments = self._prove_comments()
        assert max(self.told.takeovers_s, default=0.0) <= TAKEN_OVER_S, self.told.takeovers_s
        assert self.told.restarts == 1
        heard = self._count("deliveries")
        return self.told.lines(
            self.people,
            f"{heard} deliveries, {runs} applies, {comments} comments,"
            f" {sum(self._there().values())} objects: none lost, none doubled, none applied twice",
        )

    def _prove_stores(self) -> int:
        """State has exactly the objects of the cloud, and no run, command or intent is open."""
        engine = open_database(self._url.render_as_string(hide_password=False))
        try:
            records = sql_records(engine)
            state = SqlStateStore(engine, SystemClock(), LocalProcesses())
            dev: EnvironmentKey = self.bench.key()
            recorded: list[str] = []
            applies = 0
            for name in state.stacks(dev):
                found = state.read(name)
                assert not found.intents, (name, found.intents)
                assert not found.deposed, (name, found.deposed)
                recorded += [str(one.remote_id) for one in found.resources.values()]
                runs = records.runs.of_stack(name, RunKind.APPLY)
                assert RunStatus.RUNNING not in {run.status for run in runs}, name
                applies += len(runs)
            assert sorted(recorded) == self.bench.live()
            assert not records.runs.untold(dev)
            self._prove_commands(records)
            return applies
        finally:
            engine.dispose()

    def _prove_commands(self, records: Records) -> None:
        """No command is open, and each that was refused says why where it was written.

        No merge was held: people merge a plan that they have seen, so nobody needs to release it.
        """
        dev = self.bench.key()
        assert not records.commands.open(dev.repository)
        for number, comment in self.people.commands:
            (command,) = records.commands.of_comment(Source.COMMENT, comment)
            if command.status is CommandStatus.REFUSED:
                assert command.answer, command
                answers = self.bench.said(number, f"{ANSWER}:comment:{comment}:")
                assert any(command.answer in one.body for one in answers), (number, command)
                self.told.refused.append(f"#{number} `{command.line}`: {command.answer[:300]}")
        assert not records.runs.held(dev)

    def _prove_comments(self) -> int:
        """Each comment is there once by its marker; each command was answered, each merge told."""
        numbers = {work.number for work in (*self.people.merged, *self.people.open)}
        numbers |= {number for number, _ in self.people.commands}
        all_ = 0
        for number in sorted(numbers):
            said = [_MARKER.findall(comment.body)[0] for comment in self.bench.said(number)]
            doubled = {marker: n for marker, n in Counter(said).items() if n > 1}
            assert not doubled, (number, doubled)
            all_ += len(said)
        for work in self.people.merged:
            told = self.bench.said(work.number, "<!-- gitbot:apply:dev")
            assert any("✓ Applied" in comment.body for comment in told), work
        return all_


def _is_machine(name: str) -> bool:
    return int(name[1:]) % 3 == 0


@contextmanager
def soaking(root: Path, binaries: Path, seed: int, say: Callable[[str], None]) -> Iterator[Soak]:
    """A world with three servers that run, ended with the block."""
    environ = {"GITBOT_SWEEP_S": "15", "GITBOT_DRAIN_S": "20"}
    with (
        running(binaries, LASTING) as server,
        new_database(server) as url,
        Sandbox(root, environ=environ) as sandbox,
    ):
        sandbox.create_repository("soak", base_files("soak"))
        # So that most servers run something when they are killed.
        for operation in ("CreateSecurityGroup", "RunInstances"):
            slow = Fault(kind=FaultKind.DELAY, operation=operation, seconds=1.0, count=None)
            sandbox.aws.inject(slow)
        with Fleet(sandbox, written(url), 3) as fleet:
            soak = Soak(sandbox, fleet, binaries, url, seed, say)
            try:
                yield soak
            finally:
                soak.close()


def soak_for(
    seconds: float, root: Path, binaries: Path, seed: int, say: Callable[[str], None]
) -> None:
    """Run it all and say what was found. Raises AssertionError when something is not right."""
    with soaking(root, binaries, seed, say) as soak:
        try:
            soak.run(seconds)
            for line in soak.prove():
                say(line)
        except BaseException:
            for one in soak.fleet.members:
                say(f"--- the end of the log of {one.name}:\n{one.log_text()[-4000:]}")
            raise
