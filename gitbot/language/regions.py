"""Makes one instance of a stack for each of its regions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.names import written_name

if TYPE_CHECKING:  # what only connects stacks needs no expressions
    from gitbot.language.environments import EnvironmentScope
    from gitbot.language.types import Types

MOST_REGIONS: Final = 40
_GLOBAL: Final = ("AWS::IAM::",)
_GLOBAL_TYPES: Final = frozenset({"AWS::S3::Bucket"})
"""What has one name in all regions: a bucket everywhere, an identity in its account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a stack: its name, the name that it had before, and its environment."""

    name: str | None
    moved_from: str | None
    scope: EnvironmentScope


def instances_of(
    document: Node, spec: Mapping[str, Any], scope: EnvironmentScope, problems: Problems
) -> Sequence[Instance]:
    """The instances of the stack, one for each of its ``regions``, or the one that it is.

    The instance in the environment's own region was the stack before it had regions.
    """
    name = _text(document.get("metadata", "name"))
    moved = _text(document.get("metadata", "moved"))
    regions: Sequence[str] | None = spec.get("regions")
    if regions is None:
        return (Instance(name=name, moved_from=moved, scope=scope),)
    if not regions:
        place = document.get("spec", "regions")
        if place is not None and place.value:
            return ()  # what is wrong with each is told already
        problems.add(
            "bad-value",
            place,
            "spec.regions is empty, so the stack would be nowhere.",
            "Name a region, or remove the field: the stack is then in the environment's region.",
        )
        return (Instance(name=name, moved_from=moved, scope=scope),)
    if len(regions) > MOST_REGIONS:
        problems.add(
            "bad-value",
            document.get("spec", "regions"),
            f"spec.regions names {len(regions)} regions; at most {MOST_REGIONS} are allowed.",
            "Name only regions that the account uses.",
        )
        return (Instance(name=name, moved_from=moved, scope=scope),)
    home = scope.environment.region if scope.environment is not None else None
    return tuple(
        Instance(
            name=_in(name, region),
            moved_from=_in(moved, region) or (name if region == home else None),
            scope=scope
            if scope.environment is None
            else replace(scope, environment=replace(scope.environment, region=region)),
        )
        for region in regions
    )


def _text(node: Node | None) -> str | None:
    return node.value if node is not None and isinstance(node.value, str) else None


def _in(name: str | None, region: str) -> str | None:
    return None if name is None else f"{name}@{region}"


def check_global_names(stacks: Iterable[DesiredStack], types: Types, problems: Problems) -> None:
    """Report an object of one instance whose name another instance gives too, where names are global."""
    taken: dict[tuple[str, ...], DesiredStack] = {}
    for stack in stacks:
        for resource in stack.resources.values():
            key = _global_name(resource, types)
            first = taken.setdefault(key, stack) if key is not None else stack
            if key is not None and first is not stack:
                replace(problems, file=resource.source.file, used_at=resource.used_at).add(
                    "global-name",
                    (resource.source.line, resource.source.column),
                    f"{resource.address} is named {quoted(key[1])} in {first.region} and in "
                    f"{stack.region}, and such a name is there only once in all regions.",
                    "Put ${env.region} into the name.",
                )


def is_global(type_: str) -> bool:
    """Whether a name or identifier of the type means one object in all regions."""
    return type_ in _GLOBAL_TYPES or type_.startswith(_GLOBAL)


def _global_name(resource: DesiredResource, types: Types) -> tuple[str, ...] | None:
    """The type and the name of an object whose name counts in all regions; None for others."""
    if not is_global(resource.type):
        return None
    type_ = types.get(resource.type)
    keys = type_.schema.natural_key if type_ is not None else None
    names = [resource.properties.get(key) for key in keys or ()]
    if not names or not all(isinstance(one, str) for one in names):
        return None
    return (resource.type, *map(str, names))


def producer_in(stack: str, region: str, known: Iterable[str]) -> str:
    """The stack that ``stacks["<stack>"]`` means in a region: its instance there, or the only one."""
    here = f"{stack}@{region}"
    return here if here in known else stack


def regions_in(stack: str, known: Iterable[str]) -> tuple[str, ...]:
    """The regions in which the stack is there, sorted; none where it has no regions of its own."""
    named = (one for one in known if "@" in one and written_name(one) == stack)
    return tuple(sorted(one.partition("@")[2] for one in named))
