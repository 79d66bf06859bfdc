"""The walk: a plan's steps done in parallel, each as soon as what it needs is done. Shell."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import Any

from gitbot.errors import (
    CloudError,
    GitbotError,
    InvariantError,
    StaleError,
    TransientError,
    UserError,
)
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, Sha
from gitbot.model.observed import Present, ReadRequest
from gitbot.model.plan import Action, Change, Plan, ResourceFailure, WalkResult
from gitbot.model.recorded import IntentKind, Lease, RecordedOutput, RecordedResource, RecordedStack
from gitbot.model.schema import SchemaLookup
from gitbot.model.values import Redactor, Value
from gitbot.ports import Clock, Cloud, Progress, StateStore, Stop
from gitbot.reconciler.binding import Binder, Scope, attributes_of
from gitbot.reconciler.outputs import output_value
from gitbot.walk.graph import Phase, Step, StepKey, steps_of
from gitbot.walk.means import Means
from gitbot.walk.power import drive_power, open_power_intents
from gitbot.walk.steps import Outcome, Stage, Task, execute, references

FAILURES = (CloudError, UserError, TransientError)
"""What fails one resource and leaves its siblings alone; anything else ends the walk."""


def walk(
    *,
    plan: Plan,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    cloud: Cloud,
    store: StateStore,
    lease: Callable[[], Lease],
    schemas: SchemaLookup,
    bind: Binder,
    redactor: Redactor,
    clock: Clock,
    commit: Sha | None,
    parallelism: int = 10,
    stop: Stop,
    progress: Progress,
    sleep: Callable[[float], None] = time.sleep,
) -> WalkResult:
    """Do exactly what the plan says, and record everything at once as it succeeds.

    ``recorded`` is the state that the plan was made from. A resource that fails stops what depends
    on it; the others are finished. Once ``stop()`` is true nothing new is started. Outputs, desired
    hash and commit are recorded only when everything was done.

    Raises:
        StaleError: the plan was made from other specs or another state; nothing was done.
        InvariantError: state has open intents, which ``recover`` resolves first.
        LeaseLostError: another process took the environment over: nothing more was begun.
        TransientError, CloudError: what dependents need of unchanged resources could not be read;
            nothing was done.
    """
    _check(plan, desired, recorded)
    means = Means(
        stack=plan.stack,
        lineage=recorded.lineage,
        generation=recorded.serial + 1,
        desired_hash=plan.desired_hash or "",
        cloud=cloud,
        store=store,
        lease=lease,
        schemas=schemas,
        clock=clock,
        sleep=sleep,
    )
    stage = Stage(means=means, recorded=recorded, account=plan.account, redactor=redactor)
    run = _Run(stage, plan, desired, bind, stop, progress)
    run.steps_in_parallel(parallelism)
    if run.failures or run.interrupted:
        return run.result({})
    return run.completed(commit)


def _check(plan: Plan, desired: DesiredStack | None, recorded: RecordedStack) -> None:
    wanted = desired.hash if desired else None
    if (plan.lineage, plan.serial) != (recorded.lineage, recorded.serial):
        raise StaleError(f"the state of {plan.stack.label} moved since the plan was made")
    if plan.desired_hash != wanted:
        raise StaleError(f"the specs of {plan.stack.label} moved since the plan was made")
    if any(intent.kind is not IntentKind.POWER for intent in recorded.intents):
        raise InvariantError(f"{plan.stack.label} has open intents: recover before walking")


class _Run:
    """One walk as it goes along. Only the thread that walks touches this; steps get ``Task``s."""

    def __init__(
        self,
        stage: Stage,
        plan: Plan,
        desired: DesiredStack | None,
        bind: Binder,
        stop: Stop,
        progress: Progress,
    ) -> None:
        self._stage = stage
        self._plan = plan
        self._desired = desired.resources if desired else {}
        self._wanted_outputs = desired.outputs if desired else {}
        self._stop = stop
        self._progress = progress
        self._steps = steps_of(plan, stage.recorded)
        self._sorter = TopologicalSorter({key: step.after for key, step in self._steps.items()})
        self._left = Counter(_name(step.change) for step in self._steps.values())
        self._scope = Scope(bind)
        self._records: dict[Address, RecordedResource] = dict(stage.recorded.resources)
        self._unchanged = self._read_unchanged()
        self._unmet: set[StepKey] = set()
        self._told: set[tuple[Address, str]] = set()
        self._done: list[tuple[Address, Action]] = []
        self.failures: dict[tuple[Address, str], ResourceFailure] = {}
        self.interrupted = False

    # --- the order of things

    def steps_in_parallel(self, parallelism: int) -> None:
        """Do every step that can be done. Raises what is not one resource's own failure, after
        the steps that run have ended."""
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
                    self._tell(task.step.change, "start")
                    running[pool.submit(execute, self._stage, task)] = task
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    self._close(running.pop(future), future)

    def _ready(self) -> list[Task]:
        """The steps that can start now; those that cannot any more are skipped, and so on."""
        tasks: list[Task] = []
        while self._sorter.is_active() and (keys := self._sorter.get_ready()):
            steps = [self._steps[key] for key in sorted(keys)]
            free: list[Step] = []
            for step in steps:
                if step.after & self._unmet:
                    self._skip(step)
                else:
                    free.append(step)
            tasks.extend(self._bound(free))
        return tasks

    def _bound(self, steps: Sequence[Step]) -> list[Task]:
        """Tasks of the steps, their unknowns evaluated in one call of the binder."""
        trees = [self._tree(step) for step in steps]
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
                desired=self._desired.get(step.key.address),
                bound=value if step.key.address in self._desired else None,
            )
            for step, value in zip(steps, values, strict=True)
        ]

    def _tree(self, step: Step) -> Mapping[str, Value]:
        resource = self._desired.get(step.key.address)
        return resource.properties if resource else {}

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
        if outcome.record is None:
            self._records.pop(address, None)
        else:
            self._records[address] = outcome.record
        if step.key.phase is Phase.APPLY and task.bound is not None:
            self._learn(task, outcome)
        self._sorter.done(step.key)
        name = _name(step.change)
        self._left[name] -= 1
        if not self._left[name] and step.change.action is not Action.NOOP:
            did = self._did(step, outcome)
            self._done.append((address, did))
            self._tell(step.change, "done", "" if did is step.change.action else did.value)

    def _did(self, step: Step, outcome: Outcome) -> Action:
        if step.key.phase is Phase.DEPOSED and outcome.did is not Action.REPLACE:
            return Action.UPDATE
        return outcome.did

    def _learn(self, task: Task, outcome: Outcome) -> None:
        """From now on, expressions may use the resource's attributes."""
        address = task.step.key.address
        observed = outcome.attributes
        if observed is None:
            observed = self._unchanged.get(address)
        if observed is None and outcome.record is not None:
            observed = outcome.record.attributes
        schema = self._stage.means.schemas(task.step.change.type)
        attributes = attributes_of(schema, task.bound or {}, observed or {})
        self._scope.add(address, attributes, informed=True)

    def _fail(self, step: Step, error: GitbotError) -> None:
        again = " Run it again." if isinstance(error, TransientError) else ""
        self._give_up(step, f"{error}{again}", skipped=False)

    def _skip(self, step: Step) -> None:
        causes = sorted({key.address for key in step.after & self._unmet} - {step.key.address})
        self._give_up(step, f"not done because of {', '.join(causes)}", skipped=True)

    def _give_up(self, step: Step, message: str, *, skipped: bool) -> None:
        self._unmet.add(step.key)
        self._sorter.done(step.key)
        change = step.change
        name = _name(change)
        # An unchanged resource is no failure; it only passes on that something before it is one.
        if name in self.failures or (skipped and change.action is Action.NOOP):
            return
        self.failures[name] = ResourceFailure(
            address=change.address, action=change.action, message=message, skipped=skipped
        )
        self._tell(change, "skipped" if skipped else "failed", message)

    def _tell(self, change: Change, phase: str, detail: str = "") -> None:
        if change.action is Action.NOOP and phase != "failed":
            return
        if phase == "start":
            if _name(change) in self._told:
                return
            self._told.add(_name(change))
        self._progress(change.address, change.action.value, phase, detail)

    # --- the ends

    def _read_unchanged(self) -> Mapping[Address, Mapping[str, Any]]:
        """What the cloud says of unchanged resources that something in this walk refers to."""
        if self._plan.empty:
            return {}
        changed = {change.address for change in self._plan.effective}
        trees: Iterable[Any] = (
            *(item.properties for at, item in self._desired.items() if at in changed),
            *(output.value for output in self._wanted_outputs.values()),
        )
        used = {address for tree in trees for address in references(tree)} - changed
        recorded = self._stage.recorded.resources
        origins = {change.address: change.moved_from for change in self._plan.changes}
        requests = [
            ReadRequest(
                address=address,
                type=known.type,
                remote_id=known.remote_id,
                route=known.route,
                surfaces=frozenset(known.properties),
            )
            for address in sorted(used)
            if (known := recorded.get(origins.get(address) or address)) is not None
        ]
        observed = self._stage.means.cloud.read(requests) if requests else {}
        return {
            address: found.properties
            for address, found in observed.items()
            if isinstance(found, Present)
        }

    def completed(self, commit: Sha | None) -> WalkResult:
        """Record outputs, desired hash and commit."""
        self._restore_power()
        outputs = self._outputs()
        if self.failures:
            return self.result({})
        means = self._stage.means
        means.store.complete(
            means.lease(), means.stack, means.lineage, outputs, self._plan.desired_hash, commit
        )
        return self.result({name: output.value for name, output in outputs.items()})

    def _restore_power(self) -> None:
        """Start the machines that recovery could not start and that no step has started since."""
        means = self._stage.means
        for intent in open_power_intents(means):
            try:
                drive_power(means, intent)
            except FAILURES as error:
                self.failures[(intent.address, "")] = ResourceFailure(
                    address=intent.address,
                    action=Action.NOOP,
                    message=f"{intent.resource.remote_id} must be {intent.power} and is not: {error}",
                )

    def _outputs(self) -> Mapping[str, RecordedOutput]:
        if self._plan.empty:
            return self._stage.recorded.outputs
        outputs: dict[str, RecordedOutput] = {}
        for name, output in self._wanted_outputs.items():
            try:
                value = self._scope.bound([output.value])[0]
            except (UserError, TransientError) as error:
                address = Address(f"outputs.{name}")
                self.failures[(address, "")] = ResourceFailure(
                    address=address, action=Action.NOOP, message=str(error)
                )
                continue
            shown = output_value(output, value, self._stage.redactor)
            outputs[name] = RecordedOutput(value=shown, sensitive=output.sensitive)
        return outputs

    def result(self, outputs: Mapping[str, Value]) -> WalkResult:
        """What was done."""
        return WalkResult(
            done=tuple(self._done),
            failures=tuple(self.failures.values()),
            outputs=outputs,
            interrupted=self.interrupted,
        )


def _name(change: Change) -> tuple[Address, str]:
    """What tells the changes of a plan apart: several deposed objects share an address."""
    return change.address, change.deposed_operation or ""
