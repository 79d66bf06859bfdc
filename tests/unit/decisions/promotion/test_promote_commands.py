"""What ``/promote`` does, and when it is refused. What keeps gitbot from merging by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gitbot.decisions.promotion.commands import approve, chosen, one_pull_request, rebuild, resume
from gitbot.errors import RefusedError
from gitbot.model.names import EnvironmentKey
from gitbot.model.promotion import Hold, Live, Part, PromotionRow

HOLD = Hold(actor="ada", reason="no", at=datetime(2026, 11, 28, tzinfo=UTC))
LIVE = Live(number=4, branch="b", part=Part.CHANGES, base="", before="", after="", authors=("bob",))
ROW = PromotionRow(
    target=EnvironmentKey(repository="7", environment="staging"), stack="web", source="dev"
)
OTHER = replace(ROW, target=replace(ROW.target, environment="prod"), stack="api")


@pytest.mark.parametrize(
    ("environment", "stack", "rows"),
    [
        (None, None, (ROW, OTHER)),
        ("staging", None, (ROW,)),
        ("prod", "api", (OTHER,)),
        (None, "web", (ROW,)),
    ],
)
def test_a_command_names_what_it_is_about(
    environment: str | None, stack: str | None, rows: tuple[PromotionRow, ...]
) -> None:
    assert chosen([ROW, OTHER], environment, stack) == rows


def test_a_command_about_nothing_is_refused() -> None:
    with pytest.raises(RefusedError, match="no promotion is known here"):
        chosen([ROW], "prod", None)
    with pytest.raises(RefusedError, match="nothing is held here"):
        resume([ROW], None)
    with pytest.raises(RefusedError, match="nothing to rebuild"):
        rebuild([ROW], "ada")


@pytest.mark.parametrize(
    ("rows", "environment", "stack", "found"),
    [
        ((0, 1), None, None, (0, 1)),  # written on the pull request
        ((0, 1), "staging", "web", (0, 1)),
        ((0,), "staging", None, (0,)),
        ((0, 2, 3), "staging", None, (2, 3)),  # one pull request is open, of two stacks
        ((0, 1), "staging", None, ()),
        ((0, 2, 4), "staging", None, (2, 4)),
    ],
)
def test_approve_and_rebuild_of_an_environment_are_about_one_pull_request(
    rows: tuple[int, ...], environment: str | None, stack: str | None, found: tuple[int, ...]
) -> None:
    api, job, db = (replace(ROW, stack=name, live=LIVE) for name in ("api", "job", "db"))
    other = replace(db, live=replace(LIVE, number=LIVE.number + 1))
    every = (ROW, replace(ROW, stack="x"), api, job, other)
    given = [every[one] for one in rows]
    if found in ((), (2, 4)):
        named = [every[one].stack for one in found or rows]
        words = ", ".join(f"`/promote approve staging/{name}`" for name in named)
        with pytest.raises(RefusedError, match=f"write the one that you mean: {words}$"):
            one_pull_request(given, "approve", environment, stack)
    else:
        assert one_pull_request(given, "approve", environment, stack) == tuple(
            every[one] for one in found
        )


def test_resume_lifts_what_is_held_and_rebuild_makes_its_author_a_maker() -> None:
    assert resume([replace(ROW, hold=HOLD), OTHER], None) == (ROW,)
    live = replace(ROW, live=LIVE, makers=("cyd",))
    assert rebuild([live, OTHER], "ada") == (replace(live, makers=("ada", "cyd"), rebuild=True),)


def test_resume_asks_which_one_where_several_are_held() -> None:
    one, two, three = (
        replace(ROW, stack=name, hold=HOLD, former=former)
        for name, former in (("a", 4), ("b", 4), ("c", None))
    )
    three = replace(three, merged=replace(LIVE, number=7))
    assert len(resume([one, two], None)) == 2
    assert len(resume([one, three], "a")) == 2
    words = "`/promote resume staging/a`, `/promote resume staging/c`$"
    with pytest.raises(RefusedError, match=f"more than one promotion is held: .* mean: {words}"):
        resume([one, three], None)
    with pytest.raises(RefusedError, match="more than one promotion is held"):
        resume([one, replace(three, merged=None)], None)


def test_approve_waives_for_exactly_what_the_source_wants_now() -> None:
    assert approve(
        [ROW], "ada", lambda row: ({"bob": "opened #4"}, ""), lambda row: f"hash of {row.stack}"
    ) == (replace(ROW, waived="hash of web", waived_by="ada"),)
    with pytest.raises(RefusedError, match="dev has no stack web that loads"):
        approve([ROW], "ada", lambda row: ({"bob": "opened #4"}, ""), lambda row: None)


@pytest.mark.parametrize(
    ("row", "made", "did"),
    [
        (replace(ROW, live=LIVE), {}, "made or commanded what it brought before"),
        (replace(ROW, makers=("bob",)), {}, "commanded `/promote rebuild`"),
        (ROW, {"bob": "opened #4"}, "opened #4"),  # its pull request is not opened yet
        (replace(ROW, makers=("bob",)), {"bob": "opened #4"}, "opened #4, commanded `/promote rebuild`"),
        (replace(ROW, live=replace(LIVE, authors=("cyd",))), {"bob": "pushed it"}, "pushed it"),
    ],
)  # fmt: skip
def test_who_made_it_does_not_approve_it(row: PromotionRow, made: dict[str, str], did: str) -> None:
    words = f"you are an author of what is promoted to staging (you {did}): somebody else"
    with pytest.raises(RefusedError, match=re.escape(words)):
        approve([row], "BOB", lambda row: (made, ""), lambda row: "h")


def test_nobody_approves_what_nobody_is_known_to_have_made() -> None:
    with pytest.raises(RefusedError, match=r"else made what is .* no merged pull request is known"):
        approve([ROW], "ada", lambda row: ({}, ""), lambda row: "h")
    with pytest.raises(
        RefusedError, match=r"nobody can tell who else .* because the end is far; so"
    ):
        approve([ROW], "ada", lambda row: ({"bob": "opened #4"}, "the end is far"), lambda row: "h")
