"""The life of one row against a model of its issue, with people and crashes between any two steps."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gitbot.decisions.drift.life import (
    ACKNOWLEDGED_FOR,
    IssueGone,
    IssueStands,
    Removed,
    Standing,
    advance,
)
from gitbot.decisions.drift.telling import (
    Act,
    CloseIssue,
    OpenIssue,
    ShowIssue,
    Told,
    acts,
    done,
    opened,
)
from gitbot.model.drift import Phase
from gitbot.model.forge import CloseReason
from tests.model_checks import sized
from tests.unit.decisions.drift.drift_by_hand import CONFIRM, NOW, clear, difference, row, seen

SIGHTS = st.lists(st.sampled_from(["/Tags/a", "/Tags/b"]), unique=True, max_size=2)
STEPS = st.sampled_from([timedelta(minutes=6), timedelta(days=1), timedelta(days=20)])


class OneRow(RuleBasedStateMachine):
    """``issues`` maps each number to whether it is open; a deleted one is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.row = row()
        self.now = NOW
        self.issues: dict[int, bool] = {}
        self.closed: dict[int, IssueStands] = {}
        self.comments: dict[int, int] = {}
        self.shows: dict[int, str] = {}
        self.by_marker: dict[int, int] = {}
        self.deleted = 0
        self.late = 0
        self.whole = True

    @property
    def number(self) -> int | None:
        return self.row.issue

    def standing(self) -> Standing:
        if self.number is None:
            return None
        if self.number not in self.issues:
            return IssueGone()
        return self.closed[self.number] if not self.issues[self.number] else IssueStands(open=True)

    def act(self, act: Act) -> None:
        """What the job does on GitHub. An issue that was deleted meanwhile is found by the next scan."""
        match act:
            case OpenIssue():
                found = self.by_marker.get(self.row.nth)
                if found is None or found not in self.issues:
                    found = len(self.issues) + self.deleted + 1
                    self.issues[found], self.by_marker[self.row.nth] = True, found
                self.row = opened(self.row, found, is_open=self.issues[found])
            case _:
                self.tell(act)

    def tell(self, act: Told) -> None:
        match act:
            case ShowIssue(number=number, reopens=reopens):
                if number not in self.issues:
                    return
                self.issues[number] = self.issues[number] or reopens
                self.shows[number] = self.row.fingerprint
            case CloseIssue(number=number, reason=reason):
                if self.issues.get(number):
                    self.issues[number] = False
                    self.closed[number] = IssueStands(open=False, reason=reason, closed_by="gitbot")
            case _:
                assert act.news.number > self.row.written, "a comment is written once"
                self.comments[act.news.number] = self.comments.get(act.news.number, 0) + 1
        self.row = done(self.row, act)

    @rule(paths=SIGHTS, stops=st.integers(min_value=0, max_value=9), again=st.booleans())
    def scan(self, paths: list[str], stops: int, again: bool) -> None:
        """A scan; the process dies after some steps. ``again``: the queue runs the job once more."""
        for _ in range(1 + again):
            sight = seen(*(difference(path=path) for path in paths)) if paths else clear()
            last = self.row
            self.row = advance(last, sight, self.standing(), confirm=CONFIRM, now=self.now)
            # It came back after more than 30 days: that makes a new issue beside the closed one.
            self.late += last.issue in self.issues and self.row.issue is None
            self.whole = False
            # A new issue is opened first, and then shown as any other.
            for _ in range(2):
                for act in acts(self.row, may_open=True):
                    if stops == 0:
                        return
                    stops -= 1
                    self.act(act)
            self.whole = True

    @rule(step=STEPS)
    def wait(self, step: timedelta) -> None:
        self.now += step

    def is_open(self) -> bool:
        return self.number is not None and bool(self.issues.get(self.number))

    @precondition(is_open)
    @rule(
        reason=st.sampled_from([*CloseReason]),
        person=st.booleans(),
    )
    def somebody_closes_it(self, reason: CloseReason, person: bool) -> None:
        assert self.number is not None
        self.issues[self.number] = False
        self.closed[self.number] = IssueStands(
            open=False, reason=reason, closed_by="ada", by_person=person
        )
        self.whole = False

    @precondition(lambda self: self.number in self.issues)
    @rule()
    def somebody_deletes_it(self) -> None:
        assert self.number is not None
        del self.issues[self.number]
        self.deleted += 1
        self.whole = False

    @precondition(lambda self: self.number in self.issues and not self.is_open())
    @rule()
    def somebody_opens_it_again(self) -> None:
        assert self.number is not None
        self.issues[self.number] = True
        self.whole = False

    @rule()
    def the_stack_goes(self) -> None:
        self.row = advance(self.row, Removed(), self.standing(), confirm=CONFIRM, now=self.now)
        self.whole = False

    @invariant()
    def there_is_one_issue(self) -> None:
        assert len(self.issues) <= 1 + self.late

    @invariant()
    def what_was_told_whole_is_shown(self) -> None:
        if not self.whole or self.number is None:
            return
        if self.row.phase is Phase.OPEN:
            assert self.is_open()
            assert self.shows[self.number] == self.row.fingerprint or not self.row.fingerprint
            assert self.row.owed == ()
        if self.row.phase is Phase.ACKNOWLEDGED:
            assert self.row.until is not None
            assert self.row.until <= self.now + ACKNOWLEDGED_FOR

    @invariant()
    def each_comment_is_written_once(self) -> None:
        assert all(count == 1 for count in self.comments.values())


OneRow.TestCase.settings = sized(60)
TestOneRow = pytest.mark.model(OneRow.TestCase)
