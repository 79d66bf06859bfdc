"""What becomes of each stack's promotion, and which pull requests are opened, left and closed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.decisions.promotion.acts import Acts, Edge, Group, acts
from gitbot.decisions.promotion.standing import Next, StackFacts, Standing, standing
from gitbot.model.names import EnvironmentKey
from gitbot.model.promotion import Hold, Live, Part, PromotionRow

STAGING = EnvironmentKey(repository="7", environment="staging")
HOLD = Hold(actor="ada", reason="no", at=datetime(2026, 11, 28, tzinfo=UTC))


@pytest.mark.parametrize(
    ("facts", "found", "why"),
    [
        (
            {"landing": 4, "changes": True},
            Next.WAITS,
            "#4 is merged, and its merge was not fetched",
        ),
        ({"ended": True, "changes": True}, Next.NOTHING, "its time in dev has ended"),
        ({"there": False}, Next.DELETIONS, ""),
        ({"there": False, "complete": False}, Next.WAITS, "specs of dev have errors"),
        ({"there": False, "ours": False}, Next.NOTHING, "dev does not have it any more"),
        ({"there": False, "based": False}, Next.NOTHING, "dev does not have it any more"),
        ({"there": False, "applied": False}, Next.WAITS, "it is not destroyed in dev yet"),
        ({"promoted": False, "loads": False}, Next.NOTHING, "has a lifetime or says"),
        ({"loads": False, "live": True}, Next.WAITS, "its spec in dev has errors"),
        ({"applied": False, "live": True}, Next.WAITS, "is not applied with exactly this text"),
        ({"unwritten": "line 4 is odd", "live": True}, Next.WAITS, "line 4 is odd"),
        ({}, Next.NOTHING, "staging has everything that dev changed"),
        ({"changes": True}, Next.CHANGES, ""),
        ({"changes": True, "deletions": True}, Next.CHANGES, ""),
        ({"deletions": True}, Next.DELETIONS, ""),
        ({"changes": True, "ready": False}, Next.WAITS, "a plan of dev is not empty yet"),
        ({"changes": True, "ready": False, "live": True}, Next.CHANGES, ""),
    ],
)
def test_what_becomes_of_a_stack(facts: dict[str, Any], found: Next, why: str) -> None:
    said = standing(StackFacts(source="dev", target="staging", **facts))
    assert said.next is found
    assert why in said.why
    assert bool(said.why) is bool(why)
    assert said.told is ("unwritten" in facts)


def row(stack: str, number: int | None = None, branch: str = "", **more: Any) -> PromotionRow:
    """A row, with an open pull request of this number; by default its own branch."""
    part = more.pop("part", Part.CHANGES)
    live = Live(
        number=number or 0, branch=branch or own(stack), part=part, base="", before="", after=""
    )
    given = PromotionRow(target=STAGING, stack=stack, source="dev")
    return replace(given, live=live if number is not None else None, **more)


def own(stack: str) -> str:
    return f"gitbot/promote/dev_to_staging/{stack}"


def decide(
    rows: list[PromotionRow],
    nexts: str,
    ties: dict[str, list[str]] | None = None,
    orphans: dict[int, str] | None = None,
) -> Acts:
    """``nexts`` has a letter for each row: c(hanges), d(eletions), n(othing), w(aits)."""
    every = {one.value[0]: one for one in Next}
    lives = {one.live.number: one.live.branch for one in rows if one.live is not None}
    return acts(
        Edge(
            source="dev",
            target="staging",
            rows={one.stack: one for one in rows},
            standings={
                one.stack: Standing(next=every[letter], why="because")
                for one, letter in zip(rows, nexts, strict=True)
            },
            ties=ties or {},
            open={**lives, **(orphans or {})},
        )
    )


def group(number: int | None, *stacks: str, branch: str = "", part: Part = Part.CHANGES) -> Group:
    return Group(part=part, stacks=stacks, branch=branch or own(stacks[0]), number=number)


BOTH = {"a": ["#1"], "b": ["#1"]}
GONE = {"part": Part.DELETIONS, "branch": own("a") + "_deletions"}


@pytest.mark.parametrize(
    ("rows", "nexts", "ties", "orphans", "found"),
    [
        ([row("a")], "n", {}, {}, Acts()),
        ([row("a")], "w", {}, {}, Acts()),
        ([row("a")], "c", {}, {}, Acts(brings=(group(None, "a"),))),
        ([row("a"), row("b")], "cc", BOTH, {}, Acts(brings=(group(None, "a", "b"),))),
        ([row("a", 5)], "c", {}, {}, Acts(brings=(group(5, "a"),))),
        ([row("a", 5)], "n", {}, {}, Acts(closes={5: "a: because"})),
        ([row("a", 5)], "w", {}, {}, Acts(waits={5: "a: because"})),
        # two that became one: the younger is closed with words
        (
            [row("a", 6), row("b", 5)],
            "cc",
            BOTH,
            {},
            Acts(
                brings=(group(5, "a", "b", branch=own("b")),),
                closes={6: "what it brought goes on in another pull request"},
            ),
        ),
        # one that became two: who has nothing left leaves, and the other goes on
        (
            [row("a", 5), row("b", 5, own("a"))],
            "nc",
            {},
            {},
            Acts(brings=(group(5, "b", branch=own("a")),), leaves=("a",)),
        ),
        (
            [row("a", 5), row("b", 5, own("a")), row("c", 6)],
            "ccc",
            {"b": ["#2"], "c": ["#2"]},
            {},
            Acts(
                brings=(group(5, "a", "b", "c"),),
                closes={6: "what it brought goes on in another pull request"},
            ),
        ),
        # a comes back while b is on its branch: they go together
        (
            [row("a"), row("b", 5, own("a"))],
            "cc",
            {},
            {},
            Acts(brings=(group(5, "a", "b"),)),
        ),
        # nothing is written without a stack of which nothing can be said now
        ([row("a", 5), row("b", 5, own("a"))], "wc", {}, {}, Acts(waits={5: "a: because"})),
        ([row("a", 5), row("b")], "wc", BOTH, {}, Acts(waits={5: "a: because"})),
        ([row("a", 5), row("b")], "wc", {}, {}, Acts(waits={5: "a: because"}, brings=(group(None, "b"),))),
        # who is held waits alone
        ([row("a", hold=HOLD), row("b")], "cc", BOTH, {}, Acts(brings=(group(None, "b"),))),
        ([row("a", 5, hold=HOLD)], "c", {}, {}, Acts(brings=(group(5, "a"),))),
        # deletions come apart, and changes that became deletions leave
        (
            [row("a", 5)],
            "d",
            {},
            {},
            Acts(
                brings=(group(None, "a", part=Part.DELETIONS, branch=own("a") + "_deletions"),),
                closes={5: "what it brought goes on in another pull request"},
            ),
        ),
        (
            [row("a", 5, **GONE)],
            "d",
            {},
            {},
            Acts(brings=(group(5, "a", part=Part.DELETIONS, branch=own("a") + "_deletions"),)),
        ),
        ([row("a", 5, **GONE)], "w", {}, {}, Acts(waits={5: "a: because"})),
        # what no row knows of is taken over by who has its branch, else closed
        ([row("a")], "c", {}, {9: own("a")}, Acts(brings=(group(9, "a"),))),
        ([row("a")], "c", {}, {9: own("a") + "_2"}, Acts(brings=(group(9, "a", branch=own("a") + "_2"),))),
        (
            [row("a")],
            "n",
            {},
            {9: own("a")},
            Acts(closes={9: "it brings nothing that is to be promoted"}),
        ),
    ],
)  # fmt: skip
def test_which_pull_requests_are_opened_left_and_closed(
    rows: list[PromotionRow],
    nexts: str,
    ties: dict[str, list[str]],
    orphans: dict[int, str],
    found: Acts,
) -> None:
    assert decide(rows, nexts, ties, orphans) == found
