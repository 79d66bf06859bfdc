"""Gives resources the identifiers of existing objects that ``spec.imports`` names by address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gitbot.language.moves import entries_of
from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems, listed, quoted, suggest
from gitbot.language.written import Written
from gitbot.model.desired import DesiredResource
from gitbot.model.names import Address, is_within


def follow_imports(
    fields: Mapping[str, Any],
    spec: Node | None,
    desired: dict[Address, DesiredResource],
    written: Mapping[Address, Written],
    problems: Problems,
) -> None:
    """Give each resource in ``desired`` that an entry of ``spec.imports`` names its ``import_id``.

    An address is that of one object, also of a copy or inside a module. It is a problem if there is
    none, or if an object would be imported twice.
    """
    marks: dict[Address, Mark] = {}
    for entry, mark in entries_of(fields, spec, "imports"):
        if "to" not in entry or "id" not in entry:
            continue  # it has a problem already
        to = Address(entry["to"])
        if to not in desired:
            _nowhere(to, mark, desired, problems)
        elif desired[to].lifecycle.import_id is not None:
            problems.add(
                "duplicate-import",
                mark,
                f"What is imported to {to} is said twice.",
                "Remove one of the two: the entry, or lifecycle.import of the resource.",
            )
        else:
            marks[to] = mark
            lifecycle = replace(desired[to].lifecycle, import_id=entry["id"])
            desired[to] = replace(desired[to], lifecycle=lifecycle)
    _check_once(desired, written, marks, problems)


def _nowhere(
    to: Address, mark: Mark, desired: Mapping[Address, DesiredResource], problems: Problems
) -> None:
    below = [one for one in desired if is_within(one, to)]
    problems.add(
        "import-nowhere",
        mark,
        f"An object is imported to {quoted(to)}, which "
        + ("is not one object." if below else "is nothing in this stack."),
        f"Write the address of one: {listed(below, most=5)}."
        if below
        else suggest(to, desired, "Correct the address, or remove the entry."),
    )


def _check_once(
    desired: Mapping[Address, DesiredResource],
    written: Mapping[Address, Written],
    marks: Mapping[Address, Mark],
    problems: Problems,
) -> None:
    """Add a problem for each object that two resources import."""
    first: dict[tuple[str, str], Address] = {}
    for address, one in desired.items():
        own = one.lifecycle.import_id
        earlier = address if own is None else first.setdefault((one.type, own), address)
        if earlier == address:
            continue
        of_entry = address in marks
        place = marks[address] if of_entry else written[address].node.get("lifecycle", "import")
        (problems if of_entry else written[address].problems).add(
            "duplicate-import",
            place,
            f"{earlier} and {address} both import {quoted(own)}.",
            "Each is an object of its own: correct one of the two. Copies, and what is inside a "
            "module, are imported by address, with spec.imports.",
        )
