"""Serve the forms of the pages, to act by hand as any user. Shell."""

from __future__ import annotations

import itertools

from flask import Blueprint, after_this_request, redirect, request
from werkzeug.wrappers import Response

from gitbot_sandbox.github.access import Actor, at_least, role_of
from gitbot_sandbox.github.actions import checks, comments, issues, merges, opening, pulls, pushes
from gitbot_sandbox.github.actions import reviews as review_actions
from gitbot_sandbox.github.context import hub
from gitbot_sandbox.github.entities import Pull, Repository
from gitbot_sandbox.github.pages.frame import ACTOR, find
from gitbot_sandbox.github.problems import Problem, forbidden, not_found

bp = Blueprint("forms", __name__)


def _login(r: Repository, needed: str) -> str:
    """The login that the form acts as. Raises Problem 422 or 403 if that login may not do it."""
    user = hub().store.user(request.form.get("login", ""))
    if user is None or user.kind != "User":
        raise Problem(422, "There is no such user")
    if not at_least(role_of(hub().store, r, user.login), needed):
        raise forbidden(f"{user.login} has no {needed} permission in {r.full_name}")
    _remember(user.login)
    return user.login


def _remember(login: str) -> None:
    """Let the next form offer the same login first."""

    @after_this_request
    def remember(answer: Response) -> Response:
        answer.set_cookie(ACTOR, login, httponly=True, samesite="Strict")
        return answer


def _back(path: str) -> Response:
    """Redirect to the page where gitbot's answer will appear."""
    return redirect(f"{path}?acted=1#latest", 303)


@bp.post("/<owner>/<name>/pull/<int:number>")
def act_on_pull(owner: str, name: str, number: int) -> Response:
    """Comment on, review, merge, close or reopen a pull request."""
    r = find(owner, name)
    if number not in r.pulls:
        raise not_found()
    _act(r, r.pulls[number], request.form.get("action", ""), request.form.get("body", ""))
    return _back(f"/{r.full_name}/pull/{number}")


def _act(r: Repository, pull: Pull, action: str, body: str) -> None:
    match action:
        case "comment":
            comments.create_comment(hub(), r, pull.number, _login(r, "read"), body)
        case "approve" | "request_changes":
            review_actions.submit(hub(), r, pull, _login(r, "read"), action.upper(), body=body)
        case "merge":
            by, method = _login(r, "write"), request.form.get("method", "merge")
            merges.merge(hub(), r, pull, by, method=method)
        case "close" | "reopen":
            state = "closed" if action == "close" else "open"
            pulls.set_state(hub(), r, pull, _login(r, "triage"), state)
        case "ready":
            pulls.set_draft(hub(), r, pull, _login(r, "write"), draft=False)
        case _:
            raise Problem(422, "There is no such action")


@bp.post("/<owner>/<name>/pulls")
def propose_branch(owner: str, name: str) -> Response:
    """Open a pull request for a pushed branch; the title is that of the newest commit."""
    r = find(owner, name)
    head, login = request.form.get("head", ""), _login(r, "read")
    tip = hub().git(r).branch(head)
    if tip is None:
        raise Problem(422, "There is no such branch")
    return _open(r, login, head, hub().git(r).commit(tip).message.partition("\n")[0])


@bp.post("/<owner>/<name>/proposals")
def propose_file(owner: str, name: str) -> Response:
    """Commit a file's new content to a new branch and open a pull request for it."""
    r = find(owner, name)
    login, path = _login(r, "write"), request.form.get("path", "").strip()
    is_new = "new" in request.form
    title = request.form.get("title", "").strip() or f"{'Add' if is_new else 'Change'} {path}"
    content = request.form.get("content", "").replace("\r\n", "\n").rstrip("\n") + "\n"
    git = hub().git(r)
    tip = git.branch(r.default_branch)
    entry = next(iter(git.entries(tip, path)), None) if tip else None
    if is_new and entry is not None:
        raise Problem(422, "There is a file of this name: change it on its own page")
    if entry is not None and git.blob(entry.sha) == content.encode():
        raise Problem(422, "Nothing was changed")
    taken = git.refs("refs/heads/")
    numbers = itertools.count(r.last_number + 1)
    branch = next(b for n in numbers if f"refs/heads/{(b := f'{login}-{n}')}" not in taken)
    pushes.commit_files(hub(), r, branch, {path: content.encode()}, login=login, message=title)
    return _open(r, login, branch, title)


def _open(r: Repository, login: str, head: str, title: str) -> Response:
    pull = opening.open_pull(
        hub(), r, login=login, title=title or head, head=head, base=r.default_branch
    )
    return _back(f"/{r.full_name}/pull/{pull.number}")


@bp.post("/<owner>/<name>/issues")
def open_issue(owner: str, name: str) -> Response:
    """Open an issue."""
    r = find(owner, name)
    title = request.form.get("title", "").strip()
    if not title:
        raise Problem(422, "An issue needs a title")
    login = _login(r, "read")
    made = issues.create_issue(
        hub(), r, Actor(user=hub().user(login)), title=title, body=request.form.get("body", "")
    )
    return _back(f"/{r.full_name}/issues/{made.number}")


@bp.post("/<owner>/<name>/issues/<int:number>")
def act_on_issue(owner: str, name: str, number: int) -> Response:
    """Comment on an issue, close or reopen it."""
    r = find(owner, name)
    if number not in r.issues or number in r.pulls:
        raise not_found()
    match request.form.get("action"):
        case "comment":
            body = request.form.get("body", "")
            comments.create_comment(hub(), r, number, _login(r, "read"), body)
        case "close":
            _set_issue_state(r, number, "closed")
        case "reopen":
            _set_issue_state(r, number, "open")
        case _:
            raise Problem(422, "There is no such action")
    return _back(f"/{r.full_name}/issues/{number}")


def _set_issue_state(r: Repository, number: int, state: str) -> None:
    issues.set_state(hub(), r, r.issues[number], _login(r, "triage"), state)


@bp.post("/<owner>/<name>/runs/<int:id_>")
def rerun(owner: str, name: str, id_: int) -> Response:
    """Ask the App to run a check again."""
    r = find(owner, name)
    if id_ not in r.check_runs:
        raise not_found()
    checks.rerequest(hub(), r, r.check_runs[id_], _login(r, "write"))
    return redirect(f"/{r.full_name}/runs/{id_}", 303)


@bp.post("/_sandbox/time")
def move_time() -> Response:
    """Move on the time that schedules go by."""
    text = request.form.get("by", "").strip()
    try:
        if text[:1].isdigit() and "-" in text:
            hub().clock.move_to(text)
        else:
            hub().clock.advance(text)
    except ValueError as error:
        raise Problem(422, str(error)) from error
    return redirect("/_sandbox/time", 303)


@bp.post("/_sandbox/deliveries/<int:id_>/attempts")
def redeliver(id_: int) -> Response:
    """Send a delivery again."""
    try:
        hub().courier.redeliver(id_)
    except KeyError as error:
        raise not_found() from error
    return redirect("/_sandbox/deliveries", 303)
