"""Do a plan's steps in parallel, each as soon as what it needs is done. Shell."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import Any

from gitbot.errors import CloudError, GitbotError, TransientError, UnfinishedError, UserError
from gitbot.model.conditions import Condition, ConditionKind
from gitbot.model.desired import MADE, DesiredResource, DesiredStack, Lifecycle
from gitbot.model.names import Address
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedResource
from gitbot.model.values import Value
from gitbot.ports.jobs import Stop
from gitbot.ports.telemetry import here
from gitbot.reconciler.binding import Scope, attributes_of
from gitbot.reconciler.conditions import require
from gitbot.walk.graph import Phase, Step, StepKey, steps_of
from gitbot.walk.leaving import is_parting, kept_for_users, parting
from gitbot.walk.lookups import Answers
from gitbot.walk.owners import changed_owner
from gitbot.walk.results import Results, name_of
from gitbot.walk.steps import execute
from gitbot.walk.tasks import Outcome, Stage, Task
from gitbot.walk.unchanged import read_unchanged

_TOUCHING = (Phase.DELETE, Phase.APPLY)
"""The phases before which preconditions are asked."""

FAILURES = (CloudError, UserError, TransientError)
"""Errors that fail one resource while the others go on. Any other error ends the walk."""


class Run:
    """The steps of one walk as it goes along. Only the walking thread uses this object; the
    threads that do the steps get ``Task``s."""

    def __init__(
        self,
        stage: Stage,
        plan: Plan,
        desired: DesiredStack | None,
        scope: Scope,
        stop: Stop,
        results: Results,
        answers: Answers,
        kept_for: Sequence[str],
    ) -> None:
        self._answers = answers
        self._stage = stage
        self._desired = desired.resources if desired else {}
        self._scope = scope
        self._stop = stop
        self._results = results
        self._steps = steps_of(
            plan,
            stage.recorded,
            {at for at, item in self._desired.items() if _conditions(item.lifecycle)},
        )
        self._kept_for = kept_for
        self._keeps = parting(self._steps) if kept_for else frozenset()
        self._sorter = TopologicalSorter({key: step.after for key, step in self._steps.items()})
        self._left = Counter(name_of(step.change) for step in self._steps.values())
        self._records: dict[Address, RecordedResource] = dict(stage.recorded.resources)
        self._unchanged = read_unchanged(stage, plan, desired)
        self._applied: dict[Address, Action] = {}
        self._unmet: set[StepKey] = set()
        self.interrupted = False

    def steps_in_parallel(self, parallelism: int) -> None:
        """Do every step that can be done.

        An error that is not one resource's own failure is raised after the running steps have
        ended.
        """
        self._sorter.prepare()
        queue: deque[Task] = deque()
        running: dict[Future[Outcome], Task] = {}
        with ThreadPoolExecutor(parallelism, thread_name_prefix="walk") as pool:
            while True:
                queue.extend(self._ready())
                while queue and len(running) < parallelism:
                    if self._stop():
                        self.interrupted = True
                        queue.clear()
                        break
                    task = queue.popleft()
                    self._results.start(task.step.change)
                    running[pool.submit(here(execute), self._stage, task)] = task
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    self._close(running.pop(future), future)

    # --- which steps can start

    def _ready(self) -> list[Task]:
        """The steps that can start now. Skips the steps that can no longer start, and their
        dependents."""
        tasks: list[Task] = []
        while self._sorter.is_active() and (keys := self._sorter.get_ready()):
            free: list[Step] = []
            for step in [self._steps[key] for key in sorted(keys)]:
                if self._keeps_old(step):
                    self._fail(step, kept_for_users(self._kept_for))
                elif step.after & self._unmet:
                    self._skip(step)
                else:
                    free.append(step)
            tasks.extend(self._bound(free))
        return tasks

    def _keeps_old(self, step: Step) -> bool:
        """Whether what the step would delete stays for stacks that use it."""
        if step.key not in self._keeps:
            return False
        if step.key.phase is not Phase.DEPOSED:
            return True
        old = self._stage.recorded.resources.get(step.change.moved_from or step.key.address)
        now = self._records.get(step.key.address)
        # With the values known, there may be nothing to replace.
        return old is not None and (now is None or now.remote_id != old.remote_id)

    def _bound(self, steps: Sequence[Step]) -> list[Task]:
        """Tasks for the steps. One call of the binder evaluates their unknowns."""
        self._answers.settle(self._scope)
        trees = [self._trees(step) for step in steps]
        try:
            values: Sequence[Any] = self._scope.bound(trees)
        except (UserError, TransientError) as error:
            if len(steps) == 1:
                self._fail(steps[0], error)
                return []
            # One of them cannot be evaluated: find out which.
            return [task for step in steps for task in self._bound([step])]
        return [
            Task(
                step=step,
                previous=self._records.get(step.key.address),
                desired=_with_values(self._desired.get(step.key.address), replacing),
                bound=bound if step.key.address in self._desired else None,
            )
            for step, (bound, replacing, conditions) in zip(steps, values, strict=True)
            if self._has_answers(step, [bound, replacing, conditions])
            and self._may_begin(step, conditions)
        ]

    def _has_answers(self, step: Step, values: Sequence[Any]) -> bool:
        missing = self._answers.failure_of(values)
        if missing is not None:
            self._fail(step, missing)
        return missing is None

    def _trees(
        self, step: Step
    ) -> tuple[Mapping[str, Value], Mapping[str, Value], Sequence[Value]]:
        """The properties of the step's resource, what replaces it, and what must hold before."""
        resource = self._desired.get(step.key.address)
        if resource is None:
            return {}, {}, ()
        conditions = [one.that for one in self._before(step)]
        return resource.properties, resource.lifecycle.replace_when, conditions

    def _before(self, step: Step) -> Sequence[Condition]:
        resource = self._desired.get(step.key.address)
        if resource is None or step.key.phase not in _TOUCHING or step.key.deposed_operation:
            return ()
        return resource.lifecycle.preconditions

    def _may_begin(self, step: Step, values: Sequence[Value]) -> bool:
        try:
            require(self._before(step), values, ConditionKind.PRECONDITION)
        except UserError as error:
            self._fail(step, UserError(f"{error}. Nothing was done to it"))
            return False
        return True

    # --- what became of a step

    def _close(self, task: Task, future: Future[Outcome]) -> None:
        error = future.exception()
        if error is None:
            self._succeed(task, future.result())
        elif isinstance(error, FAILURES):
            self._fail(task.step, error)
        else:
            raise error

    def _succeed(self, task: Task, outcome: Outcome) -> None:
        step, address = task.step, task.step.key.address
        if step.key.phase is Phase.MOVE and step.change.moved_from is not None:
            self._records.pop(step.change.moved_from, None)
            self._results.move(step.change.moved_from, address)
        if outcome.record is None:
            self._records.pop(address, None)
        else:
            self._records[address] = outcome.record
        if step.key.phase is Phase.APPLY and task.bound is not None:
            self._applied[address] = outcome.did
            self._learn(task, outcome)
            try:
                self._learn_owner(task)
                self._require_after(task)
            except FAILURES as error:
                self._fail(step, error)
                return
        self._sorter.done(step.key)
        self._results.keep(outcome.left)
        name = name_of(step.change)
        self._left[name] -= 1
        if not self._left[name]:
            self._results.succeed(step.change, self._did(step, outcome))

    def _did(self, step: Step, outcome: Outcome) -> Action:
        """The action that the change was in the end: a replacement may not have made a new object."""
        if step.key.phase is Phase.DEPOSED and outcome.did is not Action.REPLACE:
            return self._applied.get(step.key.address, outcome.did)
        return outcome.did

    def _learn(self, task: Task, outcome: Outcome) -> None:
        """Let expressions use the resource's attributes from now on."""
        address = task.step.key.address
        observed = outcome.attributes
        if observed is None:
            observed = self._unchanged.get(address)
        if observed is None and outcome.record is not None:
            observed = outcome.record.attributes
        schema = self._stage.means.schemas(task.step.change.type)
        attributes = attributes_of(schema, task.bound or {}, observed or {})
        if outcome.record is not None:
            attributes[MADE] = outcome.record.generation
        self._scope.add(address, attributes, informed=True)

    def _learn_owner(self, task: Task) -> None:
        """Let expressions use what a new object has changed of the one that it belongs to."""
        found = changed_owner(self._stage, task, self._records.values())
        if found is None or found[0].address not in self._desired:
            return
        owner, observed = found
        [bound] = self._scope.bound([self._desired[owner.address].properties])
        attributes = attributes_of(self._stage.means.schemas(owner.type), bound, observed)
        attributes[MADE] = owner.generation
        self._scope.add(owner.address, attributes, informed=True)

    def _require_after(self, task: Task) -> None:
        """Raises UserError where the resource, which is recorded, is not what it must be."""
        conditions = task.desired.lifecycle.postconditions if task.desired else ()
        if conditions:
            values = self._scope.bound([one.that for one in conditions])
            require(conditions, values, ConditionKind.POSTCONDITION)

    def _fail(self, step: Step, error: GitbotError) -> None:
        self._leave_over(step)
        if isinstance(error, UnfinishedError):
            self._results.go_on(step.change, str(error))
            self._give_up(step)
            return
        again = " Run it again." if isinstance(error, TransientError) else ""
        self._results.fail(step.change, f"{error}{again}")
        self._give_up(step)

    def _skip(self, step: Step) -> None:
        self._leave_over(step)
        causes = sorted({key.address for key in step.after & self._unmet} - {step.key.address})
        made = step.key.phase is Phase.DEPOSED and step.key.address not in {
            key.address for key in step.after & self._unmet
        }
        words = f"not done because of {', '.join(causes)}"
        self._results.skip(step.change, words, made=made)
        self._give_up(step)

    def _leave_over(self, step: Step) -> None:
        if is_parting(step):
            self._results.leave_over(step.change)

    def _give_up(self, step: Step) -> None:
        self._unmet.add(step.key)
        self._sorter.done(step.key)


def _with_values(
    resource: DesiredResource | None, replacing: Mapping[str, Value]
) -> DesiredResource | None:
    if resource is None or not replacing:
        return resource
    return replace(resource, lifecycle=replace(resource.lifecycle, replace_when=replacing))


def _conditions(lifecycle: Lifecycle) -> Sequence[Condition]:
    return (*lifecycle.preconditions, *lifecycle.postconditions)
