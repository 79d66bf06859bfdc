"""Finds resources that are elements of a list which another resource declares as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gitbot.language.nodes import Node
from gitbot.language.problems import Problems
from gitbot.language.trees import roots_in
from gitbot.language.written import Written
from gitbot.model.schema import PartOf


def check_list_elements(
    written: Mapping[str, Written], imports: Sequence[Mapping[str, Any]], problems: Problems
) -> None:
    """Add a problem for each such resource: every apply of the list's owner would delete it.

    An owner that ignores changes of its list leaves other elements alone, so that is allowed.
    ``imports`` are the entries of ``spec.imports``.
    """
    imported = {one.get("to"): one.get("id") for one in imports}
    for one, part, reference in _elements(written.values()):
        for owner, whole in _owners(part, reference, written, imported):
            problems.add(
                "list-and-element",
                reference,
                f"{one.key} is an element of {part.property} of {owner.key}, which declares that "
                f"list as a whole in line {whole.mark[0]}: each would undo the other.",
                f"Move {one.key} into {part.property} of {owner.key}, or take {part.property} out "
                "there and make each of its elements a resource of its own.",
            )


def _elements(written: Iterable[Written]) -> Iterator[tuple[Written, PartOf, Node]]:
    """The resources that may be elements of a list, each with what names the owner of the list."""
    for one in written:
        first = one.type.schema.part_of if one.type is not None else None
        for part in (first, *first.others) if first is not None else ():
            named = one.properties.get(part.reference) if one.properties else None
            if named is not None:
                yield one, part, named


def _owners(
    part: PartOf,
    reference: Node,
    written: Mapping[str, Written],
    imported: Mapping[Any, Any],
) -> Iterator[tuple[Written, Node]]:
    """The resources that the reference names and that declare the list, each with its list."""
    roots = roots_in(reference)
    for owner in written.values():
        lifecycle: Mapping[str, object] = owner.fields.get("lifecycle") or {}
        whole = owner.properties.get(part.property) if owner.properties else None
        if owner.type_name != part.owner or whole is None or _is_ignored(part, lifecycle):
            continue
        if owner.key in roots or (
            isinstance(reference.value, str)
            and reference.value in (lifecycle.get("import"), imported.get(owner.key))
        ):
            yield owner, whole


def _is_ignored(part: PartOf, lifecycle: Mapping[str, object]) -> bool:
    ignored = lifecycle.get("ignoreChanges", ())
    return isinstance(ignored, (list, tuple)) and f"/{part.property}" in ignored
