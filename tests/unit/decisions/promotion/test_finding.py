"""A Stack document is found wherever it stands, and whether it is promoted is read from it."""

from __future__ import annotations

import pytest

from gitbot.decisions.promotion.finding import (
    is_broken,
    is_promoted,
    stacks_in,
    target_of,
    text_of,
    texts_of,
)
from gitbot.decisions.promotion.proposal import StackText
from gitbot.model.tree import EntryKind, SpecTree, TreeEntry


def entry(text: str) -> TreeEntry:
    return TreeEntry(content=text.encode(), size_bytes=len(text))


def one(text: str) -> StackText:
    return StackText(path="specs/dev/a.yaml", text=text)


def test_stacks_are_found_in_every_file_of_the_folder() -> None:
    tree = SpecTree(
        id="t",
        entries={
            "specs/dev/environment.yaml": entry("kind: Environment\nmetadata: {name: dev}\n"),
            "specs/dev/ml/a.yml": entry(
                "\ufeffkind: Stack\nmetadata: {name: a}\n---\nkind: Stack\nmetadata: {name: b}\n"
            ),
            "specs/dev/b.yaml": entry("kind: Stack\nmetadata: {name: [b]}\n--- 1\n"),
            "specs/dev/broken.yaml": entry("kind: [\n"),
            "specs/dev/odd.yaml": entry("kind: Stack\nmetadata: 1\n"),
            "specs/dev/README.md": entry("kind: Stack\n"),
            "specs/dev/a.test.yaml": entry("kind: Stack\nmetadata: {name: d}\n"),
            "specs/dev/z.yaml": entry("kind: Stack\nmetadata: {name: a}\n"),
            "specs/staging/a.yaml": entry("kind: Stack\nmetadata: {name: c}\n"),
        },
    )
    found = stacks_in(texts_of(tree, "dev"))
    places = {name: (where.path, where.document) for name, where in found.items()}
    assert places == {"a": ("specs/dev/ml/a.yml", 0), "b": ("specs/dev/ml/a.yml", 1)}
    assert found["a"].text.startswith("kind")


@pytest.mark.parametrize(
    "unread",
    [
        TreeEntry(kind=EntryKind.SYMLINK, content=b"x"),
        TreeEntry(size_bytes=5_000_000),
        TreeEntry(content=b"a" * 1_000_001),
        TreeEntry(content=b"\xff"),
    ],
)
def test_what_the_loader_does_not_read_is_not_promoted(unread: TreeEntry) -> None:
    assert text_of(unread) is None
    assert texts_of(SpecTree(id="t", entries={"specs/dev/a.yaml": unread}), "dev") == {}


def test_a_renamed_stack_is_found_by_its_former_name() -> None:
    targets = {"old": one("a: 1\n"), "web": one("a: 2\n")}
    assert target_of("web", one("metadata: {name: web, moved: old}\n"), targets) == targets["web"]
    assert target_of("new", one("metadata: {name: new, moved: old}\n"), targets) == targets["old"]
    assert target_of("new", one("metadata: {name: new}\n"), targets) is None
    assert target_of("new", one("metadata: 1\n"), targets) is None


def test_a_file_is_broken_where_nobody_can_say_which_stacks_it_has() -> None:
    tree = SpecTree(
        id="t",
        entries={"a": entry("kind: ["), "b": entry("kind: Stack"), "c": TreeEntry(content=b"\xff")},
    )
    assert [path for path in "abcd" if is_broken(tree, path)] == ["a", "c"]


@pytest.mark.parametrize(
    ("spec", "promoted"),
    [
        ("{}", True),
        ("{ttl: 3d}", False),
        ("{expires: '2026-12-01T00:00:00Z'}", False),
        ("{ttl: 3d, promote: true}", True),
        ("{promote: false}", False),
        ("1", True),
    ],
)
def test_an_experiment_is_not_promoted_unless_it_says_so(spec: str, promoted: bool) -> None:
    assert is_promoted(one(f"spec: {spec}\n")) is promoted
