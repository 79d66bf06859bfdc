"""Ask what the cloud has that is newer than what a stack was applied with. Shell."""

from __future__ import annotations

from gitbot.decisions.lookups import LookupWish, no_longer_listed, not_listed
from gitbot.decisions.newer import (
    is_as_applied,
    lost_secrets,
    may_rotate,
    newer_answers,
    rotation_of,
)
from gitbot.errors import CloudError, TransientError, UserError
from gitbot.jobs.steps.drift.checks import known_now
from gitbot.jobs.steps.look import Engine
from gitbot.jobs.steps.lookups import remarked
from gitbot.jobs.steps.observing import Seen
from gitbot.jobs.steps.planning import plan_stack
from gitbot.language.secret_listing import secrets_followed
from gitbot.model.desired import DesiredStack
from gitbot.model.newer import Newer, Rotation
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud


def what_is_newer(
    engine: Engine,
    cloud: Cloud,
    desired: DesiredStack | None,
    recorded: RecordedStack,
    seen: Seen,
) -> tuple[Newer, ...]:
    """The lookups that would be answered otherwise now, and the secrets that were rotated.

    Nothing of specs that were not applied yet: their plan tells it. What cannot be asked is not
    told, and stops no scan.
    """
    if desired is None or not is_as_applied(desired, recorded):
        return ()
    found: list[Newer] = []
    here = cloud.at(recorded.id.region)
    for ask in (_answers, _rotated):
        try:
            found += ask(engine, here, desired, recorded, seen)
        except (UserError, CloudError, TransientError):
            continue  # the next plan of the stack tells what is wrong
    return tuple(found)


def _answers(
    engine: Engine, cloud: Cloud, desired: DesiredStack, recorded: RecordedStack, seen: Seen
) -> tuple[Newer, ...]:
    if not recorded.lookups:
        return ()
    _, lookups = known_now(engine, desired, recorded, seen)
    planned, rules = lookups.planned(recorded.lookups), cloud.lookup_rules
    if any(not_listed(desired, rules)) or any(no_longer_listed(desired, planned, rules)):
        return ()  # the tip tells it at the lookup
    return newer_answers(remarked(cloud, desired.lookups[one.address], one) for one in planned)


def _rotated(
    engine: Engine, cloud: Cloud, desired: DesiredStack, recorded: RecordedStack, seen: Seen
) -> tuple[Newer, ...]:
    references = secrets_followed(desired) if desired.sensitive else frozenset()
    if not references:
        return ()
    told = cloud.secret_versions(references)
    if lost := lost_secrets(told):
        return lost
    versions = {name: one for name, one in told.items() if isinstance(one, str)}
    moved = may_rotate(desired, recorded, versions)
    if moved is None:
        return ()
    try:
        plan = plan_stack(
            engine,
            cloud,
            stack=recorded.id,
            desired=desired,
            recorded=recorded,
            commit=recorded.commit,
            reviewed=True,
            seen=seen,
            lookups=LookupWish(),
        )
    except (UserError, CloudError) as error:
        return (Rotation(secrets=moved, refused=engine.hide(str(error))),) if moved else ()
    return rotation_of(moved, plan)
