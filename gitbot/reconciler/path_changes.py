"""Collect the changes that a comparison finds, with values that are safe to show. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from gitbot.model.implied import stated
from gitbot.model.plan import Cause, PathChange, Unseen
from gitbot.model.secret_looks import looks_secret
from gitbot.model.values import Redactor, redact
from gitbot.reconciler.equality import Equality, pair
from gitbot.reconciler.hidden_texts import HiddenTexts
from gitbot.reconciler.pointers import MISSING, Path, text_of
from gitbot.reconciler.rules import Rules
from gitbot.reconciler.secretive import NOT_SHOWN
from gitbot.reconciler.secrets import rotated
from gitbot.reconciler.veiling import PLAIN, hides, veiled

_NO_FORCE = (False, False)


class PathChanges:
    """The changes of one comparison, in the order in which they are added.

    ``exists`` says whether there is an object that a change could force to be replaced.
    """

    def __init__(self, rules: Rules, redactor: Redactor, equality: Equality, exists: bool) -> None:
        self._rules = rules
        self._redactor = redactor
        self._equality = equality
        self._exists = exists
        self._sides: tuple[Mapping[str, Any], ...] = ()
        self._observed: Mapping[str, Any] = {}
        self.found: list[PathChange] = []

    def about(self, sides: tuple[Mapping[str, Any], ...], observed: Mapping[str, Any]) -> None:
        """Say what is compared with what is observed, as a whole."""
        self._sides, self._observed = sides, observed

    @cached_property
    def _hidden(self) -> HiddenTexts:
        hidden = HiddenTexts(self._equality, self._redactor)
        for one in self._sides:
            hidden.learn(one, self._observed)
        return hidden

    def differs(self, path: Path, desired: Any, recorded: Any, observed: Any) -> None:
        """Add a desired value that is not observed: as drift if the spec has not changed it."""
        same = recorded is not MISSING and self._equality.holds(path, desired, recorded)
        note = "" if recorded is MISSING else rotated(desired, recorded, self._redactor)
        self._add(
            path,
            observed,
            desired,
            recorded,
            cause=Cause.DRIFT if same else Cause.CHANGE,
            added=observed is MISSING,
            unseen=Unseen.ROTATED if note else None,
            note=note,
        )

    def removed(
        self,
        path: Path,
        recorded: Any,
        observed: Any,
        *,
        default: Any = None,
        cause: Cause = Cause.CHANGE,
        note: str = "",
    ) -> None:
        """Add the removal of an observed value, which goes back to ``default``."""
        self._add(path, observed, default, recorded, cause=cause, removed=True, note=note)

    def _add(
        self,
        path: Path,
        before: Any,
        after: Any,
        recorded: Any,
        *,
        cause: Cause,
        added: bool = False,
        removed: bool = False,
        unseen: Unseen | None = None,
        note: str = "",
    ) -> None:
        forces, may_force = self._rules.force(path, before, after) if self._exists else _NO_FORCE
        secrets = [value for value in (after, recorded) if hides(value)]
        shown = self._ours(path, before, recorded) if removed else before
        if shown is not MISSING and shown is not None:
            declared = recorded is not MISSING or (after is not None and not removed)
            shown = self._hidden.veil(path, shown, declared=declared)
        if self._may_be_secret(path, before, recorded):
            shown = NOT_SHOWN
        self.found.append(
            PathChange(
                path=text_of(path),
                before=stated(self._shown(path, shown, secrets)),
                after=after if type(after) in PLAIN else redact(stated(after), self._redactor),
                added=added,
                removed=removed,
                cause=cause,
                forces=forces,
                may_force=may_force,
                unseen=unseen,
                note=note,
            )
        )

    def _may_be_secret(self, path: Path, before: Any, recorded: Any) -> bool:
        """Whether somebody put a value there in the cloud that may be a secret.

        What the spec says in plain was shown before.
        """
        if before is MISSING or not looks_secret(path, before):
            return False
        return recorded is MISSING or not self._equality.holds(path, recorded, before)

    def _ours(self, path: Path, before: Any, recorded: Any) -> Any:
        """The part of a removed value that the spec had set; the cloud adds defaults of its own."""
        if isinstance(before, Mapping) and isinstance(recorded, Mapping):
            return {
                name: self._ours((*path, name), value, recorded[name])
                for name, value in before.items()
                if name in recorded
            }
        lists = isinstance(before, (list, tuple)) and isinstance(recorded, (list, tuple))
        if not lists or not self._rules.pairs(path):
            return before
        theirs, _ = pair(self._equality, path, recorded, before)
        whose = {there: recorded[here] for here, there in theirs.items()}
        return [
            self._ours((*path, str(at)), item, whose.get(at, MISSING))
            for at, item in enumerate(before)
        ]

    def _shown(self, path: Path, before: Any, secrets: Sequence[Any]) -> Any:
        """The observed value to show. It comes in the clear: hide what ``secrets`` hide there."""
        if before is MISSING or before is None:
            return None
        hidden = veiled(before, secrets, self._redactor, self._equality, path)
        return redact(hidden, self._redactor)
