"""Make GitHub show what the rows of drift say: one issue each, and the check of the tip. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gitbot.decisions.drift.healing import reports_until
from gitbot.decisions.drift.life import IssueGone, IssueStands, Standing
from gitbot.decisions.drift.offers import offers
from gitbot.decisions.drift.telling import (
    CloseIssue,
    Comment,
    OpenIssue,
    ShowIssue,
    Told,
    acts,
    done,
    opened,
)
from gitbot.errors import ConversationClosedError, UserError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.publish import keep_comment
from gitbot.model.drift import DriftRow, DriftRules, Finding, News
from gitbot.model.forge import Issue, NewIssue
from gitbot.model.said import ShownDigest, Topic, TopicKind, issue_topic
from gitbot.reconciler.secretive import shown_safely
from gitbot.render.drift import DriftView, drift_body, drift_title
from gitbot.render.drift_comments import drift_comment
from gitbot.render.secrecy import without_secrets


@dataclass(slots=True, kw_only=True)
class Issues:
    """The issues of one environment's rows, while one job tells of them.

    ``rolled`` are the rows that the roll-up lists. ``asked`` are the issues as GitHub showed them,
    ``ours`` all that we ever opened, once they were asked for. ``refusal`` says why GitHub takes no
    issue, or is empty.
    """

    ports: Ports
    seen: Look
    rules: DriftRules
    rolled: Sequence[DriftRow] = ()
    asked: dict[int, Issue | None] = field(default_factory=dict)
    ours: Sequence[Issue] | None = None
    refusal: str = ""

    def standing(self, row: DriftRow) -> Standing:
        """How the row's issue stands on GitHub; None when it has none, or it does not matter."""
        if row.issue is None or not (row.live or row.shown_open):
            return None
        found = self._read(row.issue)
        if found is None:
            return IssueGone()
        return IssueStands(
            open=found.open,
            reason=found.reason,
            closed_by=found.closed_by,
            by_person=found.by_person,
        )

    def tell(self, row: DriftRow) -> DriftRow:
        """Do what is left to do for the row; returns it as it was recorded last.

        Each step is recorded at once: after a crash, the next scan goes on with the next step.
        """
        may_open = (row.stack, row.finding) not in {
            (each.stack, each.finding) for each in self.rolled
        }
        if acts(row, may_open=may_open) == (OpenIssue(),):
            row = self._open(row)
        for act in acts(row, may_open=may_open):
            if not isinstance(act, OpenIssue):
                row = self._do(row, act)
        return row

    def _open(self, row: DriftRow) -> DriftRow:
        found = self._earlier(row)
        if found is None:
            try:
                found = self.seen.forge.create_issue(
                    NewIssue(
                        title=drift_title(row),
                        body=self._body(row),
                        labels=self.rules.issues.labels,
                        assignees=self.rules.issues.assignees,
                    )
                )
            except UserError as error:  # issues are switched off, or we may not write them
                self.refusal = str(error)
                return row
        self.asked[found.number] = found
        self._note(row, found.number)
        return self._put(opened(row, found.number, is_open=found.open))

    def _earlier(self, row: DriftRow) -> Issue | None:
        """The issue that an earlier try opened, before it could record its number.

        For a row that had none yet, as after a lost database, the newest about it.
        """
        if self.ours is None:
            self.ours = self.seen.forge.find_own_issues(Topic(kind=TopicKind.DRIFT).opening)
        topic = topic_of(row)
        marker = topic.marker
        if row.nth == 1:
            marker = topic.opening.removesuffix("1")
        return next((each for each in self.ours if each.body.startswith(marker)), None)

    def _do(self, row: DriftRow, act: Told) -> DriftRow:
        forge = self.seen.forge
        try:
            match act:
                case ShowIssue(number=number, reopens=reopens):
                    if reopens:
                        forge.reopen_issue(number)
                    self._write(row, number)
                    self._note(row, number)
                case Comment(number=number, news=news):
                    text = drift_comment(without_secrets(_safe(news), self.seen.secrets))
                    topic, repository = topic_of(row, f"#{news.number}"), row.stack.repository
                    keep_comment(self.ports, forge, repository, number, topic, text)
                case CloseIssue(number=number, reason=reason):
                    self._write(row, number)
                    forge.close_issue(number, reason)
        except ConversationClosedError:
            pass  # a locked issue tells by its body alone; of a deleted one the next scan hears
        return self._put(done(row, act))

    def _write(self, row: DriftRow, number: int) -> None:
        """Write the body again, if it is not as it should be."""
        body, found = self._body(row), self.asked.get(number)
        if found is None or found.body.replace("\r\n", "\n") != body:
            self.seen.forge.edit_issue(number, body=body)

    def _body(self, row: DriftRow) -> str:
        listed = {each.stack.label: each.issue for each in self.rolled}
        now, drift = self.ports.engine.calendar.now(), self.ports.records.drift
        view = DriftView(
            row=replace(row, differences=tuple(map(shown_safely, row.differences))),
            causes=self.ports.records.causes.of_stack(row.stack),
            listed=listed if row.finding is Finding.ROLL_UP else {},
            most=self.rules.issues.most,
            heals=bool(self.rules.heal),
            reports_until=reports_until(drift.heals(row.stack), now) if self.rules.heal else None,
            offers=tuple(offers(row, now)),
        )
        return f"{topic_of(row).marker}\n{drift_body(without_secrets(view, self.seen.secrets))}"

    def _note(self, row: DriftRow, number: int) -> None:
        """Record what the issue shows: a command may be bound to it from now on."""
        shown = ShownDigest(
            stack=row.stack,
            digest=row.fingerprint,
            # GitHub gives the times of comments in whole seconds.
            shown_at=self.ports.forges.now().replace(microsecond=0),
            topic=topic_of(row),
        )
        self.ports.records.pull_requests.note_shown(number, [shown])

    def _read(self, number: int) -> Issue | None:
        if number not in self.asked:
            self.asked[number] = self.seen.forge.issue(number)
        return self.asked[number]

    def _put(self, row: DriftRow) -> DriftRow:
        self.ports.records.drift.put(row)
        return row


def _safe(news: News) -> News:
    """The news without values that may be secrets."""
    ended = tuple(replace(one, difference=shown_safely(one.difference)) for one in news.ended)
    return replace(news, appeared=tuple(map(shown_safely, news.appeared)), ended=ended)


def topic_of(row: DriftRow, more: str = "") -> Topic:
    """The topic of the row's issue; with ``more``, of a comment on it."""
    return issue_topic(TopicKind.DRIFT, row.stack, f":{row.finding}:{row.nth}{more}")
