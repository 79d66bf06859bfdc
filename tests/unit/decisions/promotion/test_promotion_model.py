"""Promotion's rows against people who close, reopen, merge, revert, push, resume and break the source.

The job of the model does what the decisions say, and dies at any write.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gitbot.decisions.promotion.acts import Acts, Edge, Group, acts
from gitbot.decisions.promotion.life import closed, merged, resumed, reverted
from gitbot.decisions.promotion.standing import Next, StackFacts, standing
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.model.promotion import Hold, Live, Part, PromotionRow
from tests.model_checks import sized

STAGING = EnvironmentKey(repository="7", environment="staging")
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
STACKS = ("a", "b", "c")
VALUES = ("", "v: 1\n", "v: 2\n", "v: 3\n")
APPLIED = st.sampled_from([True, True, True, False])
THEN = st.sampled_from([None, None, None, 0, 1, 2, 3, 4])
"""Whether the job runs next, and where it dies."""
pytestmark = pytest.mark.model


class DiedError(Exception):
    """The job died at this write."""


@dataclass
class Pull:
    """A pull request of gitbot's own; ``brings`` are the texts of the target by stack."""

    branch: str
    part: Part
    brings: dict[str, str]
    state: str = "open"
    closer: str = ""
    words: list[str] = field(default_factory=list)
    fetched: bool = True


class Promotions(RuleBasedStateMachine):
    """One edge with three stacks."""

    def __init__(self) -> None:
        super().__init__()
        self.dev = dict.fromkeys(STACKS, "v: 1\n")
        self.staging = dict(self.dev)
        self.changed: dict[str, set[str]] = {stack: set() for stack in STACKS}
        self.rows = {
            one: PromotionRow(target=STAGING, stack=one, source="dev", base="v: 1\n")
            for one in STACKS
        }
        self.pulls: dict[int, Pull] = {}
        self.broken = self.ran = False
        self.unapplied: set[str] = set()
        self.lifted: set[str] = set()
        self.held: dict[str, Hold] = {}
        self.writes = 0
        self.numbers = iter(range(1, 1000))

    # --- what people do

    @rule(
        stacks=st.sets(st.sampled_from(STACKS), min_size=1),
        text=st.sampled_from(VALUES),
        applied=APPLIED,
        then=THEN,
    )
    def change_the_source(
        self, stacks: set[str], text: str, applied: bool, then: int | None
    ) -> None:
        name = f"#{next(self.numbers)}"
        for stack in stacks:
            self.dev[stack] = text
            self.changed[stack].add(name)
            self.unapplied.add(stack)
        if applied:
            self.unapplied.clear()
        self.run_job(then)

    @precondition(lambda self: self.broken or self._open())
    @rule(then=THEN)
    def break_or_mend_the_source(self, then: int | None) -> None:
        self.broken = not self.broken
        self.run_job(then)

    @rule(stack=st.sampled_from(STACKS), text=st.sampled_from(VALUES), then=THEN)
    def push_to_the_target(self, stack: str, text: str, then: int | None) -> None:
        self.staging[stack] = text
        self.run_job(then)

    def _open(self) -> list[int]:
        return [number for number, one in self.pulls.items() if one.state == "open"]

    @precondition(lambda self: self._open())
    @rule(data=st.data(), how=st.sampled_from(["close", "merge", "merge and fetch"]), then=THEN)
    def end_a_pull_request(self, data: st.DataObject, how: str, then: int | None) -> None:
        pull = self.pulls[data.draw(st.sampled_from(self._open()))]
        if how == "close":
            pull.state, pull.closer = "closed", "ada"
        else:
            pull.state, pull.fetched = "merged", False
            if how == "merge and fetch":
                self.fetch()
        self.run_job(then)

    @rule()
    def fetch(self) -> None:
        for pull in self.pulls.values():
            if pull.state == "merged" and not pull.fetched:
                self.staging |= pull.brings
                pull.fetched = True

    @rule()
    def reopen_all(self) -> None:
        used = {one.branch for one in self.pulls.values() if one.state == "open"}
        for pull in self.pulls.values():
            if pull.state == "closed" and pull.closer == "ada" and pull.branch not in used:
                pull.state = "open"
                used.add(pull.branch)
                self.lifted |= {s for s, row in self.rows.items() if self._former(row) is pull}

    def _former(self, row: PromotionRow) -> Pull | None:
        return self.pulls.get(row.former or 0)

    @rule(stack=st.sampled_from(STACKS), then=THEN)
    def revert(self, stack: str, then: int | None) -> None:
        last = self.rows[stack].merged
        if last is not None:
            self.staging[stack] = last.before
        self.run_job(then)

    @rule(stack=st.sampled_from(STACKS), then=THEN)
    def resume(self, stack: str, then: int | None) -> None:
        if self.rows[stack].hold is not None:
            self.rows[stack] = resumed(self.rows[stack])
            self.lifted.add(stack)
        self.run_job(then)

    # --- the job

    def run_job(self, dies_at: int | None) -> None:
        """Promote; die at this write, None: at none, 0: do not even begin."""
        if dies_at == 0:
            return
        self.writes, self.dies_at = 0, dies_at
        self.held = {s: row.hold for s, row in self.rows.items() if row.hold is not None}
        self.ran = False
        with suppress(DiedError):
            landing = self._follow_ends()
            edge = self._edge(landing)
            self._do(acts(edge))
            self.ran = True
            self._check(edge)
        for stack, hold in self.held.items():
            assert self.rows[stack].hold == hold or stack in self.lifted

    def _check(self, edge: Edge) -> None:
        """What a job that came to its end has done."""
        for stack, row in edge.rows.items():
            now, number = self.rows[stack].live, edge.at(stack)
            if self.broken and number is not None:
                assert self.pulls[number].state == "open", "it cannot be read: nothing is closed"
            if row.hold is not None and row.live is None:
                assert now is None, "what is held is not brought"
            if edge.standings[stack].next is Next.NOTHING and now is not None:
                assert now.number in acts(edge).waits, "nothing is left of it"

    def _write(self) -> None:
        self.writes += 1
        if self.writes == self.dies_at:
            raise DiedError

    def _put(self, row: PromotionRow) -> None:
        if self.rows[row.stack] != row:
            self._write()
            self.rows[row.stack] = row

    def _follow_ends(self) -> set[int]:
        landing = set()
        for row in list(self.rows.values()):
            pull = self.pulls[row.live.number] if row.live is not None else None
            if pull is None or row.live is None:
                former = self._former(row)
                if row.hold is not None and former is not None and former.state == "open":
                    self._put(resumed(row))
                elif row.hold is None:
                    self._look_for_revert(row)
            elif pull.state == "open":
                self._look_for_revert(row)
            elif pull.state == "merged" and pull.fetched:
                self._put(merged(row, Sha("c")))
                self.changed[row.stack] = set()
            elif pull.state == "merged":
                landing.add(row.live.number)
            elif pull.closer == "gitbot":
                self._put(replace(row, live=None))
            else:
                pull.words.append("held")
                self.lifted.discard(row.stack)
                self._put(closed(row, pull.closer, "closed", NOON))
        return landing

    def _look_for_revert(self, row: PromotionRow) -> None:
        if row.hold is None and row.merged and reverted(row.merged, self.staging[row.stack]):
            self.lifted.discard(row.stack)
            self._put(replace(row, hold=Hold(actor="bob", reason="reverted", at=NOON)))

    def _edge(self, landing: set[int]) -> Edge:
        standings = {}
        for stack, row in self.rows.items():
            there, live = bool(self.dev[stack]), row.live
            changes = there and self.dev[stack] not in (row.base, self.staging[stack])
            hidden = self.broken and stack != "a"
            found = standing(
                StackFacts(
                    source="dev",
                    target="staging",
                    landing=live.number if live is not None and live.number in landing else None,
                    there=there and not hidden,
                    loads=not self.broken,
                    complete=not self.broken,
                    applied=stack not in self.unapplied,
                    ours=bool(self.staging[stack]),
                    based=bool(row.base),
                    changes=changes,
                    live=live is not None,
                )
            )
            nothing = there and not hidden and not self.broken and stack not in self.unapplied
            if nothing and not changes and live is None:
                self._put(replace(row, base=self.dev[stack]))
            standings[stack] = found
        return Edge(
            source="dev",
            target="staging",
            rows=dict(self.rows),
            standings=standings,
            ties=self.changed,
            open={n: one.branch for n, one in self.pulls.items() if one.state == "open"},
        )

    def _do(self, todo: Acts) -> None:
        for number, why in todo.closes.items():
            self.pulls[number].words.append(why)
            self._write()
            self.pulls[number].state, self.pulls[number].closer = "closed", "gitbot"
            for row in list(self.rows.values()):
                if row.live is not None and row.live.number == number:
                    self._put(replace(row, live=None))
        for stack in todo.leaves:
            self._put(replace(self.rows[stack], live=None))
        for group in todo.brings:
            self._bring(group)

    def _bring(self, group: Group) -> None:
        deletes = group.part is Part.DELETIONS
        brings = {stack: "" if deletes else self.dev[stack] for stack in group.stacks}
        self._write()
        # GitHub has one open pull request for a branch.
        at = {one.branch: n for n, one in self.pulls.items() if one.state == "open"}
        number = at.get(group.branch) or next(self.numbers)
        assert group.number in (None, number)
        pull = self.pulls.setdefault(number, Pull(group.branch, group.part, brings))
        pull.brings = brings
        for stack in group.stacks:
            row = self.rows[stack]
            live = Live(
                number=number,
                branch=group.branch,
                part=group.part,
                base=self.dev[stack],
                before=self.staging[stack],
                after=brings[stack],
                was=row.base,
            )
            self._put(replace(row, live=live))

    # --- what always holds

    @invariant()
    def no_stack_is_in_two_pull_requests_and_none_is_open_without_one(self) -> None:
        for number, pull in self.pulls.items():
            rows = {
                s
                for s, row in self.rows.items()
                if row.live is not None and row.live.number == number
            }
            assert rows <= set(pull.brings), "a row claims what its pull request does not bring"
            if self.ran and pull.state == "open":
                assert rows, f"#{number} is an orphan"
        self.ran = False

    @invariant()
    def gitbot_closes_nothing_without_words(self) -> None:
        for pull in self.pulls.values():
            assert pull.closer != "gitbot" or pull.words

    @invariant()
    def a_branch_has_one_open_pull_request(self) -> None:
        open_ = [one.branch for one in self.pulls.values() if one.state == "open"]
        assert len(open_) == len(set(open_))


TestPromotions = Promotions.TestCase
TestPromotions.settings = sized(35, whole=600, steps=20)
