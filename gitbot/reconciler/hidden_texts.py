"""Hide in what an object shows what it also shows at the places of its hidden values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.model.secrets import SHORTEST, Secrets
from gitbot.model.values import Redacted, Redactor, is_known, leaves
from gitbot.reconciler.equality import Equality, pair
from gitbot.reconciler.pointers import MISSING, Path
from gitbot.reconciler.secretive import NOT_SHOWN
from gitbot.reconciler.veiling import hides


class HiddenTexts:
    """What the places of one object's hidden values show, so that no other place of it shows that."""

    def __init__(self, equality: Equality, redactor: Redactor) -> None:
        self._equality = equality
        self._redactor = redactor
        self._texts: set[str] = set()
        self._digests: set[str] = set()
        self._lost: set[str] = set()
        self._wholes: set[Path] = set()

    def learn(self, properties: Any, observed: Mapping[str, Any]) -> None:
        """Learn from properties, some of which may be hidden, and from what is observed in their places."""
        if hides(properties):
            known = (leaf for leaf in leaves(properties) if isinstance(leaf, Redacted))
            self._digests |= {leaf.digest for leaf in known}
            self._walk((), properties, observed)

    def veil(self, path: Path, value: Any, *, declared: bool) -> Any:
        """The value at the path, without what repeats a hidden one.

        Where the place of a hidden value is not found, nobody knows its text: then nothing is shown that is not
        ``declared`` in the same property.
        """
        if not (self._texts or self._digests or self._lost):
            return value
        within = any(path[: len(whole)] == whole for whole in self._wholes)
        if within or (not declared and path[0] in self._lost):
            return NOT_SHOWN
        return self._without(value)

    def _without(self, value: Any) -> Any:
        if self._digests and is_known(value) and not isinstance(value, Redacted):
            hashed = self._redactor(value)
            if hashed.digest in self._digests:
                return hashed
        if isinstance(value, Mapping):
            return {name: self._without(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._without(item) for item in value]
        secrets = Secrets(texts=frozenset(self._texts), brief=True)
        repeats = isinstance(value, str) and secrets.hide(value) != value
        return self._redactor(value) if repeats else value

    def _walk(self, path: Path, hidden: Any, observed: Any) -> None:
        if not hides(hidden):
            return
        if isinstance(hidden, Mapping) and isinstance(observed, Mapping):
            for name, item in hidden.items():
                self._walk((*path, name), item, observed.get(name, MISSING))
        elif isinstance(hidden, (list, tuple)) and isinstance(observed, (list, tuple)):
            found, _ = pair(self._equality, path, hidden, observed)
            for index, item in enumerate(hidden):
                there = observed[found[index]] if index in found else MISSING
                self._walk((*path, str(index)), item, there)
        elif isinstance(observed, str) and len(observed) >= SHORTEST:
            self._texts.add(observed)
        else:
            self._lost.add(path[0])
            if isinstance(observed, (Mapping, list, tuple)):
                self._wholes.add(path)
