"""Read the plan and the result of a run, to show them. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.apply_report import ReportedRun
from gitbot.jobs.steps.look import Ports
from gitbot.model.plan import Plan, WalkResult
from gitbot.model.runs import Run, RunStatus
from gitbot.render.views import Outcome, StackApplyView

OUTCOMES = {
    RunStatus.APPLIED: Outcome.APPLIED,
    RunStatus.FAILED: Outcome.FAILED,
    RunStatus.HELD: Outcome.HELD,
}


def plan_and_result(ports: Ports, one: ReportedRun) -> tuple[Plan, WalkResult | None]:
    """The plan of a run and its result; those of the whole apply, where earlier runs did parts of it."""
    plan, result = ports.records.runs.plan(one.plan_of), ports.records.runs.result(one.run.id)
    if one.whole and result is not None:
        done = tuple((change.address, change.action) for change in plan.effective)
        result = replace(result, done=done)
    return plan, result


def stack_view(ports: Ports, one: ReportedRun) -> StackApplyView:
    """The view of one run, with its plan and its result."""
    run = one.run
    plan, result = plan_and_result(ports, one)
    outcome = OUTCOMES[run.status]
    if outcome is Outcome.APPLIED and plan.empty:
        outcome = Outcome.NOTHING
    return StackApplyView(
        name=run.stack.name,
        outcome=outcome,
        plan=plan,
        reviewed=_reviewed_plan(ports, run) if outcome is Outcome.HELD else None,
        result=result,
        message=run.error or "",
    )


def _reviewed_plan(ports: Ports, run: Run) -> Plan | None:
    if run.pull_request is None or run.reviewed_digest is None:
        return None
    runs = ports.records.runs
    shown = runs.shown_with_digest(run.stack, run.pull_request, run.reviewed_digest)
    return None if shown is None else runs.plan(shown.id)
