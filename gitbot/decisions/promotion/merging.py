"""Merges what the source changed into the target, path by path. Pure.

============================= ============================== =============================
changed since the base        under ``spec.values``          anywhere else
============================= ============================== =============================
the source only               the source's                   the source's
the target only               the target's                   the target's
both, to the same             that                           that
both                          the target's, remarked         a conflict; the target's stays
============================= ============================== =============================

A path that is kept is the target's, whatever changed. Maps merge key by key; lists whose items have
names by name; other lists where the changes do not meet.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from gitbot.decisions.promotion import list_changes
from gitbot.language.editing.splices import same
from gitbot.model.promotion import Conflict, Difference, SpecPath, Why

Kept = Callable[[SpecPath], "Why | None"]


class Missing(enum.Enum):
    """Stands for a value that is not there, as ``null`` is a value."""

    MISSING = enum.auto()


MISSING: Final = Missing.MISSING
_VALUES = ("spec", "values")
# What names the items of a list: tags, rules, disks, statements.
NAMES: Final = ("Key", "Id", "Sid", "Name", "DeviceName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """One merge. It collects what stays different and what is in conflict."""

    kept: Kept
    differences: list[Difference] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def merged(self, base: Any, source: Any, target: Any, path: SpecPath = ()) -> Any:
        """The target with what the source changed; ``MISSING`` where nothing is left."""
        why = self.kept(path)
        if why is not None:
            self._stays(path, source, target, why)
            return target
        if same(source, target):
            return target
        if isinstance(source, dict) and isinstance(target, dict):
            return self._maps(base if isinstance(base, dict) else {}, source, target, path)
        if isinstance(source, list) and isinstance(target, list) and isinstance(base, list):
            return self._lists(base, source, target, path)
        return self._whole(base, source, target, path)

    def _whole(self, base: Any, source: Any, target: Any, path: SpecPath) -> Any:
        if same(source, base):
            self._stays(path, source, target, Why.TARGET)
            return target
        if same(target, base):
            return without_kept(source, path, self.kept)
        if path[:2] == _VALUES and len(path) > 2:
            self._stays(path, source, target, Why.VALUES)
        else:
            self.conflicts.append(
                Conflict(path=path, source=_or_none(source), target=_or_none(target))
            )
        return target

    def _stays(self, path: SpecPath, source: Any, target: Any, why: Why) -> None:
        if not same(source, target):
            self.differences.append(
                Difference(path=path, source=_or_none(source), target=_or_none(target), why=why)
            )

    def _maps(
        self, base: dict[str, Any], source: dict[str, Any], target: dict[str, Any], path: SpecPath
    ) -> dict[str, Any]:
        found = {}
        for key in ordered(target, source):
            value = self.merged(
                base.get(key, MISSING),
                source.get(key, MISSING),
                target.get(key, MISSING),
                (*path, key),
            )
            if value is not MISSING:
                found[key] = value
        return found

    def _lists(self, base: list[Any], source: list[Any], target: list[Any], path: SpecPath) -> Any:
        by = [_by_name(items) for items in (base, source, target)]
        if all(one is not None and one[0] == (by[0] or ("",))[0] for one in by):
            maps = [dict(one[1]) for one in by if one is not None]
            return list(self._maps(maps[0], maps[1], maps[2], path).values())
        if same(source, base) or same(target, base):
            return self._whole(base, source, target, path)
        both = list_changes.merged(base, source, target)
        return self._whole(base, source, target, path) if both is None else both


def _by_name(items: list[Any]) -> tuple[str, dict[str, Any]] | None:
    """The key that names the items, and the items by name; None when they have no names."""
    for name in NAMES:
        found = {
            item[name]: item
            for item in items
            if isinstance(item, dict) and isinstance(item.get(name), str)
        }
        if items and len(found) == len(items):
            return name, found
    return None


def ordered(target: Iterable[str], source: Iterable[str]) -> list[str]:
    """The keys of both: those of the target in its order, new ones behind what they follow."""
    found = list(target)
    before: str | None = None
    for key in source:
        if key not in found:
            found.insert(0 if before is None else found.index(before) + 1, key)
        before = key
    return found


def without_kept(value: Any, path: SpecPath, kept: Kept) -> Any:
    """The value without the paths that are never promoted; a map that they alone filled goes too."""
    if not isinstance(value, dict):
        return value
    found = {}
    for key, below in value.items():
        if kept((*path, key)) is not None:
            continue
        left = without_kept(below, (*path, key), kept)
        if left != {} or below == {}:
            found[key] = left
    return found


def _or_none(value: Any) -> Any:
    return None if value is MISSING else value
