"""Soak, gates, groups and ends of promotions, as functions of what is known and now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from gitbot.decisions.promotion.gates import AGAIN, GateFacts, all_open, gates, wakes_at, why_waits
from gitbot.decisions.promotion.grouping import branch_of, groups, next_branches, stands_for
from gitbot.decisions.promotion.life import changes_nothing, closed, merged, resumed, reverted
from gitbot.decisions.promotion.merge_gate import Blocked
from gitbot.decisions.promotion.remarks import with_remarks
from gitbot.decisions.promotion.schedule import schedules_of
from gitbot.decisions.promotion.soak import Health, counted, looks_every, next_look, weakest
from gitbot.language.time.cron import read_cron
from gitbot.model.drift import DriftRules
from gitbot.model.freeze import Verdict
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.promotion import Gate, Hold, Live, Part, PromotionRow, Soak
from gitbot.model.time import At, Cron, Every, Work

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(number: float) -> datetime:
    return NOON + number * HOUR


WELL = Soak(hash="h", verified_at=NOON, counted=HOUR, counted_at=hours(1))
SEEN = Health(hash="h", empty=True)


@pytest.mark.parametrize(
    ("soak", "health", "now", "after"),
    [
        # nothing is known before the first empty plan
        (Soak(), Health(hash="h"), 1, Soak(hash="h")),
        (Soak(), Health(hash="h", empty=False), 1, Soak(hash="h")),
        (Soak(), Health(hash="h", empty=True), 0, replace(WELL, counted=timedelta(), counted_at=NOON)),
        # time counts between two looks that found it well
        (WELL, SEEN, 3, replace(WELL, counted=3 * HOUR, counted_at=hours(3))),
        (WELL, SEEN, 1, WELL),
        # and stays as it is when nobody looks, or nobody can
        (WELL, Health(hash="h"), 3, WELL),
        # not when nobody has looked for long: it may have been ill meanwhile
        (WELL, SEEN, 4, replace(WELL, counted=4 * HOUR, counted_at=hours(4))),
        (WELL, SEEN, 4.1, replace(WELL, counted_at=hours(4.1))),
        # nor since the last look, when it is found to be ill
        (WELL, Health(hash="h", empty=False), 3, replace(WELL, counted_at=None)),
        (WELL, Health(hash="h", ill=True), 3, replace(WELL, counted_at=None)),
        (WELL, replace(SEEN, ill=True), 3, replace(WELL, counted_at=None)),
        (Soak(), replace(SEEN, ill=True), 0, Soak(hash="h", verified_at=NOON)),
        # it goes on when it is well again
        (replace(WELL, counted_at=None), Health(hash="h"), 5, replace(WELL, counted_at=None)),
        (replace(WELL, counted_at=None), SEEN, 5, replace(WELL, counted_at=hours(5))),
        # it was ill in between: a scan has seen its end
        (WELL, replace(SEEN, well_since=hours(3)), 4, replace(WELL, counted=2 * HOUR, counted_at=hours(4))),
        (WELL, replace(SEEN, well_since=NOON), 2, replace(WELL, counted=2 * HOUR, counted_at=hours(2))),
        # another desired state begins anew
        (WELL, Health(hash="g"), 5, Soak(hash="g")),
    ],
)  # fmt: skip
def test_only_time_in_which_the_source_was_seen_to_be_well_counts(
    soak: Soak, health: Health, now: float, after: Soak
) -> None:
    found = counted(soak, health, hours(now), HOUR)
    assert found == after
    for again in (health, replace(health, empty=None)):
        assert counted(found, again, hours(now), HOUR) == found


def test_drift_that_nobody_saw_for_two_hours_does_not_count_as_soaked() -> None:
    """Drifted at once, found two hours later, put back, and looked at half an hour later."""
    every, needs = timedelta(minutes=30), 2 * HOUR
    soak = counted(Soak(), SEEN, NOON, every)
    for at, health in (
        (2.1, replace(SEEN, empty=False)),
        (2.2, SEEN),
        (2.7, replace(SEEN, well_since=hours(2.2))),
    ):
        assert (next_look(soak, needs, every, hours(at)) or NOON) <= hours(at)
        soak = counted(soak, health, hours(at), every)
    assert soak.counted == every
    states = gates(GateFacts(source="dev", soak=soak, needs=needs, every=every), hours(2.7))
    assert [one.gate for one in states if not one.open] == [Gate.SOAKED]


@pytest.mark.parametrize(
    ("soak", "needs", "looks"),
    [
        (Soak(), 3, 2),
        (replace(WELL, counted_at=None), 3, 2),
        (WELL, 3, 1.5),
        (WELL, 1.25, 1.25),
        (WELL, 1, None),
    ],
)
def test_what_soaks_is_looked_at_while_it_soaks(
    soak: Soak, needs: float, looks: float | None
) -> None:
    found = next_look(soak, needs * HOUR, HOUR / 2, hours(2))
    assert found == (None if looks is None else hours(looks))


@pytest.mark.parametrize(
    ("scan", "every"),
    [
        (Every(interval=HOUR / 2), HOUR / 2),
        (Cron(expression="0 3 * * *", timezone="UTC", fields=read_cron("0 3 * * *")), HOUR),
        (None, HOUR),
    ],
)
def test_what_soaks_is_looked_at_as_often_as_drift_is_looked_for(
    scan: Every | Cron | None, every: timedelta
) -> None:
    assert looks_every(DriftRules(scan=scan)) == every


HOLD = Hold(actor="ada", reason="#4 was closed without a merge", at=NOON)


@pytest.mark.parametrize(
    ("facts", "gate", "why", "opens", "wakes"),
    [
        (GateFacts(source="dev", unapplied="dev has errors"), Gate.APPLIED, "dev has errors", None, AGAIN),
        (GateFacts(source="dev", soak=Soak()), Gate.VERIFIED, "a plan of dev after the apply is not empty yet", None, AGAIN),
        (
            GateFacts(source="dev", needs=3 * HOUR),
            Gate.SOAKED,
            "it must be well for 3h; gitbot looks every 1h",
            3 * HOUR,
            2 * HOUR,
        ),
        (
            GateFacts(source="dev", needs=3 * HOUR, soak=replace(WELL, counted_at=hours(-1))),
            Gate.SOAKED,
            "it must be well for 3h, and dev cannot be looked at now",
            None,
            AGAIN,
        ),
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


def test_a_branch_with_the_commits_of_others_is_stood_for_by_another() -> None:
    branch = branch_of("dev", "prod", "web")
    every = list(islice(next_branches(branch), 3))
    assert every == [branch, f"{branch}_2", f"{branch}_3"]
    assert all(stands_for(one, branch) for one in every)
    for other in ("web2", "web-2", "web_deletions", "web_deletions_2"):
        assert not stands_for(branch_of("dev", "prod", other), branch)


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


def soaking(stack: str, soak: Soak, waived: str = "") -> PromotionRow:
    target = EnvironmentKey(repository="7", environment="staging")
    by = "ada" if waived else ""
    return PromotionRow(
        target=target, stack=stack, source="dev", soak=soak, waived=waived, waived_by=by
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # nothing is to be proven
        ([], (Soak(verified_at=NOON, counted=HOUR, counted_at=NOON), "")),
        ([soaking("a", WELL)], (WELL, "")),
        # the least verified, then the one that is not well, then the one of the least time
        ([soaking("a", WELL), soaking("b", Soak(hash="h"))], (Soak(hash="h"), "")),
        (
            [soaking("a", replace(WELL, counted_at=None, counted=2 * HOUR)), soaking("b", WELL)],
            (replace(WELL, counted_at=None, counted=2 * HOUR), ""),
        ),
        (
            [soaking("a", WELL), soaking("b", replace(WELL, counted=HOUR / 2))],
            (replace(WELL, counted=HOUR / 2), ""),
        ),
        # a waiver is of exactly one desired state
        ([soaking("a", Soak(hash="h"), "h"), soaking("b", WELL)], (WELL, "")),
        ([soaking("a", Soak(hash="h"), "old")], (Soak(hash="h"), "")),
        (
            [soaking("a", Soak(hash="h"), "h")],
            (Soak(verified_at=NOON, counted=HOUR, counted_at=NOON), "ada"),
        ),
    ],
)
def test_the_stack_that_has_soaked_least_counts(
    rows: list[PromotionRow], expected: tuple[Soak, str]
) -> None:
    assert weakest(rows, now=NOON, needs=HOUR) == expected
