"""Finds who still uses a stack: other stacks whose recorded state has its names, ids or ARNs. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gitbot.model.expiry import Use
from gitbot.model.names import Address, StackId
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.uses import producer_of

# What AWS made up is found anywhere in a text. A name that people chose counts only as a whole
# value, or as a part of an ARN or a URL: otherwise "data" would be used by everybody.
_MADE_UP = re.compile(r"arn:[a-z0-9-]+:.+|[a-z]+(-[a-z]+)*-[0-9a-f]{8,17}|https?://.+")
_FEWEST = 3
"""A shorter identifier says too little."""


def users_of(ending: RecordedStack, others: Collection[RecordedStack]) -> tuple[Use, ...]:
    """The resources of other stacks that use the ending one, by stack and address.

    A stack of the environment that used an output of it counts too, by the output. Looks through everything that state has of them, but not through their tags.
    """
    mine = [_identities_of(resource) for resource in ending.resources.values()]
    patterns = {value: _pattern(value) for value in sorted(frozenset[str]().union(*mine))}
    found = [
        use
        for other in others
        if other.id != ending.id
        for resource in other.resources.values()
        if (use := _use(other.id, resource, patterns)) is not None
    ]
    found += [use for other in others if (use := _by_output(ending.id, other)) is not None]
    return tuple(sorted(found, key=lambda use: (use.stack, use.address)))


def _by_output(ending: StackId, other: RecordedStack) -> Use | None:
    """The first output of the ending stack that the other one used, if it used any."""
    here = other.id.environment_key == ending.environment_key and not other.empty
    keys = sorted(key for key in other.uses if here and producer_of(key) == ending.name)
    return Use(stack=other.id, address=Address("spec"), value=keys[0]) if keys else None


def _use(
    stack: StackId, resource: RecordedResource, patterns: Mapping[str, re.Pattern[str]]
) -> Use | None:
    own = _identities_of(resource)
    for text in _texts([resource.properties, resource.attributes]):
        for value, pattern in patterns.items():
            if value not in own and pattern.search(text):
                return Use(stack=stack, address=resource.address, value=value)
    return None


def _identities_of(resource: RecordedResource) -> frozenset[str]:
    """The object's identifiers, and the ARNs that name it."""
    ids = [part for part in resource.remote_id.split("|") if len(part) >= _FEWEST]
    arns = [
        text
        for text in _texts(resource.attributes)
        if text.startswith("arn:") and any(_pattern(each).search(text) for each in ids)
    ]
    return frozenset([*ids, *arns])


def _pattern(value: str) -> re.Pattern[str]:
    """Where the value counts as named in a text."""
    token = rf"(?<![A-Za-z0-9_.-]){re.escape(value)}(?![A-Za-z0-9_.-])"
    if _MADE_UP.fullmatch(value):
        return re.compile(token)
    return re.compile(rf"(?s)\A{re.escape(value)}\Z|(?:arn:|://).*{token}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key != "Tags":
                yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
