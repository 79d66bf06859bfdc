"""Modules and calendars of other commits and tags."""

from __future__ import annotations

import pytest

from gitbot.language.versions import named_commits, named_tags
from gitbot.model.desired import DesiredStack, LoadedTree, ModuleUse
from gitbot.model.tree import EntryKind, TreeEntry, Version
from tests.unit.language.specs_by_hand import HEAD, codes, entries, load_files

PIN = "3f9c1e0b7a52d48c6e1f0a9b8c7d6e5f40312233"
OTHER = "0" * 39 + "1"
USE = "  resources:\n    crate: {module: modules/crate}\n"


def module(name: str, box: str, more: str = "") -> str:
    return f"""apiVersion: gitbot/v1
kind: Module
metadata: {{name: {name}}}
spec:
  resources:
    box: {{type: Test::Box, properties: {{Name: {box}}}}}
{more}"""


def environment(name: str, more: str = "") -> str:
    return f"""apiVersion: gitbot/v1
kind: Environment
metadata: {{name: {name}}}
spec:
  region: us-east-1
{more}"""


def pinned(pin: str = f'"{PIN}"') -> str:
    return environment("prod", f"  promotesFrom: dev\n  modules: {pin}\n")


AT_PIN = Version(
    commit=PIN,
    contained=True,
    entries=entries(
        {
            "modules/crate/module.yaml": module(
                "crate", "then", "    inner: {module: modules/part}\n"
            ),
            "modules/part/module.yaml": module("part", "part-then"),
            "calendars/mine.yaml": "- 2026-12-24\n",
        }
    ),
)


def files_of(prod: str, use: str = USE) -> dict[str, str]:
    return {
        "specs/dev/environment.yaml": environment("dev"),
        "specs/dev/demo.yaml": HEAD + USE,
        "specs/prod/environment.yaml": prod,
        "specs/prod/demo.yaml": HEAD + use,
        "modules/crate/module.yaml": module("crate", "now"),
    }


def load(
    prod: str, *, use: str = USE, versions: dict[str, Version] | None = None, **more: str
) -> LoadedTree:
    known = {PIN: AT_PIN} if versions is None else versions
    return load_files({**files_of(prod, use), **more}, versions=known)


def names(stack: DesiredStack) -> dict[str, object]:
    return {address: one.properties["Name"] for address, one in stack.resources.items()}


def test_an_environment_uses_the_modules_of_the_commit_that_it_names() -> None:
    dev, prod = load(pinned()).stacks
    assert names(dev) == {"crate.box": "now"}
    assert names(prod) == {"crate.box": "then", "crate.inner.box": "part-then"}
    assert dev.modules == (ModuleUse(name="modules/crate"),)
    assert prod.modules == (
        ModuleUse(name="modules/crate", commit=PIN),
        ModuleUse(name="modules/part", commit=PIN),
    )


def test_a_change_of_a_module_leaves_a_pinned_stack_as_it_is() -> None:
    before, after = (
        {one.environment: one.hash for one in found.stacks}
        for found in (
            load(pinned()),
            load(pinned(), **{"modules/crate/module.yaml": module("crate", "later")}),
        )
    )
    assert before["prod"] == after["prod"]
    assert before["dev"] != after["dev"]


def test_a_problem_in_a_module_of_another_commit_is_told_where_it_is_used() -> None:
    wrong = Version(
        commit=PIN,
        contained=True,
        entries=entries({"modules/crate/module.yaml": module("crate", '"${vars.none}"')}),
    )
    (found,) = load(pinned(), versions={PIN: wrong}).diagnostics
    assert (found.code, found.file, found.line) == ("module-broken", "specs/prod/demo.yaml", 6)
    assert "Line 6: There is no vars.none." in found.detail


@pytest.mark.parametrize(
    ("pin", "versions", "expected", "says"),
    [
        ('"3f9c1e0"', {}, ["bad-value"], "the 40 digits of a commit, in quotes"),
        ("3333333", {}, ["wrong-type"], "Put the value in quotes"),
        ("1" * 40, {}, ["yaml-number"], "Quote it"),
        ("12e4567" + "8" * 33, {}, ["yaml-number"], ""),
        (f'"{PIN.upper()}"', {}, ["bad-value"], "the 40 digits"),
        ('"${env.name}"', {}, ["no-expression-here"], ""),
        (
            f'"{PIN}"',
            {PIN: Version()},
            ["unknown-commit", "unknown-module"],
            "is no commit of this repository",
        ),
        (
            f'"{PIN}"',
            {PIN: Version(unborn=True)},
            ["unknown-commit", "unknown-module"],
            "has no commit yet",
        ),
        (f'"{PIN}"', {}, ["unknown-commit", "unknown-module"], "nobody looked for"),
        (
            f'"{PIN}"',
            {PIN: Version(commit=PIN)},
            ["unknown-commit", "unknown-module"],
            "the tracked branch does not contain",
        ),
        (f'"{PIN}"', {PIN: Version(commit=PIN, contained=True)}, ["unknown-module"], PIN[:12]),
    ],
)
def test_a_wrong_commit_is_a_problem(
    pin: str, versions: dict[str, Version], expected: list[str], says: str
) -> None:
    loaded = load(pinned(pin), versions=versions)
    assert sorted(codes(loaded)) == expected
    place = "demo.yaml" if expected == ["unknown-module"] else "environment.yaml"
    (found,) = (one for one in loaded.diagnostics if one.file == f"specs/prod/{place}")
    assert found.line == (6 if place == "demo.yaml" else 7)
    assert says in f"{found.detail} {found.fix}"
    assert [one.environment for one in loaded.stacks] == ["dev"]


def test_a_promoted_environment_without_a_commit_may_use_no_module_of_the_repository() -> None:
    prod = environment("prod", "  promotesFrom: dev\n")
    (found,) = load(prod).diagnostics
    assert (found.code, found.file) == ("module-not-pinned", "specs/prod/demo.yaml")
    plain = "  resources:\n    box: {type: Test::Box, properties: {Name: x}}\n"
    assert load(prod, use=plain).diagnostics == ()


def test_the_first_environment_may_name_a_commit_too() -> None:
    files = {
        "specs/prod/environment.yaml": environment("prod", f"  modules: {PIN}\n"),
        "specs/prod/demo.yaml": HEAD + USE,
    }
    loaded = load_files(files, versions={PIN: AT_PIN})
    assert loaded.diagnostics == ()
    assert names(loaded.stacks[0])["crate.box"] == "then"


def test_calendars_come_from_the_commit_too() -> None:
    hours = '  offhours: "off=(M-F,19); skip=mine"\n'
    loaded = load(pinned() + hours)
    assert [day.isoformat() for day in loaded.calendars_of("prod").get("mine", ())] == [
        "2026-12-24"
    ]
    assert loaded.calendars_of("dev") == {}
    assert loaded.diagnostics == ()
    (unknown,) = load(environment("prod", hours), use="  resources: {}\n").diagnostics
    assert unknown.code == "unknown-calendar"


TAGGED = "  resources:\n    crate: {module: modules/crate@v1.2.0}\n"


def test_a_module_at_a_tag_needs_no_commit_of_the_environment() -> None:
    prod = environment("prod", "  promotesFrom: dev\n")
    loaded = load(prod, use=TAGGED, versions={"v1.2.0": AT_PIN})
    assert loaded.diagnostics == ()
    assert names(loaded.stacks[1]) == {"crate.box": "then", "crate.inner.box": "part-then"}
    assert loaded.stacks[1].modules == (
        ModuleUse(name="modules/crate", tag="v1.2.0", commit=PIN),
        ModuleUse(name="modules/part", tag="v1.2.0", commit=PIN),
    )


@pytest.mark.parametrize(
    ("reference", "versions", "code", "says"),
    [
        ("modules/crate@v9", {"v9": Version()}, "unknown-tag", 'no tag "v9"'),
        ("modules/crate@v9", {"v9": Version(unborn=True)}, "unknown-tag", "has no commit yet"),
        ("modules/crate@v9", {}, "unknown-tag", "Nobody looked for"),
        ("modules/crate@v9", {"v9": Version(commit=OTHER)}, "unknown-tag", "nobody has merged it"),
        (f"modules/crate@{PIN}", {PIN: AT_PIN}, "unknown-tag", "the form of a commit"),
        ("modules/none@v1", {"v1": AT_PIN}, "unknown-module", "at tag v1"),
        (
            "gitbot/ml-bucket@v1",
            {"v1": AT_PIN},
            "unknown-module",
            "only modules of this repository",
        ),
        ("modules/crate@", {}, "unknown-module", "names a tag"),
        ("modules/crate@?", {}, "unknown-tag", '"?" is no tag that specs can name'),
        ("modules/crate@../../y", {}, "unknown-tag", '"../../y" is no tag that specs can name'),
    ],
)
def test_a_tag_that_cannot_be_used_is_a_problem(
    reference: str, versions: dict[str, Version], code: str, says: str
) -> None:
    use = f'  resources:\n    crate: {{module: "{reference}"}}\n'
    (found,) = load(environment("prod"), use=use, versions=versions).diagnostics
    assert (found.code, found.file, found.line) == (code, "specs/prod/demo.yaml", 6)
    assert says in found.detail


def test_a_module_at_a_tag_is_no_part_of_itself() -> None:
    circle = Version(
        commit=PIN,
        contained=True,
        entries=entries(
            {"modules/crate/module.yaml": module("crate", "x", "    me: {module: modules/crate}\n")}
        ),
    )
    (found,) = load(environment("prod"), use=TAGGED, versions={"v1.2.0": circle}).diagnostics
    assert "modules/crate@v1.2.0 → modules/crate@v1.2.0" in found.detail


def test_a_folder_of_modules_takes_no_at_in_its_name() -> None:
    found = load(pinned(), **{"modules/x@v1/module.yaml": module("x", "x")}).diagnostics
    assert [one.code for one in found] == ["bad-path"]


def test_the_names_of_versions_are_found_in_texts() -> None:
    files = entries(
        {
            "specs/prod/environment.yaml": f'spec: {{modules: "{PIN}"}} # modules: {OTHER}',
            "specs/prod/a.yaml": f"x: modules/a@v1\ny: 'modules/a/b@rel/1.0'\nmodules: '{OTHER[:-1]}2'",
            "modules/c/module.yaml": '{module: "modules/a@v2"}',
            "README.md": "modules/a@v3",
        }
    )
    assert list(named_commits(files)) == [PIN, OTHER]
    assert list(named_tags(files)) == ["v2", "v1", "rel/1.0"]


@pytest.mark.parametrize(
    "entry",
    [
        TreeEntry(kind=EntryKind.SYMLINK),
        TreeEntry(size_bytes=2_000_000),
        TreeEntry(content=b"x" * 1_000_001),
        TreeEntry(content=b"\xff"),
    ],
)
def test_a_module_of_another_commit_that_is_no_readable_file_is_not_there(entry: TreeEntry) -> None:
    version = Version(commit=PIN, contained=True, entries={"modules/crate/module.yaml": entry})
    (found,) = load(pinned(), versions={PIN: version}).diagnostics
    assert (found.code, PIN[:12] in found.detail) == ("unknown-module", True)
