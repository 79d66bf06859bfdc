"""A type's schema, with its patterns parsed once for the comparison. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from typing import Any

from gitbot.model.schema import Route, TypeSchema
from gitbot.model.values import Json, is_known
from gitbot.reconciler.pointers import MISSING, Path, PatternMap, PatternSet, parse, values_at
from gitbot.reconciler.pointers import value_at as at


class Rules:
    """Answers the questions that the comparison has about a type, by path."""

    def __init__(self, schema: TypeSchema) -> None:
        self.create_only = PatternSet(schema.create_only)
        self.write_only = PatternSet(schema.write_only)
        self.key_names = PatternSet(schema.key_names)
        self.restarts = PatternSet(schema.restarts)
        self.tags_path = parse(schema.tags_path) if schema.tags_path is not None else None
        self.tag_details = schema.tag_limits.details if schema.tag_limits is not None else ()
        # A native type declares in ``create_only`` exactly what replaces.
        native = schema.route is Route.NATIVE
        self._conditional = PatternSet(() if native else schema.conditional_create_only)
        self._updatable = schema.updatable
        self._native = native
        self._sets = PatternSet(schema.sets)
        self._open = PatternSet(schema.open_lists)
        self._closed = PatternSet(schema.closed)
        self._added = PatternMap(schema.closed.items())
        self._identities = PatternMap(schema.identities.items())
        self.renames = PatternSet(schema.renames)
        self._removals = PatternMap(schema.removals.items())
        self._of_keys = PatternSet(path.rpartition("/")[0] for path in schema.removals)
        self._partial = PatternSet(schema.partial)
        self.filled = PatternSet(schema.filled)
        self.grows = PatternSet(schema.grows)
        self.versions = PatternSet(schema.versions)
        self.stepwise = PatternSet(schema.stepwise)

    def pairs(self, path: Path) -> bool:
        """Whether the elements of the list at ``path`` pair by content, not by index."""
        return self.identity(path) is not None or self._sets.names(path) or self._open.names(path)

    def identity(self, path: Path) -> tuple[str, ...] | None:
        """The keys by which the elements of the list at ``path`` pair."""
        return self._identities.get(path)

    def is_open(self, path: Path) -> bool:
        """Whether only declared elements of the list at ``path`` are managed."""
        return self._open.names(path)

    def strangers(self, path: Path, ours: Container[str], there: Iterable[str]) -> list[str]:
        """The keys of an observed map at ``path`` that neither the spec nor the cloud itself has put there."""
        if not self._closed.reaches(path):
            return []
        added = self._added.get(path) or frozenset()
        return [name for name in there if name not in ours and name not in added]

    def unseen(self, path: Path, item: Any) -> bool:
        """Whether an element of the list at ``path`` says, beside its identity, only what the creation alone takes
        and nobody can read: a device that a machine is to lack, for example. It is never shown.
        """
        keys = self.identity(path)
        if keys is None or not isinstance(item, Mapping):
            return False
        rest = [(*path, "0", name) for name in item if name not in keys]
        return bool(rest) and all(
            self.write_only.reaches(one) and self.create_only.reaches(one) for one in rest
        )

    def removal(self, path: Path) -> tuple[Json, str]:
        """What the path goes back to when it is removed (None: deleted), and the words for it.

        The path's own entry counts first. A nested path takes its share of the nearest ancestor's
        default; where that has none, it goes with the write of the whole top-level property.
        """
        for length in range(len(path), 0, -1):
            entry = self._removals.get(path[:length])
            if entry is not None:
                default = at(entry.default, path[length:])
                return (None, "") if default is MISSING else (default, entry.says)
        return None, ""

    def removable(self, path: Path) -> bool:
        """Whether removing the path from a spec has a meaning.

        A native top-level property needs a declared removal, and so does every key of a
        map that is written in part. Other nested paths are part of
        the write of their top-level property. What can only be set at creation goes with a
        replacement, unless nobody can read it back: then nobody knows what its removal would
        change. Cloud Control removes any property.
        """
        if not self._native:
            return True
        if self.create_only.reaches(path):
            return not self.write_only.reaches(path)
        if len(path) > 1 and not self._partial.names(path[:-1]):
            return True
        return self.removal(path)[1] != ""

    def goes_by_keys(self, path: Path) -> bool:
        """Whether removing a map means removing each of its keys, of which some, or what it is in, say what that does."""
        if not self._partial.names(path) or self.removal(path)[1] != "":
            return False
        return len(path) > 1 or (self._of_keys.names(path) and not self.removable(path))

    def recreates(self, path: Path) -> bool:
        """Whether a change at the path cannot be made on an existing object."""
        return not self._updatable or self.create_only.touches(path)

    def force(self, path: Path, before: Any, after: Any) -> tuple[bool, bool]:
        """Whether going from ``before`` to ``after`` forces a replacement, and whether it may."""
        if not self._updatable or _touches(self.create_only, path, before, after):
            known = is_known(after)
            return known, not known
        return False, _touches(self._conditional, path, before, after)


def _touches(patterns: PatternSet, path: Path, before: Any, after: Any) -> bool:
    if patterns.reaches(path):
        return True
    for pattern in patterns.below(path):
        if after is None and values_at(before, pattern):
            return True
        if any(value != at(before, place) for place, value in values_at(after, pattern)):
            return True
    return False


class _ByIdentity:
    """A cache key for a schema, which has no hash because it holds maps. Its object never
    changes."""

    __slots__ = ("schema",)

    def __init__(self, schema: TypeSchema) -> None:
        self.schema = schema

    def __hash__(self) -> int:
        return id(self.schema)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.schema is self.schema


@lru_cache(maxsize=512)
def _rules_of(key: _ByIdentity) -> Rules:
    return Rules(key.schema)


def rules_of(schema: TypeSchema) -> Rules:
    """The rules of a schema, parsed once per schema object."""
    return _rules_of(_ByIdentity(schema))
