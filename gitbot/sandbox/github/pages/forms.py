"""The forms of the pages: acting as anybody, by hand. Shell."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from gitbot.sandbox.github.access import at_least, role_of
from gitbot.sandbox.github.actions import checks, merges, pulls, talk
from gitbot.sandbox.github.api.context import hub
from gitbot.sandbox.github.pages.views import find
from gitbot.sandbox.github.problems import Problem, forbidden, not_found
from gitbot.sandbox.github.store import Pull, Repository

bp = Blueprint("forms", __name__)


def _login(r: Repository, needed: str) -> str:
    """Whom the form acts as, if they have the right."""
    user = hub().store.user(request.form.get("login", ""))
    if user is None or user.kind != "User":
        raise Problem(422, "There is no such user")
    if not at_least(role_of(hub().store, r, user.login), needed):
        raise forbidden(f"{user.login} has no {needed} permission in {r.full_name}")
    return user.login


@bp.post("/<owner>/<name>/pull/<int:number>")
def act_on_pull(owner: str, name: str, number: int) -> Response:
    """Comment, review, merge, close or reopen."""
    r = find(owner, name)
    if number not in r.pulls:
        raise not_found()
    _act(r, r.pulls[number], request.form.get("action", ""), request.form.get("body", ""))
    return redirect(f"/{r.full_name}/pull/{number}", 303)


def _act(r: Repository, pull: Pull, action: str, body: str) -> None:
    match action:
        case "comment":
            talk.create_comment(hub(), r, pull.number, _login(r, "read"), body)
        case "approve" | "request_changes":
            pulls.review(hub(), r, pull, _login(r, "read"), action.upper(), body=body)
        case "merge":
            by, method = _login(r, "write"), request.form.get("method", "merge")
            merges.merge(hub(), r, pull, by, method=method)
        case "close" | "reopen":
            state = "closed" if action == "close" else "open"
            pulls.set_state(hub(), r, pull, _login(r, "triage"), state)
        case "ready":
            pulls.mark_ready(hub(), r, pull, _login(r, "write"))
        case _:
            raise Problem(422, "There is no such action")


@bp.post("/<owner>/<name>/issues/<int:number>")
def act_on_issue(owner: str, name: str, number: int) -> Response:
    """Comment on an issue, close or reopen it."""
    r = find(owner, name)
    if number not in r.issues or number in r.pulls:
        raise not_found()
    match request.form.get("action"):
        case "comment":
            body = request.form.get("body", "")
            talk.create_comment(hub(), r, number, _login(r, "read"), body)
        case "close":
            talk.set_issue_state(hub(), r.issues[number], _login(r, "triage"), "closed")
        case "reopen":
            talk.set_issue_state(hub(), r.issues[number], _login(r, "triage"), "open")
        case _:
            raise Problem(422, "There is no such action")
    return redirect(f"/{r.full_name}/issues/{number}", 303)


@bp.post("/<owner>/<name>/runs/<int:id_>")
def rerun(owner: str, name: str, id_: int) -> Response:
    """Press "Re-run"."""
    r = find(owner, name)
    if id_ not in r.check_runs:
        raise not_found()
    checks.rerequest(hub(), r, r.check_runs[id_], _login(r, "write"))
    return redirect(f"/{r.full_name}/runs/{id_}", 303)


@bp.post("/_sandbox/deliveries/<int:id_>/attempts")
def redeliver(id_: int) -> Response:
    """Send a delivery again."""
    try:
        hub().courier.redeliver(id_)
    except KeyError as error:
        raise not_found() from error
    return redirect("/_sandbox/deliveries", 303)
