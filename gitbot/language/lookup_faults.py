"""Says what is wrong with a lookup: whether it names one object, and how. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitbot.language.fields import CEL_WORDS, SCOPE_ROOTS
from gitbot.language.frame import Frame
from gitbot.language.nodes import Node
from gitbot.language.problems import listed, quoted, suggest
from gitbot.language.scope import is_placeholder
from gitbot.model.lookups import LookupKind, Pick
from gitbot.model.values import Sensitive, Unknown, Value, is_sensitive

Fault = tuple[str, Node | None, str, str]
"""A code, the place if it is not the lookup itself, what is wrong, and how to mend it."""


def faults_of(
    frame: Frame,
    name: str,
    node: Node,
    given: Mapping[str, Any],
    kind: LookupKind | None,
    identifier: Value,
    filter_: Mapping[str, Value],
    pick: Pick,
) -> Iterator[Fault]:
    """What is wrong with the lookup."""
    if name in SCOPE_ROOTS or name in CEL_WORDS:
        yield (
            "bad-name",
            None,
            ": the word has a meaning in expressions.",
            "Give the lookup another name.",
        )
    if kind is None:
        names = frame.shared.types.kind_names()
        yield (
            "unknown-lookup",
            node.get("type"),
            f" is about {quoted(given['type'])}, and this version cannot look that up.",
            suggest(given["type"], names, f"It can look up {listed(names, 40)}."),
        )
        return
    yield from _form_faults(node, given, kind)
    if "filter" in given:
        yield from _filter_faults(node, filter_, kind)
    yield from _value_faults(node, kind, identifier, filter_, pick)


def _value_faults(
    node: Node,
    kind: LookupKind,
    identifier: Value,
    filter_: Mapping[str, Value],
    pick: Pick,
) -> Iterator[Fault]:
    """Whether the values can be asked with, and one can be picked."""
    if pick is Pick.NEWEST and not kind.dated:
        yield (
            "bad-lookup",
            node.get("pick"),
            f": no object of {kind.type} says when it was made.",
            "Leave pick out, or write all.",
        )
    if is_sensitive(identifier) or is_sensitive(filter_):
        yield (
            "sensitive-identifier",
            None,
            " asks with a sensitive value, and what is asked is shown.",
            "Ask with values that are not secret.",
        )
    if not (identifier is None or isinstance(identifier, (str, Unknown))):
        yield (
            "bad-lookup",
            node.get("identifier"),
            f".identifier must be a text; this is {quoted(identifier)}.",
            "Write the identifier as a text.",
        )


def _form_faults(node: Node, given: Mapping[str, Any], kind: LookupKind) -> Iterator[Fault]:
    """Whether it is said in one way which object is meant."""
    said = [one for one in ("identifier", "filter") if one in given]
    if kind.alone:
        if said:
            yield (
                "bad-lookup",
                node.get(said[0]),
                f": there is one {kind.type} only, so that it takes no {said[0]}.",
                f"Remove {said[0]}.",
            )
        return
    ways = [*(["identifier"] if kind.identified else []), *(["filter"] if kind.filters else [])]
    if len(said) != 1 or said[0] not in ways:
        yield (
            "bad-lookup",
            None,
            f" has {' and '.join(said) or 'nothing that says which object is meant'}; "
            f"{kind.type} is looked up by {' or by '.join(ways)}.",
            f"Write {' or '.join(ways)}.",
        )
    if "identifier" in said and "pick" in given:
        yield (
            "bad-lookup",
            node.get("pick"),
            " has an identifier, so that there is nothing to pick.",
            "Remove pick.",
        )


def _filter_faults(node: Node, filter_: Mapping[str, Value], kind: LookupKind) -> Iterator[Fault]:
    place = node.get("filter")
    for key in sorted(filter_.keys() - kind.filters) if kind.filters else ():
        yield (
            "bad-lookup",
            place,
            f".filter has {quoted(key)}, by which {kind.type} is not found.",
            suggest(key, kind.filters, f"It is found by {listed(kind.filters)}."),
        )
    missing = kind.needs and not kind.needs & filter_.keys()
    if missing or not filter_:
        needs = listed(kind.needs or kind.filters)
        yield "bad-lookup", place, f".filter has none of {needs}.", f"Add one of {needs}."
    for key in kind.through.keys() & filter_.keys() if len(filter_) > 1 else ():
        yield (
            "bad-lookup",
            place,
            f".filter has {key}, which names one object, and more.",
            f"Keep {key} alone.",
        )
    for key, value in filter_.items():
        if not _fits(key, value):
            wanted = "a map of texts" if key == "Tags" else "a text or a list of texts"
            yield (
                "bad-lookup",
                place,
                f".filter.{key} must be {wanted}.",
                f"Write {wanted}; numbers and dates in quotes.",
            )


def _fits(key: str, value: Value) -> bool:
    if isinstance(value, Sensitive):
        return True  # it has a problem of its own
    if isinstance(value, Unknown):
        # The keys of tags are part of the question, and nobody can tell these later.
        return key != "Tags" or is_placeholder(value)
    if key == "Tags":
        return isinstance(value, Mapping) and all(_fits("", one) for one in value.values())
    items = value if isinstance(value, (list, tuple)) else [value]
    return bool(items) and all(isinstance(one, (str, bool, Unknown, Sensitive)) for one in items)
