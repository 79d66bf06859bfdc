"""Plan each stack of an environment that a pull request changes, side by side. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitbot.errors import CloudError, GitbotError, SpecError, TransientError, UserError
from gitbot.jobs.steps.ahead import Ahead
from gitbot.jobs.steps.look import Engine, Look, Ports
from gitbot.jobs.steps.lookup_wishes import wish_of
from gitbot.jobs.steps.observing import Seen, Source, known, look_together, read_state
from gitbot.jobs.steps.planning import plan_stack
from gitbot.jobs.steps.proposal import Proposal
from gitbot.jobs.steps.side_by_side import side_by_side
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Plan
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.across import in_order
from gitbot.render.views import StackPlanView


def plan_each(
    ports: Ports,
    seen: Look,
    proposal: Proposal,
    rules: Environment,
    names: Sequence[str],
    cloud: Cloud,
    unread: list[TransientError],
) -> Mapping[str, Plan | StackPlanView]:
    """The plan of each stack, or why there is none. Who uses an output comes after its stack."""
    outcomes: dict[str, Plan | StackPlanView] = {}
    ahead, wanted = Ahead(), proposal.wanted(rules.name).stacks
    stacks = {name: seen.stack_id(rules, name) for name in names}
    sources = {name: _source(ports, stacks[name], wanted.get(name)) for name in names}
    looks = look_together(ports.engine, cloud, sources)

    def plan(name: str) -> None:
        desired = ahead.of(wanted.get(name))
        try:
            outcome = _plan_one(
                ports, proposal, stacks[name], desired, cloud, sources[name], looks[name]
            )
        except TransientError as error:
            unread.append(error)
            outcome = _unplanned(ports.engine, name, error)
        if isinstance(outcome, Plan):
            ahead.note(outcome)
        else:
            ahead.unplanned.add(name)
        outcomes[name] = outcome

    headers = ports.engine.state.headers(seen.repository.id, rules.name)
    side_by_side(in_order(names, wanted, headers), plan)
    return outcomes


def _source(ports: Ports, stack: StackId, desired: DesiredStack | None) -> Source | UserError:
    try:
        return desired, read_state(ports.engine, stack, desired)
    except UserError as error:
        return error


def _plan_one(
    ports: Ports,
    proposal: Proposal,
    stack: StackId,
    desired: DesiredStack | None,
    cloud: Cloud,
    source: Source | UserError,
    look: Seen | GitbotError,
) -> Plan | StackPlanView:
    engine = ports.engine
    try:
        _, recorded = known(source)
        return plan_stack(
            engine,
            cloud,
            stack=stack,
            desired=desired,
            recorded=recorded,
            commit=Sha(proposal.tree.id),
            reviewed=False,
            seen=known(look),
            lookups=wish_of(ports, proposal, stack, desired),
        )
    except SpecError as error:
        return StackPlanView(name=stack.name, problems=error.diagnostics)
    except (CloudError, UserError) as error:
        return _unplanned(engine, stack.name, error)


def _unplanned(engine: Engine, name: str, error: Exception) -> StackPlanView:
    return StackPlanView(name=name, blocked=f"it could not be planned: {engine.hide(str(error))}")
