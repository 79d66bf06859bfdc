"""Which way a changed value goes."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.model.cautions import Caution, Turn
from gitbot.model.plan import PathChange
from gitbot.reconciler.turns import skips, turns


@pytest.mark.parametrize(
    ("turn", "before", "after", "holds"),
    [
        (Turn.LESS, 7, 1, True),
        (Turn.LESS, 7, 0, True),
        (Turn.LESS, 7, None, False),
        (Turn.LESS, 1, 7, False),
        (Turn.LESS, 7, 7, False),
        (Turn.LESS, None, 7, False),
        (Turn.LIMITED, None, 7, True),
        (Turn.LIMITED, 0, 7, True),
        (Turn.LIMITED, 30, 7, True),
        (Turn.LIMITED, 7, 30, False),
        (Turn.LIMITED, 7, None, False),
        (Turn.LIMITED, None, None, False),
        (Turn.MORE, "15.4", "16", True),
        (Turn.MORE, "15.4", "15.10", True),
        (Turn.MORE, "15.4", "15", False),
        (Turn.MORE, "15.4", "14.9", False),
        (Turn.MORE, "8.0.mysql_aurora.3.04.0", "9.1", True),
        (Turn.MORE, "a", "b", False),
        (Turn.OFF, True, False, True),
        (Turn.OFF, True, None, True),
        (Turn.OFF, "true", "false", True),
        (Turn.OFF, "ENABLED", "DISABLED", True),
        (Turn.OFF, "Enabled", "Suspended", True),
        (Turn.OFF, "prevent-all-deletion", "none", True),
        (Turn.OFF, False, True, False),
        (Turn.OFF, None, False, False),
        (Turn.OFF, "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", False),
        (Turn.SET, None, True, True),
        (Turn.SET, "a", "b", True),
        (Turn.SET, True, False, False),
        (Turn.SET, "a", None, False),
        (Turn.SET, "a", "a", False),
        (Turn.SET, "PUBLIC_READ", "PRIVATE", False),
    ],
)
def test_a_value_goes_one_way(turn: Turn, before: Any, after: Any, holds: bool) -> None:
    caution = Caution(changed="/A/B", turn=turn)
    assert turns(PathChange(path="/A/B", before=before, after=after), caution, {}) is holds
    # The map in which it stands is changed as a whole, or taken away.
    inside = PathChange(
        path="/A", before={"B": before}, after=None if after is None else {"B": after}
    )
    assert turns(inside, caution, {}) is holds
    assert not turns(PathChange(path="/A/C", before=before, after=after), caution, {})
    below = turns(PathChange(path="/A/B/C", before=before, after=after), caution, {})
    assert below is (turn is Turn.SET and holds)


def test_without_a_way_each_change_at_the_path_and_inside_of_it_counts() -> None:
    caution = Caution(changed="/A/B")
    for path, counts in (("/A/B", True), ("/A/B/C", True), ("/A", False), ("/A/BC", False)):
        assert turns(PathChange(path=path, before=1, after=2), caution, {}) is counts


def test_what_is_set_inside_counts_and_what_is_taken_away_there_does_not() -> None:
    caution = Caution(changed="/A", turn=Turn.SET)
    for before, after, counts in (
        ([], ["x"], True),
        (None, "x", True),
        (["x"], [], False),
        ("x", None, False),
    ):
        change = PathChange(path="/A/B", before=before, after=after, removed=after is None)
        assert turns(change, caution, {}) is counts


@pytest.mark.parametrize(
    ("there", "holds"), [({"C": 2}, False), ({"C": 3}, False), ({"C": 4}, True), ({}, True)]
)
def test_a_limit_that_what_is_there_fits_costs_nothing(there: dict[str, Any], holds: bool) -> None:
    caution = Caution(changed="/A", turn=Turn.LESS, unless="/C")
    assert turns(PathChange(path="/A", before=7, after=3), caution, there) is holds


@pytest.mark.parametrize(
    ("before", "after", "skipped"),
    [
        ("1.29", "1.30", False),
        ("1.30", "1.29", False),
        ("1.29", "1.31", True),
        ("1.31", "1.29", True),
        ("1.29", "2.29", True),
        (None, "1.29", False),
        ("1", "1.29", False),
    ],
)
def test_a_version_is_skipped_between_two(before: Any, after: Any, skipped: bool) -> None:
    assert skips(before, after) is skipped
