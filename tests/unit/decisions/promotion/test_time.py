"""Soak, gates, groups and ends of promotions, as functions of what is known and now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.decisions.promotion.gates import AGAIN, GateFacts, all_open, gates, wakes_at, why_waits
from gitbot.decisions.promotion.grouping import branch_of, groups
from gitbot.decisions.promotion.life import changes_nothing, closed, merged, resumed, reverted
from gitbot.decisions.promotion.merge_gate import Blocked
from gitbot.decisions.promotion.remarks import with_remarks
from gitbot.decisions.promotion.schedule import schedules_of
from gitbot.decisions.promotion.soak import Health, counted
from gitbot.model.freeze import Verdict
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.promotion import Gate, Hold, Live, Part, PromotionRow, Soak
from gitbot.model.time import At, Work

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(number: float) -> datetime:
    return NOON + number * HOUR


WELL = Soak(hash="h", verified_at=NOON, counted=HOUR, counted_at=hours(1))


@pytest.mark.parametrize(
    ("soak", "health", "now", "after"),
    [
        # nothing is known before the first empty plan
        (Soak(), Health(hash="h"), 1, Soak(hash="h")),
        (Soak(), Health(hash="h", empty=False), 1, Soak(hash="h")),
        (Soak(), Health(hash="h", empty=True), 0, replace(WELL, counted=timedelta(), counted_at=NOON)),
        # time counts while it is well
        (WELL, Health(hash="h"), 3, replace(WELL, counted=3 * HOUR, counted_at=hours(3))),
        (WELL, Health(hash="h"), 1, WELL),
        # and not from the moment on at which it drifted
        (WELL, Health(hash="h", ill_since=hours(2)), 5, replace(WELL, counted=2 * HOUR, counted_at=None)),
        (WELL, Health(hash="h", ill_since=NOON), 5, replace(WELL, counted_at=None)),
        # it goes on when it is well again
        (replace(WELL, counted_at=None), Health(hash="h"), 5, replace(WELL, counted_at=hours(5))),
        # it was ill in between, and nobody looked
        (WELL, Health(hash="h", well_since=hours(4)), 5, replace(WELL, counted=2 * HOUR, counted_at=hours(5))),
        (WELL, Health(hash="h", well_since=NOON), 2, replace(WELL, counted=2 * HOUR, counted_at=hours(2))),
        # another desired state begins anew
        (WELL, Health(hash="g"), 5, Soak(hash="g")),
    ],
)  # fmt: skip
def test_only_time_in_which_the_source_was_well_counts(
    soak: Soak, health: Health, now: float, after: Soak
) -> None:
    found = counted(soak, health, hours(now))
    assert found == after
    assert counted(found, replace(health, empty=None), hours(now)) == found


HOLD = Hold(actor="ada", reason="#4 was closed without a merge", at=NOON)


@pytest.mark.parametrize(
    ("facts", "gate", "why", "opens", "wakes"),
    [
        (GateFacts(source="dev", unapplied="dev has errors"), Gate.APPLIED, "dev has errors", None, AGAIN),
        (GateFacts(source="dev", soak=Soak()), Gate.VERIFIED, "a plan of dev after the apply is not empty yet", None, AGAIN),
        (GateFacts(source="dev", needs=3 * HOUR), Gate.SOAKED, "it must be well for 3h", 2 * HOUR, 2 * HOUR),
        (
            GateFacts(source="dev", needs=3 * HOUR, soak=replace(WELL, counted_at=None)),
            Gate.SOAKED,
            "1h of 3h; the time stands still until dev is well",
            None,
            AGAIN,
        ),
        (GateFacts(source="dev", drifted="dev/web has drift (#7)"), Gate.DRIFT, "dev/web has drift (#7)", None, AGAIN),
        (GateFacts(source="dev", undecided="2 things"), Gate.DECIDED, "2 things", None, None),
        (
            GateFacts(source="dev", hold=HOLD),
            Gate.HOLD,
            "ada held it: #4 was closed without a merge (`/promote resume` goes on)",
            None,
            None,
        ),
        (
            GateFacts(source="dev", window=Verdict(allowed=False, why="a freeze", next_open=hours(5))),
            Gate.WINDOW,
            "a freeze",
            5 * HOUR,
            5 * HOUR,
        ),
        (GateFacts(source="dev", others="#9 of bob"), Gate.OTHERS, "#9 of bob", None, None),
        (GateFacts(source="dev", unplanned="not shown"), Gate.PLANNED, "not shown", None, AGAIN),
        (GateFacts(source="dev", missing=["one", "two"]), Gate.APPROVED, "one; two", None, None),
        (GateFacts(source="dev", missing=["one"], unmet=["its checks have not passed"]), Gate.APPROVED, "its checks have not passed; one", None, AGAIN),
        (GateFacts(source="dev", blocked=Blocked(why="a rule")), Gate.RULES, "a rule", None, AGAIN),
        (GateFacts(source="dev", blocked=Blocked(why="a review", who=True)), Gate.RULES, "a review", None, None),
    ],
)  # fmt: skip
def test_a_closed_gate_says_why_and_when_it_opens(
    facts: GateFacts, gate: Gate, why: str, opens: timedelta | None, wakes: timedelta | None
) -> None:
    soak = WELL if facts.soak == Soak() and gate is not Gate.VERIFIED else facts.soak
    found = gates(replace(facts, soak=soak), NOON)
    assert [one.gate for one in found] == list(Gate)
    shut = [one for one in found if not one.open]
    assert [(one.gate, one.why) for one in shut] == [(gate, why)]
    assert shut[0].opens_at == (None if opens is None else NOON + opens)
    assert wakes_at(found, NOON) == (None if wakes is None else NOON + wakes)
    assert not all_open(found)


def test_every_gate_open_waits_for_nothing() -> None:
    found = gates(GateFacts(source="dev", soak=WELL, needs=HOUR), NOON)
    assert all_open(found)
    assert wakes_at(found, NOON) is None


def test_who_approves_waives_verification_and_soak_and_nothing_else() -> None:
    found = gates(GateFacts(source="dev", needs=HOUR, waived_by="ada", drifted="drift"), NOON)
    assert [one.gate for one in found if not one.open] == [Gate.DRIFT]
    assert [one.why for one in found if one.gate in (Gate.VERIFIED, Gate.SOAKED)] == [
        "waived by ada"
    ] * 2


def test_the_earliest_instant_wakes() -> None:
    window = Verdict(allowed=False, why="a freeze", next_open=hours(1))
    facts = GateFacts(
        source="dev", soak=WELL, needs=5 * HOUR, window=window, missing=["an approval"]
    )
    assert wakes_at(gates(facts, NOON), NOON) == hours(1)
    assert why_waits(gates(facts, NOON), NOON) == "a freeze"
    ill = replace(facts, window=Verdict(allowed=True), soak=replace(WELL, counted_at=None))
    assert why_waits(gates(ill, NOON), NOON) == "1h of 5h; the time stands still until dev is well"
    assert why_waits(gates(replace(ill, needs=HOUR), NOON), NOON) == ""


@pytest.mark.parametrize(
    ("ties", "together"),
    [
        ({}, ()),
        ({"b": [], "a": []}, (("a",), ("b",))),
        ({"b": ["#1"], "a": ["#1"], "c": ["#2"]}, (("a", "b"), ("c",))),
        ({"a": ["#1"], "b": ["#1", "branch"], "c": ["branch"]}, (("a", "b", "c"),)),
        ({"c": ["#1"], "a": ["#2"], "b": ["#2", "#1"]}, (("a", "b", "c"),)),
    ],
)
def test_stacks_with_a_tie_in_common_go_together(
    ties: dict[str, list[str]], together: tuple[tuple[str, ...], ...]
) -> None:
    assert groups(ties) == together


def test_a_branch_is_named_by_its_edge_and_first_stack() -> None:
    assert branch_of("dev", "prod", "web") == "gitbot/promote/dev_to_prod/web"
    assert (
        branch_of("dev", "prod", "web", deletions=True)
        == "gitbot/promote/dev_to_prod/web_deletions"
    )


def test_no_branch_is_that_of_another_edge_or_of_deletions() -> None:
    assert branch_of("a", "b", "c-deletions") != branch_of("a", "b", "c", deletions=True)
    assert branch_of("a-b", "c", "d") != branch_of("a", "b-c", "d")


LIVE = Live(
    number=4,
    branch="b",
    part=Part.CHANGES,
    base="a: 2\n",
    before="a: 0\n",
    after="a: 2\n",
    was="a: 1\n",
)
ROW = PromotionRow(
    target=EnvironmentKey(repository="7", environment="staging"),
    stack="web",
    source="dev",
    base="a: 1\n",
    moves={"b": "a"},
    live=LIVE,
    wake_at=NOON,
    why="soon",
)


def test_a_merge_makes_the_next_base() -> None:
    found = merged(ROW, Sha("c"))
    assert (found.base, found.base_commit, found.moves) == ("a: 2\n", "c", {})
    assert (found.live, found.merged, found.wake_at) == (None, LIVE, None)
    assert merged(found, Sha("d")) == found


def test_what_changed_since_is_looked_for_from_the_text_that_was_promoted() -> None:
    live = replace(LIVE, base_commit=Sha("b"), was_commit=Sha("a"))
    found = merged(replace(ROW, live=live), Sha("c"))
    assert found.base_commit == Sha("b")
    again = resumed(replace(found, hold=HOLD))
    assert (again.base, again.base_commit) == (live.was, Sha("a"))


def test_a_close_is_a_hold_until_somebody_resumes() -> None:
    found = closed(ROW, "ada", HOLD.reason, NOON)
    assert found.hold == HOLD
    assert (found.live, found.former, found.base) == (None, 4, "a: 1\n")
    assert closed(found, "bob", "again", NOON) == found
    held = replace(ROW, hold=replace(HOLD, actor="cyd"))
    assert closed(held, "ada", "again", NOON).hold == held.hold
    assert resumed(found) == replace(found, hold=None)


def test_what_was_reverted_is_promoted_again_when_somebody_resumes() -> None:
    held = replace(merged(ROW, Sha("c")), hold=HOLD)
    assert (resumed(held).base, resumed(held).merged, resumed(held).hold) == ("a: 1\n", None, None)


@pytest.mark.parametrize(
    ("now", "is_reverted"),
    [("a: 2\n", False), ("a: 0   # as before\n", True), ("a: 9\n", False), ("a: [\n", False)],
)
def test_a_revert_is_known_by_what_the_target_means(now: str, is_reverted: bool) -> None:
    assert reverted(LIVE, now) is is_reverted


def test_comments_alone_change_nothing() -> None:
    assert changes_nothing(replace(LIVE, before="a: 1\n", after="# why\na: 1\n"))
    assert not changes_nothing(LIVE)


def test_a_new_stack_that_is_deleted_again_is_reverted() -> None:
    assert reverted(replace(LIVE, before=""), "")
    assert not reverted(replace(LIVE, before="a: 2   # same\n"), "a: 2\n")


def test_what_waits_is_a_schedule_of_the_target() -> None:
    found = schedules_of([ROW, replace(ROW, stack="api", wake_at=None)])
    assert [(one.name, one.environment, one.work, one.when, one.why) for one in found] == [
        ("web", ROW.target, Work.PROMOTION, At(instant=NOON), "soon")
    ]


@pytest.mark.parametrize(
    ("text", "line", "result"),
    [
        ("a:\n  b: 1\n", 2, "a:\n  # look\n  b: 1\n"),
        ("a:\r\n  b: 1\r\n", 2, "a:\r\n  # look\r\n  b: 1\r\n"),
        ("a: |\n  text\n  more\n", 3, "# look\na: |\n  text\n  more\n"),
        ('a: "one\n  two"\n', 2, '# look\na: "one\n  two"\n'),
        ("a: [one\n  two]\n", 2, "# look\na: [one\n  two]\n"),
        ("a: 1\n", 9, "a: 1\n# look\n"),
    ],
)
def test_a_conflict_is_shown_as_a_comment_that_changes_no_value(
    text: str, line: int, result: str
) -> None:
    assert with_remarks(text, [(line, "look")]) == result
