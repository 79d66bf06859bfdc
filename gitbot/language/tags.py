"""Merges environment tags and stack labels into the tags of a resource. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from gitbot.language.nodes import Mark
from gitbot.language.problems import Problems, quoted
from gitbot.language.scope import is_placeholder
from gitbot.language.value_keywords import matches
from gitbot.model.schema import TagShape, TypeSchema
from gitbot.model.tag_limits import TagLimits
from gitbot.model.tags import RESERVED_TAG_PREFIXES
from gitbot.model.values import Unknown, Value


def check_reserved(tags: Mapping[str, Mark], what: str, problems: Problems) -> None:
    """Add a problem for each key that AWS or gitbot reserves."""
    for key, mark in tags.items():
        folded = key.casefold()
        if not folded.startswith(RESERVED_TAG_PREFIXES):
            continue
        for prefix in RESERVED_TAG_PREFIXES:
            if folded.startswith(prefix):
                problems.add(
                    "reserved-tag",
                    mark,
                    f"The {what} {quoted(key)} begins with {prefix}, which is reserved.",
                    "Choose another name.",
                )


def merge_tags(
    properties: dict[str, Value],
    schema: TypeSchema,
    inherited: Mapping[str, str],
    mark: Mark,
    problems: Problems,
) -> None:
    """Merge ``inherited`` tags into ``properties``. The resource's own tags win.

    The result is sorted by key. ``mark`` is the position of the resource's tags, or of the
    resource. Tags that cannot be read or are refused are told, and taken out, so that no later check tells them again.
    """
    if schema.tags_path is None or schema.tag_shape is None:
        return
    holder, name = _holder(properties, schema.tags_path)
    if holder is None:
        return
    own = _own(holder.get(name), schema.tag_shape, mark, problems)
    if own is None:
        holder.pop(name)
        return
    check_reserved(dict.fromkeys(own, mark), "tag", problems)
    merged: dict[str, Value] = {**inherited, **own}
    if schema.tag_limits is not None:
        refused = _check_limits(merged, own, schema.tag_limits, mark, problems)
        merged = {key: value for key, value in merged.items() if key not in refused}
    if not merged:
        if own:
            holder.pop(name)
        return
    if schema.tag_shape is TagShape.MAP:
        holder[name] = dict(sorted(merged.items()))
    else:
        given = {tag["Key"]: tag for tag in holder.get(name) or ()}
        holder[name] = [
            given.get(key) or {"Key": key, "Value": value} for key, value in sorted(merged.items())
        ]


def _check_limits(
    tags: Mapping[str, Value],
    own: Collection[str],
    limits: TagLimits,
    mark: Mark,
    problems: Problems,
) -> frozenset[str]:
    """Add a problem for each tag that the service refuses, and one if there are too many. Returns the keys of the former."""
    refused = tuple(_refusals(tags, limits))
    for key, detail, fix in refused:
        where = (
            ""
            if key in own
            else " It stands in the stack's labels or in the tags of environment.yaml."
        )
        problems.add("tag-refused", mark, f"{detail}{where}", fix)
    if len(tags) > limits.most:
        problems.add(
            "tag-refused",
            mark,
            f"There are {len(tags)} tags, those of labels and of the environment counted; beside "
            f"gitbot's own the cloud takes {limits.most}.",
            f"Take {len(tags) - limits.most} out.",
        )
    return frozenset(key for key, _, _ in refused)


def _refusals(tags: Mapping[str, Value], limits: TagLimits) -> Iterator[tuple[str, str, str]]:
    """The key of each tag that is refused, why, and how to fix it."""
    folded: dict[str, str] = {}
    for key, value in tags.items():
        texts = (("key", key, limits.longest_key), ("value", value, limits.longest_value))
        for what, text, longest in texts:
            if not isinstance(text, str) or _is_taken(text, longest, limits.pattern):
                continue
            if not matches(limits.pattern, text):
                of = "a tag" if what == "key" else f"the tag {quoted(key)}"
                yield key, f"The {what} {quoted(text)} of {of} is refused.", f"Use {limits.says}."
            if len(text) > longest:
                yield (
                    key,
                    f"The {what} of the tag {quoted(key)} has {len(text)} characters; at most "
                    f"{longest} are allowed.",
                    "Shorten it.",
                )
        other = folded.setdefault(key.casefold() if limits.folds_case else key, key)
        if other != key:
            yield (
                key,
                f"The tags {quoted(other)} and {quoted(key)} are one to the cloud, which does not "
                "tell the case of their letters apart.",
                "Keep one of them.",
            )


def _is_taken(text: str, longest: int, pattern: str) -> bool:
    return len(text) <= longest and _fits(pattern, text)


@lru_cache(maxsize=4096)
def _fits(pattern: str, text: str) -> bool:
    # Remembered, because the same few tags stand on many resources.
    return matches(pattern, text)


@lru_cache(maxsize=1024)
def steps_of(path: str) -> tuple[str, ...]:
    """The steps of the path to a type's tags."""
    return tuple(path.strip("/").split("/"))


def _holder(properties: dict[str, Any], path: str) -> tuple[dict[str, Any] | None, str]:
    """The map that holds the tags, and their key in it. Parents are copied, and missing ones are made."""
    *parents, name = steps_of(path)
    holder = properties
    for parent in parents:
        below = holder.get(parent, {})
        if not isinstance(below, dict):
            return None, name
        own = dict(below)  # what is below the properties may be shared with other resources
        holder[parent] = own
        holder = own
    return holder, name


def _own(tags: Any, shape: TagShape, mark: Mark, problems: Problems) -> dict[str, Value] | None:
    """The resource's own tags by key; None when they cannot be read.

    What stands for a wrong value was reported where that is given.
    """
    if tags is None:
        return {}
    if isinstance(tags, Unknown) and is_placeholder(tags):
        return None
    if shape is TagShape.MAP and isinstance(tags, dict):
        return dict(tags)
    if shape is TagShape.LIST and isinstance(tags, list):
        found: dict[str, Value] = {}
        for tag in tags:
            if isinstance(tag, Unknown) and is_placeholder(tag):
                return None
            key = tag.get("Key") if isinstance(tag, dict) else None
            if not isinstance(key, str):
                if isinstance(key, Unknown) and is_placeholder(key):
                    return None
                _add_bad("Each tag must be a map with a known Key.", _PLAIN[shape], mark, problems)
                return None
            if key in found:
                _add_bad(f"The tag {quoted(key)} is given twice.", "Keep one.", mark, problems)
                return None
            found[key] = tag.get("Value")
        return found
    what = "a list of {Key, Value}" if shape is TagShape.LIST else "a map of strings"
    _add_bad(f"Tags must be {what}, known when the spec is loaded.", _PLAIN[shape], mark, problems)
    return None


_PLAIN: Final = {
    TagShape.LIST: "Write the tags out, such as [{Key: team, Value: ml}]; values may be expressions.",
    TagShape.MAP: "Write the tags out, such as {team: ml}; values may be expressions.",
}


def _add_bad(detail: str, fix: str, mark: Mark, problems: Problems) -> None:
    problems.add(
        "bad-tags",
        mark,
        f"{detail} The stack's labels and the environment's tags are merged into them.",
        fix,
    )
