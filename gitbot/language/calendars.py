"""Reads the calendars of a repository: ``calendars/<name>.yaml``, a list of dates. Pure.

Only lines of one form are read, so that no text can cost more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from gitbot.language.files import CALENDARS
from gitbot.language.places import place_in
from gitbot.language.problems import Problems, quoted, suggest
from gitbot.language.time.hours import read_hours
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.holidays import country_codes
from gitbot.model.hours import OffHours
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry

LARGEST_BYTES: Final = 100_000
_PATH: Final = re.compile(rf"{CALENDARS}/(?P<name>[A-Za-z][A-Za-z0-9_-]{{0,62}})\.yaml")
_DAY: Final = re.compile(r"""- ?(["']?)(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\1[ \t]*(?:[ \t]#.*)?""")
_NOTHING: Final = re.compile(r"[ \t]*(?:#.*)?|---[ \t]*")


def read_calendars(tree: SpecTree, problems: Problems) -> Mapping[str, frozenset[date]]:
    """The days of each calendar, by its name. What cannot be read is added as a problem."""
    found: dict[str, frozenset[date]] = {}
    for path, entry in sorted(tree.entries.items()):
        if not path.startswith(f"{CALENDARS}/") or not path.endswith((".yaml", ".yml")):
            continue
        here = problems.of_file(path, None)
        named = _PATH.fullmatch(path)
        if named is None:
            here.add(
                "misplaced-file",
                None,
                f"Calendars are {CALENDARS}/<name>.yaml, and a name has letters, digits, - and _.",
                "Rename or move the file.",
            )
        elif (text := _text(entry, here)) is not None:
            found[named["name"]] = frozenset(_days(text, here))
    return found


def _text(entry: TreeEntry, problems: Problems) -> str | None:
    content = entry.content
    if entry.kind is not EntryKind.FILE or content is None or len(content) > LARGEST_BYTES:
        problems.add(
            "not-a-file" if entry.kind is not EntryKind.FILE else "file-too-large",
            None,
            f"A calendar is a plain file of at most {LARGEST_BYTES:,} bytes.",
            "Write the dates into such a file.",
        )
        return None
    return content.decode("utf-8-sig", "replace")


def _days(text: str, problems: Problems) -> Iterable[date]:
    for number, line in enumerate(text.splitlines(), 1):
        if _NOTHING.fullmatch(line):
            continue
        found = _DAY.fullmatch(line)
        try:
            if found is None:
                raise ValueError
            yield date.fromisoformat(found["day"])
        except ValueError:
            problems.add(
                "bad-calendar",
                (number, 1),
                f"{quoted(line)} is not a day of a calendar.",
                "Write one date a line: `- 2026-12-24  # Christmas Eve`.",
            )


def check_calendars(
    environments: Iterable[Environment],
    stacks: Iterable[DesiredStack],
    tree: SpecTree,
    calendars_of: Callable[[str], Mapping[str, frozenset[date]]],
    problems: Problems,
) -> frozenset[tuple[str, str]]:
    """Add a problem for each ``skip=`` that names no calendar; returns the stacks that have one.

    ``calendars_of`` gives the calendars that an environment uses.
    """
    for each in environments:
        calendars = calendars_of(each.name)
        if each.off_hours is not None and not _known(each.off_hours, calendars):
            _add(each.off_hours, tree, each.source, each.name, None, calendars, problems)
    wrong: set[tuple[str, str]] = set()
    for stack in stacks:
        calendars = calendars_of(stack.environment)
        hours = {one.machine.off_hours for one in stack.resources.values()}
        for unknown in sorted(
            (one for one in hours if one is not None and not _known(one, calendars)), key=str
        ):
            wrong.add((stack.environment, stack.name))
            _add(unknown, tree, stack.source, stack.environment, stack.name, calendars, problems)
    return frozenset(wrong)


def calendars_used(
    environment: Environment | None, stacks: Iterable[DesiredStack]
) -> frozenset[str]:
    """The names of the calendars that the environment and these stacks of it use."""
    hours = [environment.off_hours] if environment is not None else []
    hours += [one.machine.off_hours for stack in stacks for one in stack.resources.values()]
    names = {read_hours(one.text).skip for one in hours if one is not None}
    return frozenset(name for name in names if name is not None)


def _known(hours: OffHours, calendars: Mapping[str, frozenset[date]]) -> bool:
    name = read_hours(hours.text).skip
    return name is None or name in calendars or name in country_codes()


def _add(
    hours: OffHours,
    tree: SpecTree,
    at: SourceSpan,
    environment: str,
    stack: str | None,
    calendars: Mapping[str, frozenset[date]],
    problems: Problems,
) -> None:
    name = read_hours(hours.text).skip or ""
    here = problems.of_file(at.file, environment)
    (here if stack is None else here.of_stack(stack)).add(
        "unknown-calendar",
        place_in(tree, at, rf"skip\s*=\s*(?P<at>{re.escape(name)})"),
        f"skip={name} names neither a file {CALENDARS}/{name}.yaml nor a country.",
        suggest(
            name,
            {*calendars, *country_codes()},
            f"Add {CALENDARS}/{name}.yaml, or write a country such as DE or DE-BE.",
        ),
    )
