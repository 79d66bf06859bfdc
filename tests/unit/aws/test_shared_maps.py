"""Which keys of a map that is written as a whole belong to others."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.model.values import Redacted
from gitbot.providers.aws.table_writing import with_others

HIDDEN = Redacted(digest="d", key_id="k")
NOBODY_KNOWS = "somebody's"


@pytest.mark.parametrize(
    ("wanted", "recorded", "has", "sent"),
    [
        pytest.param(
            {"own": "2"},
            {"own": "1"},
            {"own": "1", "theirs": "x"},
            {"own": "2", "theirs": "x"},
            id="what others have set stays",
        ),
        pytest.param(
            {"own": "2"},
            {"own": "1", "gone": "1"},
            {"own": "1", "gone": "1"},
            {"own": "2"},
            id="what left the spec goes",
        ),
        pytest.param(
            {"theirs": "y"}, {}, {"theirs": "x"}, {"theirs": "y"}, id="the spec takes it over"
        ),
        pytest.param(
            {"own": "2"}, None, {"theirs": "x"}, {"own": "2", "theirs": "x"}, id="never applied"
        ),
        pytest.param(
            None, {"own": "1"}, {"own": "1", "theirs": "x"}, {"theirs": "x"}, id="all of ours goes"
        ),
        pytest.param(None, {"own": "1"}, {"own": "1"}, None, id="nothing is left"),
        pytest.param({"own": "2"}, {"own": "1"}, None, {"own": "2"}, id="there is nothing"),
        pytest.param(
            {"own": "2"}, HIDDEN, {"gone": "x"}, {"own": "2"}, id="nobody can tell whose it is"
        ),
        pytest.param(NOBODY_KNOWS, {"own": "1"}, {"theirs": "x"}, NOBODY_KNOWS, id="another form"),
    ],
)
def test_keys_of_others_stay(wanted: Any, recorded: Any, has: Any, sent: Any) -> None:
    shallow = with_others({"A": wanted}, ("A",), {"A": has}, {"A": recorded})
    assert shallow == {"A": sent}
    deep = with_others({"A": {"B": wanted}}, ("A", "B"), {"A": {"B": has}}, {"A": {"B": recorded}})
    assert deep == {"A": {"B": sent}}


def test_a_property_that_does_not_change_is_not_written() -> None:
    assert with_others({}, ("A",), {"A": {"theirs": "x"}}, {}) == {}
