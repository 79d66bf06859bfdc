"""Take what is managed from what the cloud shows, for the records of what did not go as planned. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gitbot.errors import InvariantError
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import TypeSchema
from gitbot.model.values import Json, Redacted, Redactor, Unknown, Value, is_known
from gitbot.reconciler.compared_form import as_compared
from gitbot.reconciler.equality import Equality, pair
from gitbot.reconciler.pointers import MISSING, Path
from gitbot.reconciler.recording import observed_record, sensitive_names, tag_key
from gitbot.reconciler.rules import Rules, rules_of


def after_failed_update(
    previous: RecordedResource,
    attempted: RecordedResource,
    observed: Mapping[str, Json],
    schema: TypeSchema | None,
) -> RecordedResource:
    """The record after an update that failed part-way.

    Every property that was managed before, or would be after, is recorded with the value that the
    cloud has now. So the next plan sees what is left to do, and what to undo if the spec no longer
    wants it. At every depth, what cannot be read back, or must not be stored, keeps its recorded
    value: else an unchanged spec would ask for a replacement. What is sensitive before or after stands
    in no attribute.
    """
    merge = _Merge(rules_of(schema) if schema is not None else None)
    return _merged(merge, previous, attempted, observed, schema)


def with_additions(
    resource: RecordedResource, observed: Mapping[str, Json], schema: TypeSchema | None
) -> RecordedResource:
    """The record with what the cloud has now of what is managed, and with the keys that somebody added to closed maps.

    Those count as applied from then on: a plan takes out what the specs do not have.
    """
    merge = _Merge(rules_of(schema) if schema is not None else None, additions=True)
    return _merged(merge, resource, resource, observed, schema)


def told_of(
    name: str, wanted: Any, observed: Value, schema: TypeSchema | None, redactor: Redactor
) -> Any:
    """What the cloud shows of the parts of a property that its spec tells of, at every depth.

    Stands for ``wanted`` in a record, where a part of that is not known. What the cloud fills in, and what others
    added, is not managed. What cannot be read back is as the spec says; where nobody knows that, it is left out.
    Both are as they are compared.
    """
    merge = _Merge(rules_of(schema) if schema is not None else None, redactor)
    return merge.node((name,), observed, wanted, wanted)


def _merged(
    merge: _Merge,
    previous: RecordedResource,
    attempted: RecordedResource,
    observed: Mapping[str, Json],
    schema: TypeSchema | None,
) -> RecordedResource:
    hidden = sensitive_names(previous.properties, schema) | sensitive_names(
        attempted.properties, schema
    )
    old, new, there = (
        as_compared(each, schema) for each in (previous.properties, attempted.properties, observed)
    )
    properties: dict[str, Value] = dict(previous.properties)
    for name in (*old, *(name for name in new if name not in old)):
        was, wanted = old.get(name, MISSING), new.get(name, MISSING)
        if name not in there or name in hidden:
            continue
        properties[name] = merge.node((name,), there[name], was, wanted)
    depends_on = tuple(sorted({*previous.depends_on, *attempted.depends_on}))
    done = replace(previous, properties=properties, depends_on=depends_on)
    return observed_record(done, observed, schema, hidden=hidden)


def after_refused_follow_up(
    made: RecordedResource, observed: Mapping[str, Json], schema: TypeSchema | None
) -> RecordedResource:
    """The record of a new object that is whole, but for calls after its creation that were refused.

    What the creating call sent is recorded, and of the rest what the cloud shows. So the next plan
    makes the calls that are missing, on the same object.
    """
    sent = {path.split("/")[1] for path in made.create_only if path.startswith("/")}
    properties = {name: value for name, value in made.properties.items() if name in sent}
    return after_failed_update(replace(made, properties=properties), made, observed, schema)


class _Merge:
    """Takes from the observed value what is managed, and from the record what cannot be read."""

    def __init__(
        self, rules: Rules | None, redactor: Redactor | None = None, *, additions: bool = False
    ) -> None:
        self._rules = rules
        self._additions = additions
        self._equality = None if rules is None else Equality(rules, redactor or _never_redacts)

    def node(self, path: Path, observed: Any, old: Any, new: Any) -> Any:
        """What to record at the path, where the cloud shows ``observed``."""
        if isinstance(new, Unknown):
            return observed
        if self._rules is not None and path == self._rules.tags_path:
            return _managed_tags(observed, old, new)
        if isinstance(observed, Mapping):
            return self._map(path, observed, old, new)
        if isinstance(observed, (list, tuple)):
            return self._list(path, observed, old, new)
        return observed

    def _map(self, path: Path, observed: Mapping[str, Any], old: Any, new: Any) -> dict[str, Any]:
        """The cloud adds keys of its own, and those must not become managed."""
        sides = [side for side in (old, new) if isinstance(side, Mapping)]
        done: dict[str, Any] = {}
        for name in dict.fromkeys(name for side in sides for name in side):
            place, seen = (*path, name), observed.get(name, MISSING)
            was, wanted = _get(old, name), _get(new, name)
            if self._is_unreadable(place, seen):
                # What an element that is new as a whole was made with has been sent.
                value = was if isinstance(old, Mapping) else wanted
            elif seen is not MISSING:
                value = self.node(place, seen, was, wanted)
            else:
                # The map is not shown at all, but may hold what cannot be read.
                value = self._map(place, {}, was, wanted) or MISSING
            if value is not MISSING and is_known(value):
                done[name] = value
        return done | self._added(path, {name for side in sides for name in side}, observed)

    def _added(self, path: Path, ours: Container[str], there: Mapping[str, Any]) -> dict[str, Any]:
        """What somebody added to the closed map at the path, if that is to be recorded."""
        if self._rules is None or not self._additions:
            return {}
        return {name: there[name] for name in self._rules.strangers(path, ours, there)}

    def _is_unreadable(self, path: Path, seen: Any) -> bool:
        if self._rules is None:
            return False
        return self._rules.write_only.reaches(path) or (
            seen is MISSING and self._rules.create_only.reaches(path)
        )

    def _list(self, path: Path, observed: Sequence[Any], old: Any, new: Any) -> list[Any]:
        was, wanted = _items(old), _items(new)
        before, after = self._paired(path, was, observed), self._paired(path, wanted, observed)
        done = []
        for index, item in enumerate(observed):
            place = (*path, str(index))
            ours = before.get(index), after.get(index)
            if ours != (None, None):
                sides = (
                    was[ours[0]] if ours[0] is not None else MISSING,
                    wanted[ours[1]] if ours[1] is not None else MISSING,
                )
                done.append(self.node(place, item, *sides))
            elif self._rules is None or not self._rules.is_open(path):
                done.append(self._foreign(place, item, (*was, *wanted)))
        known = {*before.values()}
        return done + [
            one
            for at, one in enumerate(was)
            if at not in known
            and self._rules is not None
            and self._rules.unseen(path, one)
            and is_known(one)
        ]

    def _foreign(self, path: Path, item: Any, elements: Sequence[Any]) -> Any:
        """An element that nobody declared: only the keys that elements of the list declare."""
        if not isinstance(item, Mapping):
            return item
        declared = {name for each in elements if isinstance(each, Mapping) for name in each}
        ours = {name: value for name, value in item.items() if name in declared}
        return ours | self._added(path, declared, item)

    def _paired(
        self, path: Path, declared: Sequence[Any], observed: Sequence[Any]
    ) -> Mapping[int, int]:
        """Index in ``observed`` to index in ``declared``."""
        if self._rules is not None and self._equality is not None and self._rules.pairs(path):
            found, _ = pair(self._equality, path, declared, observed)
            return {there: here for here, there in found.items()}
        return {index: index for index in range(min(len(declared), len(observed)))}


def _managed_tags(observed: Any, old: Any, new: Any) -> Any:
    if isinstance(observed, Mapping):
        keys = {key for side in (old, new) if isinstance(side, Mapping) for key in side}
        return {key: value for key, value in observed.items() if key in keys}
    keys = {tag_key(tag) for side in (old, new) for tag in _items(side)}
    return [tag for tag in observed if tag_key(tag) in keys]


def _items(side: Any) -> Sequence[Any]:
    return side if isinstance(side, (list, tuple)) else ()


def _get(side: Any, name: str) -> Any:
    return side.get(name, MISSING) if isinstance(side, Mapping) else MISSING


def _never_redacts(value: Any) -> Redacted:
    raise InvariantError("a property with a sensitive value is recorded whole, and never compared")
