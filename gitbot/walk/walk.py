"""Carry out a plan: do its steps, then record outputs and that the stack is complete. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gitbot.errors import InvariantError, StaleError, TransientError, UserError
from gitbot.model.desired import DesiredStack
from gitbot.model.expiry import Life
from gitbot.model.names import Address, Sha
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.recorded import IntentKind, RecordedOutput, RecordedResource, RecordedStack
from gitbot.model.values import Redactor
from gitbot.ports.jobs import Stop
from gitbot.reconciler.across import give
from gitbot.reconciler.binding import Binder, Scope, attributes_of
from gitbot.reconciler.conditions import unmet_checks
from gitbot.reconciler.outputs import definition_hash, output_value
from gitbot.walk.lookups import Answers
from gitbot.walk.means import Means, Tools, means_for
from gitbot.walk.opening import check_secrets
from gitbot.walk.power import drive_power, open_power_intents
from gitbot.walk.results import Results
from gitbot.walk.run import FAILURES, Run
from gitbot.walk.tasks import Stage


def walk(
    tools: Tools,
    *,
    plan: Plan,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    bind: Binder,
    redactor: Redactor,
    commit: Sha | None,
    now: datetime,
    parallelism: int = 10,
    stop: Stop,
    kept_for: Sequence[str] = (),
) -> WalkResult:
    """Do exactly what the plan says, and record each success at once.

    ``recorded`` is the state that the plan was made from. When a resource fails, what depends on it
    is skipped and the others are finished. Once ``stop()`` is true, no further step is started.
    Desired hash and commit are recorded only when everything was done and every machine has the
    power that it must have; outputs also when only objects that leave are still there, since they
    may be in use by stacks that move away with the new outputs. ``kept_for`` names stacks that do:
    until they have, nothing is deleted but what must go before something that is made or changed.
    ``now`` is the time by the calendar, from which a life counts.

    Raises:
        StaleError: the plan was made from other specs or another state; nothing was done.
        InvariantError: state has open intents, which ``recover`` closes first.
        LeaseLostError: another process took the environment over; nothing more was begun.
        TransientError, CloudError: a secret, or an unchanged resource that dependents need, could
            not be read; nothing was done.
    """
    stage = _stage(tools, plan, desired, recorded, bind, redactor)
    results, scope = Results(tools.progress), Scope(bind)
    give(scope, desired)
    answers = Answers(stage.means, plan, desired, recorded)
    run = Run(stage, plan, desired, scope, stop, results, answers, kept_for)
    run.steps_in_parallel(parallelism)
    if results.broken or run.interrupted:
        return results.result({}, interrupted=run.interrupted)
    return _complete(stage, plan, desired, scope, results, commit, _life(desired, now), answers)


def _stage(
    tools: Tools,
    plan: Plan,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    bind: Binder,
    redactor: Redactor,
) -> Stage:
    """What the steps share, once it is sure that the plan can be walked."""
    _check(plan, desired, recorded)
    stage = Stage(
        means=means_for(tools, recorded, plan.desired_hash),
        recorded=recorded,
        account=plan.account,
        redactor=redactor,
        bind=bind,
    )
    check_secrets(stage, plan, desired)
    return stage


def _life(desired: DesiredStack | None, now: datetime) -> Life:
    return Life(
        at=now,
        lifetime=desired.lifetime if desired else None,
        module_tags=desired.module_tags if desired else {},
        uses=desired.marks if desired else {},
    )


def _check(plan: Plan, desired: DesiredStack | None, recorded: RecordedStack) -> None:
    wanted = desired.hash if desired else None
    if (plan.lineage, plan.serial) != (recorded.lineage, recorded.serial):
        raise StaleError(f"the state of {plan.stack.label} moved since the plan was made")
    if plan.desired_hash != wanted:
        raise StaleError(f"the specs of {plan.stack.label} moved since the plan was made")
    # Recovery leaves the power of a machine open when the cloud refuses it: see ``_restore_power``.
    if any(intent.kind is not IntentKind.POWER for intent in recorded.intents):
        raise InvariantError(f"{plan.stack.label} has open intents: recover before walking")


def _complete(
    stage: Stage,
    plan: Plan,
    desired: DesiredStack | None,
    scope: Scope,
    results: Results,
    commit: Sha | None,
    life: Life,
    answers: Answers,
) -> WalkResult:
    """Record outputs, desired hash and commit, unless the outputs or a machine's power fail.

    While an object that leaves is still there, outputs alone. After a partial plan nothing of this
    is recorded.
    """
    for started in _restore_power(stage.means, results):
        _learn(stage, desired, scope, started)
    if plan.partial:  # the rest of the stack is not as its specs say, or nobody looked
        return results.result({})
    answers.settle(scope)
    for address, error in answers.failed.items():
        results.fail_at(address, str(error))
    outputs = stage.recorded.outputs
    if not plan.empty:
        outputs = _outputs(stage, desired, scope, results)
    if results.broken:
        return results.result({})
    means = stage.means
    shown = {name: output.value for name, output in outputs.items()}
    if results.failed:
        if desired is not None:
            means.store.give(means.lease(), means.stack, means.lineage, outputs)
        return results.result(shown, left_over=desired is not None)
    unmet = unmet_checks(desired, scope)
    answers.close()
    means.store.complete(
        means.lease(), means.stack, means.lineage, outputs, plan.desired_hash, commit, life
    )
    return replace(results.result(shown), unmet=unmet)


def _restore_power(means: Means, results: Results) -> Sequence[RecordedResource]:
    """Start the machines that neither recovery nor a step has started; returns those it started."""
    started = []
    for intent in open_power_intents(means):
        try:
            started.append(drive_power(means, intent))
        except FAILURES as error:
            must = f"{intent.resource.remote_id} must be {intent.power} and is not"
            results.fail_at(intent.address, f"{must}: {error}")
    return [record for record in started if record is not None]


def _learn(
    stage: Stage, desired: DesiredStack | None, scope: Scope, started: RecordedResource
) -> None:
    """Let outputs use what a start gave the machine, for example its new public address."""
    wanted = desired.resources.get(started.address) if desired else None
    if wanted is None:
        return
    (bound,) = scope.bound([wanted.properties])
    schema = stage.means.schemas(started.type)
    attributes = attributes_of(schema, bound, started.attributes)
    scope.add(started.address, attributes, informed=True)


def _outputs(
    stage: Stage, desired: DesiredStack | None, scope: Scope, results: Results
) -> Mapping[str, RecordedOutput]:
    """The outputs to record; one that cannot be evaluated is a failure."""
    outputs: dict[str, RecordedOutput] = {}
    for name, output in (desired.outputs if desired else {}).items():
        try:
            value = scope.bound([output.value])[0]
        except (UserError, TransientError) as error:
            results.fail_at(Address(f"outputs.{name}"), str(error))
            continue
        shown = output_value(output, value, stage.redactor)
        outputs[name] = RecordedOutput(
            value=shown,
            sensitive=output.sensitive,
            definition=definition_hash(output, stage.redactor),
        )
    return outputs
