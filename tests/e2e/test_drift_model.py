"""The life of a drift issue on the local GitHub, with people, faults and deaths between any two steps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gitbot.errors import TransientError
from gitbot.jobs.detect_drift import detect_drift
from gitbot.model.drift import Phase
from gitbot.model.keys import DetectDrift
from gitbot_sandbox.github import Fault
from gitbot_sandbox.sandbox import ADMIN
from tests.e2e.drift_world import Died, DriftWorld, Dying, Place, drift_world, web
from tests.model_checks import sized

OWNERS = itertools.count()
MINUTES = timedelta(minutes=6)
DAYS = st.sampled_from([timedelta(), timedelta(days=1), timedelta(days=8), timedelta(days=40)])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("drift-model")
    with drift_world(root) as made:
        yield made


class OneIssue(RuleBasedStateMachine):
    """``owner`` is what somebody set in the console; None: nothing differs."""

    place: Place

    @initialize()
    def nothing_differs(self) -> None:
        self.owner: str | None = None
        self.place.tag("ml-team")
        self.look(timedelta(days=40))
        self.known = {issue.number for issue in self.place.issues()}
        self.late = 0
        self.deleted = 0

    @rule()
    def somebody_changes_it(self) -> None:
        self.owner = f"bob{next(OWNERS)}"
        self.place.tag(self.owner)

    @rule()
    def somebody_puts_it_back(self) -> None:
        self.owner = None
        self.place.tag("ml-team")

    def look(self, later: timedelta) -> None:
        self.place.world.sandbox.github.faults.clear()
        self.place.scan(MINUTES + later)

    @rule(later=DAYS)
    def a_scan_and_one_more(self, later: timedelta) -> None:
        """After two scans that work, GitHub shows what is so."""
        before = self.place.row_or_none()
        self.look(later)
        self.look(timedelta())
        if later > timedelta(days=30) and before is not None and before.issue is not None:
            self.late += 1
        self.is_told()

    @rule(at=st.integers(min_value=1, max_value=5), after=st.booleans())
    def a_scan_that_dies(self, at: int, after: bool) -> None:
        world = self.place.world
        world.calendar.at += MINUTES
        ports = replace(world.ports, forges=Dying(world.ports.forges, at, after))
        key = DetectDrift(repository=self.place.id, environment="dev", reason=self.place.reason())
        with suppress(Died):
            detect_drift(ports, key)

    @rule(
        kind=st.sampled_from(["server_error", "lost_reply", "lost_request"]),
        method=st.sampled_from(["POST", "PATCH"]),
        times=st.sampled_from([1, None]),
    )
    def a_scan_while_github_fails(self, kind: str, method: str, times: int | None) -> None:
        world = self.place.world
        world.calendar.at += MINUTES
        fault = Fault(kind=kind, method=method, path="*/issues*", times=times)  # type: ignore[arg-type]
        world.sandbox.github.faults.add(fault)
        key = DetectDrift(repository=self.place.id, environment="dev", reason=self.place.reason())
        with suppress(TransientError):
            detect_drift(world.ports, key)
        world.sandbox.github.faults.clear()

    def has_issue(self) -> bool:
        row = self.place.row_or_none()
        return row is not None and row.issue in {one.number for one in self.place.issues()}

    # No precondition: the world outlives an example, and what is drawn must not depend on it.
    @rule(
        what=st.sampled_from(
            ["completed", "not_planned", "bot", "reopen", "edit", "lock", "unlock", "delete"]
        )
    )
    def somebody_does_something_to_it(self, what: str) -> None:
        if not self.has_issue():
            return
        github, name = self.place.github, self.place.name
        number = self.place.row().issue
        assert number is not None
        issue = github.issue(name, number)
        match what:
            case "completed" | "not_planned":
                github.close(name, number, ADMIN, what)
            case "bot":
                github.close(name, number, "stale[bot]", "not_planned")
            case "reopen":
                github.reopen(name, number, ADMIN)
            case "edit":
                issue.title, issue.body = "Mine", "gone"
            case "lock" | "unlock":
                github.lock(name, number, ADMIN, locked=what == "lock")
            case _:
                github.delete_issue(name, number, ADMIN)
                self.deleted += 1

    def is_told(self) -> None:
        """What GitHub shows after two scans that worked."""
        row = self.place.row_or_none()
        open_ = [issue for issue in self.place.issues() if issue.state == "open"]
        if self.owner is None:
            assert row is None or row.phase in (Phase.CLEAN, Phase.ARCHIVED)
            return
        assert row is not None
        assert row.phase in (Phase.OPEN, Phase.ACKNOWLEDGED)
        if row.phase is Phase.OPEN:
            (issue,) = [one for one in open_ if one.number == row.issue]
            assert f'"{self.owner}"' in (issue.body or "")
        assert row.owed == ()

    @invariant()
    def there_is_one_issue(self) -> None:
        made = {issue.number for issue in self.place.issues()} - getattr(self, "known", set())
        assert len(made) <= 1 + getattr(self, "late", 0)

    @invariant()
    def each_comment_stands_there_once(self) -> None:
        for issue in self.place.issues():
            markers = [text.partition("\n")[0] for text in self.place.said(issue.number)]
            assert len(set(markers)) == len(markers)


@pytest.mark.full
@pytest.mark.model
def test_the_life_of_an_issue_holds_whatever_happens(world: DriftWorld) -> None:
    world.sandbox.github.create_app("stale", "acme")
    OneIssue.place = world.place({"web": web()})
    run_state_machine_as_test(OneIssue, settings=sized(3, whole=40, steps=12))
