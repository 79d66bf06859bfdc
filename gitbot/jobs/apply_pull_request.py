"""The job that applies an open pull request to one environment, as its shown plans say. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gitbot.errors import CloudError, RefusedError, TransientError, UserError
from gitbot.jobs import accepted
from gitbot.jobs.applying import apply_plan, settle_stack
from gitbot.jobs.consent import continues, unasked
from gitbot.jobs.lease import hold, new_holder
from gitbot.jobs.ledger import close_interrupted, close_run, open_run
from gitbot.jobs.planning import Planned, guarded, plan_stack
from gitbot.jobs.proposal import affected_stacks
from gitbot.jobs.report import keep_comment, slot_marker
from gitbot.jobs.rights import require_ready, require_right
from gitbot.jobs.shown import is_named, shown_plans
from gitbot.jobs.telling import as_one_a_stack, stack_view
from gitbot.jobs.wake import wake_open_pull_requests
from gitbot.jobs.world import Look, World, claimed_by_others, look, recorded_stacks
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment, LoadedTree, Trigger
from gitbot.model.forge import DeploymentState, PullRequest
from gitbot.model.plan import Plan
from gitbot.model.recorded import Lease
from gitbot.model.run import Command, CommandStatus, Run, RunKind, RunStatus
from gitbot.model.values import Json
from gitbot.ports import Cloud
from gitbot.render.comments import apply_comment
from gitbot.render.views import ApplyCommentView

STOPPING = "the server is stopping: this apply goes on when it is back"


def apply_pull_request(world: World, key: Mapping[str, Json]) -> None:
    """Apply ``{repository, environment, number}`` for the command ``{comment, line}``.

    Everything that allowed it is read again under the lease, before the first mutation. Runs of
    the same command that did not finish are gone on with.

    Raises:
        LeaseUnavailableError: another apply of the environment is running.
    """
    repository, environment = str(key["repository"]), str(key["environment"])
    command = _command(world, int(str(key["comment"])), int(str(key["line"])))
    seen = look(world, repository)
    if _told(world, repository, environment, command):
        if command.status is CommandStatus.HEARD:
            _end(world, repository, environment, command)
            wake_open_pull_requests(world, seen)
            accepted.end(world, command.comment, command.line)
        return
    with hold(
        world.engine.state,
        seen.key(environment),
        new_holder(f"apply of {environment} for #{command.pull_request}"),
        ttl=world.engine.lease_ttl,
        clock=world.clock,
    ) as lease:
        seen = look(world, repository)
        pull_request = seen.forge.pull_request(command.pull_request)
        error = ""
        try:
            rules = seen.rules(environment)
            agreed, merged = _agreed(world, seen, rules, pull_request, command)
            cloud = world.engine.clouds.open(rules, Purpose.APPLY)
            plans = _plans(world, seen, rules, cloud, lease, agreed, merged, command)
            _deploy(seen, environment, pull_request, DeploymentState.IN_PROGRESS)
            for each in plans:
                if world.engine.stop():
                    raise TransientError(STOPPING)
                _apply(world, seen, cloud, lease, each, pull_request, command)
        except (UserError, CloudError) as caught:
            error = str(caught)
            _give_back(world, seen, environment, pull_request)
    _tell(world, seen, environment, pull_request, command, error)
    wake_open_pull_requests(world, seen)
    accepted.end(world, command.comment, command.line)


def _slot(environment: str, command: Command) -> str:
    return f"apply:{environment}:{command.comment}:{command.line}"


def _told(world: World, repository: str, environment: str, command: Command) -> bool:
    """Whether the result stands on the pull request: then only what comes after it is left."""
    slot = _slot(environment, command)
    return world.runs.slot(repository, command.pull_request, slot) is not None


def _end(world: World, repository: str, environment: str, command: Command) -> None:
    """Nothing of what this command did is left to tell. What another command of the same person
    does in another environment at this moment is."""
    runs = world.runs.runs_of_pull_request(repository, command.pull_request)
    ended = [
        run.id
        for run in runs
        if run.kind is RunKind.APPLY
        and run.head is not None
        and run.stack.environment == environment
        and run.actor == command.author
    ]
    world.runs.mark_shown(ended, world.clock.now())


def _command(world: World, comment: int, line: int) -> Command:
    for command in world.runs.commands_of_comment(comment):
        if command.line == line:
            return command
    raise UserError(f"the command of comment {comment} is not known any more")


def _begun(
    world: World, seen: Look, environment: str, pull_request: PullRequest
) -> tuple[Run, ...]:
    """Applies of this head on this tip that were begun, oldest first."""
    return tuple(
        run
        for run in world.runs.runs_of_pull_request(seen.repository.id, pull_request.number)
        if run.kind is RunKind.APPLY
        and run.head == pull_request.head
        and run.tip == seen.tip
        and run.stack.environment == environment
        and run.plan is not None
    )


def _done(
    world: World, seen: Look, environment: str, pull_request: PullRequest, command: Command
) -> tuple[Run, ...]:
    """What this command has applied already, before its process died."""
    return tuple(
        run
        for run in _begun(world, seen, environment, pull_request)
        if run.status is RunStatus.APPLIED and run.shown_at is None and run.actor == command.author
    )


def _give_back(world: World, seen: Look, environment: str, pull_request: PullRequest) -> None:
    """A claim on a stack that the pull request has never changed is not kept."""
    changed = {
        run.stack
        for run in world.runs.runs_of_pull_request(seen.repository.id, pull_request.number)
        if run.kind is RunKind.APPLY
    }
    claims = world.runs.claims_of_pull_request(seen.repository.id, pull_request.number)
    world.runs.release_claims(
        [c.stack for c in claims if c.stack.environment == environment and c.stack not in changed]
    )


def _agreed(
    world: World,
    seen: Look,
    rules: Environment,
    pull_request: PullRequest,
    command: Command,
) -> tuple[dict[str, Plan], LoadedTree]:
    """The plans that the command agreed to, by stack name, and the tree they are of."""
    if not pull_request.open:
        raise RefusedError("the pull request was closed before its apply began")
    require_right(seen, rules, "apply", command.author)
    if Trigger.COMMENT not in rules.triggers:
        raise RefusedError(f"{rules.name} is applied by merges only (`apply.on`)")
    require_ready(world, seen, rules, pull_request)
    merged, affected = affected_stacks(world, seen, pull_request)
    names = affected.get(rules.name, ())
    begun = _interrupted(world, seen, rules.name, pull_request, command)
    finished = {run.stack.name for run in _done(world, seen, rules.name, pull_request, command)}
    fresh = tuple(name for name in names if name not in begun and name not in finished)
    shown = shown_plans(world, seen, rules, pull_request, fresh, command.written_at)
    agreed = {run.stack.name: run.plan for run in shown if run.plan is not None}
    agreed |= {n: p for n, p in begun.items() if n not in finished}
    return _named(world, seen, rules, command, agreed), merged


def _interrupted(
    world: World, seen: Look, environment: str, pull_request: PullRequest, command: Command
) -> dict[str, Plan]:
    """What this command had begun when its process died: it goes on with that, though the state
    has moved since. What failed and was told of is agreed to anew, by the plan that was shown then."""
    newest = {run.stack: run for run in _begun(world, seen, environment, pull_request)}
    return {
        run.stack.name: run.plan
        for run in newest.values()
        if run.plan is not None
        and run.status is not RunStatus.APPLIED
        and run.shown_at is None
        and run.actor == command.author
    }


def _named(
    world: World,
    seen: Look,
    rules: Environment,
    command: Command,
    agreed: Mapping[str, Plan],
) -> dict[str, Plan]:
    """A digest in the command names the stacks that it speaks of; without one it speaks of all."""
    named = {}
    for name, plan in agreed.items():
        shown = world.runs.shown_plan(seen.stack_id(rules, name), command.pull_request)
        if is_named(command, plan.digest) or (shown and is_named(command, shown.digest)):
            named[name] = plan
    return named


def _plans(
    world: World,
    seen: Look,
    rules: Environment,
    cloud: Cloud,
    lease: Callable[[], Lease],
    agreed: Mapping[str, Plan],
    merged: LoadedTree,
    command: Command,
) -> tuple[Planned, ...]:
    """Plan again under the lease; anything else than what was agreed to is refused."""
    desired = merged.stacks_of(rules.name)
    plans: dict[str, Planned] = {}
    for name in agreed:
        stack = seen.stack_id(rules, name)
        close_interrupted(world, stack)
        recorded = settle_stack(world.engine, cloud, lease, stack, desired.get(name))
        plan = plan_stack(
            world.engine,
            cloud,
            stack=stack,
            desired=desired.get(name),
            recorded=recorded,
            commit=agreed[name].commit,
        )
        if plan.digest != agreed[name].digest and not continues(agreed[name], plan):
            raise RefusedError(
                f"the plan of {stack.label} is not the one that was shown: "
                f"{agreed[name].digest[:8]} was shown, {plan.digest[:8]} is what it would do now; "
                "nothing was changed, look at the new plan first"
            )
        plans[name] = Planned(plan=plan, desired=desired.get(name), recorded=recorded)
    states = recorded_stacks(world.engine, seen.key(rules.name))
    shown = guarded(
        [each.plan for each in plans.values()],
        desired=desired.values(),
        recorded=states,
        environment_has_errors=bool(merged.errors(rules.name)),
        schemas=world.engine.clouds.schemas,
        claimed=claimed_by_others(world, seen.key(rules.name), command.pull_request),
    )
    _check_guards(shown, agreed)
    return tuple(replace(plans[plan.stack.name], plan=plan) for plan in shown)


def _check_guards(plans: tuple[Plan, ...], agreed: Mapping[str, Plan]) -> None:
    """``/apply`` by someone who saw the guard is the consent that it asks for; a new one stops."""
    for plan in plans:
        new = unasked(agreed[plan.stack.name], plan)
        for hit in (*(hit for hit in plan.guards if hit.blocks), *new):
            raise RefusedError(f"{plan.stack.label}: {hit.detail}")


def _apply(
    world: World,
    seen: Look,
    cloud: Cloud,
    lease: Callable[[], Lease],
    each: Planned,
    pull_request: PullRequest,
    command: Command,
) -> None:
    run = open_run(
        world,
        plan=each.plan,
        tip=seen.tip,
        head=pull_request.head,
        pull_request=pull_request.number,
        status=RunStatus.RUNNING,
        reviewed_digest=each.plan.digest,
        actor=command.author,
        epoch=lease().epoch,
    )
    result = apply_plan(
        world.engine,
        cloud,
        lease,
        plan=each.plan,
        desired=each.desired,
        recorded=each.recorded,
        commit=pull_request.head,
    )
    close_run(world, run, result)
    if result.interrupted:
        raise TransientError(STOPPING)


def _deploy(
    seen: Look, environment: str, pull_request: PullRequest, state: DeploymentState
) -> None:
    deployment = seen.forge.deployment(
        pull_request.head,
        environment,
        f"gitbot applies #{pull_request.number} to {environment}",
        f"{environment}:#{pull_request.number}:{pull_request.head}",
    )
    seen.forge.set_deployment(deployment, state, f"#{pull_request.number} in {environment}", None)


def _tell(
    world: World,
    seen: Look,
    environment: str,
    pull_request: PullRequest,
    command: Command,
    error: str,
) -> None:
    untold = [
        run
        for run in _begun(world, seen, environment, pull_request)
        if run.shown_at is None and run.actor == command.author
    ]
    shown = as_one_a_stack(untold)
    failed = bool(error) or any(run.status is not RunStatus.APPLIED for run in shown)
    if shown:
        _deploy(
            seen,
            environment,
            pull_request,
            DeploymentState.FAILURE if failed else DeploymentState.SUCCESS,
        )
    seen.forge.react(command.comment, "-1" if failed else "rocket")
    slot = _slot(environment, command)
    view = ApplyCommentView(
        environment=environment,
        commit=pull_request.head,
        actor=command.author,
        stacks=tuple(stack_view(world, run) for run in shown),
        before_merge=True,
        error=error,
    )
    body = f"{slot_marker(slot)}\n{apply_comment(view)}"
    keep_comment(
        world,
        seen.forge,
        seen.repository.id,
        pull_request.number,
        slot,
        body,
        slot_marker(slot),
    )
    _end(world, seen.repository.id, environment, command)
