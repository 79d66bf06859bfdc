"""JSON pointers (RFC 6901) and patterns of them, in which ``*`` stands for any one segment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
Path: TypeAlias = tuple[str, ...]
ANY = "*"


class Missing:
    """The type of ``MISSING``: there is no value at a path, which is not the same as null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


@lru_cache(maxsize=4096)
def parse(pointer: str) -> Path:
    """The segments of a pointer. A bare name counts as a pointer to a top-level property."""
    if pointer in ("", "/"):
        return ()
    text = pointer[1:] if pointer.startswith("/") else pointer
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/"))


def text_of(path: Sequence[str]) -> str:
    """The pointer of the segments."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def words_of(path: Sequence[str]) -> str:
    """The path as people read it: ``Placement.Tenancy``, ``Rules[0].Id``."""
    words = ""
    for part in path:
        words += f"[{part}]" if part.isdigit() and words else f".{part}" if words else part
    return words


def matches(pattern: Path, path: Path) -> bool:
    """Whether the pattern names exactly this path."""
    return len(pattern) == len(path) and all(
        want in (ANY, part) for want, part in zip(pattern, path, strict=True)
    )


def reaches(pattern: Path, path: Path) -> bool:
    """Whether the pattern names this path or one of its ancestors."""
    return len(pattern) <= len(path) and matches(pattern, path[: len(pattern)])


def below(pattern: Path, path: Path) -> bool:
    """Whether the pattern names something strictly inside this path."""
    return len(pattern) > len(path) and matches(pattern[: len(path)], path)


def values_at(value: Any, pattern: Path) -> list[tuple[Path, Any]]:
    """Every (path, value) that the pattern finds in the tree, in the tree's order."""
    found: list[tuple[Path, Any]] = [((), value)]
    for part in pattern:
        found = [
            ((*path, name), item)
            for path, node in found
            for name, item in _children(node)
            if part in (ANY, name)
        ]
    return found


def value_at(value: Any, path: Path) -> Any:
    """The value at a path, ``MISSING`` where there is none."""
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part, MISSING)
        elif isinstance(value, (list, tuple)) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
    return value


def put(tree: Any, path: Path, value: Any) -> Any:
    """A copy of the tree with ``value`` at the path; ``MISSING`` takes a map's key away.

    Maps that are missing on the way are made. A list index outside the list changes nothing.
    """
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(tree, (list, tuple)):
        if not first.isdigit() or int(first) >= len(tree):
            return tree
        items = list(tree)
        items[int(first)] = put(items[int(first)], rest, value)
        return items
    copy = dict(tree) if isinstance(tree, Mapping) else {}
    if value is MISSING and not rest:
        copy.pop(first, None)
    elif value is not MISSING or first in copy:
        copy[first] = put(copy.get(first), rest, value)
    return copy


def _children(node: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(node, Mapping):
        return node.items()
    if isinstance(node, (list, tuple)):
        return ((str(index), item) for index, item in enumerate(node))
    return ()


class PatternMap(Generic[T]):
    """Values keyed by pattern; a path finds the value of the most specific pattern that names it.

    More literal segments are more specific; between equals, the earlier literal wins.
    """

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[Path, T] = {}
        self._wild: dict[int, list[tuple[Path, T]]] = {}
        for pointer, value in entries:
            pattern = parse(pointer)
            if ANY in pattern:
                self._wild.setdefault(len(pattern), []).append((pattern, value))
            else:
                self._exact[pattern] = value
        for candidates in self._wild.values():
            candidates.sort(key=lambda entry: (entry[0].count(ANY), [p == ANY for p in entry[0]]))

    def get(self, path: Path) -> T | None:
        """The value for a path, None where no pattern names it."""
        found = self._exact.get(path)
        if found is not None:
            return found
        for pattern, value in self._wild.get(len(path), ()):
            if matches(pattern, path):
                return value
        return None


class PatternSet:
    """Patterns without values."""

    def __init__(self, pointers: Iterable[str]) -> None:
        self.patterns = tuple(sorted({parse(pointer) for pointer in pointers}))
        self._tops = frozenset(pattern[0] for pattern in self.patterns if pattern)
        self._any_top = ANY in self._tops

    def names(self, path: Path) -> bool:
        """Whether a pattern names exactly this path."""
        return self._near(path) and any(matches(pattern, path) for pattern in self.patterns)

    def reaches(self, path: Path) -> bool:
        """Whether a pattern names this path or one of its ancestors."""
        return self._near(path) and any(reaches(pattern, path) for pattern in self.patterns)

    def touches(self, path: Path) -> bool:
        """Whether a pattern names this path, an ancestor of it or something inside it."""
        return self.reaches(path) or bool(self.below(path))

    def below(self, path: Path) -> tuple[Path, ...]:
        """The patterns that name something strictly inside this path, relative to it."""
        if not self._near(path):
            return ()
        return tuple(pattern[len(path) :] for pattern in self.patterns if below(pattern, path))

    def _near(self, path: Path) -> bool:
        return bool(self.patterns) and (not path or path[0] in self._tops or self._any_top)
