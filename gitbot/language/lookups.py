"""Evaluates the lookups of a stack or module: what each asks, and what expressions read of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gitbot.language.fields import CEL_WORDS, SCOPE_ROOTS
from gitbot.language.frame import Frame
from gitbot.language.lookup_fields import ALWAYS
from gitbot.language.nodes import Node
from gitbot.language.problems import listed, quoted, suggest
from gitbot.language.scope import AnyName, is_placeholder
from gitbot.model.lookups import DesiredLookup, LookupKind, Pick
from gitbot.model.names import Address
from gitbot.model.values import Sensitive, Unknown, Value, is_sensitive, leaves

ROOT = "lookups"
Fault = tuple[str, Node | None, str, str]
"""A code, the place if it is not the lookup itself, what is wrong, and how to mend it."""


def declare_lookups(frame: Frame, fields: Mapping[str, Mapping[str, Any]]) -> None:
    """Let every expression name every lookup, also those that are wrong or not evaluated yet."""
    frame.inputs[ROOT] = dict.fromkeys(fields, AnyName())
    frame.allowed[ROOT] = frozenset(fields)
    for name, given in fields.items():
        frame.kinds[name] = frame.shared.types.kinds(given.get("type", ""))


def evaluate_lookup(frame: Frame, name: str, given: Mapping[str, Any]) -> None:
    """Evaluate what the lookup asks, and put it into what the frames share."""
    place = frame.get(ROOT)
    node = None if place is None else place.get(name)
    values = frame.inputs[ROOT]
    if place is None or node is None or not isinstance(values, dict) or "type" not in given:
        return  # it has a problem already
    evaluator, kind = frame.evaluator(), frame.kinds[name]
    identifier = evaluator.evaluate(given["identifier"]) if "identifier" in given else None
    filter_ = {key: evaluator.evaluate(one) for key, one in (given.get("filter") or {}).items()}
    pick = Pick(given.get("pick", Pick.ONE))
    faults = list(_faults(frame, name, node, given, kind, identifier, filter_, pick))
    for code, at, detail, fix in faults:
        frame.problems.add(code, at or place.key_mark(name), f"lookups.{name}{detail}", fix)
    if faults or kind is None:
        return
    address = Address(f"{frame.prefix}{ROOT}.{name}")
    refresh = given.get("refresh", "")
    frame.shared.lookups[address] = DesiredLookup(
        address=address,
        type=kind.type,
        identifier=identifier,
        filter=filter_,
        pick=pick,
        always=refresh == ALWAYS,
        since="" if refresh == ALWAYS else refresh,
        through={key: one for key, one in kind.through.items() if key in filter_},
        source=frame.problems.span(place.key_mark(name)),
    )
    frame.shared.lookup_problems[address] = frame.problems
    values[name] = {
        attribute: Unknown(template=f"${{{name}.{attribute}}}", references={name: address})
        for attribute in sorted(kind.attributes)
    }


def used_attributes(
    lookups: Mapping[Address, DesiredLookup], trees: Iterable[Value]
) -> dict[Address, frozenset[str]]:
    """The attributes of each lookup that the values of the trees are made of."""
    found: dict[Address, set[str]] = {address: set() for address in lookups}
    asked = [one.asked for one in lookups.values()] if lookups else []
    for tree in (*trees, *asked) if lookups else ():
        for name, address, unknown in _references(tree):
            # The name that a lookup's own value has in its frame is never the address.
            if address in found and name != address:
                found[address].add(unknown.template.removeprefix(f"${{{name}.").removesuffix("}"))
    return {address: frozenset(names) for address, names in found.items()}


def _references(tree: Value) -> Iterator[tuple[str, Address, Unknown]]:
    for leaf in leaves(tree):
        if isinstance(leaf, Unknown):
            for name, address in leaf.references.items():
                yield name, address, leaf
            yield from _references(leaf.inputs)


def _faults(
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
