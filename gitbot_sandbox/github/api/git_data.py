"""Refs, branches, commits, compare and file contents. Shell."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gitbot_sandbox.github.actions import pushes
from gitbot_sandbox.github.api.context import (
    body,
    commit_of,
    hub,
    login,
    needed,
    page,
    repository,
)
from gitbot_sandbox.github.gitrepo import EMPTY_TREE, ZERO, Entry, GitRepository
from gitbot_sandbox.github.problems import Problem, not_found
from gitbot_sandbox.github.shapes import commits as shapes
from gitbot_sandbox.github.shapes.repositories import api, html
from gitbot_sandbox.github.store import Repository

bp = Blueprint("git_data", __name__)

REPO = "/repos/<owner>/<name>"


@bp.get(f"{REPO}/branches")
def branches(owner: str, name: str) -> Response:
    """All branches, by name."""
    found = repository(owner, name)
    refs = hub().git(found).refs("refs/heads/")
    return page(
        sorted(refs),
        lambda r: shapes.short_branch(hub(), found, r.removeprefix("refs/heads/"), refs[r]),
    )


@bp.get(f"{REPO}/branches/<path:branch>")
def branch(owner: str, name: str, branch: str) -> Response:
    """One branch."""
    found = repository(owner, name)
    git = hub().git(found)
    sha = git.branch(branch)
    if sha is None:
        raise Problem(404, "Branch not found")
    return jsonify(shapes.branch(hub(), found, branch, git.commit(sha)))


@bp.get(f"{REPO}/commits")
def commits(owner: str, name: str) -> Response:
    """The history of ``sha`` (a branch or commit), newest first, of one ``path`` if given."""
    found = repository(owner, name)
    git = hub().git(found)
    start = request.args.get("sha") or found.default_branch
    sha = git.resolve(start)
    if sha is None:
        raise not_found()
    listed = git.log(sha, path=request.args.get("path", ""))
    return page(listed, lambda c: shapes.commit(hub(), found, c))


@bp.get(f"{REPO}/commits/<path:ref>")
def commit(owner: str, name: str, ref: str) -> Response:
    """One commit with its files."""
    found = repository(owner, name)
    git = hub().git(found)
    one = git.commit(commit_of(found, ref))
    files = git.diff(one.parents[0] if one.parents else EMPTY_TREE, one.sha)
    return jsonify(shapes.commit_with_files(hub(), found, one, files))


@bp.get(f"{REPO}/git/commits/<sha>")
def git_commit(owner: str, name: str, sha: str) -> Response:
    """One commit object."""
    found = repository(owner, name)
    git = hub().git(found)
    if git.kind(sha) != "commit":
        raise not_found()
    return jsonify(shapes.git_commit(hub(), found, git.commit(sha)))


@bp.get(f"{REPO}/compare/<path:basehead>")
def compare(owner: str, name: str, basehead: str) -> Response:
    """``base...head``: what the head has that the base has not."""
    found = repository(owner, name)
    git = hub().git(found)
    left, dots, right = basehead.partition("...")
    base, head = git.resolve(left), git.resolve(right)
    if not dots or base is None or head is None:
        raise not_found()
    start = git.merge_base(base, head)
    if start is None:
        raise Problem(404, f"No common ancestor between {left} and {right}.")
    ahead, behind = git.ahead_behind(base, head)
    page_url = f"{html(hub(), found)}/compare/{left}...{right}"
    listed = git.log("--reverse", f"{base}..{head}")
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    return jsonify(
        {
            "url": f"{api(hub(), found)}/compare/{left}...{right}",
            "html_url": page_url,
            "permalink_url": f"{html(hub(), found)}/compare/{base}...{head}",
            "diff_url": f"{page_url}.diff",
            "patch_url": f"{page_url}.patch",
            "base_commit": shapes.commit(hub(), found, git.commit(base)),
            "merge_base_commit": shapes.commit(hub(), found, git.commit(start)),
            "status": status.get((ahead > 0, behind > 0), "identical"),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "commits": [shapes.commit(hub(), found, c) for c in listed],
            "files": [shapes.file_diff(hub(), found, head, f) for f in git.diff(start, head)],
        }
    )


# --- refs ---


def _shown_ref(found: Repository, git: GitRepository, full: str, sha: str) -> dict[str, Any]:
    return shapes.ref(hub(), found, full, sha, git.kind(sha) or "commit")


@bp.get(f"{REPO}/git/ref/<path:ref>")
def get_ref(owner: str, name: str, ref: str) -> Response:
    """One ref, ``heads/main``."""
    found = repository(owner, name)
    git = hub().git(found)
    full = f"refs/{ref}"
    sha = git.refs(full).get(full)
    if sha is None:
        raise not_found()
    return jsonify(_shown_ref(found, git, full, sha))


@bp.get(f"{REPO}/git/matching-refs/<path:ref>")
def matching_refs(owner: str, name: str, ref: str) -> Response:
    """The refs that begin with this."""
    found = repository(owner, name)
    git = hub().git(found)
    refs = {n: s for n, s in git.refs().items() if n.startswith(f"refs/{ref}")}
    return page(sorted(refs), lambda n: _shown_ref(found, git, n, refs[n]))


@bp.post(f"{REPO}/git/refs")
def create_ref(owner: str, name: str) -> tuple[Response, int]:
    """Make a branch or tag."""
    found, sent = repository(owner, name, "write"), body()
    needed(sent, "Reference", "ref", "sha")
    git, ref, sha = hub().git(found), str(sent["ref"]), str(sent["sha"])
    if not ref.startswith(("refs/heads/", "refs/tags/")):
        raise Problem(422, "Reference name must start with 'refs/' and have at least two slashes.")
    if git.kind(sha) is None:
        raise Problem(422, "Object does not exist")
    if ref in git.refs(ref):
        raise Problem(422, "Reference already exists")
    git.update_ref(ref, sha, ZERO)
    pushes.ref_moved(hub(), found, ref, ZERO, sha, login())
    return jsonify(_shown_ref(found, git, ref, sha)), 201


@bp.patch(f"{REPO}/git/refs/<path:ref>")
def update_ref(owner: str, name: str, ref: str) -> Response:
    """Move a ref; only forward unless ``force``."""
    found, sent = repository(owner, name, "write"), body()
    needed(sent, "Reference", "sha")
    git, full, sha = hub().git(found), f"refs/{ref}", str(sent["sha"])
    old = git.refs(full).get(full)
    if old is None:
        raise Problem(422, "Reference does not exist")
    if git.kind(sha) is None:
        raise Problem(422, "Object does not exist")
    if not sent.get("force") and not git.is_ancestor(old, sha):
        raise Problem(422, "Update is not a fast forward")
    if old != sha:
        git.update_ref(full, sha, old)
        pushes.ref_moved(hub(), found, full, old, sha, login())
    return jsonify(_shown_ref(found, git, full, sha))


@bp.delete(f"{REPO}/git/refs/<path:ref>")
def delete_ref(owner: str, name: str, ref: str) -> tuple[str, int]:
    """Remove a branch or tag."""
    found = repository(owner, name, "write")
    git, full = hub().git(found), f"refs/{ref}"
    old = git.refs(full).get(full)
    if old is None or not full.startswith(("refs/heads/", "refs/tags/")):
        raise Problem(422, "Reference does not exist")
    git.delete_ref(full)
    pushes.ref_moved(hub(), found, full, old, ZERO, login())
    return "", 204


# --- contents ---


def _at(found: Repository) -> tuple[str, str]:
    """The ref that contents are read at, and its commit."""
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
    """Remove one file in one commit."""
    found = repository(owner, name, "write")
    sent = {**request.args.to_dict(), **body()}
    needed(sent, "Commit", "message", "sha")
    if _checked_blob(found, path, sent) is None:
        raise not_found()
    sha, _ = _commit(found, path, None, sent)
    return jsonify({**_file_commit(found, sha), "content": None})


def _checked_blob(found: Repository, path: str, sent: dict[str, Any]) -> str | None:
    """The blob that is there now, if it is the one that the caller knows."""
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
