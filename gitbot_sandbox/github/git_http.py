"""Serve clone, fetch and push over HTTP through ``git http-backend``. Shell."""

from __future__ import annotations

import subprocess

from flask import Blueprint, Response, request

from gitbot_sandbox.github.access import Actor, at_least, role
from gitbot_sandbox.github.actions.pushes import refs_moved, visible_refs
from gitbot_sandbox.github.context import actor, hub
from gitbot_sandbox.github.entities import Repository
from gitbot_sandbox.github.gitrepo import ENVIRONMENT
from gitbot_sandbox.github.problems import Problem

bp = Blueprint("git_http", __name__)


@bp.route("/<owner>/<name>.git/<path:rest>", methods=["GET", "POST"])
def serve(owner: str, name: str, rest: str) -> Response:
    """Answer one request of git's smart protocol."""
    pushing = "git-receive-pack" in (rest, request.args.get("service"))
    with hub().store.lock:
        found = _checked(actor(), owner, name, pushing=pushing)
    if pushing and request.method == "POST":
        return _push(found)
    return _backend(found, rest)


def _checked(who: Actor, owner: str, name: str, *, pushing: bool) -> Repository:
    """The repository, if the caller may read it, or write it when pushing.

    Raises:
        Problem: 401 without credentials, 404 without the right to read, 403 without the right to
            push.
    """
    found = hub().store.repository(owner, name)
    mine = role(hub().store, found, who) if found else "none"
    if who.user is None and (pushing or not at_least(mine, "read")):
        raise Problem(401, "Authentication required")
    if found is None or who.jwt or not at_least(mine, "read"):
        raise Problem(404, "Repository not found.")
    if pushing and not at_least(mine, "write"):
        raise Problem(403, f"Permission to {found.full_name}.git denied to {who.login}.")
    return found


def _push(found: Repository) -> Response:
    """Receive a pack, then send events about the refs that moved.

    The body is read before the lock is taken, so that a slow client does not block others.
    """
    request.get_data()
    with hub().store.lock:
        before = visible_refs(hub().git(found))
        answer = _backend(found, "git-receive-pack")
        refs_moved(hub(), found, before, actor().login or "ghost")
    return answer


def _backend(found: Repository, rest: str) -> Response:
    body = request.get_data()
    environment = {
        **ENVIRONMENT,
        "GIT_PROJECT_ROOT": str(hub().root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{hub().git(found).path.name}/{rest}",
        "QUERY_STRING": request.query_string.decode(),
        "REQUEST_METHOD": request.method,
        "REMOTE_USER": actor().login or "",
        "REMOTE_ADDR": request.remote_addr or "",
        "CONTENT_TYPE": request.content_type or "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, capture_output=True, env=environment, check=False
    )
    head, _, payload = done.stdout.partition(b"\r\n\r\n")
    if done.returncode != 0 and not head:
        raise Problem(500, done.stderr.decode(errors="replace"))
    answer = Response(payload)
    for line in head.decode().split("\r\n"):
        key, _, value = line.partition(": ")
        if key == "Status":
            answer.status = value
        else:
            answer.headers[key] = value
    return answer
