"""Splices: what was asked for changes, and every other line stays as somebody wrote it."""

from __future__ import annotations

import copy
import difflib
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.language.editing.blocks import is_full
from gitbot.language.editing.lines import break_of, has_last_break, line_end, line_start
from gitbot.language.editing.literals import as_literal
from gitbot.language.editing.pieces import EditError, documents_of, pieces_of
from gitbot.language.editing.rewrite import rewritten
from gitbot.language.editing.splices import (
    insert_item,
    insert_key,
    remove_path,
    same,
    set_path,
    shown,
)
from gitbot.language.editing.whole import stack_in, without_document
from gitbot.language.templates import parse_template
from tests.model_checks import sized
from tests.unit.language.yaml_in_styles import Writer

ODD_TEXTS = [
    "", " ", "a", "off", "yes", "null", "~", "true", "012", "12", "1.5", "0x1F", "2012-10-17", "22:30",
    "- a", "-", "--- a", "a: b", "a:", "a #b", "#a", "'", '"', "it's", 'say "x"', "\\", "a\\n", "[a]", "{a",
    "${vars.x}", "$${x}", "a, b", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "? a", "a\nb", "a\nb\n",
    "a\n\n", "\na", " a\nb", "a\n b\n", "\t", "a\tb", "é", "日本", "\u0085", "\u2028", "\0", "😀", "=", "<<",
]  # fmt: skip

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(ODD_TEXTS),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12),
    st.lists(st.sampled_from(["some", "words", "that", "fold"]), min_size=3, max_size=9).map(
        " ".join
    ),
)
keys = st.one_of(
    st.sampled_from("abcdefgh"), st.sampled_from(["Key", "a b", "off", "12", "a: b", "é"])
)
values = st.recursive(
    scalars,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(keys, below, max_size=4)),
    max_leaves=12,
)
documents = st.dictionaries(keys, values, min_size=1, max_size=5)


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path into the value, but for the empty one."""
    below = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    return [
        one for step, child in below for one in ((*path, step), *paths_of(child, (*path, step)))
    ]


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def lines_lost(before: str, after: str) -> list[str]:
    """The lines of the text before that are not there afterwards."""
    return [
        line[2:]
        for line in difflib.ndiff(before.splitlines(), after.splitlines(), charjunk=None)
        if line.startswith("- ")
    ]


@given(documents, st.integers(0, 10**9))
@pytest.mark.model
@sized(20, whole=500)
def test_the_writer_of_styles_writes_what_it_was_given(document: Any, seed: int) -> None:
    text = Writer(random.Random(seed)).document(document)
    assert same(documents_of(text), [document])


@given(documents, values, st.integers(0, 10**9), st.data())
@pytest.mark.model
@sized(25, whole=800)
def test_a_value_is_set_and_the_lines_around_it_stay(
    document: Any, value: Any, seed: int, data: st.DataObject
) -> None:
    text = Writer(random.Random(seed)).document(document)
    path = data.draw(st.sampled_from(paths_of(document)))
    result = set_path(text, path, value)
    wanted = copy.deepcopy(document)
    at(wanted, path[:-1])[path[-1]] = value
    assert same(documents_of(result), [wanted])
    assert set_path(result, path, value) == result
    piece = pieces_of(text)[0]
    for step in path:
        entry = piece.entry(step)
        assert entry is not None
        piece = entry.piece
    assert result.startswith(text[: line_start(text, entry.start)])
    assert result.endswith(text[line_end(text, entry.piece.end) :])


@given(documents, st.integers(0, 10**9), st.data())
@pytest.mark.model
@sized(25, whole=800)
def test_an_entry_is_taken_out(document: Any, seed: int, data: st.DataObject) -> None:
    text = Writer(random.Random(seed)).document(document)
    path = data.draw(st.sampled_from(paths_of(document)))
    result = remove_path(text, path)
    wanted = copy.deepcopy(document)
    del at(wanted, path[:-1])[path[-1]]
    assert same(documents_of(result), [wanted])
    assert remove_path(result, path) == result or isinstance(path[-1], int)


@given(documents, values, st.integers(0, 10**9), st.data())
@pytest.mark.model
@sized(25, whole=800)
def test_what_is_put_in_and_taken_out_again_leaves_the_text_as_it_was(
    document: Any, value: Any, seed: int, data: st.DataObject
) -> None:
    text = Writer(random.Random(seed)).document(document)
    full = [one for one in [(), *paths_of(document)] if is_full(at(document, one))]
    path = data.draw(st.sampled_from(full))
    if isinstance(at(document, path), dict):
        after = data.draw(st.sampled_from([None, *at(document, path)]))
        put = insert_key(text, path, "new key", value, after=after)
        taken = remove_path(put, (*path, "new key"))
    else:
        index = data.draw(st.integers(0, len(at(document, path))))
        put = insert_item(text, path, value, at=index)
        taken = remove_path(put, (*path, index))
    # A text of lines at the very end needs its line break, which stays when it is taken out.
    assert taken in (text, text + break_of(text) if not has_last_break(text) else text)
    assert len(lines_lost(text, put)) <= 1


@given(documents, documents, st.integers(0, 10**9))
@pytest.mark.model
@sized(25, whole=800)
def test_a_document_becomes_another(document: Any, wanted: Any, seed: int) -> None:
    text = Writer(random.Random(seed)).document(document)
    result = rewritten(text, wanted)
    assert same(documents_of(result), [wanted])
    assert rewritten(result, wanted) == result


@given(scalars)
def test_a_literal_is_read_back_as_text_by_the_language(value: Any) -> None:
    written = documents_of(set_path("a: 1\n", ("a",), as_literal(value)))[0]["a"]
    if isinstance(value, str) and written:
        assert "".join(str(part) for part in parse_template(written).parts) == value
    else:
        assert same(written, value)


SPEC = """\
# The machine of the team.
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer, labels: {owner: ml,   cost: low}}   # ours
spec:
    values:
        my_ip: 203.0.113.5/32   # the office
        zones: [a,   b]

        long: "a text that is
            folded by hand"
    resources:
        # the machine
        trainer:
            type: AWS::EC2::Instance
            properties:
                UserData: |
                    #!/bin/sh
                    echo one
                    echo two

                Tags:
                - {Key: Name, Value: "${stack.name}"}
                - Key: team
                  Value: ml
"""


def lines_changed(before: str, after: str) -> str:
    """The lines that a diff of the two texts shows."""
    return "".join(
        line
        for line in difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), n=0
        )
        if not line.startswith(("---", "+++", "@@"))
    )


@pytest.mark.parametrize(
    ("path", "value", "lines"),
    [
        (
            ("spec", "values", "my_ip"),
            "198.51.100.7/32",
            "-        my_ip: 203.0.113.5/32   # the office\n"
            "+        my_ip: 198.51.100.7/32   # the office\n",
        ),
        (
            ("metadata", "labels", "cost"),
            "high",
            "-metadata: {name: trainer, labels: {owner: ml,   cost: low}}   # ours\n"
            "+metadata: {name: trainer, labels: {owner: ml,   cost: high}}   # ours\n",
        ),
        (
            ("spec", "values", "long"),
            "a text that was folded by hand",
            '-        long: "a text that is\n+        long: "a text that was\n',
        ),
        (
            ("spec", "resources", "trainer", "properties", "UserData"),
            "#!/bin/sh\necho one\necho 2\n",
            "-                    echo two\n+                    echo 2\n",
        ),
        (
            ("spec", "resources", "trainer", "properties", "Tags", 1, "Value"),
            "off",
            "-                  Value: ml\n+                  Value: off\n",
        ),
        (
            ("spec", "resources", "trainer", "lifecycle", "protect"),
            True,
            "+            lifecycle:\n+                protect: true\n",
        ),
        (
            ("spec", "resources", "bucket"),
            {"type": "AWS::S3::Bucket", "properties": {"Tags": [{"Key": "a", "Value": "${x.y}"}]}},
            "+        bucket:\n"
            "+            type: AWS::S3::Bucket\n"
            "+            properties:\n"
            "+                Tags:\n"
            "+                - Key: a\n"
            "+                  Value: ${x.y}\n",
        ),
        (
            ("spec", "values", "zones", 0),
            "c",
            "-        zones: [a,   b]\n+        zones: [c,   b]\n",
        ),
        (("spec", "values", "my_ip"), "203.0.113.5/32", ""),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_diff_shows_the_lines_of_the_change_and_no_other(
    path: tuple[str | int, ...], value: Any, lines: str, line_break: str
) -> None:
    text = SPEC.replace("\n", line_break)
    result = set_path(text, path, value)
    assert lines_changed(text, result) == lines.replace("\n", line_break)


def test_a_new_item_stands_as_the_others_do() -> None:
    text = "spec:\n  drift:\n    ignore:\n      - {stack: a}\n# end\n"
    put = insert_item(text, ("spec", "drift", "ignore"), {"stack": "b"})
    assert lines_changed(text, put) == "+      - stack: b\n"
    assert lines_changed("spec: {}\n", insert_item("spec: {}\n", ("spec", "ignore"), 1)) == (
        "-spec: {}\n+spec:\n+  ignore:\n+    - 1\n"
    )


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("value", [["a\n b\n"], {"k": "x\n\n"}, ["x\n", "a\n\n b\n"]])
def test_a_file_without_a_last_line_break_takes_a_text_of_lines_at_its_end(
    value: Any, line_break: str
) -> None:
    text = f"a: ~{line_break}b: ~"
    result = set_path(text, ("b",), value)
    assert documents_of(result) == [{"a": None, "b": value}]
    assert result.startswith(f"a: ~{line_break}b:")
    assert result.endswith(line_break)
    taken = insert_key(text, (), "c", value)
    assert documents_of(taken) == [{"a": None, "b": None, "c": value}]


def test_comments_in_brackets_stay_with_their_items() -> None:
    text = "a: [\n  one,  # first\n  two   # second\n]\n"
    assert insert_item(text, ("a",), "three") == (
        "a: [\n  one,  # first\n  two,   # second\n  three\n]\n"
    )
    assert remove_path(text, ("a", 0)) == "a: [\n  two   # second\n]\n"
    assert remove_path(text, ("a", 1)) == "a: [\n  one  # first\n]\n"


def test_a_map_without_braces_is_given_them() -> None:
    assert set_path("a: [b: 1, c]\n", ("a", 0, "b"), 2) == "a: [{b: 2}, c]\n"
    assert remove_path("a: [b: 1, c]\n", ("a", 0, "b")) == "a: [{}, c]\n"
    assert set_path("a: {b, c: 1}\n", ("a", "b"), 2) == "a: {b: 2, c: 1}\n"


def test_other_documents_of_the_file_stay() -> None:
    text = "# one\na: 1\n---\n# two\na: 1\n--- {a: 1}\n"
    assert set_path(text, ("a",), 2, document=1) == text.replace("two\na: 1", "two\na: 2")
    assert set_path(text, ("a",), 2, document=2) == text.replace("{a: 1}", "{a: 2}")
    with pytest.raises(EditError, match="3 documents, and none of number 4"):
        set_path(text, ("a",), 2, document=3)


STACKS = "".join(f"---\n# {name}\nkind: Stack\nmetadata: {{name: {name}}}\n" for name in "abc")


def test_a_stack_is_taken_out_of_its_file() -> None:
    assert [stack_in(STACKS, name) for name in "abcd"] == [0, 1, 2, None]
    assert without_document(STACKS, 1) == STACKS.replace(
        STACKS[len(STACKS) // 3 :][: len(STACKS) // 3], ""
    )
    assert without_document(without_document(STACKS, 0), 0).count("---") == 1
    assert without_document("kind: Stack\n", 0) == ""
    bare = STACKS.removeprefix("---\n")
    assert without_document(bare, 0) == STACKS[len(STACKS) // 3 :]
    with pytest.raises(EditError, match="none of number 4"):
        without_document(STACKS, 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: &x 1\n", "Line 1 cannot be read"),
        ("a: [\n", "cannot be read"),
        ("a: 1\n", "cannot be set"),
    ],
)
def test_what_cannot_be_changed_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(EditError, match=says):
        set_path(text, ("a", "b", 1), 2)


def test_an_entry_is_not_put_where_one_is() -> None:
    with pytest.raises(EditError, match="/a is there already"):
        insert_key("a: 1\n", (), "a", 2)
    with pytest.raises(EditError, match="/a is no map"):
        insert_key("a: 1\n", ("a",), "b", 2)
    with pytest.raises(EditError, match="/a is no list"):
        insert_item("a: 1\n", ("a",), 2)
    assert insert_key("a:\n", ("a",), "b", 2) == "a:\n  b: 2\n"
    assert remove_path("a: 1\n", ("b",)) == "a: 1\n"


def test_a_path_is_shown_as_a_pointer() -> None:
    assert [shown(()), shown(("a", 0, "b/c~"))] == ["/", "/a/0/b~1c~0"]
