"""What one decision is made from, and what each decision takes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.model.codec import encode_value
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address
from gitbot.model.observed import Observation, Present
from gitbot.model.ownership import Owner
from gitbot.model.plan import Action, Change, Drift, PathChange, SettingChange
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import TypeSchema
from gitbot.model.secret_references import without_versions
from gitbot.model.values import Redactor, Value, canonical_json, redact, sha256_hex
from gitbot.reconciler.binding import attributes_of
from gitbot.reconciler.compare import compare
from gitbot.reconciler.contents import replaced, with_replaced
from gitbot.reconciler.left_alone import left_alone
from gitbot.reconciler.own_tags import Marks, wrong_tags
from gitbot.reconciler.placing import moved_choices
from gitbot.reconciler.secrets import kept, shown_by_the_cloud, still_read
from gitbot.reconciler.settings import setting_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that one decision is made from.

    ``properties`` are the desired ones, with every value that the plan knows. ``former`` is the
    schema of the recorded type. ``owner`` is None if there is no object, or it was not read.
    ``replace_when`` are the bound values of its lifecycle.
    ``goes_with``: the resource that is replaced and takes the old object with it.
    ``moved_from`` is its former address, if it moves. ``marks`` are what gitbot's own tags say on objects of the stack. ``left_stopped``: an earlier apply stopped the object and still has to start it. ``forced``:
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
    goes_with: Address | None = None
    marks: Marks = field(default_factory=Marks)
    moved_from: tuple[Address, ...] = ()


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


def creation_paths(case: Case) -> tuple[PathChange, ...]:
    """Every declared property as an addition. ``ignoreChanges`` does not apply to a creation."""
    return compare(
        case.schema,
        desired=case.properties,
        recorded=None,
        observed=None,
        redactor=case.redactor,
    )


def observed_properties(
    recorded: RecordedResource, observation: Observation | None
) -> Mapping[str, Value]:
    """The observed properties; for an object that was not read, those of the last apply."""
    if isinstance(observation, Present):
        return observation.properties
    return attributes_of(None, recorded.properties, recorded.attributes)


def paths_of(
    case: Case, recorded: Mapping[str, Value] | None, observed: Mapping[str, Any]
) -> tuple[PathChange, ...]:
    """What must change for the object to be as desired."""
    return compare(
        case.schema,
        desired=kept(case.properties, recorded or {}, case.redactor),
        recorded=recorded,
        observed=observed,
        ignore=ignored(case, case.properties, recorded),
        redactor=case.redactor,
    )


def beside_paths(
    case: Case,
    recorded: RecordedResource,
    desired: Mapping[str, Value],
    observed: Mapping[str, Any],
    paths: tuple[PathChange, ...],
) -> tuple[PathChange, ...]:
    """The paths of a comparison, with what tells of contents and of gitbot's own tags."""
    ignore = ignored(case, desired, recorded.properties)
    contents = replaced(case.schema, recorded, desired, observed, ignore, case.redactor)
    addresses = (case.resource.address, *case.moved_from)
    own_tags = wrong_tags(case.schema, case.observation, case.marks, addresses, ignore)
    return (*with_replaced(paths, contents), *own_tags)


def ignored(
    case: Case, desired: Mapping[str, Value], recorded: Mapping[str, Value] | None
) -> tuple[str, ...]:
    """The paths that a comparison with these desired properties leaves as they are."""
    return left_alone(case.schema, case.resource.lifecycle, desired, recorded, case.redactor)


def change_of(
    case: Case, action: Action, paths: tuple[PathChange, ...], why: tuple[str, ...]
) -> Change:
    """The change of the resource, with what each kind of change has."""
    told = (shown_by_the_cloud(case.schema, paths), still_read(case.schema, paths))
    return Change(
        address=case.resource.address,
        type=case.schema.name,
        action=action,
        paths=paths,
        stateful=case.schema.stateful,
        settings=settings_of(case),
        reasons=(*why, *filter(None, told)),
        depends_on=tuple(sorted(case.resource.depends_on)),
        source=case.resource.source,
    )


def settings_of(case: Case) -> tuple[SettingChange, ...]:
    """What changes of the lifecycle, with no call to the cloud."""
    recorded = None if case.recorded is None else case.recorded.properties
    choices = moved_choices(case.schema, case.properties, recorded)
    return setting_changes(case.resource, case.recorded, choices)


def properties_hash(case: Case) -> str:
    """The hash of the desired properties, in which sensitive values are hashed with a key."""
    properties = encode_value(redact(without_versions(case.properties), case.redactor))
    return sha256_hex(canonical_json(properties))
