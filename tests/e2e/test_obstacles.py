"""Nothing is healed, put to sleep, woken or destroyed that something forbids: the jobs against each.

What forbids which act is the table of ``decisions/time/obstacles.py``. Here the jobs meet each
obstacle as it stands in the stores, and must not change anything in the cloud.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from gitbot.decisions.time.obstacles import may
from gitbot.decisions.wanted import written_in
from gitbot.errors import LeaseUnavailableError
from gitbot.jobs.destroy_stack import destroy_stack
from gitbot.jobs.expire_stacks import expire_stacks
from gitbot.jobs.heal_drift import heal_drift
from gitbot.jobs.steps.look import Look, look
from gitbot.jobs.steps.obstacles import read_obstacles
from gitbot.jobs.steps.runs import Occasion, hold_run, open_run
from gitbot.jobs.switch_stack import switch_stack
from gitbot.model.cloud import Power
from gitbot.model.expiry import Delivery, Expiry, Stage
from gitbot.model.freeze import Act, HandFreeze
from gitbot.model.keys import DestroyStack, ExpireStacks, HealDrift, SwitchStack
from gitbot.model.names import Address, Sha, StackId
from gitbot.model.recorded import Intent, IntentKind, Lease
from gitbot.model.runs import Claim, RunKind, RunStatus
from tests.e2e.drift_world import Place, drift_world
from tests.e2e.specs import stack

pytestmark = pytest.mark.story

DAY = timedelta(days=1)
RULES = '  ttl: {warn: [2h], grace: 1d}\n  drift: {heal: [{types: ["AWS::S3::Bucket"], paths: [/Tags]}]}\n'
WINDOW = (
    "  freeze: [{name: night, deny: [heal, offhours, destroy], from: 2020-01-01T00:00, "
    "until: 2090-01-01T00:00}]\n"
)
READS = ("Describe", "Get", "List", "Head", "Lookup", "AssumeRole")
WEB = stack(
    "web",
    "bucket:\n"
    "  type: AWS::S3::Bucket\n"
    "  properties: {BucketName: '${env.project}-${env.name}-web'}\n"
    "box:\n"
    "  type: AWS::EC2::Instance\n"
    "  properties: {ImageId: ami-12c6146b, InstanceType: t3.micro}\n",
).replace("spec:\n", "spec:\n  ttl: 9d\n")


class Scene:
    """One stack with drift and an end, and the acts that its rows ask for."""

    def __init__(self, place: Place) -> None:
        self.place, self.ports = place, place.world.ports
        self.records, self.state = self.ports.records, self.ports.engine.state
        self.stack = StackId(repository=place.id, environment="dev", name="web", region="us-east-1")
        of_stack = {"repository": place.id, "environment": "dev", "stack": "web", "reason": "x"}
        end = {**of_stack, "region": "us-east-1"}
        switch = partial(switch_stack, self.ports, SwitchStack(**end))
        self.jobs: dict[Act, Callable[[], None]] = {
            Act.HEAL: partial(heal_drift, self.ports, HealDrift(**of_stack)),
            Act.OFFHOURS: switch,
            Act.WAKE: switch,
            Act.DESTROY: partial(destroy_stack, self.ports, DestroyStack(**end)),
        }
        expire = ExpireStacks(repository=place.id, environment="dev", reason="x")
        expire_stacks(self.ports, expire)
        switch()
        place.tag("bob")
        place.confirmed()
        self.alive = self.row

    @property
    def row(self) -> Expiry:
        row = self.records.expiries.of_stack(self.stack)
        assert row is not None
        return row

    def ask_for(self, act: Act) -> None:
        """Let the rows ask for the act."""
        row, now = self.row, self.place.world.calendar.at
        live = replace(
            self.alive,
            version=row.version,
            tagged=row.tagged,
            tagged_serial=self.state.read(self.stack).serial,
        )
        after = {
            Act.HEAL: live,
            Act.OFFHOURS: replace(live, stage=Stage.EXPIRED, stage_at=now),
            Act.WAKE: replace(live, stopped=("box",), asleep=True),
            Act.DESTROY: replace(
                live,
                stage=Stage.EXPIRED,
                stage_at=now - 2 * DAY,
                stopped=("box",),
                asleep=True,
                grace_from=now - 2 * DAY,
            ),
        }[act]
        warned = Delivery(
            expires_at=after.expires_at, threshold=timedelta(hours=2), delivered_at=now - DAY
        )
        self.records.expiries.put(after, "", now)
        self.records.expiries.deliver(self.stack, warned)

    def entomb(self) -> None:
        """Let time have ended the stack, whose file still stands."""
        now, tip = self.place.world.calendar.at, look(self.ports, self.place.id).at_tip
        row = replace(self.row, stage=Stage.DESTROYED, mark=written_in(tip, "dev")["web"].hash)
        self.records.expiries.put(row, "", now)

    def changes(self, act: Act) -> list[str]:
        """What the job of the act changes in the cloud."""
        aws = self.place.world.sandbox.aws
        aws.forget_calls()
        self.jobs[act]()
        done = [call.operation for call in aws.calls]
        return [each for each in done if not each.startswith(READS)]

    def words(self, seen: Look, act: Act, *, leased: bool) -> str:
        """What people are told that forbids the act."""
        rules = seen.rules("dev")
        facts = read_obstacles(self.ports, seen, rules, self.stack, act, leased=leased)
        return may(act, facts).why

    # --- obstacles: each stands while its block runs

    @contextmanager
    def window(self) -> Iterator[None]:
        self.place.rule(RULES + WINDOW)
        yield
        self.place.rule(RULES)

    @contextmanager
    def freeze(self) -> Iterator[None]:
        made = HandFreeze(
            environment=self.place.key,
            by="ada",
            since=self.place.world.calendar.at,
            because="a demo",
            command="x",
        )
        self.records.freezes.freeze(made)
        yield
        self.records.freezes.unfreeze(self.place.key)

    @contextmanager
    def claim(self) -> Iterator[None]:
        claim = Claim(
            stack=self.stack,
            pull_request=99,
            claimed_by="bob",
            claimed_at=self.place.world.calendar.at,
            head=Sha("a" * 40),
        )
        self.records.claims.claim([claim])
        yield
        self.records.claims.release([self.stack])

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        lease = self.state.acquire(self.place.key, "elsewhere:1:x", timedelta(hours=1))
        yield lease
        self.state.release(lease)

    @contextmanager
    def held(self) -> Iterator[None]:
        held = hold_run(self.ports, self._plan(), self._occasion(), "a guard")
        yield
        self.records.runs.move(held.id, RunStatus.SUPERSEDED, at=self.ports.clock.now())

    @contextmanager
    def intents(self) -> Iterator[None]:
        recorded, now = self.state.read(self.stack), self.ports.clock.now()
        intent = Intent(
            operation="0" * 32,
            kind=IntentKind.POWER,
            address=Address("box"),
            resource=recorded.resources[Address("box")],
            power=Power.RUNNING,
            epoch=1,
            begun_at=now,
            deadline=now,
        )
        with self.lease() as lease:
            self.state.begin(lease, self.stack, recorded.lineage, intent)
        yield
        with self.lease() as lease:
            self.state.abandon(lease, self.stack, intent.operation)

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        for status in (RunStatus.RUNNING, RunStatus.APPLIED):
            run = open_run(self.ports, self._plan(), self._occasion(), RunStatus.RUNNING)
            if status is RunStatus.APPLIED:
                self.records.runs.move(run.id, status, at=self.ports.clock.now())
            else:
                yield

    def _plan(self):  # type: ignore[no-untyped-def]
        runs = self.records.runs
        return runs.plan(runs.of_stack(self.stack, RunKind.APPLY)[-1].id)

    def _occasion(self) -> Occasion:
        return Occasion(tip=Sha(self.place.tip), actor="ada", epoch=1)


OBSTACLES = {
    "window": ("the window `night`", "heal offhours wake destroy"),
    "freeze": ("ada froze dev", "heal offhours wake destroy"),
    "claim": ("#99 holds it", "heal destroy"),
    "held": ("waits for consent", "heal destroy"),
    "lease": (
        "a process (process 1 on elsewhere) changes the environment now",
        "heal offhours wake destroy",
    ),
    "intents": ("its last apply did not finish", "heal offhours wake destroy"),
    "interrupted": ("its last apply did not finish", "heal offhours wake destroy"),
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    root: Path = tmp_path_factory.mktemp("obstacles")
    with drift_world(root, repositories=1) as world:
        yield Scene(world.place({"web": WEB}, RULES))


def test_no_job_changes_what_something_forbids_and_the_words_name_it(scene: Scene) -> None:
    for name, (words, acts) in OBSTACLES.items():
        with getattr(scene, name)():
            seen = look(scene.ports, scene.place.id)
            for act in map(Act, acts.split()):
                scene.ask_for(act)
                assert words in scene.words(seen, act, leased=name != "lease"), (name, act)
                if name == "lease":
                    with pytest.raises(LeaseUnavailableError, match="process 1 on elsewhere"):
                        scene.changes(act)
                else:
                    assert scene.changes(act) == [], (name, act)
    for act in (Act.HEAL, Act.OFFHOURS, Act.WAKE):
        scene.ask_for(act)
        scene.entomb()
        seen = look(scene.ports, scene.place.id)
        assert "only its file is left" in scene.words(seen, act, leased=True)
        assert scene.changes(act) == [], act
    # Without an obstacle each job does its work.
    for act, call in (
        (Act.HEAL, "PutBucketTagging"),
        (Act.OFFHOURS, "StopInstances"),
        (Act.WAKE, "StartInstances"),
        (Act.DESTROY, "TerminateInstances"),
    ):
        scene.ask_for(act)
        assert call in scene.changes(act), act
