"""Serve the pages that show something. Shell."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from gitbot_sandbox.github.access import role_of
from gitbot_sandbox.github.actions import checks, pulls
from gitbot_sandbox.github.context import hub
from gitbot_sandbox.github.entities import Comment, Deployment, Pull, Repository, Review
from gitbot_sandbox.github.gitobjects import FileDiff
from gitbot_sandbox.github.gitrepo import EMPTY_TREE
from gitbot_sandbox.github.pages.frame import find, link, people, show
from gitbot_sandbox.github.problems import not_found
from gitbot_sandbox.github.shapes.repositories import clone

bp = Blueprint("pages", __name__)

COMMITS = 20
MAX_EDITED_BYTES = 100_000
CALLS = 200
TIME_STEPS = ("10m", "1h", "8h", "1d", "7d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One entry of a pull request's timeline; ``kind`` is comment or review."""

    kind: str
    at: datetime
    it: Comment | Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A deployment with its newest status."""

    environment: str
    sha: str
    state: str
    description: str
    creator: str
    at: datetime
    log_url: str


@bp.get("/")
def home() -> Response:
    """All repositories."""
    listed = sorted(hub().store.repositories.values(), key=lambda r: r.full_name)
    return show("home.html", title="Local GitHub", repositories=listed)


@bp.get("/_sandbox/time")
def time() -> Response:
    """The time that schedules go by, and forms that move it on."""
    return show("time.html", title="Time", real=hub().now(), steps=TIME_STEPS)


@bp.get("/<owner>/<name>")
@bp.get("/<owner>/<name>/deployments")
@bp.get("/<owner>/<name>/issues")
@bp.get("/<owner>/<name>/pulls")
def repository(owner: str, name: str) -> Response:
    """One repository at a branch."""
    r = find(owner, name)
    git = hub().git(r)
    branch = request.args.get("branch", r.default_branch)
    tip = git.branch(branch)
    newest = sorted(r.issues.values(), key=lambda i: -i.number)
    branches = [n.removeprefix("refs/heads/") for n in git.refs("refs/heads/")]
    return show(
        "repository.html",
        title=r.full_name,
        r=r,
        clone=clone(hub(), r),
        pulls=[_pull_row(r, i.number) for i in newest if i.number in r.pulls],
        issues=[i for i in newest if i.number not in r.pulls],
        deployments=_deployed(list(r.deployments.values())),
        branch=branch,
        branches=branches,
        roles=[(login, role_of(hub().store, r, login) or "none") for login in sorted(people())],
        proposable=_proposable(r, branches),
        people=people(),
        tip=tip,
        entries=[e for e in git.entries(tip, recursive=True) if e.kind != "tree"] if tip else [],
        commits=git.log(f"-{COMMITS}", tip) if tip else [],
    )


def _proposable(r: Repository, branches: list[str]) -> list[str]:
    """The branches that have commits to propose and no pull request yet."""
    git = hub().git(r)
    tip = git.branch(r.default_branch)
    heads = {p.head_ref for p in r.pulls.values() if r.issues[p.number].state == "open"}
    ahead = [(name, git.branch(name)) for name in branches if name not in heads]
    return [name for name, sha in ahead if tip and sha and not git.is_ancestor(sha, tip)]


def _pull_row(r: Repository, number: int) -> dict[str, object]:
    issue = r.issues[number]
    state = _state(r, r.pulls[number])
    return {"number": number, "title": issue.title, "author": issue.author, "state": state}


def _state(r: Repository, pull: Pull) -> str:
    return "merged" if pull.merged_at else r.issues[pull.number].state


def _deployed(deployments: list[Deployment]) -> list[Deployed]:
    return [
        Deployed(
            environment=d.environment,
            sha=d.sha,
            state=d.statuses[-1].state if d.statuses else "pending",
            description=(d.statuses[-1].description if d.statuses else "") or d.description or "",
            creator=d.creator,
            at=d.statuses[-1].created_at if d.statuses else d.created_at,
            log_url=link(d.statuses[-1].log_url) if d.statuses else "",
        )
        for d in reversed(deployments)
    ]


@bp.get("/<owner>/<name>/pull/<int:number>")
def pull(owner: str, name: str, number: int) -> Response:
    """One pull request with everything about it."""
    r = find(owner, name)
    if number not in r.pulls:
        raise not_found()
    found, git = r.pulls[number], hub().git(r)
    base = git.merge_base(found.base_sha, found.head_sha) or found.base_sha
    shas = {found.head_sha, *([found.merge_commit] if found.merged_at else [])}
    runs = checks.latest_runs(r, found.head_sha)
    return show(
        "pull.html",
        title=f"#{number} {r.issues[number].title}",
        r=r,
        issue=r.issues[number],
        pull=found,
        state=_state(r, found),
        mergeable=pulls.mergeable(hub(), r, found) if _state(r, found) == "open" else None,
        timeline=_timeline(r, found),
        runs=runs,
        notes=_notes(note for one in runs for note in one.annotations),
        commits=git.log(f"-{COMMITS}", f"{base}..{found.head_sha}"),
        statuses=checks.newest_statuses(r, found.head_sha),
        deployments=_deployed([d for d in r.deployments.values() if d.sha in shas]),
        diffs=git.diff(base, found.head_sha),
        people=people(),
    )


def _notes(annotations: Iterable[dict[str, Any]]) -> Mapping[tuple[str, int], list[dict[str, Any]]]:
    """Annotations by path and line; GitHub shows them below that line of the diff."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for note in annotations:
        found[note["path"], note["end_line"]].append(note)
    return found


def _timeline(r: Repository, found: Pull) -> list[Moment]:
    comments = [c for c in r.comments.values() if c.number == found.number]
    moments = [Moment(kind="comment", at=c.created_at, it=c) for c in comments]
    moments += [Moment(kind="review", at=v.submitted_at, it=v) for v in found.reviews]
    return sorted(moments, key=lambda m: m.at)


@bp.get("/<owner>/<name>/issues/<int:number>")
def issue(owner: str, name: str, number: int) -> Response:
    """One issue."""
    r = find(owner, name)
    if number in r.pulls:
        return pull(owner, name, number)
    if number not in r.issues:
        raise not_found()
    return show(
        "issue.html",
        title=f"#{number} {r.issues[number].title}",
        r=r,
        issue=r.issues[number],
        comments=[c for c in r.comments.values() if c.number == number],
        people=people(),
    )


@bp.get("/<owner>/<name>/runs/<int:id_>")
def run(owner: str, name: str, id_: int) -> Response:
    """One check run with its annotations."""
    r = find(owner, name)
    if id_ not in r.check_runs:
        raise not_found()
    found = r.check_runs[id_]
    app = hub().store.apps[found.app_id].name
    return show("run.html", title=found.name, r=r, run=found, app=app, people=people())


@bp.get("/<owner>/<name>/commit/<sha>")
def commit(owner: str, name: str, sha: str) -> Response:
    """One commit with its diff."""
    r = find(owner, name)
    git = hub().git(r)
    known = git.resolve(sha)
    if known is None:
        raise not_found()
    one = git.commit(known)
    diffs: list[FileDiff] = git.diff(one.parents[0] if one.parents else EMPTY_TREE, known)
    return show("commit.html", title=known[:8], r=r, commit=one, diffs=diffs)


@bp.get("/<owner>/<name>/blob/<path:rest>")
def blob(owner: str, name: str, rest: str) -> Response:
    """One file at a commit or branch, with line numbers."""
    r = find(owner, name)
    sha, path, data = _file(r, rest)
    lines = data.decode(errors="replace").splitlines()
    on_tip = rest == f"{r.default_branch}/{path}"
    return show(
        "blob.html",
        title=path,
        r=r,
        sha=sha,
        path=path,
        lines=lines,
        editable=on_tip and len(data) <= MAX_EDITED_BYTES and b"\0" not in data,
        people=people(),
    )


@bp.get("/<owner>/<name>/raw/<path:rest>")
def raw(owner: str, name: str, rest: str) -> Response:
    """The bytes of one file, never shown as a page."""
    _, _, data = _file(find(owner, name), rest)
    answer = Response(data, content_type="text/plain; charset=utf-8")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _file(r: Repository, rest: str) -> tuple[str, str, bytes]:
    """Commit, path and content of a file. A branch's name may have slashes in it."""
    git, words = hub().git(r), rest.split("/")
    for at in range(1, len(words)):
        sha, path = git.resolve("/".join(words[:at])), "/".join(words[at:])
        entry = next(iter(git.entries(sha, path)), None) if sha else None
        if sha and entry and entry.kind == "blob":
            return sha, path, git.blob(entry.sha)
    raise not_found()


@bp.get("/_sandbox/deliveries")
def deliveries() -> Response:
    """The log of deliveries, newest first."""
    courier = hub().courier
    listed = courier.deliveries()[::-1][:CALLS]
    return show("deliveries.html", title="Deliveries", deliveries=listed, held=len(courier.held()))


@bp.get("/_sandbox/deliveries/<int:id_>")
def delivery(id_: int) -> Response:
    """One delivery."""
    found = next((d for d in hub().courier.deliveries() if d.id == id_), None)
    if found is None:
        raise not_found()
    payload = json.dumps(found.json(), indent=2)
    return show("delivery.html", title=found.guid, d=found, payload=payload)


@bp.get("/_sandbox/calls")
def calls() -> Response:
    """The log of calls, newest first."""
    listed = hub().faults.calls()
    return show("calls.html", title="Calls", calls=listed[::-1][:CALLS], total=len(listed))
