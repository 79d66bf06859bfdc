"""Plan the part of a stack that somebody named at a command line. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from gitbot.decisions.lookups import LookupWish
from gitbot.errors import CloudError, SpecError
from gitbot.jobs.steps.ahead import Ahead
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.observing import unrefreshed
from gitbot.jobs.steps.planning import Planned, plan_stack
from gitbot.jobs.steps.unplanned import Unplanned
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Sha, StackId
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.digest import digest
from gitbot.reconciler.focus import Focus, first_choice, focus_by_stack, narrowed, next_choice


def plan_parts(
    engine: Engine,
    cloud: Cloud,
    focus: Focus,
    stacks: Mapping[str, StackId],
    sources: Mapping[str, tuple[DesiredStack | None, RecordedStack]],
    commit: Sha | None,
    unplanned: Unplanned,
    *,
    refresh: bool,
    lookups: LookupWish,
) -> list[Planned]:
    """The plans of the stacks that ``focus`` is about. Those that cannot be made are put into ``unplanned``.

    Raises:
        UserError: an address is none, or stands for several stacks.
        TransientError: see ``plan_stack``.
    """
    planned, ahead = [], Ahead()
    for name, own in focus_by_stack(focus, sources).items():
        desired, recorded = sources[name]
        try:
            part = _plan_part(
                engine,
                cloud,
                stacks[name],
                ahead.of(desired),
                recorded,
                commit,
                own,
                refresh=refresh,
                lookups=lookups,
            )
        except (CloudError, SpecError) as error:
            unplanned.note(name, error, ahead)
            continue
        ahead.note(part.plan)
        planned.append(part)
    return planned


def _plan_part(
    engine: Engine,
    cloud: Cloud,
    stack: StackId,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    commit: Sha | None,
    focus: Focus,
    *,
    refresh: bool,
    lookups: LookupWish,
) -> Planned:
    """The plan of the part of the stack that ``focus`` leaves, and what an apply of it needs.

    Only that part is read, unless an object that goes is used by more. A stack of which nothing is
    left out is planned whole.

    Raises:
        SpecError, CloudError, TransientError: see ``plan_stack``.
    """

    def planned(want: DesiredStack | None, have: RecordedStack) -> Plan:
        return plan_stack(
            engine,
            cloud,
            stack=stack,
            desired=want,
            recorded=have,
            commit=commit,
            reviewed=True,
            seen=None if refresh else unrefreshed(engine, want, have),
            forced=focus.replaces,
            lookups=lookups,
        )

    if not focus.partial:
        return Planned(plan=planned(desired, recorded), desired=desired, recorded=recorded)
    return _widened(planned, focus, desired, recorded)


def _widened(
    planned: Callable[[DesiredStack | None, RecordedStack], Plan],
    focus: Focus,
    desired: DesiredStack | None,
    recorded: RecordedStack,
) -> Planned:
    """The plan of the part, made again for a wider part as long as an object that goes is used by more."""
    choice = first_choice(focus, desired, recorded)
    while True:
        want, have = narrowed(desired, recorded, choice)
        plan = planned(want, have)
        wider = next_choice(plan, choice, desired, recorded)
        if wider == choice:
            break
        choice = wider
    plan = replace(plan, partial=focus.partial)
    return Planned(plan=replace(plan, digest=digest(plan)), desired=want, recorded=have)
