"""The commit that an environment takes modules and calendars from: its form, and whether it is there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from gitbot.language.calendars import read_calendars
from gitbot.language.files import CALENDARS
from gitbot.language.places import place_in
from gitbot.language.problems import Problems
from gitbot.model.desired import Environment
from gitbot.model.tree import SpecTree, Version

PIN_PATTERN: Final = r"[0-9a-f]{40}"
PIN_RULE: Final = "the 40 digits of a commit, in quotes"

MOST_VERSIONS: Final = 64
"""How many commits and tags the specs of one tree can name together."""

NOT_LOOKED_FOR: Final = (
    f"the specs of a repository can name {MOST_VERSIONS} commits and tags together, and in a folder that "
    "is no clone there are none"
)


def pinned_calendars(
    environments: Collection[Environment], tree: SpecTree
) -> dict[str, Mapping[str, frozenset[date]]]:
    """The calendars of each environment that names a commit for them."""
    read: dict[str, Mapping[str, frozenset[date]]] = {}
    for environment in environments:
        pin = environment.modules
        if pin is not None and pin not in read:
            entries = tree.versions.get(pin, Version()).entries
            # What was wrong with them was said when they were merged.
            read[pin] = read_calendars(SpecTree(id=pin, entries=entries), Problems(file=CALENDARS))
    return {one.name: read[one.modules] for one in environments if one.modules is not None}


def check_pins(environments: Collection[Environment], tree: SpecTree, problems: Problems) -> None:
    """Say when an environment names a commit that is not there, or was never merged."""
    for environment in environments:
        pin = environment.modules
        if pin is None:
            continue
        version = tree.versions.get(pin)
        if version is None:
            why = f"nobody looked for {pin[:12]}: {NOT_LOOKED_FOR}"
        elif version.usable:
            continue
        elif version.unborn:
            why = "this repository has no commit yet"
        elif version.commit is None:
            why = f"{pin[:12]} is no commit of this repository"
        else:
            why = f"{pin[:12]} is a commit that the tracked branch does not contain"
        problems.of_file(environment.source.file, environment.name).add(
            "unknown-commit",
            place_in(tree, environment.source, rf"modules[\"']?[ \t]*:[ \t]*(?P<at>[\"']?{pin})"),
            f"modules is where {environment.name} takes modules/, templates/ and calendars/ from, and {why}.",
            "Name a commit of the tracked branch in quotes, on the line of `modules:`; "
            "`git log --format=%H -- modules templates calendars` lists them. In a clone, fetch it first.",
        )
