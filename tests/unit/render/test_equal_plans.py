"""Plans of many stacks that read the same are shown once, and count as shown for each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.names import StackId
from gitbot.model.plan import Change
from gitbot.render.equal_plans import equal_plans
from gitbot.render.markdown import LONGEST_COMMENT
from gitbot.render.plan_comments import plan_comment
from gitbot.render.views import EnvironmentPlanView, StackPlanView
from tests.unit.render.plans_by_hand import created, plan, plan_view


def one(name: str, *changes: Change, digest: str = "1" * 64, **more: Any) -> StackPlanView:
    id_ = StackId(repository="1", environment="dev", name=name, region="us-east-1")
    made = replace(plan(*(changes or (created(Port="22"),)), digest=digest), stack=id_)
    return StackPlanView(name=name, plan=made, **more)


@pytest.mark.parametrize(
    ("stacks", "expected"),
    [
        ([one("a"), one("b")], ["a", "b"]),
        ([one("a"), one("b", digest="2" * 64), one("c")], ["a b c"]),
        ([one("a"), one("x", created(Port="23")), one("b"), one("c")], ["a b c", "x"]),
        ([one("x", created(Port="23")), one("a"), one("b"), one("c")], ["x", "a b c"]),
        ([one("a"), one("b"), one("c", blocked="No.")], ["a", "b", "c"]),
        ([one("a"), one("b"), one("c", hours=("It sleeps.",))], ["a", "b", "c"]),
        (
            [one("a"), one("b"), StackPlanView(name="c"), StackPlanView(name="d")],
            ["a", "b", "c", "d"],
        ),
    ],
)
def test_stacks_of_plans_that_read_the_same_stand_together(
    stacks: list[StackPlanView], expected: list[str]
) -> None:
    assert [" ".join(each.name for each in group) for group in equal_plans(stacks)] == expected


def comment(*stacks: StackPlanView) -> str:
    (text,) = plan_comment(plan_view(EnvironmentPlanView(name="dev", stacks=stacks))).pages
    return text


def test_the_plan_is_shown_once_with_the_digest_of_each() -> None:
    text = comment(*(one(name, digest=name * 64) for name in "abcdef"))
    assert text.count("Port") == 1
    assert "#### `dev/a` and 5 more stacks with the same plan" in text
    for name in "abcdef":
        assert f"`dev/{name}`: digest `{name * 16}`" in text
    assert "In all: 6 to create" in text


def test_what_finds_no_room_counts_for_every_stack_of_the_group() -> None:
    long = created(Text="x" * (LONGEST_COMMENT * 12))
    texts = plan_comment(
        plan_view(EnvironmentPlanView(name="dev", stacks=tuple(one(name, long) for name in "abc")))
    )
    assert texts.partly == {"dev/a", "dev/b", "dev/c"}
