"""The job that makes one environment equal to the tip of the tracked branch. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gitbot.errors import CloudError, RefusedError, SpecError, TransientError, UserError
from gitbot.jobs import accepted
from gitbot.jobs.applying import apply_plan, settle_stack
from gitbot.jobs.consent import Consent, consent
from gitbot.jobs.lease import hold, new_holder
from gitbot.jobs.ledger import close_interrupted, close_run, close_settled, hold_run, open_run
from gitbot.jobs.merges import merge_of, merged_into_tip
from gitbot.jobs.planning import guarded, plan_stack
from gitbot.jobs.removed import tell_removed
from gitbot.jobs.rights import require_right
from gitbot.jobs.shown import shown_at_merge
from gitbot.jobs.telling import begin_deployment, tell_apply
from gitbot.jobs.wake import wake_open_pull_requests
from gitbot.jobs.world import Look, World, look, recorded_stacks
from gitbot.model.cloud import Purpose
from gitbot.model.desired import DesiredStack, Environment, Trigger
from gitbot.model.forge import PullRequest
from gitbot.model.names import StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import Lease, RecordedStack
from gitbot.model.run import Claim, Run, RunStatus
from gitbot.model.values import Json
from gitbot.ports import Cloud
from gitbot.reconciler.affected import affected_by_apply, environment_errors


@dataclass(slots=True, kw_only=True)
class Apply:
    """One run of the job under its lease, as it goes along.

    ``unread``: the cloud did not answer for some stack, so that the sweep has to try again.
    """

    world: World
    seen: Look
    rules: Environment
    cloud: Cloud
    lease: Callable[[], Lease]
    merged: Sequence[PullRequest]
    actor: str
    blocked: dict[str, str] = field(default_factory=dict)
    touched: list[Run] = field(default_factory=list)
    stopped: bool = False
    unread: bool = False


def apply_environment(world: World, key: Mapping[str, Json]) -> None:
    """Apply the tip to ``{repository, environment}``; ``actor`` says who asked.

    Safe to run twice, late or after a crash: what is equal already is left alone, what an apply
    began and did not finish is gone on with.

    Raises:
        LeaseUnavailableError: another apply of the environment is running.
    """
    repository, environment = str(key["repository"]), str(key["environment"])
    asked = _asked(key)
    if asked is not None and not accepted.is_open(world, *asked):
        return
    actor = str(key.get("actor") or "the tracked branch")
    seen = look(world, repository)
    env_key = seen.key(environment)
    with hold(
        world.engine.state,
        env_key,
        new_holder(f"apply of {environment}"),
        ttl=world.engine.lease_ttl,
        clock=world.clock,
    ) as lease:
        # The tip may have moved while the lease was waited for; only the newest is applied.
        seen = look(world, repository)
        if asked is None and tell_removed(world, seen, environment):
            return
        before = world.runs.applied_tip(env_key)
        merged = merged_into_tip(world, seen)
        error = ""
        apply = None
        try:
            rules = seen.rules(environment)
            cloud = world.engine.clouds.open(rules, Purpose.APPLY)
            apply = Apply(
                world=world,
                seen=seen,
                rules=rules,
                cloud=cloud,
                lease=lease,
                merged=merged,
                actor=actor,
            )
            _apply_stacks(apply)
        except (UserError, CloudError) as caught:
            error = str(caught)
    if apply is not None and apply.stopped:
        raise TransientError("the server is stopping: this apply goes on when it is back")
    told = tuple(
        each
        for each in merged
        if before is None or not seen.mirror.contains(merge_of(each), before)
    )
    tell_apply(
        world,
        seen,
        environment,
        told=told,
        also=_number(key),
        blocked=apply.blocked if apply else {},
        actor=actor,
        error=error,
        # A command is answered once, though the tip has moved when its job runs again.
        occasion=str(key["why"]) if asked else f"{seen.tip}:{key.get('why') or 'tip'}",
        touched=apply.touched if apply else (),
    )
    if apply is None or not apply.unread:
        world.runs.put_applied_tip(env_key, seen.tip)
    if apply is not None and apply.touched:
        wake_open_pull_requests(world, seen)
    if asked is not None:
        accepted.end(world, *asked)


def _asked(key: Mapping[str, Json]) -> tuple[int, int] | None:
    """Comment and line of the command that asked for it."""
    comment, line = key.get("comment"), key.get("line")
    return None if comment is None else (int(str(comment)), int(str(line)))


def _number(key: Mapping[str, Json]) -> int | None:
    number = key.get("pull_request")
    return None if number is None else int(str(number))


def _apply_stacks(apply: Apply) -> None:
    world, seen, rules = apply.world, apply.seen, apply.rules
    recorded = recorded_stacks(world.engine, seen.key(rules.name))
    impossible = environment_errors(seen.at_tip, recorded)
    if impossible:
        raise SpecError(impossible)
    claims = {claim.stack: claim for claim in world.runs.claims(seen.key(rules.name))}
    wanted: list[tuple[StackId, DesiredStack | None]] = []
    specs = seen.at_tip.stacks_of(rules.name)
    for name in affected_by_apply(seen.at_tip, recorded, rules.name):
        stack = seen.stack_id(rules, name)
        blocked = _claim_blocks(apply, claims.get(stack))
        if blocked:
            apply.blocked[name] = blocked
        else:
            wanted.append((stack, specs.get(name)))
    due = {stack for stack, _ in wanted}
    for state in recorded:
        if state.id not in due:
            close_settled(world, state)
    plans = _plan_all(apply, wanted)
    shown = guarded(
        [plan for plan, _ in plans.values()],
        desired=specs.values(),
        recorded=recorded,
        environment_has_errors=bool(seen.at_tip.errors(rules.name)),
        schemas=world.engine.clouds.schemas,
        claimed=[s for s, c in claims.items() if c.closed or _claim_blocks(apply, c)],
    )
    desired = dict(wanted)
    for plan in shown:
        if world.engine.stop():
            apply.stopped = True
            return
        _apply_one(apply, plan, desired[plan.stack], plans[plan.stack][1], claims.get(plan.stack))
    affected = {stack for stack, _ in wanted} | {seen.stack_id(rules, n) for n in apply.blocked}
    _end_holds(apply)
    world.runs.release_claims(
        [
            claim.stack
            for claim in claims.values()
            if claim.stack not in affected and not _standing(apply, claim)
        ]
    )


def _end_holds(apply: Apply) -> None:
    """What was held for an earlier tip and is not by now waits for nobody any more."""
    world = apply.world
    kept = {run.id for run in apply.touched}
    for held in world.runs.held(apply.seen.key(apply.rules.name)):
        if held.id not in kept and held.stack.name not in apply.blocked:
            world.runs.update_run(held.id, RunStatus.SUPERSEDED, at=world.clock.now())


def _standing(apply: Apply, claim: Claim) -> bool:
    """Whether the claimant is still open: its claim stands though the stack equals the tip."""
    return apply.seen.forge.pull_request(claim.pull_request).open


def _claim_blocks(apply: Apply, claim: Claim | None) -> str:
    if claim is None or claim.closed or not _standing(apply, claim):
        return ""
    return (
        f"#{claim.pull_request} has applied it before merging (claimed by {claim.claimed_by}) and "
        "holds it until it is merged, or closed and settled"
    )


def _plan_all(
    apply: Apply, wanted: Sequence[tuple[StackId, DesiredStack | None]]
) -> dict[StackId, tuple[Plan, RecordedStack]]:
    """Plans with the state that each was made from; what cannot be planned goes to ``blocked``."""
    world, plans = apply.world, {}
    for stack, desired in wanted:
        close_interrupted(world, stack)
        try:
            recorded = settle_stack(world.engine, apply.cloud, apply.lease, stack, desired)
            plan = plan_stack(
                world.engine,
                apply.cloud,
                stack=stack,
                desired=desired,
                recorded=recorded,
                commit=apply.seen.tip,
            )
            plans[stack] = (plan, recorded)
        except SpecError as error:
            apply.blocked[stack.name] = "; ".join(
                f"{d.file}:{d.line}: {d.detail}" for d in error.diagnostics
            )
        except (CloudError, TransientError, UserError) as error:
            apply.blocked[stack.name] = f"it could not be planned: {error}"
            apply.unread = apply.unread or isinstance(error, TransientError)
    return plans


def _apply_one(
    apply: Apply,
    plan: Plan,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    claim: Claim | None,
) -> None:
    world = apply.world
    reviewed = _reviewed(apply, plan.stack, recorded)
    pull_request = reviewed.pull_request if reviewed else (claim.pull_request if claim else None)
    reviewed_digest = reviewed.digest if reviewed else None
    answer = Consent(given="nothing to do") if plan.empty else _ask(apply, plan, reviewed, claim)
    if not answer.given:
        run = hold_run(
            world,
            plan=plan,
            tip=apply.seen.tip,
            pull_request=pull_request,
            reviewed_digest=reviewed_digest,
            actor=apply.actor,
            epoch=apply.lease().epoch,
            why=answer.why,
        )
        apply.touched.append(run)
        return
    begin_deployment(world, apply.seen, apply.rules.name)
    run = open_run(
        world,
        plan=plan,
        tip=apply.seen.tip,
        head=None,
        pull_request=pull_request,
        status=RunStatus.RUNNING,
        reviewed_digest=reviewed_digest,
        actor=answer.released_by or apply.actor,
        epoch=apply.lease().epoch,
    )
    apply.touched.append(run)
    result = apply_plan(
        world.engine,
        apply.cloud,
        apply.lease,
        plan=plan,
        desired=desired,
        recorded=recorded,
        commit=apply.seen.tip,
    )
    apply.stopped = apply.stopped or result.interrupted
    if close_run(world, run, result) is RunStatus.APPLIED and claim is not None:
        world.runs.release_claims([plan.stack])


def _ask(apply: Apply, plan: Plan, reviewed: Run | None, claim: Claim | None) -> Consent:
    ask = ""
    if claim is not None and claim.closed:
        ask = (
            f"#{claim.pull_request} had applied this stack and was closed unmerged: this brings it "
            "back to the tracked branch"
        )
        reviewed = None
    elif Trigger.MERGE not in apply.rules.triggers:
        ask = f"{apply.rules.name} is not applied by merges (`apply.on`)"
    answer = consent(
        plan,
        reviewed=reviewed,
        history=apply.world.runs.runs_of_stack(plan.stack),
        changed_plan=apply.rules.changed_plan,
        ask=ask,
    )
    if answer.released_by is not None:
        try:
            require_right(apply.seen, apply.rules, "apply", answer.released_by)
        except RefusedError as error:
            return Consent(why=str(error))
    return answer


def _reviewed(apply: Apply, stack: StackId, recorded: RecordedStack) -> Run | None:
    """The last plan shown on the latest merged pull request that touches the stack."""
    for pull_request in apply.merged:
        run = shown_at_merge(apply.world.runs, stack, pull_request)
        if run is None:
            continue
        done = recorded.commit
        if done is not None and apply.seen.mirror.contains(merge_of(pull_request), done):
            return None
        return run
    return None
