"""Serve comments on issues and pull requests, and reactions to them. Shell."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from gitbot_sandbox.github.actions import comments as actions
from gitbot_sandbox.github.context import (
    actor,
    body,
    check_edit,
    hub,
    issue_of,
    later,
    login,
    needed,
    page,
    repository,
)
from gitbot_sandbox.github.entities import Comment, Repository
from gitbot_sandbox.github.problems import not_found
from gitbot_sandbox.github.shapes import issues as shapes

bp = Blueprint("comments", __name__)

ISSUES = "/repos/<owner>/<name>/issues"


def _comment_of(found: Repository, id_: int) -> Comment:
    if id_ not in found.comments:
        raise not_found()
    return found.comments[id_]


@bp.get(f"{ISSUES}/<int:number>/comments")
def comments(owner: str, name: str, number: int) -> Response:
    """The comments of an issue or pull request, oldest first; with ``since``, those changed since
    then."""
    found = repository(owner, name)
    issue_of(found, number)
    chosen = [c for c in found.comments.values() if c.number == number]
    return page(later(chosen), lambda c: shapes.comment(hub(), found, c))


@bp.get(f"{ISSUES}/comments")
def all_comments(owner: str, name: str) -> Response:
    """All comments of the repository; ``since``, ``sort`` and ``direction`` as on GitHub."""
    found, args = repository(owner, name), request.args
    chosen = later(list(found.comments.values()))
    if args.get("sort") == "updated":
        chosen.sort(key=lambda c: c.updated_at)
    if args.get("direction") == "desc":
        chosen.reverse()
    return page(chosen, lambda c: shapes.comment(hub(), found, c))


@bp.post(f"{ISSUES}/<int:number>/comments")
def create_comment(owner: str, name: str, number: int) -> tuple[Response, int]:
    """Write a comment. Whoever may read the repository may write one."""
    found, sent = repository(owner, name), body()
    issue_of(found, number)
    who = login()
    needed(sent, "IssueComment", "body")
    app = actor().app
    made = actions.create_comment(
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
    check_edit(found, comment.author, "write")
    needed(sent, "IssueComment", "body")
    actions.edit_comment(hub(), found, comment, login(), str(sent["body"]))
    return jsonify(shapes.comment(hub(), found, comment))


@bp.delete(f"{ISSUES}/comments/<int:id_>")
def delete_comment(owner: str, name: str, id_: int) -> tuple[str, int]:
    """Delete a comment."""
    found = repository(owner, name)
    comment = _comment_of(found, id_)
    check_edit(found, comment.author, "write")
    actions.delete_comment(hub(), found, comment, login())
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
    """Add a reaction; answers 200 instead of 201 if it exists already."""
    found, sent = repository(owner, name), body()
    comment = _comment_of(found, id_)
    made, new = actions.react(hub(), comment, login(), str(sent.get("content")))
    return jsonify(shapes.reaction(hub(), made)), 201 if new else 200


@bp.delete(f"{ISSUES}/comments/<int:id_>/reactions/<int:reaction>")
def delete_reaction(owner: str, name: str, id_: int, reaction: int) -> tuple[str, int]:
    """Remove a reaction."""
    comment = _comment_of(repository(owner, name), id_)
    kept = [r for r in comment.reactions if (r.id, r.login) != (reaction, login())]
    if len(kept) == len(comment.reactions):
        raise not_found()
    comment.reactions = kept
    return "", 204
