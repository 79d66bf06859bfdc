"""What the pages say of each other and of the folders of the code is so."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import click
import pytest

from gitbot.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    ]
)
LEAFS = ("gitbot/providers/aws/types/", "gitbot/modules/")
"""Folders whose own folders are many, and all of one kind."""


@cache
def prose(page: Path) -> str:
    """The text of a page without its code."""
    return re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """What GitHub calls the headings of a page in links."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", one.lower()) for one in headings)
    return frozenset(one.replace(" ", "-") for one in words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        path, _, anchor = link.partition("#")
        if ":" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), link


def test_the_readme_is_read_to_its_end() -> None:
    assert (ROOT / "README.md").read_text().count("\n") < 150


def test_each_command_stands_on_a_page() -> None:
    told = "".join(page.read_text() for page in PAGES)
    # `make demo` and `make sandbox` stand there in place of the commands that they run.
    assert {one for one in COMMANDS if f"gitbot {one}" not in told} <= {"demo", "sandbox"}


def test_the_line_of_each_command_is_read_to_its_end() -> None:
    """The kind: a list in which click has cut what does not fit."""
    for name in COMMANDS:
        found = main.get_command(click.Context(main), name)
        for command in found.commands.values() if isinstance(found, click.Group) else ():
            assert not command.get_short_help_str().endswith("..."), f"{name} {command.name}"


def test_the_house_has_each_folder_at_its_place_and_no_other() -> None:
    house = (ROOT / "docs/architecture.md").read_text().split("```")[1].strip("\n")
    rooms, above = set(), [""]
    for line in house.split("\n"):
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0].rstrip("/")
        above = [*above[: depth + 1], f"{above[depth]}/{name}"]
        rooms.add(f"gitbot{above[-1]}")
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "gitbot").rglob("*.py")}
    told = {one for one in folders if not one.startswith(LEAFS)} - {"gitbot"}
    assert rooms == told | {"gitbot/modules", "gitbot/settings", "gitbot/errors"}


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name[:4])
def test_each_decision_has_a_status_that_the_index_repeats(page: Path) -> None:
    """The kind: a decision that was changed, and that does not say so to who reads it."""
    title, _, status = page.read_text().split("\n")[:3]
    found = re.fullmatch(r"\*\*Status:\*\* accepted, \d{4}-\d\d-\d\d(?:; (.+))?", status)
    assert found is not None, status
    row = f"| {int(page.name[:4])} | [{title.partition('. ')[2]}]({page.name}) | {found[1] or ''} |"
    assert row in (page.parent / "README.md").read_text().split("\n")
    for other in re.findall(r"\]\((\d[^)]+)\)", status):
        assert page.name in (page.parent / other).read_text().split("\n")[2], other
