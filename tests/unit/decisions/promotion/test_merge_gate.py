"""What keeps gitbot from merging a promotion by itself, and whose turn it is then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gitbot.decisions.promotion.gates import needs_person
from gitbot.decisions.promotion.merge_gate import (
    FREE,
    LATE,
    Blocked,
    blocks,
    method_of,
    refused,
    unreadable,
    verdicts,
)
from gitbot.model.forge import MergeMethod, MergeRules, Review, ReviewState
from gitbot.model.names import Sha
from gitbot.model.promotion import Gate, GateState
from tests.unit.decisions.facts_by_hand import NOW

ALL = MergeRules(methods=tuple(MergeMethod))
CHECKS = replace(ALL, required_checks=("a", "b", "c", "d"))
BYPASS = (
    ". To let gitbot merge without that, add its App to the bypass list of the ruleset (Settings, "
    "Rules, Rulesets)"
)


@pytest.mark.parametrize(
    ("rules", "checks", "others", "approvals", "blocked"),
    [
        (ALL, {}, False, 0, FREE),
        (
            ALL,
            {},
            True,
            0,
            Blocked(why="somebody else has committed to its branch: a person merges it", who=True),
        ),
        (
            replace(ALL, queue=True, rulesets=("main",)),
            {},
            False,
            0,
            Blocked(
                why="merges go through a queue (ruleset `main`): a person puts it there" + BYPASS,
                who=True,
            ),
        ),
        (
            replace(ALL, locked=True, rulesets=("main", "all")),
            {},
            False,
            0,
            Blocked(
                why="only those on its bypass list may change the branch (ruleset `main`, `all`)"
                + BYPASS,
                who=True,
            ),
        ),
        (
            replace(ALL, methods=()),
            {},
            False,
            0,
            Blocked(why="the rules of the branch allow no way to merge", who=True),
        ),
        (replace(ALL, approvals=1), {}, False, 1, FREE),
        (
            replace(ALL, approvals=2),
            {},
            False,
            1,
            Blocked(
                why="the branch asks for 2 approvals of the newest commit and has 1; gitbot approves "
                "nothing by itself" + BYPASS,
                who=True,
            ),
        ),
        (
            CHECKS,
            {"a": True, "b": None, "c": False},
            False,
            0,
            Blocked(
                why="the required check `b` still runs; the required check `c` has failed; the "
                "required check `d` has not come yet"
            ),
        ),
        (
            replace(ALL, required_checks=("a",)),
            {},
            True,
            0,
            Blocked(
                why="somebody else has committed to its branch: a person merges it; the required "
                "check `a` has not come yet"
            ),
        ),
    ],
)
def test_what_keeps_gitbot_from_merging_is_named(
    rules: MergeRules,
    checks: dict[str, bool | None],
    others: bool,
    approvals: int,
    blocked: Blocked,
) -> None:
    assert blocks(rules, checks, others=others, approvals=approvals) == blocked


def review(author: str, state: ReviewState, commit: str = "a") -> Review:
    return Review(id=1, author=author, state=state, commit=Sha(commit), submitted_at=NOW)


def test_the_newest_verdict_of_each_counts_and_an_approval_of_this_commit_alone() -> None:
    approved, changes = ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED
    reviews = [
        review("ada", approved),
        review("ada", ReviewState.COMMENTED),
        review("bob", approved),
        review("bob", changes),
        review("cy", changes),
        review("cy", approved),
        review("di", approved, "b"),
        review("al", changes),
    ]
    assert verdicts(reviews, Sha("a")) == (frozenset({"ada", "cy"}), ("al", "bob"))
    found = blocks(ALL, {}, others=False, approvals=2, against=["al", "bob"])
    assert found == Blocked(why="al, bob requested changes", who=True)


@pytest.mark.parametrize(
    ("waited", "words"),
    [
        (LATE - timedelta(seconds=1), "the required check `d` has not come yet"),
        (
            LATE,
            "the required check `d` has not come for 30m and more: see whether anything still reports "
            "it, or take it out of the rules of the branch",
        ),
    ],
)
def test_a_check_that_does_not_come_after_a_while_is_named(waited: timedelta, words: str) -> None:
    passed = dict.fromkeys("abc", True)
    found = blocks(CHECKS, passed, others=False, approvals=0, waited=waited)
    assert found == Blocked(why=words)


def test_rules_that_cannot_be_read_leave_the_merge_to_a_person() -> None:
    assert unreadable("403 Forbidden (`metadata: read`)") == Blocked(
        why="gitbot cannot read the rules of the branch, so a person merges it: 403 Forbidden "
        "(`metadata: read`)",
        who=True,
    )


@pytest.mark.parametrize(
    ("why", "blocked"),
    [
        ("405 Base branch was modified.", Blocked(why="405 Base branch was modified.")),
        (
            "405 At least 1 approving review is required by reviewers with write access.",
            Blocked(
                why="405 At least 1 approving review is required by reviewers with write access. gitbot "
                "approves nothing by itself; to let it merge without that, let its App bypass the rule "
                "(Settings, Branches or Rules)",
                who=True,
            ),
        ),
    ],
)
def test_a_merge_that_github_refuses_for_want_of_a_review_waits_for_a_person(
    why: str, blocked: Blocked
) -> None:
    assert refused(why) == blocked


def shut(gate: Gate, *, who: bool = False) -> GateState:
    return GateState(gate=gate, open=False, why="why", who=who)


@pytest.mark.parametrize(
    ("closed", "of_pr", "of_merge"),
    [
        ([], True, False),
        ([shut(Gate.SOAKED)], False, False),
        ([shut(Gate.APPROVED, who=True)], True, True),
        ([shut(Gate.RULES, who=True), shut(Gate.APPROVED, who=True)], True, True),
        ([shut(Gate.APPROVED, who=True), shut(Gate.SOAKED)], False, False),
        ([shut(Gate.APPROVED)], False, False),
        ([shut(Gate.RULES)], False, False),
        ([shut(Gate.HOLD, who=True)], False, False),
        ([shut(Gate.OTHERS, who=True)], False, False),
        ([shut(Gate.DECIDED, who=True), shut(Gate.SOAKED)], True, True),
    ],
)
def test_people_are_asked_when_it_is_their_turn(
    closed: list[GateState], of_pr: bool, of_merge: bool
) -> None:
    states = [GateState(gate=Gate.DRIFT, open=True), *closed]
    assert needs_person(states, merges=False) is of_pr
    assert needs_person(states, merges=True) is of_merge


def test_the_first_method_that_is_allowed_is_used() -> None:
    rules = replace(ALL, methods=(MergeMethod.SQUASH, MergeMethod.REBASE))
    assert method_of(rules) is MergeMethod.SQUASH
