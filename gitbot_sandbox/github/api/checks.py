"""Serve commit statuses, check runs and deployments. Shell."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gitbot_sandbox.github.actions import checks, queue
from gitbot_sandbox.github.context import (
    actor,
    body,
    commit_of,
    hub,
    login,
    needed,
    page,
    repository,
)
from gitbot_sandbox.github.entities import App, CheckRun, Deployment, Repository
from gitbot_sandbox.github.problems import Problem, forbidden, not_found
from gitbot_sandbox.github.shapes import checks as shapes
from gitbot_sandbox.github.shapes import commits as commit_shapes

bp = Blueprint("checks", __name__)

REPO = "/repos/<owner>/<name>"


# --- statuses ---


@bp.post(f"{REPO}/statuses/<sha>")
def create_status(owner: str, name: str, sha: str) -> tuple[Response, int]:
    """Put a status on a commit."""
    found = repository(owner, name, "write")
    made = checks.set_status(hub(), found, commit_of(found, sha), login(), body())
    return jsonify(commit_shapes.status(hub(), found, made)), 201


@bp.get(f"{REPO}/commits/<path:ref>/statuses")
@bp.get(f"{REPO}/statuses/<path:ref>")
def statuses(owner: str, name: str, ref: str) -> Response:
    """All statuses of a commit, newest first."""
    found = repository(owner, name)
    listed = checks.statuses_of(found, commit_of(found, ref))
    return page(listed, lambda s: commit_shapes.status(hub(), found, s))


@bp.get(f"{REPO}/commits/<path:ref>/status")
def combined_status(owner: str, name: str, ref: str) -> Response:
    """The newest status of each context, and the state of all of them together."""
    found = repository(owner, name)
    sha = commit_of(found, ref)
    newest = checks.newest_statuses(found, sha)
    return jsonify(commit_shapes.combined_status(hub(), found, sha, newest))


# --- check runs ---


def _app() -> App:
    """The App that calls: only an App may write check runs."""
    app = actor().app
    if app is None:
        login()
        raise forbidden("You must authenticate via a GitHub App.")
    return app


def _run_of(found: Repository, id_: int) -> CheckRun:
    if id_ not in found.check_runs:
        raise not_found()
    return found.check_runs[id_]


@bp.post(f"{REPO}/check-runs")
def create_check_run(owner: str, name: str) -> tuple[Response, int]:
    """Make a check run."""
    app = _app()
    found, sent = repository(owner, name, "write"), body()
    needed(sent, "CheckRun", "name", "head_sha")
    sha = commit_of(found, str(sent["head_sha"]))
    made = checks.create_run(hub(), found, app, name=sent["name"], sha=sha, fields=sent)
    queue.settle(hub(), found)
    return jsonify(shapes.check_run(hub(), found, made)), 201


@bp.get(f"{REPO}/check-runs/<int:id_>")
def get_check_run(owner: str, name: str, id_: int) -> Response:
    """One check run."""
    found = repository(owner, name)
    return jsonify(shapes.check_run(hub(), found, _run_of(found, id_)))


@bp.patch(f"{REPO}/check-runs/<int:id_>")
def update_check_run(owner: str, name: str, id_: int) -> Response:
    """Change a check run of the calling App."""
    app = _app()
    found = repository(owner, name, "write")
    run = _run_of(found, id_)
    if run.app_id != app.id:
        raise forbidden("Invalid app_id `check_run` was not created by this app.")
    checks.update_run(hub(), found, run, body())
    queue.settle(hub(), found)
    return jsonify(shapes.check_run(hub(), found, run))


@bp.get(f"{REPO}/check-runs/<int:id_>/annotations")
def check_annotations(owner: str, name: str, id_: int) -> Response:
    """The annotations of a check run."""
    found = repository(owner, name)
    run = _run_of(found, id_)
    return page(run.annotations, lambda a: shapes.annotation(hub(), found, run, a))


@bp.post(f"{REPO}/check-runs/<int:id_>/rerequest")
def rerequest(owner: str, name: str, id_: int) -> tuple[Response, int]:
    """Ask the App to run the check again."""
    _app()
    found = repository(owner, name, "write")
    checks.rerequest(hub(), found, _run_of(found, id_), login())
    return jsonify({}), 201


@bp.get(f"{REPO}/commits/<path:ref>/check-runs")
def check_runs(owner: str, name: str, ref: str) -> Response:
    """The check runs of a commit; ``filter`` is ``latest`` (of each App and name) or ``all``."""
    found, args = repository(owner, name), request.args
    sha = commit_of(found, ref)
    runs = (
        [r for r in found.check_runs.values() if r.sha == sha]
        if args.get("filter") == "all"
        else checks.latest_runs(found, sha)
    )
    chosen = [
        r
        for r in runs
        if args.get("check_name") in (None, r.name)
        and args.get("status") in (None, r.status)
        and args.get("app_id") in (None, str(r.app_id))
    ]
    return page(chosen, lambda r: shapes.check_run(hub(), found, r), "check_runs")


# --- deployments ---


def _deployment_of(found: Repository, id_: int) -> Deployment:
    if id_ not in found.deployments:
        raise not_found()
    return found.deployments[id_]


@bp.post(f"{REPO}/deployments")
def create_deployment(owner: str, name: str) -> tuple[Response, int]:
    """Record a deployment, if the checks that it requires have passed."""
    found, sent = repository(owner, name, "write"), body()
    needed(sent, "Deployment", "ref")
    sha = hub().git(found).resolve(str(sent["ref"]))
    if sha is None:
        raise Problem(422, f"No ref found for: {sent['ref']}")
    _refuse_unpassed(found, sha, sent.get("required_contexts"))
    made = checks.create_deployment(
        hub(), found, login(), sha=sha, fields={**sent, "payload": _payload(sent)}
    )
    return jsonify(shapes.deployment(hub(), found, made)), 201


def _payload(sent: dict[str, Any]) -> Any:
    """The payload; a text that holds JSON is parsed, as GitHub does."""
    given = sent.get("payload") or {}
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError:
        return given


def _refuse_unpassed(found: Repository, sha: str, required: list[str] | None) -> None:
    """Refuse a commit without the required statuses; None requires all. Raises Problem 409."""
    states = {s.context: s.state == "success" for s in checks.newest_statuses(found, sha)}
    for run in checks.latest_runs(found, sha):
        states[run.name] = run.conclusion in ("success", "neutral", "skipped")
    wanted = list(states) if required is None else required
    if not all(states.get(context, False) for context in wanted):
        raise Problem(409, "Conflict: Commit status checks failed for this ref.")


@bp.get(f"{REPO}/deployments")
def deployments(owner: str, name: str) -> Response:
    """Deployments, newest first; filtered by ``sha``, ``ref``, ``task`` and ``environment``."""
    found, args = repository(owner, name), request.args
    chosen = [
        d
        for d in reversed(found.deployments.values())
        if args.get("sha") in (None, d.sha)
        and args.get("ref") in (None, d.ref)
        and args.get("task") in (None, d.task)
        and args.get("environment") in (None, d.environment)
    ]
    return page(chosen, lambda d: shapes.deployment(hub(), found, d))


@bp.get(f"{REPO}/deployments/<int:id_>")
def get_deployment(owner: str, name: str, id_: int) -> Response:
    """One deployment."""
    found = repository(owner, name)
    return jsonify(shapes.deployment(hub(), found, _deployment_of(found, id_)))


@bp.delete(f"{REPO}/deployments/<int:id_>")
def delete_deployment(owner: str, name: str, id_: int) -> tuple[str, int]:
    """Delete a deployment, unless it is active and not the only one."""
    found = repository(owner, name, "write")
    one = _deployment_of(found, id_)
    active = not one.statuses or one.statuses[-1].state == "success"
    if active and len(found.deployments) > 1:
        raise Problem(
            422,
            "We cannot delete an active deployment unless it is the only deployment in a repository.",
        )
    del found.deployments[id_]
    return "", 204


@bp.get(f"{REPO}/deployments/<int:id_>/statuses")
def deployment_statuses(owner: str, name: str, id_: int) -> Response:
    """The statuses of a deployment, newest first."""
    found = repository(owner, name)
    one = _deployment_of(found, id_)
    return page(one.statuses[::-1], lambda s: shapes.deployment_status(hub(), found, one, s))


@bp.post(f"{REPO}/deployments/<int:id_>/statuses")
def create_deployment_status(owner: str, name: str, id_: int) -> tuple[Response, int]:
    """Add a status to a deployment."""
    found = repository(owner, name, "write")
    one = _deployment_of(found, id_)
    made = checks.add_deployment_status(hub(), found, one, login(), body())
    return jsonify(shapes.deployment_status(hub(), found, one, made)), 201
