"""Tell what the rules of buckets, tables and repositories delete by themselves. Pure.

Rules that only move something to another class of storage delete nothing, and those that are off do nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.model.values import Json

_OBJECTS = ("ExpirationDate", "ExpirationInDays")
_VERSIONS = ("NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays")
_SCOPE = (
    *("ObjectSizeGreaterThan", "ObjectSizeLessThan", "Prefix", "TagFilters"),
    *_OBJECTS,
    *_VERSIONS,
)


def expires_objects(lifecycle: Any) -> list[Any]:
    """Of rules of a bucket, what they let objects expire by."""
    return [*_rules(lifecycle, _OBJECTS)]


def expires_versions(lifecycle: Any) -> list[Any]:
    """Of rules of a bucket, what they let earlier versions expire by."""
    return [*_rules(lifecycle, _VERSIONS)]


def _rules(lifecycle: Any, ends: tuple[str, ...]) -> Iterator[Any]:
    if not isinstance(lifecycle, Mapping):
        yield from _unclear(lifecycle)
        return
    rules = lifecycle.get("Rules")
    for rule in rules if isinstance(rules, (list, tuple)) else _unclear(rules):
        if not isinstance(rule, Mapping):
            yield rule
        elif rule.get("Status") != "Disabled" and any(rule.get(name) for name in ends):
            others = set(_OBJECTS + _VERSIONS) - set(ends)
            yield {name: rule[name] for name in _SCOPE if name in rule and name not in others}


def expires_items(time_to_live: Any) -> list[Any]:
    """Of the time to live of a table, the attribute that says when an item is deleted."""
    if not isinstance(time_to_live, Mapping):
        return _unclear(time_to_live)
    return [] if time_to_live.get("Enabled") is False else [time_to_live.get("AttributeName")]


def expires_images(policy: Any) -> list[Any]:
    """Of the rules of a repository, those that delete images.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """
    said = policy.get("LifecyclePolicyText") if isinstance(policy, Mapping) else policy
    document = _parsed(said) if isinstance(said, str) else said
    if not isinstance(document, Mapping):
        return _unclear(document)
    rules = document.get("rules")
    if not isinstance(rules, (list, tuple)):
        return _unclear(rules)
    return [rule for rule in rules if _action(rule) != "transition"]


def _action(rule: Any) -> Any:
    action = rule.get("action") if isinstance(rule, Mapping) else None
    return action.get("type") if isinstance(action, Mapping) else None


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)  # type: ignore[no-any-return]
    except ValueError:
        return None


def _unclear(value: Any) -> list[Any]:
    """What is not known yet may be anything; nothing is nothing."""
    return [value] if value else []
