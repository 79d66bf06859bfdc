"""Compare desired, recorded and observed of one resource, path by path. Pure.

Only managed paths are compared: those that the spec declares or the last applied spec declared.
Paths are JSON pointers into the desired properties. An element to remove from a list is named by
its observed index, a tag by its key (``/Tags/owner``) in either shape of tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitbot.model.plan import Cause, PathChange
from gitbot.model.schema import TypeSchema
from gitbot.model.secret_looks import has_secret_argument
from gitbot.model.values import Json, Redactor, Unknown, Value
from gitbot.reconciler.effects import with_effects
from gitbot.reconciler.equality import Equality, own_elements, pair, says_nothing
from gitbot.reconciler.key_arns import tells_key
from gitbot.reconciler.path_changes import PathChanges
from gitbot.reconciler.placing import comparable, unstoppable
from gitbot.reconciler.pointers import ANY, MISSING, Path, PatternSet
from gitbot.reconciler.rules import Rules, rules_of
from gitbot.reconciler.self_names import naming_itself, own_identifiers
from gitbot.reconciler.tags import details_of, managed_tag, tags_of


def compare(
    schema: TypeSchema,
    *,
    desired: Mapping[str, Value],
    recorded: Mapping[str, Value] | None,
    observed: Mapping[str, Json] | None,
    ignore: Sequence[str] = (),
    redactor: Redactor,
    hiding: Mapping[str, Value] | None = None,
) -> tuple[PathChange, ...]:
    """The changes that make observed equal to desired, in order of path. Values are redacted.

    ``recorded`` None means that gitbot has never applied the object: it is to be created or
    adopted. ``observed`` None means that there is no object: every declared property is added. A
    path that the spec no longer declares is marked ``removed`` and has the default that it goes
    back to as its new value. What ``hiding`` hides is not shown either: the specs, where ``desired`` is something else.
    """
    rules = rules_of(schema)
    given = desired
    desired, recorded, observed = comparable(schema, desired, recorded, observed)
    own = own_identifiers(schema, observed)
    desired = naming_itself(schema, own, desired)
    recorded = None if recorded is None else naming_itself(schema, own, recorded)
    observed = None if observed is None else naming_itself(schema, own, observed)
    if schema.normalise is not None:
        desired = schema.normalise(desired)
        recorded = None if recorded is None else schema.normalise(recorded)
        observed = None if observed is None else schema.normalise(observed)
        hiding = None if hiding is None else schema.normalise(hiding)
    difference = _Difference(
        rules,
        redactor,
        PatternSet(ignore) if ignore else _NOTHING,
        fresh=recorded is None,
        exists=observed is not None,
    )
    found = difference.of(desired, recorded or {}, observed or {}, hiding or {})
    return with_effects(unstoppable(schema, found, given, observed), desired)


_NOTHING = PatternSet(())


class _Difference:
    """Walks desired, recorded and observed side by side and collects what differs."""

    def __init__(
        self, rules: Rules, redactor: Redactor, ignored: PatternSet, *, fresh: bool, exists: bool
    ) -> None:
        self._rules = rules
        self._ignored = ignored
        self._fresh = fresh
        self._exists = exists
        self._equality = Equality(rules, redactor)
        self._changes = PathChanges(rules, redactor, self._equality, exists)

    def of(
        self,
        desired: Mapping[str, Any],
        recorded: Mapping[str, Any],
        observed: Mapping[str, Any],
        hiding: Mapping[str, Any],
    ) -> tuple[PathChange, ...]:
        self._changes.about((desired, recorded, hiding), observed)
        self._map((), desired, recorded, observed)
        return tuple(self._changes.found)

    def _map(self, path: Path, desired: Any, recorded: Any, observed: Any) -> None:
        was = recorded if isinstance(recorded, Mapping) else {}
        now = observed if isinstance(observed, Mapping) else {}
        for name in sorted(desired.keys() | was.keys()):
            self._node(
                (*path, name),
                desired.get(name, MISSING),
                was.get(name, MISSING),
                now.get(name, MISSING),
            )
        for name in sorted(self._rules.strangers(path, {*desired, *was}, now)):
            place = (*path, name)
            if not says_nothing(now[name]) and not self._ignored.reaches(place):
                self._changes.removed(place, MISSING, now[name], cause=self._stranger(recorded))

    def _stranger(self, recorded: Any) -> Cause:
        """Why what nobody declared goes. What nobody has applied yet cannot have drifted: an object to adopt, or a
        list or map that the spec is the first to say something of.
        """
        return Cause.CHANGE if self._fresh or recorded is MISSING else Cause.DRIFT

    def _node(self, path: Path, desired: Any, recorded: Any, observed: Any) -> None:
        if self._ignored.reaches(path):
            return
        if self._rules.write_only.reaches(path):
            if self._unreadable(path) or self._is_shown(path, desired, observed):
                return
            if not (self._rules.key_names.names(path) and tells_key(desired, observed)):
                observed = recorded
            elif observed.endswith(f"/{desired}"):  # the ARN of the key with this id
                observed = desired
        if path == self._rules.tags_path and not isinstance(desired, Unknown):
            self._tags(path, desired, recorded, observed)
        else:
            self._values(path, desired, recorded, observed)

    def _unreadable(self, path: Path) -> bool:
        """Whether this is a write-only, create-only value of an adopted object.

        Nobody can read what its creation has set, so the spec is trusted.
        """
        return self._fresh and self._exists and self._rules.create_only.reaches(path)

    def _is_shown(self, path: Path, desired: Any, observed: Any) -> bool:
        """Whether an object to adopt shows that it has the value, though the type promises no read of it."""
        if not (self._fresh and self._exists) or desired is MISSING or observed is MISSING:
            return False
        return self._equality.holds(path, desired, observed)

    def _values(self, path: Path, desired: Any, recorded: Any, observed: Any) -> None:
        if desired is MISSING or desired is None:
            self._removal(path, recorded, observed)
        elif observed is MISSING or observed is None:
            if not says_nothing(desired) and not self._out_of_sight(path, desired, recorded):
                self._changes.differs(path, desired, recorded, MISSING)
        elif isinstance(desired, Mapping) and isinstance(observed, Mapping):
            self._map(path, desired, recorded, observed)
        elif isinstance(desired, (list, tuple)) and isinstance(observed, (list, tuple)):
            self._list(path, desired, recorded, observed)
        elif isinstance(desired, Unknown) or not self._equality.holds(path, desired, observed):
            self._changes.differs(path, desired, recorded, observed)

    def _out_of_sight(self, path: Path, desired: Any, recorded: Any) -> bool:
        """Whether only the read leaves the value out: a create-only value cannot be gone."""
        return (
            self._exists
            and recorded is not MISSING
            and self._rules.create_only.reaches(path)
            and self._equality.holds(path, desired, recorded)
        )

    def _list(
        self, path: Path, desired: Sequence[Any], recorded: Any, observed: Sequence[Any]
    ) -> None:
        was = recorded if isinstance(recorded, (list, tuple)) else ()
        if self._rules.pairs(path):
            self._paired(path, desired, was, observed, recorded)
        elif len(desired) == len(observed) and not has_secret_argument(observed):
            for index, item in enumerate(desired):
                before = was[index] if index < len(was) else MISSING
                self._node((*path, str(index)), item, before, observed[index])
        elif len(desired) != len(observed) or not self._equality.holds(path, desired, observed):
            # One element more or less shifts all others, so the list counts as one change. So do arguments
            # of which one says that the next is a secret.
            self._changes.differs(path, desired, recorded, observed)

    def _paired(
        self,
        path: Path,
        desired: Sequence[Any],
        was: Sequence[Any],
        observed: Sequence[Any],
        whole: Any,
    ) -> None:
        found, extra = pair(self._equality, path, desired, observed)
        recorded, dropped = pair(self._equality, path, desired, was)
        for index, item in enumerate(desired):
            place = (*path, str(index))
            at, before = found.get(index), recorded.get(index)
            applied = MISSING if before is None else was[before]
            there = MISSING if at is None else observed[at]
            if at is None and self._rules.unseen(path, item):
                there = item if applied is MISSING and self._fresh and self._exists else applied
            self._node(place, item, applied, there)
        is_open = self._rules.is_open(path)
        # The index of an observed element is in no spec, so only a pattern for every element ignores it.
        for at in () if self._ignored.reaches((*path, ANY)) else extra:
            place = (*path, str(at))
            mine = next(
                (was[i] for i in dropped if self._equality.holds(place, was[i], observed[at])),
                MISSING,
            )
            if mine is not MISSING or not is_open:
                cause = self._stranger(whole) if mine is MISSING else Cause.CHANGE
                self._changes.removed(place, mine, observed[at], cause=cause)

    def _tags(self, path: Path, desired: Any, recorded: Any, observed: Any) -> None:
        want, was, now = tags_of(desired), tags_of(recorded), tags_of(observed)
        for key in sorted(want.keys() | was.keys()):
            place = (*path, key)
            if not managed_tag(key) or self._ignored.reaches(place):
                continue
            before = now.get(key, MISSING)
            if key not in want:
                if before is not MISSING:
                    self._changes.removed(place, was[key], before)
            elif (
                before is MISSING
                or isinstance(want[key], Unknown)
                or not self._equality.holds(place, want[key], before)
            ):
                self._changes.differs(place, want[key], was.get(key, MISSING), before)
        self._tag_details(path, desired, recorded, observed)

    def _tag_details(self, path: Path, desired: Any, recorded: Any, observed: Any) -> None:
        """What tags that are there say otherwise, beside their values."""
        want, was, now = (
            details_of(one, self._rules.tag_details) for one in (desired, recorded, observed)
        )
        for key in sorted(want.keys() & now.keys()):
            if managed_tag(key) and not self._ignored.reaches((*path, key)):
                self._map((*path, key), want[key], was.get(key, {}), now[key])

    def _removal(self, path: Path, recorded: Any, observed: Any) -> None:
        """Remove a path that the spec no longer declares, unless it has its default already."""
        if recorded is MISSING or self._rules.filled.names(path):
            return
        if self._rules.goes_by_keys(path) and isinstance(recorded, Mapping):
            return self._map(path, {}, recorded, observed)
        if self._rules.is_open(path) and isinstance(observed, (list, tuple)):
            observed = own_elements(self._equality, path, recorded, observed)
        default, says = self._rules.removal(path)
        none = default is None or default == {}  # of a map, only what is declared would be compared
        if says_nothing(observed) if none else self._equality.holds(path, default, observed):
            return
        self._changes.removed(path, recorded, observed, default=default, note=says)
