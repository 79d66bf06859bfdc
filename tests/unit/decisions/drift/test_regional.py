"""What differs in one region of a stack is written for that region alone."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.decisions.drift.regional import in_region
from gitbot.language.editing.pieces import EditError


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (8, 8, 8),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": 1, "b": '${env.region == "eu-west-1" ? 3 : 2}'}),
        (["x", "y"], ["x", "z"], ["x", '${env.region == "eu-west-1" ? "z" : "y"}']),
        (True, False, '${env.region == "eu-west-1" ? false : true}'),
        ("$${a}", 'say "b"', '${env.region == "eu-west-1" ? "say \\"b\\"" : "${a}"}'),
    ],
)
def test_a_value_asks_for_the_region(before: Any, after: Any, expected: Any) -> None:
    assert in_region(before, after, "eu-west-1") == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        (["x"], ["x", "y"]),
        ("${vars.a}", "b"),
        (None, 1),
        (["x"], "x"),
    ],
)
def test_what_no_value_can_say_is_left_to_a_person(before: Any, after: Any) -> None:
    with pytest.raises(EditError, match=r"differs in eu-west-1 alone.*with `env\.region`"):
        in_region(before, after, "eu-west-1")
