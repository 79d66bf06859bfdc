"""Which environments a change of a module does not reach."""

from __future__ import annotations

import pytest

from gitbot.decisions.modules import staying_behind
from gitbot.model.tree import Version
from tests.unit.language.specs_by_hand import load_files
from tests.unit.language.test_module_versions import AT_PIN, OTHER, PIN, environment, files_of

CRATE = "modules/crate/module.yaml"


@pytest.mark.parametrize(
    ("prod", "before", "files", "expected"),
    [
        ("pinned", "pinned", [CRATE], ["prod"]),
        ("pinned", "pinned", ["modules/part/module.yaml"], ["prod"]),
        ("pinned", "pinned", ["modules/other/module.yaml", "specs/dev/demo.yaml"], []),
        ("pinned", "other", [CRATE], []),
        ("pinned", "none", [CRATE], []),
        ("free", "free", [CRATE], []),
    ],
)
def test_who_stays_behind(prod: str, before: str, files: list[str], expected: list[str]) -> None:
    homes = {
        "pinned": environment("prod", f"  promotesFrom: dev\n  modules: {PIN}\n"),
        "other": environment("prod", f"  promotesFrom: dev\n  modules: '{OTHER}'\n"),
        "free": environment("prod"),
    }
    versions = {PIN: AT_PIN, OTHER: Version(commit=OTHER, contained=True, entries=AT_PIN.entries)}
    trees = [
        load_files(files_of(homes[each]) if each in homes else {}, versions=versions)
        for each in (before, prod)
    ]
    said = staying_behind(trees[0], trees[1], files)
    assert [words.split("`")[1] for words in said] == expected


def test_what_is_said_names_the_module_the_commit_and_who_is_before() -> None:
    one = load_files(
        files_of(environment("prod", f"  promotesFrom: dev\n  modules: {PIN}\n")),
        versions={PIN: AT_PIN},
    )
    assert staying_behind(one, one, [CRATE]) == (
        "`prod` stays as it is: its environment.yaml takes `modules/crate` from the commit "
        "`3f9c1e0b7a52`. Promotion moves that line once dev runs with the change.",
    )
    first = load_files(files_of(environment("prod", f"  modules: {PIN}\n")), versions={PIN: AT_PIN})
    assert staying_behind(first, first, [CRATE])[0].endswith("`3f9c1e0b7a52`.")
