"""Removes sensitive values from views before they are rendered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from gitbot.model.secrets import Secrets
from gitbot.render.views import EnvironmentPlanView

T = TypeVar("T")

CONCEALED = (
    "its plan repeats a value that the specs declare as sensitive, in a place that does not use it. "
    "The value is hidden here, so this plan does not count as shown, and a merge is held. Give the "
    "sensitive variable another value, or take its `sensitive` out"
)


def without_secrets(view: T, secrets: Secrets) -> T:
    """The view with ``(sensitive)`` in place of every secret in its texts.

    Sensitive values are marked and never rendered. This catches the texts that repeat one without
    a mark. An unchanged view is returned as the same object.
    """
    if not secrets.texts:
        return view
    everything = "\0".join(_texts(view))
    if secrets.hide(everything) == everything:
        return view
    return _cleaned(view, secrets)  # type: ignore[no-any-return]


def conceals_plan(before: EnvironmentPlanView, after: EnvironmentPlanView) -> bool:
    """Whether a part of a plan was removed between the two. Nobody can agree to such a plan."""
    pairs = zip(before.stacks, after.stacks, strict=True)
    return any(one.plan != other.plan for one, other in pairs)


def explained(before: EnvironmentPlanView, after: EnvironmentPlanView) -> EnvironmentPlanView:
    """``after``, whose stacks say that a part of their plan was removed since ``before``."""
    pairs = zip(before.stacks, after.stacks, strict=True)
    stacks = tuple(
        replace(other, blocked=CONCEALED) if one.plan != other.plan else other
        for one, other in pairs
    )
    return replace(after, stacks=stacks)


def _texts(value: Any) -> Iterator[str]:
    if type(value) is str:
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, (list, tuple, frozenset)):
        for item in value:
            yield from _texts(item)


def _cleaned(value: Any, secrets: Secrets) -> Any:
    if type(value) is str:
        return secrets.hide(value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for field in fields(value):
            before = getattr(value, field.name)
            after = _cleaned(before, secrets)
            if after is not before:
                changed[field.name] = after
        return replace(value, **changed) if changed else value
    if isinstance(value, Mapping):
        return {_cleaned(key, secrets): _cleaned(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cleaned(item, secrets) for item in value)
    return value
