"""Plan again what a command on an open pull request agreed to, under its lease. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gitbot.decisions.claims import of_others, refuse_unclaimed
from gitbot.decisions.consent import check_agreed
from gitbot.decisions.lookups import LookupWish, answers_of
from gitbot.errors import GitbotError, RefusedError
from gitbot.jobs.steps.apply_stack import settle_stack
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.observing import Seen, Source, known, look_together
from gitbot.jobs.steps.planning import Planned, guarded, plan_stack
from gitbot.jobs.steps.proposal import Proposal
from gitbot.jobs.steps.runs import close_interrupted
from gitbot.jobs.steps.side_by_side import side_by_side
from gitbot.model.commands import Command
from gitbot.model.desired import Environment
from gitbot.model.forge import PullRequest
from gitbot.model.names import StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import Lease
from gitbot.model.runs import Run
from gitbot.model.uses import producer_of
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import pending, withhold


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadApply:
    """One apply before the merge, under its lease. ``overridden`` are stacks that are frozen."""

    ports: Ports
    seen: Look
    environment: str
    lease: Callable[[], Lease]
    pull_request: PullRequest
    command: Command
    overridden: set[StackId] = field(default_factory=set)

    def runs(self) -> tuple[Run, ...]:
        """The runs that the command has begun, in this process or a dead one; oldest first."""
        return self.ports.records.runs.of_command(self.command.ref)


def plan_head(
    apply: HeadApply,
    rules: Environment,
    proposal: Proposal,
    cloud: Cloud,
    agreed: Mapping[str, Plan],
) -> Sequence[Planned]:
    """Plan again under the lease. Refuse a plan that was not agreed to, and an unclaimed stack."""
    ports, key, number = apply.ports, apply.seen.key(rules.name), apply.pull_request.number
    wanted = proposal.wanted(rules.name)
    claims = ports.records.claims.of_environment(key)
    refuse_unclaimed(claims, [apply.seen.stack_id(rules, name) for name in agreed], number)
    sources: dict[str, Source] = {}
    found: dict[str, Planned] = {}

    def settle(name: str) -> None:
        sources[name] = _source(apply, rules, proposal, cloud, name, agreed[name])

    side_by_side({name: () for name in agreed}, settle)
    looks = look_together(ports.engine, cloud, sources)

    def plan_again(name: str) -> None:
        found[name] = _plan_again(apply, cloud, agreed[name], sources[name], looks[name])

    side_by_side({name: () for name in agreed}, plan_again)
    planned = {name: found[name] for name in agreed}
    _refuse_alone(apply, rules, proposal, planned)
    shown = guarded(
        ports.engine,
        [each.plan for each in planned.values()],
        wanted=wanted,
        recorded=ports.engine.state.headers(key.repository, rules.name),
        claimed=of_others(claims, number),
    )
    for plan in shown:
        check_agreed(agreed[plan.stack.name], plan)
    return [planned[plan.stack.name].with_plan(plan) for plan in shown]


def _refuse_alone(
    apply: HeadApply, rules: Environment, proposal: Proposal, planned: Mapping[str, Planned]
) -> None:
    """Return when each stack whose changed outputs are used is applied too, or was applied.

    Raises:
        RefusedError: it is not.
    """
    wanted = proposal.wanted(rules.name).stacks
    headers = apply.ports.engine.state.headers(apply.seen.repository.id, rules.name)
    done = {
        header.id.name
        for header in headers
        if header.complete
        and header.id.name in wanted
        and header.desired_hash == wanted[header.id.name].hash
    }
    for each in planned.values():
        for key in sorted(pending(each.plan)):
            producer = producer_of(key)
            changes = producer in proposal.affected(rules.name)
            if changes and producer not in planned and producer not in done:
                raise RefusedError(
                    f"{each.plan.stack.label} uses `{key}`, which this pull request changes: apply "
                    f"{rules.name}/{producer} first, or both together"
                )


def _source(
    apply: HeadApply,
    rules: Environment,
    proposal: Proposal,
    cloud: Cloud,
    name: str,
    agreed: Plan,
) -> Source:
    """The stack as it is to be planned, without open intents."""
    engine, stack = apply.ports.engine, apply.seen.stack_id(rules, name)
    desired = proposal.wanted(rules.name).stacks.get(name)
    # What was unknown to the people who agreed may be known by now: it is the same plan.
    desired = None if desired is None else withhold(desired, pending(agreed), agreed.uses)
    close_interrupted(apply.ports, stack)
    return desired, settle_stack(engine, cloud, apply.lease, stack, desired)


def _plan_again(
    apply: HeadApply, cloud: Cloud, agreed: Plan, source: Source, look: Seen | GitbotError
) -> Planned:
    desired, recorded = source
    plan = plan_stack(
        apply.ports.engine,
        cloud,
        stack=agreed.stack,
        desired=desired,
        recorded=recorded,
        commit=agreed.commit,
        reviewed=False,
        seen=known(look),
        lookups=LookupWish(agreed=answers_of([agreed])),
    )
    return Planned(plan=plan, desired=desired, recorded=recorded)
