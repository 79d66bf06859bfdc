"""Merges, windows, freezes by hand and overrides in any order, against a clock of plain arithmetic.

What is denied is never applied. What waits is applied exactly once, at the instant that was told,
if its plan is still the reviewed one. A freeze by hand ends with ``/unfreeze`` and with nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gitbot.decisions.consent import ConsentFacts, consent
from gitbot.decisions.freeze.schedule import edges
from gitbot.decisions.freeze.waiting import check_override, waits
from gitbot.decisions.freeze.windows import standing_in_the_way, window_verdict
from gitbot.decisions.time.obstacles import Obstacles, may
from gitbot.decisions.time.schedules import next_due
from gitbot.errors import RefusedError
from gitbot.model.freeze import Act, FrozenApply, HandFreeze, Verdict, Window
from gitbot.model.time import ScheduleRow
from tests.model_checks import sized
from tests.unit.decisions.facts_by_hand import DEV, a_command, a_plan, a_run, stack_id
from tests.unit.decisions.freeze.windows_by_hand import a_window, at, once

pytestmark = pytest.mark.model

START, MINUTE = at("2026-11-23T00:00"), timedelta(minutes=1)  # a Monday
ENVIRONMENT = stack_id().environment_key
STACKS = ("web", "late")
TEAM = frozenset({"acme/sre"})


@dataclass(frozen=True)
class Known:
    """A window, and in plain arithmetic whether it is open at an instant."""

    window: Window
    open: Callable[[datetime], bool]


WEEKEND = Known(
    a_window("weekend", "deny", "0 17 * * FRI", 63),
    lambda now: (now - START) // MINUTE % 10080 >= 6780 or (now - START) // MINUTE % 10080 < 480,
)
NIGHT = Known(
    replace(a_window("night", "deny", "*/30 22 * * *", 2, stacks=("late",)), teams=TEAM),
    lambda now: now.hour in (22, 23) or (now.hour, now.minute // 30) == (0, 0),
)
OFFICE = Known(
    replace(a_window("office", "allow", "0 8 * * MON-FRI", 10), teams=TEAM),
    lambda now: 8 <= now.hour < 18 and now.weekday() < 5,
)
SALE = Known(
    once("sale", "deny", "2026-11-26T00:00", "2026-11-27T08:00"),
    lambda now: at("2026-11-26T00:00") <= now < at("2026-11-27T08:00"),
)


class Freezes(RuleBasedStateMachine):
    """One environment. The machine does what the jobs do: it asks, waits, and looks again when due."""

    @initialize(
        known=st.lists(st.sampled_from([WEEKEND, NIGHT, OFFICE, SALE]), max_size=3, unique=True)
    )
    def begin(self, known: list[Known]) -> None:
        self.known = known
        self.rules = replace(DEV, freezes=tuple(each.window for each in known))
        self.now = START
        self.hand: HandFreeze | None = None
        self.asked_to_freeze = False
        self.merges = 0
        self.reviewed: dict[str, str] = {}
        self.would: dict[str, str] = {}
        self.waiting: dict[str, FrozenApply] = {}
        self.applied: list[str] = []
        self.reschedule()

    # --- what the jobs do

    def reschedule(self) -> None:
        found = edges(self.rules, ENVIRONMENT, self.waiting.keys(), self.now)
        self.rows = [ScheduleRow(schedule=each, since=self.now) for each in found]

    def verdict(self, stack: str) -> Verdict:
        window = window_verdict(self.rules, Act.APPLY, stack, self.now)
        return may(Act.APPLY, Obstacles(window=window, freeze=self.hand))

    def apply_tip(self, overridden: str = "") -> None:
        for stack in list(self.reviewed):
            verdict = self.verdict(stack)
            if not verdict.allowed and stack != overridden:
                self.wait(stack, verdict)
                continue
            plan = a_plan(stack, digest=self.would[stack])
            reviewed = a_run(digest=self.reviewed[stack], shown_whole=True)
            if consent(plan, ConsentFacts(reviewed=reviewed)).given:
                assert stack == overridden or not self.denied(stack, self.now)
                assert plan.digest not in self.applied
                self.applied.append(plan.digest)
                del self.reviewed[stack], self.would[stack]
            self.waiting.pop(stack, None)

    def wait(self, stack: str, verdict: Verdict) -> None:
        found = waits(stack_id(stack), verdict, self.now)
        if stack not in self.waiting:
            assert found.until == (None if self.hand else self.end_of(stack))
        self.waiting[stack] = found

    # --- what is so, in plain arithmetic

    def denied(self, stack: str, now: datetime) -> bool:
        matching = [each for each in self.known if each is not NIGHT or stack == "late"]
        allowing = [each for each in matching if each.window.allows]
        denied = any(each.open(now) for each in matching if not each.window.allows)
        closed = bool(allowing) and not any(each.open(now) for each in allowing)
        return denied or closed or self.asked_to_freeze

    def end_of(self, stack: str) -> datetime:
        return next(
            now
            for minutes in range(0, 15 * 1440, 30)
            if not self.denied(stack, now := self.now + minutes * MINUTE)
        )

    # --- what happens

    @rule(stack=st.sampled_from(STACKS))
    def merge(self, stack: str) -> None:
        self.merges += 1
        self.reviewed[stack] = self.would[stack] = f"d{self.merges}"
        self.waiting.pop(stack, None)
        self.apply_tip()

    @precondition(lambda self: self.waiting)
    @rule()
    def somebody_changes_the_cloud(self) -> None:
        self.merges += 1
        self.would[min(self.waiting)] = f"d{self.merges}"

    @rule(half_hours=st.integers(1, 150))
    def time_goes_on(self, half_hours: int) -> None:
        end = self.now + half_hours * 30 * MINUTE
        while (due := min(filter(None, map(next_due, self.rows)), default=end)) < end:
            self.now = due
            self.look()
        self.now = end
        if due == end:
            self.look()

    def look(self) -> None:
        """The job of windows: what waits and may be applied now wakes an apply."""
        if any(self.verdict(stack).allowed for stack in self.waiting):
            self.apply_tip()
        self.reschedule()

    @rule()
    def freeze(self) -> None:
        self.asked_to_freeze = True
        self.hand = self.hand or HandFreeze(
            environment=ENVIRONMENT, by="ada", since=self.now, because="x", command="c", issue=9
        )

    @rule()
    def unfreeze(self) -> None:
        self.asked_to_freeze, self.hand = False, None
        self.look()

    @precondition(lambda self: self.hand)
    @rule()
    def somebody_closes_the_issue(self) -> None:
        self.look()

    @precondition(lambda self: self.waiting)
    @rule(in_team=st.booleans(), right=st.booleans(), says_why=st.booleans())
    def override(self, in_team: bool, right: bool, says_why: bool) -> None:
        stack = min(self.waiting)
        named = {"digest": self.would[stack] if right else "d0"}
        command = a_command(**named, **({"because": "the site is down"} if says_why else {}))
        in_the_way = standing_in_the_way(self.rules.freezes, Act.APPLY, stack, self.now)
        teams = TEAM if in_team else frozenset[str]()
        try:
            check_override(command, self.hand, in_the_way, teams)
        except RefusedError:
            return
        assert says_why
        assert not self.asked_to_freeze
        deny_without_team = [WEEKEND, SALE]
        assert not any(each in self.known and each.open(self.now) for each in deny_without_team)
        assert in_team or not self.denied(stack, self.now)
        if right:
            self.apply_tip(overridden=stack)

    @invariant()
    def nothing_waits_that_may_be_applied(self) -> None:
        for stack in self.waiting:
            assert self.denied(stack, self.now), stack

    @invariant()
    def what_was_applied_was_reviewed_and_a_freeze_stays(self) -> None:
        assert len(set(self.applied)) == len(self.applied)
        assert (self.hand is not None) == self.asked_to_freeze


TestFreezes = Freezes.TestCase
TestFreezes.settings = sized(25, steps=20)
