"""One resource: from desired, recorded and observed to an action with its reasons. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gitbot.model.codec import encode_value
from gitbot.model.desired import DesiredResource
from gitbot.model.names import RemoteId
from gitbot.model.observed import Absent, Observation, Present
from gitbot.model.ownership import Owner, Whose
from gitbot.model.placement import PLACEMENT
from gitbot.model.plan import Action, Cause, Change, Drift, DriftKind, PathChange, SettingChange
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import Disruption, ReplaceOrder, TypeSchema
from gitbot.model.secret_references import without_versions
from gitbot.model.values import (
    Redacted,
    Redactor,
    Value,
    canonical_json,
    is_sensitive,
    redact,
    sha256_hex,
)
from gitbot.reconciler import reasons
from gitbot.reconciler.binding import attributes_of
from gitbot.reconciler.compare import compare, creation
from gitbot.reconciler.left_alone import left_alone
from gitbot.reconciler.named_by import named_by
from gitbot.reconciler.naming import natural_name
from gitbot.reconciler.placing import moved_choices, placement_text, told_machine
from gitbot.reconciler.pointers import parse, values_at
from gitbot.reconciler.power import is_running
from gitbot.reconciler.problems import Problems
from gitbot.reconciler.rules import rules_of
from gitbot.reconciler.secrets import kept, shown_by_the_cloud
from gitbot.reconciler.settings import setting_changes
from gitbot.reconciler.triggers import triggers_of
from gitbot.reconciler.weaker import decided_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that one decision is made from.

    ``properties`` are the desired ones, with every value that the plan knows. ``former`` is the
    schema of the recorded type. ``owner`` is None if there is no object, or it was not read.
    ``replace_when`` are the bound values of its lifecycle.
    ``left_stopped``: an earlier apply stopped the object and still has to start it. ``forced``:
    somebody asked for its replacement.
    """

    resource: DesiredResource
    schema: TypeSchema
    properties: Mapping[str, Value]
    recorded: RecordedResource | None
    observation: Observation | None
    redactor: Redactor
    owner: Owner | None = None
    former: TypeSchema | None = None
    replace_when: Mapping[str, Value] = field(default_factory=dict)
    left_stopped: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What happens to the resource, how it has drifted, and what dependents may know of it.

    ``exists``: something of the object is known. ``named`` is the name, or another value, that a new object would have to share with the old one,
    so that both cannot exist at the same time. It is empty when there is none.
    """

    change: Change
    drift: Drift | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    exists: bool = False
    named: str = ""


def decide(case: Case, problems: Problems) -> Decision:
    """The decision on one desired resource. Adds what is wrong to ``problems`` and decides all the
    same."""
    if case.recorded is not None:
        return _recorded(case, case.recorded, problems)
    if case.resource.lifecycle.import_id is not None:
        return _adoption(case, problems)
    return _creation(case)


def _recorded(case: Case, recorded: RecordedResource, problems: Problems) -> Decision:
    if case.owner is not None and case.owner.whose is Whose.ANOTHERS:
        problems.anothers(case.resource, recorded.remote_id, case.owner.name)
    if isinstance(case.observation, Absent):
        gone = Drift(address=case.resource.address, type=recorded.type, kind=DriftKind.DELETED)
        return replace(_creation(case, (reasons.RECREATED,)), drift=gone)
    if recorded.type != case.schema.name:
        why = (reasons.other_type(recorded.type, case.schema.name),)
        return _replacement(case, recorded, creation_paths(case), why, problems)
    observed = observed_properties(recorded, case.observation)
    paths = _paths(case, recorded.properties, observed)
    return replace(
        _present(case, recorded, observed, paths, problems),
        drift=_drift(case, recorded, observed, paths),
    )


def _present(
    case: Case,
    recorded: RecordedResource,
    observed: Mapping[str, Value],
    paths: tuple[PathChange, ...],
    problems: Problems,
) -> Decision:
    rules = rules_of(case.schema)
    meaningless = {
        path.path for path in paths if path.removed and not rules.removable(parse(path.path))
    }
    # A new object simply lacks what was removed, but a removal without a meaning makes no new one.
    others = tuple(path for path in paths if path.path not in meaningless)
    triggers = triggers_of(case.replace_when, recorded.replace_when, case.redactor)
    if recorded.tainted or case.forced or triggers or _replaces(case.schema, others):
        tainted = (reasons.TAINTED,) if recorded.tainted else ()
        why = (*tainted, *map(reasons.triggered, triggers))
        why = (*why, *reasons.of_replacement(paths, recorded))
        why = (reasons.FORCED, *why) if case.forced else why
        found = _replacement(case, recorded, paths, why, problems)
        change = replace(found.change, triggers=triggers, forced=case.forced)
        open_ = () if recorded.tainted else decided_by(change)
        return replace(found, change=replace(change, decided_by=open_))
    for path in paths:
        if path.path in meaningless:
            problems.removal(case.resource, path)
        elif rules.grows.names(parse(path.path)) and _shrinks(path):
            problems.shrinks(case.resource, path)
    return _update(case, recorded.remote_id, observed, paths)


def _shrinks(path: PathChange) -> bool:
    """Whether a number becomes smaller, or a list loses an element."""
    if path.removed and parse(path.path)[-1].isdigit():
        return True
    sizes = (path.after, path.before)
    return all(isinstance(size, int) for size in sizes) and path.after < path.before  # type: ignore[operator]


def _replaces(schema: TypeSchema, paths: tuple[PathChange, ...]) -> bool:
    """Whether the changes replace the object.

    A change that only may force a replacement is tried in place: the cloud refuses what it cannot
    do.
    """
    recreates = rules_of(schema).recreates
    return any(path.forces or (path.may_force and recreates(parse(path.path))) for path in paths)


def _update(
    case: Case, remote_id: RemoteId, observed: Mapping[str, Value], paths: tuple[PathChange, ...]
) -> Decision:
    restarts = rules_of(case.schema).restarts
    restarted = any(restarts.touches(parse(path.path)) for path in paths)
    cautions = reasons.cautions(case.schema, paths, observed, restarted=restarted)
    starts = case.left_stopped and not is_running(case.schema, case.observation)
    why = (
        *((reasons.LEFT_STOPPED,) if starts else ()),
        *reasons.of_update(paths, restarted=restarted),
        *(caution.says for caution in cautions),
        *_explained(case, paths),
        *_running_as(case, paths, observed),
    )
    lost = [case.schema.losses.restart] if restarted else []
    lost += [caution.loses for caution in cautions]
    change = _change(case, Action.UPDATE if paths else Action.NOOP, paths, why)
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
    if kind is None or not isinstance(given, Mapping) or not (paths or _settings(case)):
        return ()
    return (told_machine(kind, given, observed),)


def _explained(case: Case, paths: tuple[PathChange, ...]) -> tuple[str, ...]:
    """What the type says about the observed values; nothing about those of an object that is not
    ours."""
    foreign = case.recorded is None and (case.owner is None or case.owner.whose is not Whose.OURS)
    if case.schema.explains is None or foreign:
        return ()
    said = (each for path in paths for each in case.schema.explains(path.before))
    return tuple(dict.fromkeys(said))


def _replacement(
    case: Case,
    recorded: RecordedResource,
    paths: tuple[PathChange, ...],
    why: tuple[str, ...],
    problems: Problems,
) -> Decision:
    if case.resource.lifecycle.protect:
        problems.protected_replacement(case.resource, why)
    elif recorded.protect:
        problems.still_protected(case.resource, why)
    why = (
        *why,
        *reasons.fate(case.former or case.schema, observed_properties(recorded, case.observation)),
        *reasons.of_creation(case.schema, case.properties),
    )
    choices = placement_text(case.schema, case.properties)
    why = (*why, reasons.placed(choices)) if choices else why
    named = _keeps_name(case, recorded) or _keeps_exclusive(case, recorded)
    wanted = case.resource.lifecycle.replace or case.schema.replace_order
    order = ReplaceOrder.DELETE_FIRST if named else wanted
    if named and wanted is ReplaceOrder.CREATE_FIRST:
        why = (*why, reasons.keeps_name(named))
    snapshots = case.resource.lifecycle.snapshot_on_delete or recorded.snapshot_on_delete
    change = replace(
        _change(case, Action.REPLACE, paths, why),
        remote_id=recorded.remote_id,
        disruption=Disruption.REPLACE,
        replace_order=order,
        stateful=any(
            schema.stateful or schema.stateful_replacement
            for schema in (case.schema, case.former)
            if schema is not None
        ),
        loses=reasons.lost_with(case.former or case.schema, snapshots=snapshots),
        properties_hash=_properties_hash(case),
        empties=case.resource.lifecycle.empty_on_delete or recorded.empty_on_delete,
        snapshots=snapshots,
    )
    return Decision(change=change, attributes=case.properties, named=named)


def _creation(case: Case, why: tuple[str, ...] = ()) -> Decision:
    why = (*why, *reasons.of_creation(case.schema, case.properties))
    change = _change(case, Action.CREATE, creation_paths(case), why)
    return Decision(
        change=replace(change, properties_hash=_properties_hash(case)), attributes=case.properties
    )


def _adoption(case: Case, problems: Problems) -> Decision:
    import_id = RemoteId(case.resource.lifecycle.import_id or "")
    if isinstance(case.observation, Absent):
        problems.import_absent(case.resource)
    if not isinstance(case.observation, Present):
        change = _change(case, Action.ADOPT, creation_paths(case), (reasons.adopted(import_id),))
        return Decision(change=replace(change, remote_id=import_id), attributes=case.properties)
    if case.owner is not None and case.owner.whose is Whose.ANOTHERS:
        problems.anothers(case.resource, case.observation.remote_id, case.owner.name)
    observed = case.observation.properties
    paths = _paths(case, None, observed)
    forcing = [path for path in paths if path.forces]
    if forcing:
        problems.import_differs(case.resource, forcing)
    updated = _update(case, case.observation.remote_id, observed, paths)
    why = (reasons.adopted(import_id), *updated.change.reasons)
    adopted = replace(updated.change, action=Action.ADOPT, reasons=why)
    if case.owner is not None and case.owner.whose is Whose.OURS:
        return replace(updated, change=replace(adopted, reasons=(*why, reasons.OUR_OWN)))
    return Decision(
        change=replace(
            adopted,
            takes_over=True,
            paths=tuple(_without_theirs(path, case.redactor) for path in paths),
            reasons=(*why, reasons.NOT_OURS_YET),
        ),
        attributes={**named_by(import_id, case.properties, observed), **case.properties},
        exists=True,
    )


def _without_theirs(path: PathChange, redactor: Redactor) -> PathChange:
    """The change without the value that an object has which is not ours.

    A removed list element keeps its keyed hash: that is what the digest knows it by.
    """
    if path.added or path.before is None:
        return path
    element = path.removed and path.after is None and not is_sensitive(path.before)
    return replace(path, before=redactor(path.before) if element else HIDDEN)


HIDDEN = Redacted(digest="", key_id="")
"""In place of a value that is never shown, not even as a hash."""


def creation_paths(case: Case) -> tuple[PathChange, ...]:
    """Every declared property as an addition."""
    return creation(case.schema, case.properties, case.redactor)


def observed_properties(
    recorded: RecordedResource, observation: Observation | None
) -> Mapping[str, Value]:
    """The observed properties; for an object that was not read, those of the last apply."""
    if isinstance(observation, Present):
        return observation.properties
    return attributes_of(None, recorded.properties, recorded.attributes)


def _paths(
    case: Case, recorded: Mapping[str, Value] | None, observed: Mapping[str, Any]
) -> tuple[PathChange, ...]:
    return compare(
        case.schema,
        desired=kept(case.properties, recorded or {}, case.redactor),
        recorded=recorded,
        observed=observed,
        ignore=_left_alone(case, case.properties, recorded),
        redactor=case.redactor,
    )


def _left_alone(
    case: Case, desired: Mapping[str, Value], recorded: Mapping[str, Value] | None
) -> tuple[str, ...]:
    return left_alone(case.schema, case.resource.lifecycle, desired, recorded, case.redactor)


def _drift(
    case: Case,
    recorded: RecordedResource,
    observed: Mapping[str, Any],
    paths: tuple[PathChange, ...],
) -> Drift | None:
    """How observed differs from recorded, whatever the spec declares now."""
    if not isinstance(case.observation, Present):
        return None
    if any(path.cause is Cause.CHANGE for path in paths):
        paths = compare(
            case.schema,
            desired=recorded.properties,
            recorded=recorded.properties,
            observed=observed,
            ignore=_left_alone(case, recorded.properties, recorded.properties),
            redactor=case.redactor,
        )
    if not paths:
        return None
    return Drift(
        address=case.resource.address, type=recorded.type, kind=DriftKind.CHANGED, paths=paths
    )


def _change(
    case: Case, action: Action, paths: tuple[PathChange, ...], why: tuple[str, ...]
) -> Change:
    shown = shown_by_the_cloud(case.schema, paths)
    return Change(
        address=case.resource.address,
        type=case.schema.name,
        action=action,
        paths=paths,
        stateful=case.schema.stateful,
        settings=_settings(case),
        reasons=(*why, shown) if shown else why,
        depends_on=tuple(sorted(case.resource.depends_on)),
        source=case.resource.source,
    )


def _settings(case: Case) -> tuple[SettingChange, ...]:
    recorded = None if case.recorded is None else case.recorded.properties
    choices = moved_choices(case.schema, case.properties, recorded)
    return setting_changes(case.resource, case.recorded, choices)


def _keeps_name(case: Case, recorded: RecordedResource) -> str:
    """The name that the spec gives, if the object to be replaced has the same one; else empty."""
    if recorded.type != case.schema.name:
        return ""
    wanted = natural_name(case.schema, case.properties)
    return wanted if wanted == natural_name(case.schema, recorded.properties) else ""


def _keeps_exclusive(case: Case, recorded: RecordedResource) -> str:
    """The value that only one object can have at a time and that both objects would have."""
    for path in map(parse, case.schema.exclusive if recorded.type == case.schema.name else ()):
        before = [one for _, one in values_at(recorded.properties, path)]
        for _, wanted in values_at(case.properties, path):
            if isinstance(wanted, str) and wanted in before:
                return wanted
    return ""


def _properties_hash(case: Case) -> str:
    properties = encode_value(redact(without_versions(case.properties), case.redactor))
    return sha256_hex(canonical_json(properties))
