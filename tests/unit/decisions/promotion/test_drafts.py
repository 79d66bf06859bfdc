"""When the pull request of a promotion is a draft, and when it is made ready."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.promotion.drafts import Turn, reasons_of, turn
from gitbot.model.pins import Beside
from gitbot.model.promotion import Bound, Conflict, Lacking, PlacedConflict, PromotedStack


@pytest.mark.parametrize(
    ("before", "now", "marked", "ours", "what"),
    [
        ("", "", False, False, Turn.STAY),
        ("", "a", False, False, Turn.DRAFT),
        ("", "a", True, True, Turn.STAY),  # it was opened as one
        ("a", "a", True, True, Turn.STAY),
        ("a", "", True, True, Turn.READY),
        ("a", "a", False, False, Turn.STAY),  # a person has decided
        ("a", "b", False, False, Turn.DRAFT),  # as many reasons, but a new one
        ("ab", "a", False, False, Turn.STAY),
        ("a", "", True, False, Turn.STAY),  # a person made it a draft
    ],
)
def test_a_draft_is_made_for_new_reasons_and_ready_when_none_is_left(
    before: str, now: str, marked: bool, ours: bool, what: Turn
) -> None:
    assert turn(before, now, marked=marked, ours=ours) is what


CONFLICT = PlacedConflict(
    conflict=Conflict(path=("spec", "a"), source=1, target=2), source="a:1", target="b:1"
)
STACK = PromotedStack(
    name="web",
    source="dev",
    target="staging",
    path="specs/staging/web.yaml",
    conflicts=(CONFLICT,),
    bound=(Bound(path=("spec", "b"), value="ami-1", what="of one region"),),
    lacking=(Lacking(file="", path=("spec", "values", "x"), of=("spec", "c")),),
)


def test_each_thing_to_decide_is_a_reason_that_stays_the_same_where_only_lines_move() -> None:
    found = reasons_of(STACK)
    assert len(set(found)) == 3
    assert reasons_of(replace(STACK, conflicts=(replace(CONFLICT, source="a:9"),))) == found
    unproven = (Beside(stack="own", unproven=("modules/x",)),)
    assert replace(STACK, conflicts=(), bound=(), lacking=(), unproven=unproven).is_draft
    assert len(set(reasons_of(replace(STACK, unproven=unproven)))) == 4
    other = replace(CONFLICT, conflict=replace(CONFLICT.conflict, source=3))
    assert set(reasons_of(replace(STACK, conflicts=(other,)))) & set(found) == set(found[1:])
    assert not set(reasons_of(replace(STACK, name="api"))) & set(found)
