"""Ask the checks of a stack with what a scan has read. Shell."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from gitbot.decisions.newer import is_as_applied
from gitbot.errors import TransientError, UserError
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.observing import Seen
from gitbot.model.conditions import OpenCondition
from gitbot.model.desired import DesiredStack
from gitbot.model.observed import Present
from gitbot.model.recorded import RecordedStack
from gitbot.reconciler.across import give
from gitbot.reconciler.binding import Scope, attributes_of
from gitbot.reconciler.conditions import unmet_checks
from gitbot.reconciler.looked_up import Lookups, out_of


def failing_checks(
    engine: Engine, desired: DesiredStack | None, recorded: RecordedStack, seen: Seen
) -> tuple[OpenCondition, ...]:
    """The checks that are false now. Those of specs that were not applied yet are not asked."""
    if desired is None or not desired.checks or not is_as_applied(desired, recorded):
        return ()
    scope, _ = known_now(engine, desired, recorded, seen)
    return tuple(one for one in unmet_checks(desired, scope) if one.holds is False)


def known_now(
    engine: Engine, desired: DesiredStack, recorded: RecordedStack, seen: Seen
) -> tuple[Scope, Lookups]:
    """What expressions of an applied stack can use, and its lookups with what was recorded of them.

    A lookup whose question cannot be evaluated now has no answer.
    """
    scope = Scope(partial(engine.loader.bind, reviewed=True))
    give(scope, desired)
    for address, known in recorded.resources.items():
        found = seen.observed.get(address)
        if isinstance(found, Present):
            schema = engine.clouds.schemas(known.type)
            attributes = attributes_of(schema, {}, found.properties)
            scope.add(address, attributes, informed=True)
    lookups = Lookups(desired.lookups, out_of(recorded.lookups.values(), (), fresh=False))
    with suppress(UserError, TransientError):
        lookups.settle(scope)
    return scope, lookups
