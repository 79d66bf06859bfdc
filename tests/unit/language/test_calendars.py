"""Calendars of a repository: the days on which machines stay stopped."""

from __future__ import annotations

from datetime import date

import pytest

from gitbot.language.calendars import LARGEST_BYTES, calendars_used
from gitbot.model.desired import LoadedTree
from gitbot.model.tree import EntryKind, TreeEntry
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, TYPES, load_files
from tests.unit.language.test_hours_fields import MACHINE, machine


def load(
    calendars: dict[str, str | bytes | TreeEntry], hours: str = "skip=mine", default: str = ""
) -> LoadedTree:
    files: dict[str, str | bytes | TreeEntry] = {
        "specs/dev/environment.yaml": ENVIRONMENT + default,
        "specs/dev/demo.yaml": HEAD + f"  offhours: {hours}\n" + machine(),
        **calendars,
    }
    return load_files(files, {**TYPES, MACHINE.name: MACHINE})


def test_the_days_of_a_calendar_are_read() -> None:
    text = "# ours\n---\n- 2026-12-24  # Christmas Eve\n- '2026-12-31'\n\n-  \n".replace(
        "-  \n", ""
    )
    loaded = load({"calendars/mine.yaml": text, "calendars/README.md": "words"})
    assert loaded.diagnostics == ()
    assert loaded.calendars == {"mine": {date(2026, 12, 24), date(2026, 12, 31)}}
    assert [stack.name for stack in loaded.stacks] == ["demo"]
    assert calendars_used(loaded.environments["dev"], loaded.stacks) == {"mine"}
    assert calendars_used(None, ()) == frozenset()


@pytest.mark.parametrize(
    "line", ["- 2026-02-30", "- tomorrow", "days: []", "  - 2026-12-24", '- "2026-12-24']
)
def test_a_line_that_is_no_day_is_told_at_its_place(line: str) -> None:
    (found,) = load({"calendars/mine.yaml": f"- 2026-12-24\n{line}\n"}).diagnostics
    assert (found.code, found.file, found.line) == ("bad-calendar", "calendars/mine.yaml", 2)
    assert found.environment is None


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"calendars/a/mine.yaml": ""}, "misplaced-file"),
        ({"calendars/mine.yml": ""}, "misplaced-file"),
        ({"calendars/mine.yaml": TreeEntry(kind=EntryKind.SYMLINK)}, "not-a-file"),
        ({"calendars/mine.yaml": "#" * (LARGEST_BYTES + 1)}, "file-too-large"),
    ],
)
def test_a_file_that_is_no_calendar_is_told(
    files: dict[str, str | bytes | TreeEntry], code: str
) -> None:
    assert code in [one.code for one in load(files, "skip=DE").diagnostics]


@pytest.mark.parametrize("hours", ["skip=mine", "skip=DE-XX", '{schedule: "skip=mine"}'])
def test_an_unknown_calendar_is_told_and_its_stack_left_out(hours: str) -> None:
    loaded = load({}, hours)
    (found,) = loaded.diagnostics
    assert (found.code, found.stack, found.environment) == ("unknown-calendar", "demo", "dev")
    assert loaded.stacks == ()


def test_an_unknown_calendar_of_an_environment_is_told() -> None:
    (found,) = load({}, "skip=DE-BE", "  offhours: skip=de-be\n").diagnostics
    assert (found.code, found.stack) == ("unknown-calendar", None)
    assert found.fix == 'Did you mean "DE-BE"?'


def test_it_is_told_where_the_file_names_the_calendar_and_not_where_a_comment_does() -> None:
    (found,) = load({}, "{schedule: 'off=(M,9); skip = mine'} # skip=mine").diagnostics
    line, column = (found.line, found.column)
    text = "  offhours: {schedule: 'off=(M,9); skip = mine'}"
    assert (line > 1, column) == (True, text.index("mine") + 1)
