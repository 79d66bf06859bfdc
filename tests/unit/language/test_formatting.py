"""The format of specs: what it means stays, no comment is lost, and twice is once."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gitbot.cli.main import main
from gitbot.language.editing.pieces import EditError, documents_of
from gitbot.language.editing.splices import same
from gitbot.language.formatting.layout import formatted
from gitbot.language.load import load_tree
from gitbot.model.desired import DesiredStack, LoadedTree
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.providers.aws.catalog import open_catalog
from tests.model_checks import sized
from tests.unit.language.test_editing import documents
from tests.unit.language.yaml_in_styles import Writer

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(
    [*(ROOT / "specs").rglob("*.yaml"), *(ROOT / "gitbot/modules").rglob("module.yaml")]
)
_COMMENT = re.compile(r"(?:^|\s)(# mine|# \{not: yaml\}|# - a|# key: value)[ \t]*$", re.MULTILINE)


@given(documents, st.integers(0, 10**9))
@pytest.mark.model
@sized(40, whole=1200)
def test_values_stay_comments_stay_and_twice_is_once(document: Any, seed: int) -> None:
    text = Writer(random.Random(seed)).document(document)
    try:
        once = formatted(text)
    except EditError:
        return  # such a file is left as it is; the table below says when
    assert same(documents_of(once), documents_of(text))
    assert formatted(once) == once
    assert Counter(_COMMENT.findall(once)) == Counter(_COMMENT.findall(text.replace("\r\n", "\n")))


def test_nearly_every_style_can_be_formatted() -> None:
    document = {
        "spec": {"a": [{"b": "x", "c": [1, 2]}, "y"], "d": {"e": "some words fold", "f": None}}
    }
    refused = 0
    for seed in range(400):
        text = Writer(random.Random(seed)).document(document)
        try:
            formatted(text)
        except EditError:
            refused += 1
    assert refused < 20


def _loaded(files: dict[str, str]) -> LoadedTree:
    catalog = open_catalog()
    entries = {name: TreeEntry(content=text.encode()) for name, text in files.items()}
    return load_tree(
        SpecTree(id="0", entries=entries), catalog.lookup, catalog.names, catalog.native_names
    )


def _bare(stack: DesiredStack) -> DesiredStack:
    """The stack without its lines in the file."""
    at = SourceSpan(file="")
    resources = {address: replace(one, source=at) for address, one in stack.resources.items()}
    return replace(stack, source=at, resources=resources)


def _shuffled(value: Any, chance: random.Random, depth: int) -> Any:
    """The value with the fields of the outer maps in another order."""
    if not isinstance(value, dict) or not depth:
        return value
    items = list(value.items())
    chance.shuffle(items)
    return {key: _shuffled(below, chance, depth - 1) for key, below in items}


@pytest.mark.parametrize("seed", range(3))
def test_what_is_loaded_is_the_same_before_and_after(seed: int) -> None:
    chance = random.Random(seed)
    files = {}
    for path in EXAMPLES:
        name = str(path.relative_to(ROOT)).removeprefix("gitbot/")
        (value,) = documents_of(path.read_text().replace("module: gitbot/", "module: modules/"))
        files[name] = Writer(chance).document(_shuffled(value, chance, 5))
    before = _loaded(files)
    after = _loaded({name: formatted(text) for name, text in files.items()})
    assert not before.diagnostics
    assert not after.diagnostics
    assert len(before.stacks) == 6
    assert [_bare(one) for one in before.stacks] == [_bare(one) for one in after.stacks]
    assert [one.hash for one in before.stacks] == [one.hash for one in after.stacks]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: str(one.relative_to(ROOT)))
def test_our_own_examples_have_the_format(path: Path) -> None:
    assert formatted(path.read_text()) == path.read_text()


@pytest.mark.parametrize("end", ["", "\n", "\n# below\n", "\nmetadata: {}\n"])
def test_a_comment_behind_the_last_field_moves_with_it(end: str) -> None:
    text = f"kind: Stack\nspec:\n  resources:\n    one:\n      properties:\n        A: >-\n          b\n      type: C  # of C{end}"
    found = formatted(text)
    assert (
        "    one:\n      type: C  # of C\n      properties:\n        A: >-\n          b\n" in found
    )
    assert ("# below" in found) == ("# below" in end)


WRITTEN = """

# about the file

kind: Stack   # a stack
apiVersion: 'gitbot/v1'
spec:
    outputs:
      b: {  value: "${x.y}",description: 'a"b' }

    # about resources
    resources:


      # about one
      one:
          properties:   # inline
              A: [ 1,2 , "x" ]
              # below A
          type:   AWS::S3::Bucket
              # below type, deeper
          # below type
      two:
        type: AWS::EC2::Instance
        properties:
          UserData: |2
              #!/bin/bash
                echo hi

              done
          Folded: >-
           a
           b
          Lines: [
            a,
            # inside
            b
          ]
          List:
          - a
          # above b
          - b: 1
            c: "several
              lines"
          - - x
            - y
          Plain: some
            text
    # below spec
metadata:
  labels: {a: b}
  name: x
--- # the second
metadata: {}
"""
FORMATTED = """# about the file

apiVersion: "gitbot/v1"
kind: Stack   # a stack
metadata:
  name: x
  labels: {a: b}
spec:
  # about resources
  resources:
    # about one
    one:
      type: AWS::S3::Bucket
      properties:   # inline
        A: [1, 2, "x"]
        # below A
      # below type, deeper
      # below type
    two:
      type: AWS::EC2::Instance
      properties:
        UserData: |2
            #!/bin/bash
              echo hi

            done
        Folded: >-
          a
          b
        Lines: [
          a,
          # inside
          b
        ]
        List:
          - a
          # above b
          - b: 1
            c: "several
              lines"
          - - x
            - y
        Plain: some
          text
  outputs:
    b: {value: "${x.y}", description: 'a"b'}
  # below spec
--- # the second
metadata: {}
"""


def test_one_file_with_everything() -> None:
    assert formatted(WRITTEN) == FORMATTED
    assert formatted(FORMATTED) == FORMATTED


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", ""),
        ("\n\n", ""),
        ("# only\n", "# only\n"),
        ("a: 1", "a: 1\n"),
        ("a:   1   # x\n\n\n\nb: 2\n\n", "a: 1   # x\n\nb: 2\n"),
        ("a: 'x'\nb: 'it''s'\nc: \"a\\\\b\"\n", "a: \"x\"\nb: \"it's\"\nc: 'a\\b'\n"),
        ("'a': 1\n", '"a": 1\n'),
        ("a: 'say \"it''s\"'\n", 'a: "say \\"it\'s\\""\n'),
        ("a: \r\n  - 1\r\n", "a:\n  - 1\n"),
        ("a: |+\n   x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
        ("a: |\nb: 1\n", "a: |\nb: 1\n"),
        ("a:\n  {b: 1}\n", "a: {b: 1}\n"),
        ("- a\n-   b: 1\n    c: 2\n", "- a\n- b: 1\n  c: 2\n"),
        ("a: {b: {c: [ ]}}\n", "a: {b: {c: []}}\n"),
        ("a: [b: 1]\n", "a: [b: 1]\n"),
        ("a: {b, c: 1 }\n", "a: {b, c: 1 }\n"),
        ("a:\n  - # why\n    b: 1\n", "a:\n  # why\n  - b: 1\n"),
        ("a: # why\n\n  # indeed\n  1\n", "# why\n# indeed\na: 1\n"),
        ("a:\n-\n  b: 1\n", "a:\n  - b: 1\n"),
        ("---\na: 1\n---\n# nothing here\n---\nb: 2\n", "---\na: 1\n---\n# nothing here\n---\nb: 2\n"),
    ],
)  # fmt: skip
def test_small_things(text: str, after: str) -> None:
    assert formatted(text) == after
    assert formatted(after) == after


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "cannot be read"),
        ("a: &x 1\n", "anchor"),
        ("a: !Ref b\n", "tag"),
        ("a: 1\na: 2\n", "given on line 1"),
        ("%YAML 1.2\n---\na: 1\n", "directives"),
        ("a: 1\n...\n", "directives or ends"),
        ("? a\n: 1\n", "question mark"),
        ("--- {a: 1}\n", "where only a comment can be moved along"),
        ("text\n", "no map or list"),
        ('a: "x\u2028y"\n', "would end the line"),
    ],
)
def test_what_is_left_as_it_is(text: str, says: str) -> None:
    with pytest.raises(EditError) as raised:
        formatted(text)
    assert says in str(raised.value)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "specs/dev").mkdir(parents=True)
    (tmp_path / "specs/dev/a.yaml").write_text("kind: Stack\napiVersion: 'gitbot/v1'\n")
    (tmp_path / "specs/dev/a.yaml").chmod(0o640)
    (tmp_path / "specs/dev/b.yaml").write_text("a: 1\n")
    (tmp_path / "outside.yaml").write_text("a:   1\n")
    (tmp_path / "specs/dev/link.yaml").symlink_to(tmp_path / "outside.yaml")
    (tmp_path / "modules/x").mkdir(parents=True)
    (tmp_path / "modules/x/x.test.yaml").write_text("kind: Test\n")
    (tmp_path / "modules/x/template.yaml").write_text("a: !Ref b\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_shows_the_difference_and_writes_nothing(clone: Path) -> None:
    done = CliRunner().invoke(main, ["fmt", "--check"])
    assert done.exit_code == 1
    assert '+apiVersion: "gitbot/v1"\n' in done.output
    assert "1 of 3 files would change" in done.output
    assert (clone / "specs/dev/a.yaml").read_text().startswith("kind")


def test_files_are_written_once_and_links_are_left_alone(clone: Path) -> None:
    done = CliRunner().invoke(main, ["fmt", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["changed"] == ["specs/dev/a.yaml"]
    file = clone / "specs/dev/a.yaml"
    assert file.read_text() == 'apiVersion: "gitbot/v1"\nkind: Stack\n'
    assert file.stat().st_mode & 0o777 == 0o640
    assert (clone / "outside.yaml").read_text() == "a:   1\n"
    assert sorted(one.name for one in (clone / "specs/dev").iterdir()) == [
        "a.yaml",
        "b.yaml",
        "link.yaml",
    ]
    again = CliRunner().invoke(main, ["fmt", "--check"])
    assert (again.exit_code, again.output) == (0, "0 of 3 files would change\n")


def test_a_file_that_cannot_be_read_is_named(clone: Path) -> None:
    (clone / "specs/dev/b.yaml").write_bytes(b"\xff")
    done = CliRunner().invoke(main, ["fmt", "specs", "modules", "--json"])
    assert done.exit_code == 1
    left = {one["file"]: one["why"] for one in json.loads(done.output)["left"]}
    assert left["specs/dev/b.yaml"] == "It is not UTF-8."
    assert "!Ref" in left["modules/x/template.yaml"]
    missing = CliRunner().invoke(main, ["fmt", "nowhere"])
    assert (missing.exit_code, "nowhere does not exist" in missing.output) == (1, True)


def test_an_editor_formats_through_standard_input() -> None:
    done = CliRunner().invoke(main, ["fmt", "-"], input="a:   1\n")
    assert (done.exit_code, done.output) == (0, "a: 1\n")
    wrong = CliRunner().invoke(main, ["fmt", "-"], input="a: [")
    assert wrong.exit_code == 1
