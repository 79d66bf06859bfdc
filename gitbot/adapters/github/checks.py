"""Check runs of an App and statuses of a token. Shell.

https://docs.github.com/en/rest/checks/runs · https://docs.github.com/en/rest/commits/statuses
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

import github.CheckRun
import github.Repository
from github.GithubObject import NotSet

from gitbot.adapters.github import shapes
from gitbot.adapters.github.calls import AnsweredError
from gitbot.adapters.github.part import cut
from gitbot.adapters.github.place import Place
from gitbot.errors import StaleError
from gitbot.model.forge import Annotation, Check, CheckState, OtherCheck
from gitbot.model.names import Sha

T = TypeVar("T")

ANNOTATIONS_A_CALL = 50
MAX_TITLE = 255
MAX_SUMMARY = 65_000  # of 65,535; GitHub may count some characters twice
MAX_MESSAGE = 16_000  # of 64 KB
MAX_DESCRIPTION = 140
OWN_PREFIX = "gitbot"

_NO_COMMIT = re.compile(r"no commit found|no ref found|\bsha\b", re.IGNORECASE)

_RUN_STATES: Mapping[CheckState, tuple[str, str | None]] = MappingProxyType(
    {
        CheckState.PENDING: ("in_progress", None),
        CheckState.SUCCESS: ("completed", "success"),
        CheckState.FAILURE: ("completed", "failure"),
        CheckState.ACTION_REQUIRED: ("completed", "action_required"),
        CheckState.NEUTRAL: ("completed", "neutral"),
    }
)
# A status cannot say "somebody must act"; pending at least blocks a merge that requires it.
_STATUS_STATES: Mapping[CheckState, str] = MappingProxyType(
    {
        CheckState.PENDING: "pending",
        CheckState.SUCCESS: "success",
        CheckState.FAILURE: "failure",
        CheckState.ACTION_REQUIRED: "pending",
        CheckState.NEUTRAL: "success",
    }
)


def set_check_run(place: Place, commit: Sha, check: Check) -> None:
    """Make the App's newest check run of this name on the commit show ``check``.

    An existing run is updated, unless it has annotations: an update can only add annotations, so a
    new run replaces it (GitHub shows the newest of a name). It is written also when it shows
    ``check`` already: after a request to run it again, GitHub keeps the suite queued until then.

    Raises:
        StaleError: GitHub does not have the commit (any more).
    """
    what = f"set the check {check.name}"

    def find(repository: github.Repository.Repository) -> tuple[int, int] | None:
        runs = repository.get_commit(commit).get_check_runs(check_name=check.name, filter="latest")
        for run in runs:
            # GitHub documents the App of a run as nullable.
            if run.app is not None and run.app.id == place.sign_in.app_id:
                return run.id, run.output.annotations_count or 0
        return None

    found = on_commit(commit, lambda: place.call(what, find))
    known = found[0] if found and not found[1] else None
    batches = _batches(check)
    first = _fields(check, batches[0])

    def create(repository: github.Repository.Repository) -> int:
        return repository.create_check_run(check.name, commit, **first).id

    def made(repository: github.Repository.Repository) -> int | None:
        newest = find(repository)
        return newest[0] if newest and (not found or newest[0] != found[0]) else None

    if known is None:
        known = on_commit(commit, lambda: place.call(what, create, already=made))
    else:
        _edit(place, what, known, first)
    for batch in batches[1:]:
        _edit(place, what, known, _fields(check, batch))


def set_status(place: Place, commit: Sha, check: Check) -> None:
    """Make the newest status of this context on the commit show ``check``.

    Raises:
        StaleError: as ``set_check_run``.
    """
    state = _STATUS_STATES[check.state]
    description = cut(check.title, MAX_DESCRIPTION)

    def write(repository: github.Repository.Repository) -> bool:
        for status in repository.get_commit(commit).get_statuses():
            if status.context == check.name:
                shown = (status.state, status.description, status.target_url or None)
                if shown == (state, description, check.details_url):
                    return True
                break
        repository.get_commit(commit).create_status(
            state,
            description=description,
            context=check.name,
            target_url=check.details_url or NotSet,
        )
        return True

    on_commit(commit, lambda: place.call(f"set the status {check.name}", write))


def others(place: Place, commit: Sha) -> tuple[OtherCheck, ...]:
    """Check runs and statuses on a commit that are not ours, the newest of each name."""
    app, login = place.sign_in.app_id, place.sign_in.login

    def ask(repository: github.Repository.Repository) -> tuple[OtherCheck, ...]:
        at = repository.get_commit(commit)
        found = [
            shapes.check_run(run)
            for run in at.get_check_runs(filter="latest")
            if app is None or run.app is None or run.app.id != app
        ]
        seen: set[str] = set()
        for status in at.get_statuses():  # newest first
            own = status.context.startswith(OWN_PREFIX) and shapes.login(status.creator) == login
            if not own and status.context not in seen:
                found.append(shapes.status(status))
            seen.add(status.context)
        return tuple(found)

    return on_commit(commit, lambda: place.call("read the checks of others", ask))


def on_commit(commit: Sha, call: Callable[[], T]) -> T:
    """The call's result.

    Raises:
        StaleError: GitHub does not know the commit (any more).
    """
    try:
        return call()
    except AnsweredError as error:
        if error.status == 422 and _NO_COMMIT.search(str(error)):
            raise StaleError(f"GitHub has no commit {commit[:8]} (any more)") from error
        raise


def _edit(place: Place, what: str, run: int, fields: Mapping[str, Any]) -> None:
    def edit(repository: github.Repository.Repository) -> bool:
        repository.get_check_run(run).edit(**fields)
        return True

    place.call(what, edit)


def _fields(check: Check, annotations: Sequence[Annotation]) -> dict[str, Any]:
    """The body of one call."""
    status, conclusion = _RUN_STATES[check.state]
    title = cut(check.title or check.name, MAX_TITLE)
    fields: dict[str, Any] = {
        "status": status,
        "output": {
            "title": title,
            "summary": cut(check.summary or title, MAX_SUMMARY),
            "annotations": [_annotation(annotation) for annotation in annotations],
        },
    }
    if conclusion:
        fields["conclusion"] = conclusion
    if check.details_url:
        fields["details_url"] = check.details_url
    return fields


def _annotation(annotation: Annotation) -> dict[str, Any]:
    line = max(1, annotation.line)
    return {
        "path": annotation.file,
        "start_line": line,
        "end_line": line,
        "annotation_level": "warning" if annotation.warning else "failure",
        "title": cut(annotation.title, MAX_TITLE),
        "message": cut(annotation.message or annotation.title, MAX_MESSAGE),
    }


def _batches(check: Check) -> list[tuple[Annotation, ...]]:
    step = ANNOTATIONS_A_CALL
    starts = range(0, max(1, len(check.annotations)), step)
    return [check.annotations[start : start + step] for start in starts]
