"""Start and stop machines under the lease, in the order of what needs what. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gitbot.decisions.hours.deeds import Deed, Machine, decide, failed
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.apply_stack import tools_of
from gitbot.jobs.steps.hours.machines import StackMachines
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.obstacles import may_now
from gitbot.model.cloud import Power
from gitbot.model.desired import Environment
from gitbot.model.freeze import Act, Verdict
from gitbot.model.graph import levels
from gitbot.model.hours import PreStop
from gitbot.model.names import Address, StackId
from gitbot.model.recorded import IntentKind, Lease, RecordedResource
from gitbot.ports.cloud import Cloud
from gitbot.walk.means import Means, means_for, new_intent, operation_for
from gitbot.walk.power import switch

_GRACE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """One machine to start or stop. ``rank``: everything that it needs has a lower one."""

    stack: StackMachines
    resource: RecordedResource
    deed: Deed
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Switching:
    """What is needed to start and stop machines of one environment under its lease."""

    ports: Ports
    seen: Look
    rules: Environment
    cloud: Cloud
    lease: Callable[[], Lease]
    now: datetime

    def do(
        self,
        stacks: Sequence[StackMachines],
        machines: Mapping[StackId, Mapping[Address, Machine]],
    ) -> Mapping[StackId, Mapping[Address, Deed]]:
        """Do what is to be done now, and return what became of it.

        What needs another machine is stopped before it and started after it. A machine that fails
        keeps no other from being started or stopped.
        """
        deeds = {stack: dict(decided(some, self.now)) for stack, some in machines.items()}
        tasks = [task for each in stacks for task in _tasks(each, deeds[each.stack])]
        stops = [task for task in tasks if task.deed.power is Power.STOPPED]
        starts = [task for task in tasks if task.deed.power is Power.RUNNING]
        with ThreadPoolExecutor(self.ports.engine.parallelism, "hours") as pool:
            for step in (*reversed(_by_rank(stops)), *_by_rank(starts)):
                self.lease()
                for task, deed in zip(step, pool.map(self._one, step), strict=True):
                    deeds[task.stack.stack][task.resource.address] = deed
        return deeds

    def _one(self, task: _Task) -> Deed:
        """The deed, or why it was not done."""
        power = task.deed.power
        assert power is not None
        verdict = self._verdict(task.stack.stack, power)
        if not verdict.allowed:
            return failed(
                task.deed, verdict.why, self.now, allowed=False, open_at=verdict.next_open
            )
        tools = tools_of(self.ports.engine, self.cloud, self.lease)
        means = means_for(tools, task.stack.recorded, None)
        try:
            if power is Power.STOPPED:
                self._prepare(means, task)
            switch(means, task.resource, power)
        except (CloudError, UserError, TransientError) as error:
            return failed(task.deed, self.ports.engine.hide(str(error)), self.now)
        return task.deed

    def _verdict(self, stack: StackId, power: Power) -> Verdict:
        act = Act.OFFHOURS if power is Power.STOPPED else Act.WAKE
        return may_now(self.ports, self.seen, self.rules, stack, act, leased=True)

    def _prepare(self, means: Means, task: _Task) -> None:
        """Run what the tip says must run before the stop. It keeps nothing from being stopped."""
        command = self._at_tip(task)
        if command is None:
            return
        intent = new_intent(means, IntentKind.POWER, task.resource, means.generation)
        operation = replace(
            operation_for(means, intent, {}),
            deadline=self.ports.clock.now() + command.timeout + _GRACE,
        )
        try:
            self.cloud.run_before_stop(operation, task.resource.remote_id, command)
        except (CloudError, UserError, TransientError) as error:
            detail = self.ports.engine.hide(str(error))
            self.ports.engine.progress(task.resource.address, "preStop", "failed", detail)

    def _at_tip(self, task: _Task) -> PreStop | None:
        """The command, if the tip of the tracked branch has it: never one that is only proposed."""
        stack = self.seen.wanted(self.rules.name).stacks.get(task.stack.stack.name)
        wanted = stack.resources.get(task.resource.address) if stack is not None else None
        return wanted.machine.pre_stop if wanted is not None else None


def decided(machines: Mapping[Address, Machine], now: datetime) -> Iterator[tuple[Address, Deed]]:
    """What to do with each machine now."""
    for address, machine in machines.items():
        yield address, decide(machine, now)


def _tasks(each: StackMachines, deeds: Mapping[Address, Deed]) -> Iterator[_Task]:
    edges = {address: one.depends_on for address, one in each.recorded.resources.items()}
    ranks = {address: rank for rank, some in enumerate(levels(edges)) for address in some}
    for address, deed in deeds.items():
        if deed.power is not None:
            yield _Task(
                stack=each,
                resource=each.machines[address],
                deed=deed,
                rank=ranks.get(address, 0),
            )


def _by_rank(tasks: Sequence[_Task]) -> list[list[_Task]]:
    """The tasks of one rank together, lowest first."""
    ranks = sorted({task.rank for task in tasks})
    return [[task for task in tasks if task.rank == rank] for rank in ranks]
