"""An update in place, or nothing to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gitbot.model.names import RemoteId
from gitbot.model.observed import Present
from gitbot.model.ownership import Whose
from gitbot.model.placement import PLACEMENT
from gitbot.model.plan import Action, PathChange
from gitbot.model.schema import Disruption
from gitbot.model.values import Value
from gitbot.reconciler import reasons
from gitbot.reconciler.binding import attributes_of
from gitbot.reconciler.deciding.case import Case, Decision, change_of, settings_of
from gitbot.reconciler.placing import told_machine
from gitbot.reconciler.pointers import MISSING, parse, value_at
from gitbot.reconciler.power import is_running
from gitbot.reconciler.rules import rules_of


def update(
    case: Case, remote_id: RemoteId, observed: Mapping[str, Value], paths: tuple[PathChange, ...]
) -> Decision:
    """What changes at the object, if anything, and what people should know of it."""
    restarts = rules_of(case.schema).restarts
    restarted = any(restarts.touches(parse(path.path)) for path in paths)
    cautions = reasons.cautions(case.schema, paths, observed, case.properties, restarted=restarted)
    starts = case.left_stopped and not is_running(case.schema, case.observation)
    why = (
        *((reasons.LEFT_STOPPED,) if starts else ()),
        *reasons.of_update(paths, restarted=restarted),
        *dict.fromkeys(caution.says for caution in cautions if caution.says),
        *_explained(case, paths),
        *_running_as(case, paths, observed),
    )
    lost = [case.schema.losses.restart] if restarted else []
    lost += dict.fromkeys(caution.loses for caution in cautions)
    change = change_of(case, Action.UPDATE if paths else Action.NOOP, paths, why)
    return Decision(
        change=replace(
            change,
            remote_id=remote_id,
            disruption=Disruption.RESTART if restarted else Disruption.NONE,
            loses="; ".join(filter(None, lost)),
            starts=starts,
        ),
        attributes=attributes_of(
            *(case.schema, case.properties, observed),
            restarted=restarted or starts,
            changed=[parse(path.path) for path in paths],
        ),
        exists=True,
    )


def _running_as(
    case: Case, paths: tuple[PathChange, ...], observed: Mapping[str, Value]
) -> tuple[str, ...]:
    """As what the machine runs, where its spec gives choices."""
    kind, given = case.schema.placement, case.properties.get(PLACEMENT)
    if kind is None or not isinstance(given, Mapping) or not (paths or settings_of(case)):
        return ()
    return (told_machine(kind, given, observed),)


def _explained(case: Case, paths: tuple[PathChange, ...]) -> tuple[str, ...]:
    """What the type says about the observed values; nothing about those of an object that is not
    ours."""
    foreign = case.recorded is None and (case.owner is None or case.owner.whose is not Whose.OURS)
    if case.schema.explains is None or foreign:
        return ()
    seen = case.observation.properties if isinstance(case.observation, Present) else {}
    # Of an element that goes, ``before`` has what the spec declared, and the cloud may say more.
    values = [(path.before, value_at(seen, parse(path.path))) for path in paths]
    said = (
        each
        for pair in values
        for value in pair
        if value is not MISSING
        for each in case.schema.explains(value)
    )
    return tuple(dict.fromkeys(said))
