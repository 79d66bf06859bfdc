"""Serve the Git database: trees and commits as objects, and refs. Shell."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from gitbot_sandbox.github.actions import pushes
from gitbot_sandbox.github.context import body, hub, login, needed, page, repository
from gitbot_sandbox.github.entities import Repository
from gitbot_sandbox.github.gitobjects import Person, TreeChange
from gitbot_sandbox.github.gitrepo import EMPTY_TREE, ZERO, GitRepository
from gitbot_sandbox.github.problems import Problem, not_found
from gitbot_sandbox.github.shapes import commits as shapes

bp = Blueprint("git_data", __name__)

REPO = "/repos/<owner>/<name>"
MODES = ("100644", "100755", "040000", "160000", "120000")


# --- trees ---


@bp.post(f"{REPO}/git/trees")
def create_tree(owner: str, name: str) -> tuple[Response, int]:
    """Make a tree from another tree and changed entries. No ref moves."""
    found, sent = repository(owner, name, "write"), body()
    login()
    git, base = hub().git(found), str(sent.get("base_tree") or EMPTY_TREE)
    if base != EMPTY_TREE and git.kind(base) not in ("tree", "commit"):
        raise Problem(422, "base_tree is not a valid tree oid")
    entries = sent.get("tree")
    if not isinstance(entries, list) or not entries:
        raise Problem(422, "Invalid tree info")
    tree = git.write_tree(base, [_tree_change(git, base, entry) for entry in entries])
    return jsonify(shapes.tree(hub(), found, tree, git.entries(tree))), 201


def _tree_change(git: GitRepository, base: str, entry: dict[str, Any]) -> TreeChange:
    """One entry of a new tree. Raises Problem 422 as GitHub does."""
    path, mode, sha = str(entry.get("path") or ""), entry.get("mode"), entry.get("sha")
    if pushes.leaves_the_tree(path):
        raise Problem(422, "tree.path contains a malformed path component")
    if mode not in MODES:
        raise Problem(422, "Must supply a valid tree.mode")
    if "content" in entry:
        return TreeChange(path=path, mode=mode, sha=git.write_blob(entry["content"].encode()))
    if sha is None and "sha" in entry:
        if not git.entries(base, path):
            raise Problem(422, "GitRPC::BadObjectState")
        return TreeChange(path=path, mode=mode, sha=None)
    if sha is None or git.kind(sha) is None:
        raise Problem(422, f"tree.sha {sha} is not a valid blob")
    return TreeChange(path=path, mode=mode, sha=sha)


# --- commits ---


@bp.post(f"{REPO}/git/commits")
def create_commit(owner: str, name: str) -> tuple[Response, int]:
    """Make a commit object. No ref moves. Without an author, the caller is the author."""
    found, sent = repository(owner, name, "write"), body()
    needed(sent, "Commit", "message", "tree")
    git, parents = hub().git(found), [str(parent) for parent in sent.get("parents") or ()]
    if git.kind(str(sent["tree"])) != "tree":
        raise Problem(422, "Tree SHA does not exist")
    if any(git.kind(parent) != "commit" for parent in parents):
        raise Problem(422, "Parent SHA does not exist or is not a commit object")
    author = _person(sent.get("author")) or hub().person(login())
    made = git.write_commit(
        tree=sent["tree"],
        parents=parents,
        message=sent["message"],
        author=author,
        committer=_person(sent.get("committer")),
    )
    return jsonify(shapes.git_commit(hub(), found, git.commit(made))), 201


def _person(sent: dict[str, str] | None) -> Person | None:
    return Person(name=sent["name"], email=sent["email"], date=sent.get("date")) if sent else None


@bp.get(f"{REPO}/git/commits/<sha>")
def git_commit(owner: str, name: str, sha: str) -> Response:
    """One commit object."""
    found = repository(owner, name)
    git = hub().git(found)
    if git.kind(sha) != "commit":
        raise not_found()
    return jsonify(shapes.git_commit(hub(), found, git.commit(sha)))


# --- refs ---


def _shown_ref(found: Repository, git: GitRepository, full: str, sha: str) -> dict[str, Any]:
    return shapes.ref(hub(), found, full, sha, git.kind(sha) or "commit")


@bp.get(f"{REPO}/git/ref/<path:ref>")
def get_ref(owner: str, name: str, ref: str) -> Response:
    """One ref, such as ``heads/main``."""
    found = repository(owner, name)
    git = hub().git(found)
    full = f"refs/{ref}"
    sha = git.refs(full).get(full)
    if sha is None:
        raise not_found()
    return jsonify(_shown_ref(found, git, full, sha))


@bp.get(f"{REPO}/git/matching-refs/<path:ref>")
def matching_refs(owner: str, name: str, ref: str) -> Response:
    """The refs that begin with ``ref``."""
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
    """Move a ref; without ``force``, only forward."""
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
    """Delete a branch or tag."""
    found = repository(owner, name, "write")
    git, full = hub().git(found), f"refs/{ref}"
    old = git.refs(full).get(full)
    if old is None or not full.startswith(("refs/heads/", "refs/tags/")):
        raise Problem(422, "Reference does not exist")
    git.delete_ref(full)
    pushes.ref_moved(hub(), found, full, old, ZERO, login())
    return "", 204
