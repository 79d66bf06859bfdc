"""Finds out which names of a module need which others, and in which order they are evaluated. Pure.

A name is the key of a resource or of a use of a module, or ``locals.<name>``, ``lookups.<name>`` or
``vars.<name>``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems, suggest
from gitbot.language.scanner import Names
from gitbot.language.self_references import names_itself
from gitbot.language.templates import ExpressionError, parse_template
from gitbot.language.written import Written
from gitbot.model.graph import cycles, order

_NAMED = ("locals", "lookups", "vars")
_USING = ("properties", "placement", "offhours", "values", "forEach", "when")
_LIFECYCLE = ("replaceWhen", "preconditions", "postconditions")


def names_in(nodes: Iterable[Node | None]) -> frozenset[str]:
    """The names that the expressions of the trees use. Expressions with errors are skipped.

    A root that is used as a whole stands for all of its names: ``locals`` alone is ``locals.``.
    """
    return frozenset[str]().union(*map(_spelled, scanned(nodes)))


def copies_in(nodes: Iterable[Node | None], key: str, each: str | None) -> frozenset[str] | None:
    """The keys of the copies of an entry that the expressions of the trees name.

    None where any of them can be meant. ``each`` is the value of ``each.key``, where it is known.
    """
    found: set[str] = set()
    for names in scanned(nodes):
        for path in names.paths | names.compared | names.walked:
            if path[0] != key:
                continue
            step = path[1] if len(path) > 1 else ()
            if isinstance(step, tuple):
                if step != ("each", "key") or each is None:
                    return None
                step = each
            found.add(step)
    return frozenset(found)


def scanned(nodes: Iterable[Node | None]) -> Iterator[Names]:
    """The names in each text of the trees that has expressions. Expressions with errors are skipped."""
    for node in nodes:
        for text in node.templates() if node is not None else ():
            try:
                yield parse_template(text).names
            except ExpressionError:
                continue


def _spelled(names: Names) -> set[str]:
    return {
        *(f"{root}.{name}" if root in _NAMED else root for root, name in names.selected),
        *(f"{root}." if root in _NAMED else root for root in names.bare),
    }


def expand(used: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """The names that are known, with each whole root replaced by all of its names."""
    found: set[str] = set()
    for name in used:
        if name.endswith("."):
            found.update(one for one in known if one.startswith(name))
        elif name in known:
            found.add(name)
    return frozenset(found)


def nodes_of(one: Written) -> tuple[Node | None, ...]:
    """The trees of the entry whose expressions are evaluated."""
    return (
        *(one.node.get(part) for part in _USING),
        *(one.node.get("lifecycle", part) for part in _LIFECYCLE),
    )


def names_of(one: Written) -> frozenset[str]:
    """The names that the entry uses, without its own where its type allows that."""
    if one.is_literal:
        return frozenset()
    written = one.node.value
    used = names_in([written[part] for part in _USING if part in written])
    used = used - {one.key} if one.key in used and names_itself(one) else used
    if "lifecycle" not in written:
        return used
    about = names_in(one.node.get("lifecycle", part) for part in _LIFECYCLE)
    # What names its own resource by the key there is a problem of its own.
    return used | (about - {one.key})


def link(
    written: Mapping[str, Written],
    used: Mapping[str, frozenset[str]],
    others: Mapping[str, Node],
    place: Node | None,
) -> Mapping[str, frozenset[str]]:
    """What each entry needs, and each of the ``others``: locals and lookups, by their whole names.

    ``used`` are the names that each entry uses: ``names_of``. ``place`` is the node of ``resources``. An unknown name in ``dependsOn`` is a problem.
    """
    known = written.keys() | others.keys()
    edges = {
        key: expand(used[key], known) | _depends_on(one, written, place)
        for key, one in written.items()
    }
    for name, node in others.items():
        edges[name] = expand(names_in([node]), known)
    return edges


def ordered(
    edges: Mapping[str, frozenset[str]], homes: Mapping[str, Mark], problems: Problems
) -> tuple[str, ...]:
    """The names, each after what it needs. A circle is a problem, and its names come last."""
    for cycle in cycles(edges):
        problems.add(
            "cycle",
            homes[cycle[0]],
            f"{' → '.join(cycle)}: each needs the next one first.",
            "Remove one of these references, or write what it gives as a value of its own.",
        )
    return order(edges)


def _depends_on(one: Written, written: Mapping[str, Written], place: Node | None) -> frozenset[str]:
    names: Iterable[str] = (one.fields.get("lifecycle") or {}).get("dependsOn", ())
    for name in names:
        if name not in written and (place is None or place.get(name) is None):
            one.problems.add(
                "unknown-dependency",
                one.node.get("lifecycle", "dependsOn"),
                f'{one.key} depends on "{name}", which is not a resource of this stack.',
                suggest(name, written, "Remove it."),
            )
    return frozenset(names) & written.keys()
