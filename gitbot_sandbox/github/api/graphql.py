"""Serve the two mutations of the GraphQL API that REST has no calls for: drafts. Shell.

https://docs.github.com/en/graphql/reference/mutations#markpullrequestreadyforreview ·
https://docs.github.com/en/graphql/reference/mutations#convertpullrequesttodraft
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify

from gitbot_sandbox.github.access import at_least, role
from gitbot_sandbox.github.actions import pulls
from gitbot_sandbox.github.context import actor, body, hub, login
from gitbot_sandbox.github.entities import Pull, Repository
from gitbot_sandbox.github.problems import Problem
from gitbot_sandbox.github.shapes.common import node_id

bp = Blueprint("graphql", __name__)

PATH = "/api/graphql"
"""Where an Enterprise server has it: beside the REST API, not below it."""

_MUTATION = re.compile(r"\s*mutation\b[^{]*\{\s*(\w+)\s*\(")
_DRAFT = {"markPullRequestReadyForReview": False, "convertPullRequestToDraft": True}


@bp.post(PATH)
def mutate() -> Response:
    """Make a pull request a draft, or ready. A refusal is an answer with ``errors`` and status 200."""
    sent, by = body(), login()
    named = _MUTATION.match(str(sent.get("query") or ""))
    name = named.group(1) if named else ""
    if name not in _DRAFT:
        return _refused(name, "undefinedField", f"Field '{name}' doesn't exist on type 'Mutation'")
    given = (sent.get("variables") or {}).get("input") or {}
    found = _pull(str(given.get("pullRequestId")))
    if found is None:
        node = given.get("pullRequestId")
        return _refused(
            name, "NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'"
        )
    repository, pull = found
    if not _may(repository, pull, by):
        return _refused(name, "FORBIDDEN", "Resource not accessible by integration")
    try:
        pulls.set_draft(hub(), repository, pull, by, draft=_DRAFT[name])
    except Problem as problem:
        return _refused(name, "UNPROCESSABLE", problem.message)
    shape = {
        "clientMutationId": given.get("clientMutationId"),
        "pullRequest": {"isDraft": pull.draft},
    }
    return jsonify({"data": {name: shape}})


def _pull(node: str) -> tuple[Repository, Pull] | None:
    """The pull request with this node id, in a repository that the caller can see."""
    for repository in hub().store.repositories.values():
        if not at_least(role(hub().store, repository, actor()), "read"):
            continue
        for pull in repository.pulls.values():
            if node_id("PullRequest", pull.id) == node:
                return repository, pull
    return None


def _may(repository: Repository, pull: Pull, by: str) -> bool:
    """Whether the caller wrote the pull request or may write there, and an App has the permission."""
    app = actor().app
    if app is not None and app.permissions.get("pull_requests") != "write":
        return False
    author = repository.issues[pull.number].author
    return author == by or at_least(role(hub().store, repository, actor()), "write")


def _refused(name: str, kind: str, message: str) -> Response:
    return refused(kind, message, data={name: None})


def refused(kind: str, message: str, **more: Any) -> Response:
    """The answer that refuses a query: its status is 200."""
    return jsonify({**more, "errors": [{"type": kind, "message": message}]})
