"""Loads one Stack document into a DesiredStack. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gitbot.language.blocks import check_blocks
from gitbot.language.desired_stacks import Evaluated, desired_stack
from gitbot.language.devices import check_devices
from gitbot.language.environments import EnvironmentScope
from gitbot.language.expiry import check_protected, lifetime_of
from gitbot.language.fields import STACK
from gitbot.language.frame import Frame, Shared
from gitbot.language.frames import evaluate_frame
from gitbot.language.hours import give_rules
from gitbot.language.imports import follow_imports
from gitbot.language.library import Library
from gitbot.language.lookups import listed_lookups
from gitbot.language.module_uses import ModuleUses, declare_variables
from gitbot.language.moves import follow
from gitbot.language.neighbours import check_neighbours
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.regions import Instance, check_global_names, instances_of
from gitbot.language.scope import AnyName
from gitbot.language.secret_listing import unlisted_secrets
from gitbot.language.shape import read
from gitbot.language.stack_outputs import ROOT, StackOutputs, stack_outputs
from gitbot.language.tags import check_reserved
from gitbot.language.types import Types
from gitbot.language.variables import Given, origins_of
from gitbot.language.versions import UNPINNED
from gitbot.language.zones import check_zones
from gitbot.model.desired import DesiredStack, Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What specs can use beside their own environment: resource types and modules."""

    types: Types
    library: Library = field(default_factory=Library)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedStack:
    """One instance of the stack of one document. ``desired`` is None when it or its environment has a problem.

    ``secret`` are the nodes in it that hold values of sensitive variables of modules.
    """

    name: str | None
    moved_from: str | None
    problems: Problems
    secret: tuple[Node, ...]
    desired: DesiredStack | None


def load_stack(
    document: Node, environment: EnvironmentScope, world: World, problems: Problems
) -> tuple[LoadedStack, ...]:
    """The stack that the document declares, once for each of its regions.

    Every problem is added to ``problems``.
    """
    given_name = document.get("metadata", "name")
    if given_name is not None and isinstance(given_name.value, str):
        problems = problems.of_stack(given_name.value)
    before = len(problems.found)
    fields: dict[str, Any] = read(document, STACK, "", problems) or {}
    _check_labels(document, (fields.get("metadata") or {}).get("labels") or {}, problems)
    across = stack_outputs(document.get("spec"), problems)
    instances = instances_of(document, fields.get("spec") or {}, environment, problems)
    sound = len(problems.found) == before
    found = [
        _load(document, fields, across, instance, world, problems, sound=sound)
        for instance in instances
    ]
    named = [one.desired for one in found if one.desired is not None]
    check_global_names(named, world.types, problems)
    if len(problems.found) > before:
        return tuple(replace(one, desired=None) for one in found)
    return tuple(found)


def _load(
    document: Node,
    fields: Mapping[str, Any],
    across: StackOutputs,
    instance: Instance,
    world: World,
    problems: Problems,
    *,
    sound: bool,
) -> LoadedStack:
    """One instance of the stack. ``sound``: the document has no problem whatever the region is."""
    before = len(problems.found)
    spec: dict[str, Any] = fields.get("spec") or {}
    name = (fields.get("metadata") or {}).get("name")
    frame = _frame(document, fields, across, instance.scope, world, problems)
    _resolve_values(spec, frame)
    found = _evaluated(document, spec, name, frame, instance.scope.environment)
    known = instance.scope.environment
    desired = None
    if sound and len(problems.found) == before and known is not None and name is not None:
        desired = desired_stack(fields, across, instance, known, found, problems.span(document))
    secret = tuple(node for file, node in frame.shared.secret if file == problems.file)
    return LoadedStack(
        name=name and instance.name,
        moved_from=instance.moved_from,
        problems=problems,
        secret=secret,
        desired=_with_listed_secrets(desired, known, problems),
    )


def _evaluated(
    document: Node,
    spec: Mapping[str, Any],
    name: str | None,
    frame: Frame,
    environment: Environment | None,
) -> Evaluated:
    """What is in the stack, with the problems of each part added to those of the frame."""
    shared, problems = frame.shared, frame.problems
    outputs = evaluate_frame(frame).outputs
    forgotten = follow(shared.moves, shared.desired, shared.written)
    follow_imports(spec, document.get("spec"), shared.desired, shared.written, problems)
    give_rules(document, spec, shared.written, shared.desired, problems)
    lookups = listed_lookups(frame, outputs, environment)
    rules = environment.expiry if environment is not None else None
    lifetime = lifetime_of(document, spec, name, rules, problems)
    check_blocks(shared.desired, shared.written)
    check_neighbours(shared.desired, shared.written)
    check_devices(shared.desired, shared.written)
    if environment is not None:
        check_zones(environment.region, shared.desired, shared.written)
    check_protected(name, lifetime, rules, shared.desired, shared.written)
    return Evaluated(
        shared=shared, outputs=outputs, lookups=lookups, lifetime=lifetime, forgotten=forgotten
    )


def _with_listed_secrets(
    desired: DesiredStack | None, rules: Environment | None, problems: Problems
) -> DesiredStack | None:
    """The stack; None, with problems, where it names a secret that the environment does not list."""
    if desired is None or rules is None or not desired.sensitive:
        return desired
    unlisted = unlisted_secrets(desired, rules.secrets)
    problems.found.extend(unlisted)
    return None if unlisted else desired


def _check_labels(document: Node, labels: Mapping[str, str], problems: Problems) -> None:
    place = document.get("metadata", "labels")
    if place is not None:
        check_reserved({key: place.key_mark(key) for key in labels}, "label", problems)
    moved = document.get("metadata", "moved")
    name = document.get("metadata", "name")
    if moved is not None and name is not None and moved.value == name.value:
        problems.add(
            "bad-value",
            moved,
            f"metadata.moved is the stack's name {quoted(name.value)} itself.",
            "Write the name that it had before, or remove it.",
        )


def _frame(
    document: Node,
    fields: Mapping[str, Any],
    across: StackOutputs,
    environment: EnvironmentScope,
    world: World,
    problems: Problems,
) -> Frame:
    known, values = environment.environment, environment.values
    metadata: dict[str, Any] = fields.get("metadata") or {}
    spec: dict[str, Any] = fields.get("spec") or {}
    labels: dict[str, str] = metadata.get("labels") or {}
    return Frame(
        shared=Shared(
            types=world.types,
            use=ModuleUses(library=world.library),
            tags={**(known.tags if known is not None else {}), **labels},
            retains=known is not None and not known.delete_on_remove,
        ),
        problems=problems,
        spec=document.get("spec"),
        fields=spec,
        inputs={
            "env": AnyName() if values is None else values,
            "stack": {"name": metadata.get("name"), "labels": dict(labels)},
            ROOT: across.values,
        },
        version=_version(known),
        allowed={
            "env": None if values is None else frozenset(values),
            "stack": frozenset(("name", "labels")),
            ROOT: None,
        },
        origins={
            **_environment_origins(environment),
            **origins_of(spec.get("variables") or {}, spec.get("values") or {}),
        },
    )


def _version(environment: Environment | None) -> str:
    """Of which version the stacks of the environment use modules."""
    if environment is None or (environment.promotes_from is None and environment.modules is None):
        return ""
    return environment.modules or UNPINNED


def _resolve_values(spec: Mapping[str, Any], frame: Frame) -> None:
    """Put the stack's variables into its frame. Their values may use ``env`` and ``stack``."""
    place = frame.spec
    if place is None:
        return
    evaluator = frame.evaluator()
    given = Given(
        values=spec.get("values") or {},
        place=place.get("values"),
        home=None,
        field="spec.values",
        evaluator=evaluator,
    )
    declare_variables(frame, spec.get("variables") or {}, place, given)


def _environment_origins(environment: EnvironmentScope) -> dict[tuple[str, str], str]:
    known = environment.environment
    names = known.variables if known is not None else ()
    return {("env", name): f"`variables.{name}` of environment.yaml" for name in names}
