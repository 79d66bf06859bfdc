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
    """The stacks that import an object which another one imports too. Each of them has a problem, so that it is told
    whichever is planned.

    An environment has one account. An identifier counts in the stack's region, unless the type's counts in all.
    """
    importing: dict[tuple[str, str, str], dict[str, tuple[DesiredStack, DesiredResource]]] = {}
    for stack in stacks:
        for one in stack.resources.values():
            if (own := one.lifecycle.import_id) is not None:
                key = (one.type, own, "" if is_global(one.type) else stack.region)
                # Twice in one stack is told with the stack.
                importing.setdefault(key, {}).setdefault(stack.name, (stack, one))
    found: set[str] = set()
    for (type_, own, _region), some in importing.items():
        for name, (_, one) in some.items() if len(some) > 1 else ():
            found.add(name)
            other, its = next(pair for at, pair in some.items() if at != name)
            here = problems.of_file(one.source.file, environment).of_stack(written_name(name))
            replace(here, used_at=one.used_at).add(
                "duplicate-import",
                (one.source.line, one.source.column),
                f"{one.address} imports the {type_} {quoted(own)}, and so does {its.address} of the "
                f"stack {other.name} ({its.source}).",
                "One stack has an object: take the resource out of the other one.",
            )
    return frozenset(found)
