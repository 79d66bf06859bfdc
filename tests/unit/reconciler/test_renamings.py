"""The line that keeps the object of what seems to be renamed."""

from __future__ import annotations

import pytest

from gitbot.model.names import Address
from gitbot.reconciler.renamings import move_line


@pytest.mark.parametrize(
    ("old", "new", "wanted", "recorded", "expected"),
    [
        ("a", "b", "b", "a", "lifecycle: {moved: a}"),
        ("a", 'b["x"]', 'b["x"]', "a", "'a', to: 'b[\"x\"]'"),
        # a module, with all copies
        ('data["x"].b', 'info["x"].b', 'info["x"].b info["y"].b', 'data["x"].b data["y"].b', "'data', to: 'info'"),
        # one of its copies; the others stay
        ('data["x"].b', 'data["z"].b', 'data["z"].b data["y"].b', 'data["x"].b data["y"].b', "'data[\"x\"]', to: 'data[\"z\"]'"),
        # something stays below the former address, or is below the new one already
        ("data.b", "info.b", "info.b data.c", "data.b data.c", "'data.b', to: 'info.b'"),
        ("data.b", "info.b", "info.b info.c", "data.b info.c", "'data.b', to: 'info.b'"),
        # into a module, out of it, and in another level of the same
        ("b", "data.b", "data.b", "b", "'b', to: 'data.b'"),
        ('data["x"].b', "b", "b", 'data["x"].b', "'data[\"x\"].b', to: 'b'"),
        ("data.b", "data.in.b", "data.in.b", "data.b", "'data.b', to: 'data.in.b'"),
        ("data.in.b", "data.out.b", "data.out.b", "data.in.b", "'data.in', to: 'data.out'"),
        ("one.in.b", "two.in.b", "two.in.b", "one.in.b", "'one', to: 'two'"),
        ('data["it\'s"].b', 'data["other"].b', 'data["other"].b', 'data["it\'s"].b', "'data[\"it''s\"]', to"),
    ],
)  # fmt: skip
def test_one_line_says_all_that_is_renamed_alike(
    old: str, new: str, wanted: str, recorded: str, expected: str
) -> None:
    some = [[Address(one) for one in text.split()] for text in (wanted, recorded)]
    assert expected in move_line(Address(old), Address(new), *some)
