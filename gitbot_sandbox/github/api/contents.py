"""Serve files and folders at a commit, and commit single files. Shell."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gitbot_sandbox.github.actions import pushes
from gitbot_sandbox.github.context import body, hub, login, needed, repository
from gitbot_sandbox.github.entities import Repository
from gitbot_sandbox.github.gitobjects import Entry
from gitbot_sandbox.github.gitrepo import GitRepository
from gitbot_sandbox.github.problems import Problem, not_found
from gitbot_sandbox.github.shapes import commits as shapes

bp = Blueprint("contents", __name__)

REPO = "/repos/<owner>/<name>"


def _at(found: Repository) -> tuple[str, str]:
    """The ref that the query asks for, and its commit."""
    ref = request.args.get("ref") or found.default_branch
    sha = hub().git(found).resolve(ref)
    if sha is None:
        raise Problem(404, f"No commit found for the ref {ref}")
    return ref, sha


@bp.get(f"{REPO}/contents/")
@bp.get(f"{REPO}/contents")
@bp.get(f"{REPO}/contents/<path:path>")
def contents(owner: str, name: str, path: str = "") -> Response:
    """A file with its content, or a folder's entries."""
    found = repository(owner, name)
    git = hub().git(found)
    ref, sha = _at(found)
    path = path.strip("/")
    if not path:
        return jsonify([shapes.content(hub(), found, ref, e) for e in git.entries(sha)])
    entry = _entry(git, sha, path)
    if entry is None:
        raise not_found()
    if entry.kind == "tree":
        inside = git.entries(sha, f"{path}/")
        return jsonify([shapes.content(hub(), found, ref, e) for e in inside])
    return jsonify(shapes.content(hub(), found, ref, entry, git.blob(entry.sha)))


def _entry(git: GitRepository, sha: str, path: str) -> Entry | None:
    return next(iter(git.entries(sha, path)), None)


@bp.put(f"{REPO}/contents/<path:path>")
def put_contents(owner: str, name: str, path: str) -> tuple[Response, int]:
    """Create or update one file in one commit."""
    found, sent = repository(owner, name, "write"), body()
    needed(sent, "Commit", "message")
    try:
        data = base64.b64decode(sent.get("content") or "", validate=False)
    except binascii.Error as error:
        raise Problem(422, "content is not valid Base64") from error
    before = _checked_blob(found, path, sent)
    sha, branch = _commit(found, path, data, sent)
    entry = _entry(hub().git(found), sha, path)
    shape = _file_commit(found, sha)
    shape["content"] = shapes.content(hub(), found, branch, entry) if entry else None
    return jsonify(shape), 200 if before else 201


@bp.delete(f"{REPO}/contents/<path:path>")
def delete_contents(owner: str, name: str, path: str) -> Response:
    """Delete one file in one commit."""
    found = repository(owner, name, "write")
    sent = {**request.args.to_dict(), **body()}
    needed(sent, "Commit", "message", "sha")
    if _checked_blob(found, path, sent) is None:
        raise not_found()
    sha, _ = _commit(found, path, None, sent)
    return jsonify({**_file_commit(found, sha), "content": None})


def _checked_blob(found: Repository, path: str, sent: dict[str, Any]) -> str | None:
    """The blob at the path now, if it is the one that the caller names."""
    git = hub().git(found)
    tip = git.branch(sent.get("branch") or found.default_branch)
    entry = _entry(git, tip, path) if tip else None
    given = sent.get("sha")
    if entry is None:
        return None
    if not given:
        raise Problem(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if given != entry.sha:
        raise Problem(409, f"{path} does not match {given}")
    return entry.sha


def _commit(
    found: Repository, path: str, data: bytes | None, sent: dict[str, Any]
) -> tuple[str, str]:
    branch = sent.get("branch") or found.default_branch
    git = hub().git(found)
    if git.branch(branch) is None and git.refs("refs/heads/"):
        raise Problem(404, f"Branch {branch} not found")
    sha = pushes.commit_files(
        hub(), found, branch, {path: data}, login=login(), message=sent["message"]
    )
    return sha, branch


def _file_commit(found: Repository, sha: str) -> dict[str, Any]:
    return {"commit": shapes.git_commit(hub(), found, hub().git(found).commit(sha))}
