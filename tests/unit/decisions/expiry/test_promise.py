"""The promise of expiry, whatever happens: nothing is destroyed without a delivered warning.

The machine plays one stack with downtime, clocks that jump, edits of the specs, extensions, holds,
failures and revivals, and a GitHub that answers as it likes: 403, 429 and 5xx, replies that are lost,
jobs that run twice or take hours, and conversations that people lock, close or delete. It keeps the
true time apart from the clock of the server, and remembers itself which warnings people have got.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from gitbot.decisions.expiry.changes import (
    destroyed,
    destroying,
    expired,
    failed,
    stopped,
    warned,
)
from gitbot.decisions.expiry.commands import Moved, extended, kept, requested
from gitbot.decisions.expiry.instants import follow
from gitbot.decisions.expiry.stages import (
    Case,
    Decision,
    Step,
    decide,
    owes_power,
)
from gitbot.model.expiry import Delivery, Expiry, ExpiryRules, Lifetime, Stage
from tests.model_checks import sized
from tests.unit.decisions.expiry.expiries_by_hand import DAY, HOUR
from tests.unit.decisions.facts_by_hand import NOW, stack_id

SPANS = st.sampled_from([HOUR, 2 * HOUR, 5 * HOUR, DAY, 2 * DAY, 3 * DAY])
WARNINGS = st.sampled_from([(2 * HOUR,), (DAY, HOUR), (2 * DAY, DAY, 2 * HOUR), (3 * DAY,)])
RULES = st.builds(
    ExpiryRules,
    default=SPANS,
    longest=st.none() | SPANS,
    extensions=st.integers(min_value=0, max_value=4),
    warn=WARNINGS,
    grace=SPANS | st.just(timedelta(0)),
    exempt=st.just(frozenset[str]()),
)
LIFETIMES = st.none() | st.builds(Lifetime, text=st.just("ttl"), ttl=SPANS)


class GitHub(Enum):
    """How GitHub takes a warning: whether people have it, and whether the job knows that."""

    TAKES = "it stands on the pull request"
    TAKES_ISSUE = "the conversation is locked or deleted; it stands in an issue"
    CLOSED = "and issues are switched off, or the App may not write (403)"
    AWAY = "429 or 5xx for longer than the job waits"
    LOST = "it stands there, and the reply is lost or the process dies"
    NOBODY = "it stands there, and mentions nobody who can read it"

    @property
    def read(self) -> bool:
        """Whether people have the warning."""
        return self in (GitHub.TAKES, GitHub.TAKES_ISSUE, GitHub.LOST)

    @property
    def accepted(self) -> bool:
        """Whether the job knows that they have."""
        return self in (GitHub.TAKES, GitHub.TAKES_ISSUE)


class Promise(RuleBasedStateMachine):
    """One stack under the rules of expiry, and the people who are to be warned."""

    def __init__(self) -> None:
        super().__init__()
        self.true = NOW
        self.wrong = timedelta(0)
        self.row: Expiry | None = None
        self.rules = ExpiryRules()
        self.lifetime: Lifetime | None = None
        self.born = NOW
        self.recorded: list[Delivery] = []
        self.read: list[tuple[datetime, datetime]] = []
        self.held = False
        self.frozen = False
        self.stopped = NOW
        """When the machines were stopped for this expiry."""
        self.github = GitHub.TAKES
        self.answered = NOW
        """What the newest answer to an extension says; no job may take it back."""

    @property
    def earliest(self) -> datetime:
        """The time that decides: the earlier one of the server's and GitHub's."""
        return min(self.true, self.true + self.wrong)

    @property
    def latest(self) -> datetime:
        """The time that is recorded: the later one."""
        return max(self.true, self.true + self.wrong)

    @initialize(rules=RULES, lifetime=LIFETIMES)
    def begin(self, rules: ExpiryRules, lifetime: Lifetime | None) -> None:
        self.rules, self.lifetime = rules, lifetime
        self.follow()

    @rule(by=SPANS)
    def time_passes(self, by: timedelta) -> None:
        """With or without a server: nobody looks meanwhile."""
        self.true += by

    @rule(by=SPANS, back=st.booleans())
    def the_clock_jumps(self, by: timedelta, back: bool) -> None:
        self.wrong += -by if back else by

    @rule(extends=st.none() | SPANS, slow=st.none() | SPANS)
    def it_waits_until_something_is_due(
        self, extends: timedelta | None, slow: timedelta | None
    ) -> None:
        until = self.decide().until if self.row is not None else None
        self.true = max(self.true, until or self.true)
        self.run(extends=extends, slow=slow)

    @rule()
    def the_clock_jumps_to_what_is_due(self) -> None:
        until = self.decide().until if self.row is not None else None
        self.wrong = (until or self.true) - self.true
        self.run()

    @rule()
    def the_clock_is_set(self) -> None:
        self.wrong = timedelta(0)

    @rule(rules=RULES)
    def the_rules_change(self, rules: ExpiryRules) -> None:
        self.rules = rules
        self.follow()

    @rule(lifetime=LIFETIMES)
    def the_spec_changes(self, lifetime: Lifetime | None) -> None:
        """On a stack with a tombstone this is a revival: it is applied and begins anew."""
        self.lifetime = lifetime
        if self.row is not None and self.row.ended:
            self.born = self.latest
            self.recorded, self.read = [], []
        self.follow()

    def follow(self) -> None:
        known = self.row
        found = follow(
            known,
            stack=stack_id(),
            lifetime=self.lifetime,
            rules=self.rules,
            born_at=self.born,
            now=self.latest,
        )
        if (
            known
            and found.expiry
            and not known.ended
            and found.expiry.expires_at < known.expires_at
        ):
            assert found.expiry.expires_at >= self.true + self.rules.ahead
        self.row = found.expiry
        self.answered = NOW  # an edit of specs and rules may move it

    @rule(by=SPANS)
    def somebody_extends(self, by: timedelta) -> None:
        if self.row is not None:
            self.take(extended(self.row, self.rules, by, self.earliest))

    @rule(by=SPANS)
    def somebody_keeps(self, by: timedelta) -> None:
        if self.row is not None:
            self.take(kept(self.row, self.rules, self.earliest + by, self.earliest))

    def take(self, moved: Moved) -> None:
        """An answer that moves the expiry moves it later, within the count and the maximum."""
        if moved.expiry is None:
            return
        assert self.row is not None
        assert moved.expiry.expires_at > self.row.expires_at
        assert moved.expiry.extensions <= self.rules.extensions
        if self.rules.longest is not None:
            latest = max(self.row.born_at + self.rules.longest, self.row.expires_at)
            assert moved.expiry.expires_at <= latest
        self.row = moved.expiry
        self.answered = moved.expiry.expires_at

    @rule()
    def somebody_asks_for_the_destruction(self) -> None:
        if self.row is not None and not self.row.ended:
            self.row = requested(self.row, "d1", "ada")

    @rule(held=st.booleans())
    def something_holds_it(self, held: bool) -> None:
        self.held = held

    @rule(frozen=st.booleans())
    def a_freeze_forbids_the_stop(self, frozen: bool) -> None:
        self.frozen = frozen

    @rule(github=st.sampled_from(GitHub))
    def github_changes(self, github: GitHub) -> None:
        self.github = github

    @rule(
        dies_at=st.sampled_from(["", "warned", "told"]),
        fails=st.booleans(),
        extends=st.none() | SPANS,
        late=st.booleans(),
        slow=st.none() | SPANS,
        twice=st.booleans(),
    )
    def the_job_meets_trouble(
        self,
        dies_at: str,
        fails: bool,
        extends: timedelta | None,
        late: bool,
        slow: timedelta | None,
        twice: bool,
    ) -> None:
        self.run(dies_at=dies_at, fails=fails, extends=extends, late=late, slow=slow, twice=twice)

    def run(
        self,
        *,
        dies_at: str = "",
        fails: bool = False,
        extends: timedelta | None = None,
        late: bool = False,
        slow: timedelta | None = None,
        twice: bool = False,
    ) -> None:
        """``extends``: somebody extends the stack after the job has read the row, ``late`` or early.

        ``slow``: that long passes before GitHub takes the warning. ``twice``: another server runs the
        same job, and its delivery is recorded later.
        """
        if self.row is None:
            return
        decision, read = self.decide(), self.row
        if extends is not None and not late:
            self.somebody_extends(extends)
        self.true += slow or timedelta(0)
        if decision.warn is not None:
            self.warn(read, decision.warn, twice=twice, dies=dies_at == "warned")
        if dies_at:
            return
        decision, read = self.decide(), self.row
        if extends is not None and late:
            self.somebody_extends(extends)
        if decision.step is Step.STOP and self.row is read:  # else the store refuses the older row
            self.row = expired(self.row, self.latest)
        assert self.row.expires_at >= self.answered
        self.switch()
        # The job of the destruction decides again, from what is recorded by then.
        if self.decide().step is Step.DESTROY:
            self.destroy(fails)

    def switch(self) -> None:
        """The job that stops the machines, unless that is forbidden."""
        assert self.row is not None
        if self.row.stage is Stage.EXPIRED and owes_power(self.row) and not self.frozen:
            self.row = stopped(self.row, undone=(), grace_from=self.latest)
            self.stopped = self.true

    def warn(self, read: Expiry, threshold: timedelta, *, twice: bool, dies: bool) -> None:
        """What the job knows counts from when GitHub took the warning, as people's notice does."""
        assert self.row is not None
        if self.github.read:
            self.read.append((read.expires_at, self.true))
        if not self.github.accepted:
            return
        self.deliver(read.expires_at, threshold)
        if twice:
            self.true += HOUR
            self.deliver(read.expires_at, threshold)
        if not dies and self.row.expires_at == read.expires_at:
            self.row = warned(self.row, self.latest)

    def deliver(self, expires_at: datetime, threshold: timedelta) -> None:
        """As the store does: only the first time of each warning counts."""
        if (expires_at, threshold) not in {
            (one.expires_at, one.threshold) for one in self.recorded
        }:
            self.recorded.append(
                Delivery(expires_at=expires_at, threshold=threshold, delivered_at=self.latest)
            )

    def decide(self) -> Decision:
        assert self.row is not None
        case = Case(
            expiry=self.row,
            rules=self.rules,
            deliveries=tuple(self.recorded),
            holds=("held",) if self.held else (),
        )
        return decide([case], 1, self.earliest)[self.row.stack]

    def destroy(self, fails: bool) -> None:
        assert self.row is not None
        assert not self.held
        if self.row.stage is not Stage.DESTROYING and not self.row.requested:
            self.check_promise(self.row)
        self.row = destroying(self.row, "h1", self.latest)
        if fails:
            self.row = failed(self.row, "no", self.latest)
        else:
            self.row = destroyed(self.row, [], self.latest)

    def check_promise(self, row: Expiry) -> None:
        """People have read a warning of exactly this expiry and had their notice since, and the
        machines were stopped for as long as grace says."""
        assert row.stage is Stage.EXPIRED
        assert row.asleep
        assert self.stopped + self.rules.grace <= self.true
        notices = [at for expires_at, at in self.read if expires_at == row.expires_at]
        assert any(at + self.rules.notice <= self.true for at in notices)


TestPromise = pytest.mark.model(Promise.TestCase)
TestPromise.settings = settings(
    sized(60, whole=1500, steps=30), database=None, phases=[Phase.generate]
)
