"""Find the answers of lookups that a pull request has, and those that people agreed to. Shell."""

from __future__ import annotations

from datetime import datetime

from gitbot.decisions.lookups import LookupWish, answers_of, counting_since
from gitbot.jobs.steps.agreements import reviews
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.steps.proposal import Proposal
from gitbot.jobs.steps.tip_facts import TipApply
from gitbot.model.desired import DesiredStack
from gitbot.model.names import StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.runs import RunKind, RunStatus

_UNDONE = (RunStatus.HELD, RunStatus.RELEASED, RunStatus.RUNNING, RunStatus.FAILED)


def wish_of(
    ports: Ports, proposal: Proposal, stack: StackId, desired: DesiredStack | None
) -> LookupWish:
    """Which answers the plan of an open pull request uses: those of its last plan.

    ``/plan refresh`` makes older ones count no more. In a merge queue, those that the pull requests
    show count as agreed to.
    """
    if desired is None or not desired.lookups:
        return LookupWish()
    number = proposal.pull_request.number
    if proposal.alongside:
        return LookupWish(agreed=answers_of(_shown(ports, stack, proposal.alongside)))
    return LookupWish(
        kept=answers_of(_shown(ports, stack, (number,))),
        since=_refreshed(ports, proposal, stack.environment),
        remarks=True,
    )


def wish_at_tip(
    apply: TipApply, desired: DesiredStack | None, recorded: RecordedStack
) -> LookupWish:
    """Which answers the plan of the tip uses: those of the plans that people saw.

    These are the plans of merged pull requests, and of the last apply if it is not done yet.
    """
    if desired is None or not desired.lookups:
        return LookupWish()
    runs = apply.ports.records.runs
    found = reviews(apply.ports, apply.seen, apply.merged, recorded.id, recorded)
    last = runs.of_stack(recorded.id, RunKind.APPLY, limit=1)
    ids = [each.run.id for each in found] + [one.id for one in last if one.status in _UNDONE]
    return LookupWish(agreed=answers_of(map(runs.plan, ids)))


def _shown(ports: Ports, stack: StackId, numbers: tuple[int, ...]) -> list[Plan]:
    runs = ports.records.runs
    found = (runs.shown_plan(stack, number) for number in numbers)
    return [runs.plan(run.id) for run in found if run is not None]


def _refreshed(ports: Ports, proposal: Proposal, environment: str) -> datetime | None:
    """From when on answers count, because somebody asked to look again on the pull request."""
    commands, number = ports.records.commands, proposal.pull_request.number
    asked = None if proposal.asked is None else commands.get(proposal.asked)
    done = commands.done(proposal.repository, number, "plan")
    return counting_since((*done, *([asked] if asked else [])), environment)
