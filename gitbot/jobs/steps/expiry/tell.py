"""Tell people about stacks that expire, where they look and where they are mentioned. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from gitbot.decisions.expiry.ahead import outlook
from gitbot.decisions.expiry.changes import warned
from gitbot.decisions.expiry.keeping import kept_of, wiped_by_stop
from gitbot.decisions.expiry.people import mentions
from gitbot.decisions.expiry.stages import Case, Decision, Step
from gitbot.decisions.wanted import written_in
from gitbot.errors import ConversationClosedError
from gitbot.jobs.steps.expiry.cases import users_here
from gitbot.jobs.steps.expiry.moment import Moment, read_moment
from gitbot.jobs.steps.expiry.noting import note
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.publish import keep_comment
from gitbot.jobs.steps.telling import Telling
from gitbot.model.desired import Environment, Permission
from gitbot.model.durations import duration_words
from gitbot.model.expiry import Delivery, Expiry, Stage
from gitbot.model.forge import NewIssue
from gitbot.model.said import Topic, TopicKind, issue_topic
from gitbot.render.expiry import issue_body, issue_title, old_claim_words
from gitbot.render.expiry_warnings import WarningView, warning_comment

OLD_CLAIM = timedelta(days=14)
"""A claim that is older is told on its pull request: meanwhile nothing can end the stack."""


def warn(
    ports: Ports, seen: Look, rules: Environment, case: Case, decision: Decision, moment: Moment
) -> Expiry:
    """Warn people, and record the warning if it was delivered. Returns the row as it is then.

    A warning is delivered when GitHub has accepted it and it mentions somebody who can read it. One
    that was written before a crash is found again and not written twice. It is recorded when the
    open pull requests have it, too: what was not written yet is owed until then. When nobody is
    known to tell, and the stack is stopped now, the comment about the stop says that.

    Raises:
        TransientError: GitHub or the store did not answer.
    """
    row, threshold = case.expiry, decision.warn
    assert threshold is not None
    people = _people(seen, rules, row)
    if not people and (row.stage is Stage.EXPIRED or decision.step is Step.STOP):
        return row
    again = threshold < timedelta(0)
    text = warning_comment(replace(_view(ports, rules, case, people, moment), again=again))
    # The mark names the expiry and the threshold: an extension makes it another warning.
    span = f"{'after-' if again else ''}{duration_words(abs(threshold))}"
    subject = f"{row.expires_at:%Y%m%dT%H%M%S}:{span}"
    said, accepted = say(ports, seen, row, subject, text, moment)
    if not accepted or not people:
        return said
    _tell_open_pull_requests(ports, seen, said, subject, text)
    at = read_moment(ports).latest  # GitHub may have taken it long after the job began
    delivery = Delivery(expires_at=row.expires_at, threshold=threshold, delivered_at=at)
    ports.records.expiries.deliver(row.stack, delivery)
    # Somebody may have moved the expiry meanwhile: the warning was of the earlier one.
    said = note(
        ports,
        row,
        lambda now: warned(now, at) if now.expires_at == row.expires_at else now,
        at,
        "a warning was delivered",
    )
    return said


def say(
    ports: Ports, seen: Look, row: Expiry, subject: str, text: str, moment: Moment
) -> tuple[Expiry, bool]:
    """Write a comment where the stack's warnings stand. Returns the row, and whether it stands.

    That is the pull request that brought the stack; once it takes no comments, an issue.
    """
    if row.issue is None and row.pull_request is not None:
        if _comment(ports, seen, row, row.pull_request, subject, text):
            return row, True
    elif row.issue is not None and _comment(ports, seen, row, row.issue, subject, text):
        return row, True
    number = _issue(seen, row)
    if number is None:
        return row, False
    row = note(ports, row, lambda now: replace(now, issue=number), moment.latest)
    return row, _comment(ports, seen, row, number, subject, text)


def tell_old_claims(
    ports: Ports, seen: Look, rules: Environment, moment: Moment, telling: Telling
) -> None:
    """Say on each pull request that has held a stack for too long what that holds up."""
    for claim in ports.records.claims.of_environment(seen.key(rules.name)):
        if not claim.closed and moment.earliest - claim.claimed_at > OLD_CLAIM:
            text = old_claim_words(claim.stack.label, OLD_CLAIM)
            topic = Topic(kind=TopicKind.EXPIRY, subject=f"claim:{claim.stack.label}")
            _keep(ports, seen, claim.pull_request, topic, text, telling)


def _comment(ports: Ports, seen: Look, row: Expiry, number: int, subject: str, text: str) -> bool:
    """Write the comment; False when the conversation takes none."""
    topic = Topic(kind=TopicKind.EXPIRY, subject=f"{row.stack.label}:{subject}")
    try:
        keep_comment(ports, seen.forge, seen.repository.id, number, topic, text)
    except ConversationClosedError:
        return False
    return True


def _issue(seen: Look, row: Expiry) -> int | None:
    """The issue about the stack: one that we opened before, or a new one; None without issues."""
    topic = issue_topic(TopicKind.EXPIRY, row.stack)
    for found in seen.forge.find_own_issues(topic.marker):
        if found.number != row.issue:
            seen.forge.reopen_issue(found.number)
            return found.number
    new = NewIssue(title=issue_title(row), body=f"{topic.marker}\n{issue_body(row)}")
    try:
        return seen.forge.create_issue(new).number
    except ConversationClosedError:
        return None


def _people(seen: Look, rules: Environment, row: Expiry) -> tuple[str, ...]:
    author = None
    if row.pull_request is not None:
        author = seen.forge.pull_request(row.pull_request).author
    stack = written_in(seen.at_tip, rules.name).get(row.stack.name)
    return mentions(
        author=None if author == seen.forge.login else author,
        labels={} if stack is None else stack.labels,
        rules=rules,
        reads=lambda login: seen.forge.permission(login) is not Permission.NONE,
        members=seen.forge.team_members,
    )


def _view(
    ports: Ports, rules: Environment, case: Case, people: tuple[str, ...], moment: Moment
) -> WarningView:
    row = case.expiry
    schemas = ports.engine.clouds.schemas
    state = ports.engine.state.read(row.stack)
    return WarningView(
        expiry=row,
        outlook=outlook(case, moment.latest if people else None),
        timezone=rules.timezone,
        mentioned=people,
        kept=kept_of(state, schemas),
        loses=wiped_by_stop(state, schemas),
        users=users_here(ports, row.stack),
    )


def _tell_open_pull_requests(
    ports: Ports, seen: Look, row: Expiry, subject: str, text: str
) -> None:
    """Write the warning on the open pull requests that change the stack, too."""
    telling = Telling()
    for number in _touching(ports, seen, row):
        topic = Topic(kind=TopicKind.EXPIRY, subject=f"{row.stack.label}:{subject}")
        _keep(ports, seen, number, topic, text, telling)
    telling.end()


def _touching(ports: Ports, seen: Look, row: Expiry) -> Iterator[int]:
    open_ = [each.number for each in seen.forge.open_pull_requests()]
    marks = ports.records.pull_requests.planned(seen.repository.id, open_)
    for number, mark in sorted(marks.items()):
        if row.stack.label in mark.stacks and number not in (row.pull_request, row.issue):
            yield number


def _keep(ports: Ports, seen: Look, number: int, topic: Topic, text: str, telling: Telling) -> None:
    telling.say(
        f"the warning on #{number}",
        lambda: keep_comment(ports, seen.forge, seen.repository.id, number, topic, text),
    )
