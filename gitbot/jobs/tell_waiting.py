"""The job that keeps the issue about what waits for a release and no pull request shows. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitbot.decisions.apply_report import ReportedRun
from gitbot.decisions.waiting import listed
from gitbot.errors import ConversationClosedError
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.publish import keep_comments
from gitbot.jobs.steps.run_views import stack_view
from gitbot.jobs.steps.waiting import read_waiting
from gitbot.model.forge import CloseReason, NewIssue
from gitbot.model.keys import TellWaiting
from gitbot.model.runs import Run
from gitbot.model.said import ShownDigest, Topic, TopicKind, issue_topic
from gitbot.render.secrecy import without_secrets
from gitbot.render.views import ApplyCommentView
from gitbot.render.waiting import waiting_comment, waiting_issue


def tell_waiting(ports: Ports, key: TellWaiting) -> None:
    """Make the issue list what waits: one comment per environment, with the plans and commands.

    The issue is opened when something waits for the first time, closed when nothing does, and
    opened again later. Where issues are switched off, the check of the tip alone tells it.
    """
    seen = look(ports, key.repository)
    waiting, known = read_waiting(ports, seen), ports.records.said.waiting_issue(key.repository)
    now = listed(waiting)
    if known is None and not waiting:
        return
    try:
        number = known.comment if known else _open(ports, seen)
        _list(ports, seen, number, waiting)
    except ConversationClosedError:
        return
    ports.records.said.put_waiting_issue(key.repository, number, now)


def _open(ports: Ports, seen: Look) -> int:
    """The number of the issue: the one that we opened before, or a new one."""
    topic = issue_topic(TopicKind.WAITING, seen.repository.id)
    for found in seen.forge.find_own_issues(topic.marker):
        return found.number
    title, text = waiting_issue(seen.repository.tracked_branch)
    return seen.forge.create_issue(NewIssue(title=title, body=f"{topic.marker}\n{text}")).number


def _list(ports: Ports, seen: Look, number: int, waiting: Mapping[str, Sequence[Run]]) -> None:
    forge, said, repository = seen.forge, ports.records.said, seen.repository.id
    if waiting:
        forge.reopen_issue(number)
    for environment in sorted(seen.at_tip.environments):
        topic = Topic(kind=TopicKind.WAITING, subject=environment)
        runs = waiting.get(environment, ())
        if not runs and said.comment(repository, number, topic) is None:
            continue
        view = _view(ports, seen, environment, runs)
        pages = waiting_comment(without_secrets(view, seen.secrets))
        written = keep_comments(ports, forge, repository, number, topic, pages)
        shown = [
            ShownDigest(stack=run.stack, digest=run.digest, shown_at=written.at, topic=topic)
            for run in runs
        ]
        ports.records.pull_requests.note_shown(number, shown)
    if not waiting:
        forge.close_issue(number, CloseReason.COMPLETED)


def _view(ports: Ports, seen: Look, environment: str, runs: Sequence[Run]) -> ApplyCommentView:
    return ApplyCommentView(
        environment=environment,
        commit=seen.tip,
        actor="the tracked branch",
        stacks=tuple(stack_view(ports, ReportedRun(run=run, plan_of=run.id)) for run in runs),
    )
