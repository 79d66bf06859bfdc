"""Merges the Stack document of one environment into that of the next. Pure.

Beside the merge itself: what every environment has of its own stays, ``lifecycle.import`` is never
promoted, a resource that was renamed is renamed in the target too and keeps its ``moved``, and what
would be deleted is kept apart.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.decisions.promotion.bound import bound_values
from gitbot.decisions.promotion.instances import with_ended, with_regions_kept
from gitbot.decisions.promotion.lacking import lacking, names_below
from gitbot.decisions.promotion.merging import MISSING, Kept, Merger, without_kept
from gitbot.decisions.promotion.parts import part_of, resources_of
from gitbot.errors import InvariantError
from gitbot.model.desired import Environment
from gitbot.model.promotion import Bound, Conflict, Difference, Lacking, SpecPath, Why

OWN_OF_STACK = frozenset({"ttl", "expires", "offhours", "instanceStore", "promote"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From where to where, and what stays the target's own.

    ``keep`` are JSON pointers, split into their steps; ``*`` stands for any one step. ``variables``
    are the names of the target's environment variables, ``region`` is its region.
    """

    source: str
    target: str
    keep: tuple[tuple[str, ...], ...] = ()
    variables: frozenset[str] = frozenset()
    region: str = ""


def edge_of(target: Environment) -> Edge:
    """The edge into the environment.

    Raises:
        InvariantError: it is promoted from none.
    """
    rules = target.promotes_from
    if rules is None:
        raise InvariantError(f"{target.name} is promoted from no environment")
    return Edge(
        source=rules.source,
        target=target.name,
        keep=rules.keep,
        variables=frozenset(target.variables),
        region=target.region,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedStack:
    """The target's document after a promotion.

    ``document`` still has what would be deleted; ``without`` has it no more, and is the same when
    nothing is ``deleted``. ``renamed`` maps the new key of a resource to that which the target had.
    """

    document: dict[str, Any]
    without: dict[str, Any]
    deleted: tuple[str, ...] = ()
    renamed: Mapping[str, str]
    differences: tuple[Difference, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    bound: tuple[Bound, ...] = ()
    lacking: tuple[Lacking, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether a person must look before it can be merged."""
        return bool(self.conflicts or self.bound or self.lacking)


def merge_stack(
    base: dict[str, Any] | None,
    source: dict[str, Any],
    target: dict[str, Any] | None,
    edge: Edge,
    *,
    moves: Mapping[str, str] | None = None,
    ended: Collection[str] = (),
) -> MergedStack:
    """The target with what the source changed since ``base``.

    ``base`` is the source as it was last promoted; None when nothing is known of it. ``target`` is
    None when the stack is new there. ``moves`` are renamings since the base, new key to old, that the
    source may have dropped from its text. ``ended`` are the regions in which expiry ended the source.
    """
    kept = kept_of(edge.keep)
    renamed = _renamed(source, target, moves or {})
    ours = _with_names(target, renamed) if target is not None else None
    theirs = without_kept(source, (), _never)
    merger = Merger(kept=kept)
    before = _with_names(base, renamed) if base is not None else MISSING
    if ours is None:
        without = without_kept(theirs, (), kept)
    else:
        without = with_ended(merger.merged(_stripped(before), theirs, ours), ours, ended)
        _carry_moved(without, renamed)
        _carry_name(without, ours)
    document, deleted = with_deleted(without, ours, edge.region)
    return MergedStack(
        document=document,
        without=without,
        deleted=deleted,
        renamed=renamed,
        differences=tuple(merger.differences),
        conflicts=tuple(merger.conflicts),
        bound=tuple(bound_values(document, ours, edge.source)),
        lacking=tuple(lacking(document, ours, edge.target, edge.variables)),
    )


def kept_of(keep: tuple[tuple[str, ...], ...]) -> Kept:
    """Says of each path whether the target keeps it, and why."""

    def why(path: SpecPath) -> Why | None:
        if _is_own(path):
            return Why.OWN
        return Why.KEEP if any(_fits(path, one) for one in keep) else None

    return why


def _fits(path: SpecPath, pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(
        one in ("*", str(step)) for step, one in zip(path, pattern, strict=True)
    )


def _is_own(path: SpecPath) -> bool:
    if len(path) == 2 and path[0] == "spec":
        return path[1] in OWN_OF_STACK or path[1] == "imports"
    if path[:2] != ("spec", "resources"):
        return False
    return path[3:] in (("offhours",), ("lifecycle", "import"))


def _never(path: SpecPath) -> Why | None:
    """What is taken out of the source before anything is compared."""
    inside = path[:2] == ("spec", "resources") and path[3:] == ("lifecycle", "import")
    return Why.OWN if inside or path == ("spec", "imports") else None


def _stripped(base: Any) -> Any:
    return base if base is MISSING else without_kept(base, (), _never)


def _renamed(
    source: dict[str, Any], target: dict[str, Any] | None, moves: Mapping[str, str]
) -> dict[str, str]:
    """The resources of the target that the source has under another key: new key to old."""
    ours = resources_of(target or {})
    theirs = resources_of(source)
    known = {**moves, **_moves_in(theirs)}
    found: dict[str, str] = {}
    for new in theirs:
        old, seen = known.get(new), {new}
        while old is not None and old not in seen:
            if old in ours and old not in theirs and new not in ours and old not in found.values():
                found[new] = old
                break
            seen.add(old)
            old = known.get(old)
    return found


def moves_of(document: dict[str, Any]) -> dict[str, str]:
    """The renamings that the document names with ``lifecycle.moved``: new key to old."""
    return _moves_in(resources_of(document))


def _moves_in(resources: dict[str, Any]) -> dict[str, str]:
    found = {}
    for key, resource in resources.items():
        lifecycle = resource.get("lifecycle") if isinstance(resource, dict) else None
        moved = lifecycle.get("moved") if isinstance(lifecycle, dict) else None
        if isinstance(moved, str):
            found[key] = moved
    return found


def _with_names(document: dict[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """The document with its resources under their new keys, in their places."""
    news = {old: new for new, old in renamed.items()}
    resources = resources_of(document)
    if not news or not resources:
        return document
    spec = {
        **document["spec"],
        "resources": {news.get(key, key): one for key, one in resources.items()},
    }
    return {**document, "spec": spec}


def _carry_moved(document: dict[str, Any], renamed: Mapping[str, str]) -> None:
    for new, old in renamed.items():
        resource = resources_of(document).get(new)
        if isinstance(resource, dict):
            resources_of(document)[new] = {
                **resource,
                "lifecycle": {**(resource.get("lifecycle") or {}), "moved": old},
            }


def _carry_name(document: dict[str, Any], ours: dict[str, Any]) -> None:
    """Say from which name the stack was renamed, should the source say it no more."""
    old = _metadata(ours).get("name")
    metadata = _metadata(document)
    if metadata.get("name") != old and metadata:
        document["metadata"] = {**metadata, "moved": old}


def _metadata(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def with_deleted(
    without: dict[str, Any], ours: dict[str, Any] | None, home: str
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The document with the resources and in the regions that would be deleted, and their names.

    The variables, values and outputs that they use stay with them, so that the document loads.
    ``home`` is the region of a stack that names none.
    """
    if ours is None:
        return without, ()
    placed, stacks = with_regions_kept(without, ours, home)
    before = resources_of(ours)
    gone = tuple(key for key in before if key not in resources_of(without))
    if not gone:
        return placed, stacks
    document = copy.deepcopy(placed)
    _put_back(document, "resources", before, gone)
    used = names_below([before[key] for key in gone], "vars")
    for part in ("variables", "values"):
        held = part_of(ours, part)
        _put_back(document, part, held, tuple(key for key in held if key in used))
    return document, (*stacks, *gone)


def _put_back(
    document: dict[str, Any], part: str, held: dict[str, Any], keys: tuple[str, ...]
) -> None:
    """Give the document these entries of the target, where it lacks them, in the target's order."""
    now = part_of(document, part)
    wanted = {**{key: held[key] for key in keys if key not in now}, **now}
    if len(wanted) == len(now):
        return
    order = [*[key for key in held if key in wanted], *[key for key in now if key not in held]]
    document["spec"] = {**document["spec"], part: {key: wanted[key] for key in order}}
