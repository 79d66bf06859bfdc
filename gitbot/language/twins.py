"""Finds elements of a list that the cloud takes for one, though the spec tells them apart. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitbot.language.declared import Declared
from gitbot.language.problems import Problems, listed
from gitbot.model.values import Unknown


def check_twins(declared: Declared, problems: Problems) -> None:
    """Add a problem for each element that differs from an earlier one, but not to the cloud.

    The cloud would keep one of them, and every plan would show the other again.
    """
    for pointer, keys in declared.type.schema.twins.items():
        name = pointer.strip("/")
        items = declared.properties.get(name)
        if not isinstance(items, list) or len(items) < 2:
            continue
        seen: dict[str, tuple[int, Any]] = {}
        for index, item in enumerate(items):
            if not isinstance(item, Mapping):
                continue
            identity, whole = _identity(declared, name, item, keys)
            before, other = seen.setdefault(identity, (index, whole))
            if before != index and whole != other:
                differing = listed(key for key in whole.keys() | other.keys() if key not in keys)
                line = declared.place((name, before))[0]
                problems.add(
                    "one-rule-twice",
                    declared.place((name, index)),
                    f"{name}[{index}] and {name}[{before}] in line {line} differ only in {differing}, "
                    "and the cloud keeps one of the two.",
                    "Make one of them.",
                )


def _identity(
    declared: Declared, name: str, item: Mapping[str, Any], keys: tuple[str, ...]
) -> tuple[str, Mapping[str, Any]]:
    """What identifies the element to the cloud, and the element as it is compared."""
    normalise = declared.type.schema.normalise
    whole = normalise({name: [item]})[name][0] if normalise is not None else item
    return json.dumps([whole.get(key) for key in keys], default=_plain), whole


def _plain(value: Any) -> str:
    return value.template if isinstance(value, Unknown) else repr(value)
