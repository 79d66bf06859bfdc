"""Start and stop machines under the lease, in the order of what needs what. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias

from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.apply_stack import tools_of
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.obstacles import may_now
from gitbot.model.cloud import Power
from gitbot.model.desired import Environment
from gitbot.model.freeze import ALLOWED, Act, Verdict
from gitbot.model.graph import order
from gitbot.model.hours import PreStop
from gitbot.model.names import Address, StackId
from gitbot.model.recorded import IntentKind, Lease, RecordedResource, RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.ports.telemetry import here
from gitbot.walk.means import Means, means_for, new_intent, operation_for
from gitbot.walk.power import switch

_GRACE = timedelta(minutes=1)

Place: TypeAlias = tuple[StackId, Address]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One machine of a stack to give another power: RUNNING or STOPPED."""

    recorded: RecordedStack
    address: Address
    power: Power

    @property
    def place(self) -> Place:
        """The stack, and the address of the machine in it."""
        return self.recorded.id, self.address

    @property
    def resource(self) -> RecordedResource:
        """The machine."""
        return self.recorded.resources[self.address]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a turn.

    ``failure`` says why the machine has not the power; it is empty when it has it. ``verdict`` says
    what forbade it. ``pre_stop`` says why the command that runs before a stop failed.
    """

    failure: str = ""
    verdict: Verdict = ALLOWED
    pre_stop: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switching:
    """What is needed to start and stop machines of one environment under its lease."""

    ports: Ports
    seen: Look
    rules: Environment
    cloud: Cloud
    lease: Callable[[], Lease]

    def do(self, turns: Sequence[Turn]) -> Mapping[Place, Outcome]:
        """Take the turns, and return what became of each.

        What needs another machine is stopped before it and started after it. A machine that fails
        keeps no other from being started or stopped. Nothing is stopped by force. Idempotent.
        """
        stops = [turn for turn in turns if turn.power is Power.STOPPED]
        starts = [turn for turn in turns if turn.power is not Power.STOPPED]
        found: dict[Place, Outcome] = {}
        with ThreadPoolExecutor(self.ports.engine.parallelism, "power") as pool:
            for step in (*reversed(_by_rank(stops)), *_by_rank(starts)):
                self.lease()
                for turn, outcome in zip(step, pool.map(here(self._one), step), strict=True):
                    found[turn.place] = outcome
        return found

    def _one(self, turn: Turn) -> Outcome:
        act = Act.OFFHOURS if turn.power is Power.STOPPED else Act.WAKE
        stack = turn.recorded.id
        verdict = may_now(self.ports, self.seen, self.rules, stack, act, leased=True)
        if not verdict.allowed:
            return Outcome(failure=verdict.why, verdict=verdict)
        means = means_for(
            tools_of(self.ports.engine, stack, self.cloud.at(stack.region), self.lease),
            turn.recorded,
            None,
        )
        before = self._prepare(means, turn) if turn.power is Power.STOPPED else ""
        try:
            switch(means, turn.resource, turn.power)
        except (CloudError, UserError, TransientError) as error:
            return Outcome(failure=self.ports.engine.hide(str(error)), pre_stop=before)
        return Outcome(pre_stop=before)

    def _prepare(self, means: Means, turn: Turn) -> str:
        """Run what the tip says must run before the stop. Why it failed; that keeps back no stop."""
        command = self._at_tip(turn)
        if command is None:
            return ""
        intent = new_intent(means, IntentKind.POWER, turn.resource, means.generation)
        operation = replace(
            operation_for(means, intent, {}),
            deadline=self.ports.clock.now() + command.timeout + _GRACE,
        )
        try:
            cloud = self.cloud.at(turn.recorded.id.region)
            cloud.run_before_stop(operation, turn.resource.remote_id, command)
        except (CloudError, UserError, TransientError) as error:
            return self.ports.engine.hide(str(error))
        return ""

    def _at_tip(self, turn: Turn) -> PreStop | None:
        """The command, if the tip of the tracked branch has it: never one that is only proposed."""
        stack = self.seen.wanted(self.rules.name).stacks.get(turn.recorded.id.name)
        wanted = stack.resources.get(turn.address) if stack is not None else None
        return wanted.machine.pre_stop if wanted is not None else None


def _by_rank(turns: Sequence[Turn]) -> list[list[Turn]]:
    """The turns that can be taken together, in steps; everything that one needs is in earlier ones."""
    ranks: dict[Place, int] = {}
    for recorded in {turn.recorded.id: turn.recorded for turn in turns}.values():
        for address, rank in _ranks(recorded).items():
            ranks[recorded.id, address] = rank
    steps = sorted({ranks[turn.place] for turn in turns})
    return [[turn for turn in turns if ranks[turn.place] == step] for step in steps]


def _ranks(recorded: RecordedStack) -> Mapping[Address, int]:
    edges = {address: one.depends_on for address, one in recorded.resources.items()}
    ranks: dict[Address, int] = {}
    for address in order(edges):  # also in a circle, which a failed apply can leave
        ranks[address] = 1 + max((ranks.get(one, 0) for one in edges[address]), default=0)
    return ranks
