"""Issues, comments and reactions. Shell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gitbot_sandbox.github.access import at_least, role
from gitbot_sandbox.github.actions import pulls, talk
from gitbot_sandbox.github.api.context import (
    actor,
    body,
    hub,
    issue_of,
    login,
    needed,
    page,
    repository,
)
from gitbot_sandbox.github.problems import Problem, forbidden, invalid, not_found
from gitbot_sandbox.github.shapes import issues as shapes
from gitbot_sandbox.github.shapes import repositories as repository_shapes
from gitbot_sandbox.github.store import Comment, Issue, Repository

bp = Blueprint("talk", __name__)

ISSUES = "/repos/<owner>/<name>/issues"


def _since() -> datetime | None:
    text = request.args.get("since")
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("Issue", "since") from error


def _later(items: list[Any]) -> list[Any]:
    since = _since()
    return [i for i in items if since is None or i.updated_at.replace(microsecond=0) >= since]


# --- issues ---


@bp.get(ISSUES)
def list_issues(owner: str, name: str) -> Response:
    """Issues and pull requests by state, labels, creator and time, newest first."""
    found, args = repository(owner, name), request.args
    state = args.get("state", "open")
    labels = set(filter(None, args.get("labels", "").split(",")))
    chosen = [
        i
        for i in _later(list(found.issues.values()))
        if state in ("all", i.state)
        and labels <= set(i.labels)
        and args.get("creator") in (None, i.author)
    ]
    chosen.sort(key=lambda i: i.number, reverse=args.get("direction", "desc") == "desc")
    return page(chosen, lambda i: shapes.issue(hub(), found, i))


@bp.post(ISSUES)
def create_issue(owner: str, name: str) -> tuple[Response, int]:
    """Open an issue; labels count only from those who may triage."""
    found, sent = repository(owner, name), body()
    login()
    needed(sent, "Issue", "title")
    trusted = at_least(role(hub().store, found, actor()), "triage")
    made = talk.create_issue(
        hub(),
        found,
        actor(),
        title=sent["title"],
        body=sent.get("body"),
        labels=_names(sent) if trusted else [],
    )
    return jsonify(shapes.issue(hub(), found, made)), 201


def _names(sent: dict[str, Any]) -> list[str]:
    return [x if isinstance(x, str) else x["name"] for x in sent.get("labels") or []]


@bp.get(f"{ISSUES}/<int:number>")
def get_issue(owner: str, name: str, number: int) -> Response:
    """One issue or pull request."""
    found = repository(owner, name)
    return jsonify(shapes.issue(hub(), found, issue_of(found, number)))


@bp.patch(f"{ISSUES}/<int:number>")
def update_issue(owner: str, name: str, number: int) -> Response:
    """Change title, body, labels or state."""
    found = repository(owner, name)
    issue, sent, who = issue_of(found, number), body(), login()
    _check_edit(found, issue.author, "triage")
    pull = found.pulls.get(number)
    if pull is not None:
        pulls.edit(hub(), found, pull, who, title=sent.get("title"), body=sent.get("body"))
    else:
        issue.title = sent.get("title") or issue.title
        issue.body = sent.get("body", issue.body)
        issue.updated_at = hub().now()
    if "labels" in sent:
        talk.set_labels(hub(), found, issue, _names(sent))
    if sent.get("state") in ("open", "closed"):
        if pull is not None:
            pulls.set_state(hub(), found, pull, who, sent["state"])
        else:
            talk.set_issue_state(hub(), issue, who, sent["state"], sent.get("state_reason"))
    return jsonify(shapes.issue(hub(), found, issue))


def _check_edit(found: Repository, author: str, needed_role: str) -> None:
    """One may change one's own; others' only with a role."""
    own = login().lower() == author.lower()
    if not own and not at_least(role(hub().store, found, actor()), needed_role):
        raise forbidden()


@bp.get(f"{ISSUES}/<int:number>/labels")
def issue_labels(owner: str, name: str, number: int) -> Response:
    """The issue's labels."""
    found = repository(owner, name)
    return _labels(found, issue_of(found, number))


def _labels(found: Repository, issue: Issue) -> Response:
    return page(
        [found.labels[n] for n in issue.labels],
        lambda x: repository_shapes.label(hub(), found, x),
    )


@bp.post(f"{ISSUES}/<int:number>/labels")
def add_labels(owner: str, name: str, number: int) -> Response:
    """Add labels to the issue."""
    found = repository(owner, name, "triage")
    issue = issue_of(found, number)
    sent = request.get_json(force=True, silent=True)
    names = _names(sent if isinstance(sent, dict) else {"labels": sent})
    talk.set_labels(hub(), found, issue, [*issue.labels, *names])
    return _labels(found, issue)


@bp.delete(f"{ISSUES}/<int:number>/labels/<label>")
def remove_label(owner: str, name: str, number: int, label: str) -> Response:
    """Take a label off the issue."""
    found = repository(owner, name, "triage")
    issue = issue_of(found, number)
    if label not in issue.labels:
        raise Problem(404, "Label does not exist")
    issue.labels.remove(label)
    return _labels(found, issue)


# --- comments ---


def _comment_of(found: Repository, id_: int) -> Comment:
    if id_ not in found.comments:
        raise not_found()
    return found.comments[id_]


@bp.get(f"{ISSUES}/<int:number>/comments")
def comments(owner: str, name: str, number: int) -> Response:
    """The comments of an issue or pull request, oldest first; ``since`` their last change."""
    found = repository(owner, name)
    issue_of(found, number)
    chosen = [c for c in found.comments.values() if c.number == number]
    return page(_later(chosen), lambda c: shapes.comment(hub(), found, c))


@bp.get(f"{ISSUES}/comments")
def all_comments(owner: str, name: str) -> Response:
    """All comments of the repository; ``since``, ``sort`` and ``direction`` as on GitHub."""
    found, args = repository(owner, name), request.args
    chosen = _later(list(found.comments.values()))
    if args.get("sort") == "updated":
        chosen.sort(key=lambda c: c.updated_at)
    if args.get("direction") == "desc":
        chosen.reverse()
    return page(chosen, lambda c: shapes.comment(hub(), found, c))


@bp.post(f"{ISSUES}/<int:number>/comments")
def create_comment(owner: str, name: str, number: int) -> tuple[Response, int]:
    """Write a comment; everybody who may read may."""
    found, sent = repository(owner, name), body()
    issue_of(found, number)
    who = login()
    needed(sent, "IssueComment", "body")
    app = actor().app
    made = talk.create_comment(
        hub(), found, number, who, str(sent["body"]), app.id if app else None
    )
    return jsonify(shapes.comment(hub(), found, made)), 201


@bp.get(f"{ISSUES}/comments/<int:id_>")
def get_comment(owner: str, name: str, id_: int) -> Response:
    """One comment."""
    found = repository(owner, name)
    return jsonify(shapes.comment(hub(), found, _comment_of(found, id_)))


@bp.patch(f"{ISSUES}/comments/<int:id_>")
def edit_comment(owner: str, name: str, id_: int) -> Response:
    """Replace a comment's text."""
    found, sent = repository(owner, name), body()
    comment = _comment_of(found, id_)
    _check_edit(found, comment.author, "write")
    needed(sent, "IssueComment", "body")
    talk.edit_comment(hub(), found, comment, login(), str(sent["body"]))
    return jsonify(shapes.comment(hub(), found, comment))


@bp.delete(f"{ISSUES}/comments/<int:id_>")
def delete_comment(owner: str, name: str, id_: int) -> tuple[str, int]:
    """Remove a comment."""
    found = repository(owner, name)
    comment = _comment_of(found, id_)
    _check_edit(found, comment.author, "write")
    del found.comments[id_]
    return "", 204


@bp.get(f"{ISSUES}/comments/<int:id_>/reactions")
def reactions(owner: str, name: str, id_: int) -> Response:
    """The reactions to a comment."""
    comment = _comment_of(repository(owner, name), id_)
    wanted = request.args.get("content")
    chosen = [r for r in comment.reactions if wanted in (None, r.content)]
    return page(chosen, lambda r: shapes.reaction(hub(), r))


@bp.post(f"{ISSUES}/comments/<int:id_>/reactions")
def create_reaction(owner: str, name: str, id_: int) -> tuple[Response, int]:
    """React; 200 instead of 201 for a reaction that is there already."""
    found, sent = repository(owner, name), body()
    comment = _comment_of(found, id_)
    made, new = talk.react(hub(), comment, login(), str(sent.get("content")))
    return jsonify(shapes.reaction(hub(), made)), 201 if new else 200


@bp.delete(f"{ISSUES}/comments/<int:id_>/reactions/<int:reaction>")
def delete_reaction(owner: str, name: str, id_: int, reaction: int) -> tuple[str, int]:
    """Take a reaction back."""
    comment = _comment_of(repository(owner, name), id_)
    kept = [r for r in comment.reactions if (r.id, r.login) != (reaction, login())]
    if len(kept) == len(comment.reactions):
        raise not_found()
    comment.reactions = kept
    return "", 204
