"""Finds objects that two stacks of an environment would take over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gitbot.language.problems import Problems, quoted
from gitbot.language.regions import is_global
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.names import written_name


def check_imported_once(
    environment: str, stacks: Iterable[DesiredStack], problems: Problems
) -> frozenset[str]:
    """The stacks that import an object which an earlier one imports already. Each time is added as a problem.

    An environment has one account. An identifier counts in the stack's region, unless the type's counts in all.
    """
    first: dict[tuple[str, str, str], tuple[DesiredStack, DesiredResource]] = {}
    found: set[str] = set()
    for stack in stacks:
        for one in stack.resources.values():
            own = one.lifecycle.import_id
            if own is None:
                continue
            region = "" if is_global(one.type) else stack.region
            earlier, its = first.setdefault((one.type, own, region), (stack, one))
            if earlier is stack:
                continue  # twice in one stack is told with the stack
            found.add(stack.name)
            here = problems.of_file(one.source.file, environment).of_stack(written_name(stack.name))
            replace(here, used_at=one.used_at).add(
                "duplicate-import",
                (one.source.line, one.source.column),
                f"{one.address} imports the {one.type} {quoted(own)}, and so does {its.address} of the "
                f"stack {earlier.name} ({its.source}).",
                "One stack has an object: take the resource out of the other one.",
            )
    return frozenset(found)
