"""Tell what is there in a sandbox, so that a wait that ran out can be understood. Shell."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice

from gitbot_sandbox.github.entities import Comment, Issue, Repository
from gitbot_sandbox.github.store import wall_clock
from gitbot_sandbox.sandbox import Sandbox

REPOSITORIES = 2
ISSUES = 4
COMMENTS = 8
CHECKS = 12
JOBS = 25
DELIVERIES = 8
LOG_LINES = 40
LONGEST_LINE = 240
FIRST_LINES = 4

_JOBS = """
SELECT workflow_uuid, status, queue_name, recovery_attempts, created_at, updated_at, error
FROM workflow_status ORDER BY status = 'SUCCESS', updated_at DESC, rowid DESC LIMIT ?
"""


def scene(sandbox: Sandbox, repository: str = "") -> str:
    """What GitHub shows in the repository, what the server does, and the end of its log.

    Without a name it tells of the repositories in which something happened last. Its length has a
    limit. Also when a part cannot be read, it tells the others.
    """
    parts = (
        ("GitHub", lambda: _github(sandbox, repository)),
        ("deliveries", lambda: _deliveries(sandbox)),
        (
            "jobs that do not end well or have not ended, then the last that did",
            lambda: _jobs(sandbox),
        ),
        ("the end of the server's log", lambda: sandbox.log_text().splitlines()[-LOG_LINES:]),
    )
    told: list[str] = [f"--- now: {wall_clock():%H:%M:%S} UTC"]
    for title, lines in parts:
        told.append(f"--- {title}:")
        try:
            told += [line[:LONGEST_LINE] for line in lines()] or ["(nothing)"]
        except (OSError, sqlite3.Error, LookupError) as error:
            told.append(f"(cannot be read: {error!r})")
    return "\n".join(told)


def _github(sandbox: Sandbox, name: str) -> Iterator[str]:
    with sandbox.github.hub.store.lock:
        names = [name] if name else sandbox.repositories
        found = [sandbox.github.repository(each) for each in names]
        for repository in sorted(found, key=_last_moment, reverse=True)[:REPOSITORIES]:
            yield from _one_repository(repository)


def _last_moment(repository: Repository) -> datetime:
    changed = [each.updated_at for each in repository.issues.values()]
    changed += [each.updated_at for each in repository.comments.values()]
    return max(changed, default=repository.created_at)


def _one_repository(repository: Repository) -> Iterator[str]:
    newest = list(repository.issues.values())[-ISSUES:]
    for issue in newest:
        yield f"{repository.full_name} {_title(repository, issue)}"
        said = [each for each in repository.comments.values() if each.number == issue.number]
        for comment in said[-COMMENTS:]:
            yield from _comment(comment)
    for run in list(repository.check_runs.values())[-CHECKS:]:
        state = run.conclusion or run.status
        yield f"{repository.full_name} check {run.name} on {run.sha[:7]}: {state}, {run.title!r}"


def _title(repository: Repository, issue: Issue) -> str:
    pull = repository.pulls.get(issue.number)
    if pull is None:
        return f"issue #{issue.number} {issue.title!r}: {issue.state}"
    state = f"merged as {(pull.merge_commit or '')[:7]}" if pull.merged_at else issue.state
    return f"pull request #{issue.number} {issue.title!r} at {pull.head_sha[:7]}: {state}"


def _comment(comment: Comment) -> Iterator[str]:
    times = f"{comment.created_at:%H:%M:%S}"
    if comment.updated_at != comment.created_at:
        times += f", changed {comment.updated_at:%H:%M:%S}"
    lines = (line for line in comment.body.splitlines() if line.strip())
    first, *more = islice(lines, FIRST_LINES) or [""]
    yield f"  {comment.id} by {comment.author} ({times}): {first}"
    yield from (f"      {line}" for line in more)


def _deliveries(sandbox: Sandbox) -> Iterator[str]:
    courier = sandbox.github.courier
    if held := courier.held():
        yield f"{len(held)} held back"
    for each in courier.deliveries()[-DELIVERIES:]:
        said = (each.error or each.response).strip()
        yield f"{each.event} {each.action or ''}: {each.status_code} {said}"


def _jobs(sandbox: Sandbox) -> Iterator[str]:
    path = f"file:{sandbox.data / 'jobs.db'}?mode=ro"
    with closing(sqlite3.connect(path, uri=True, timeout=5)) as connection:
        rows = connection.execute(_JOBS, [JOBS]).fetchall()
    for job, status, queue, tries, created, updated, error in rows:
        times = f"{_clock(created)} to {_clock(updated)}"
        yield f"{status} {job} in {queue}, try {tries}, {times} {error or ''}".rstrip()


def _clock(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%H:%M:%S}"
