"""Move refs, by git push or through the API, and report that to webhooks. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from gitbot_sandbox.github.actions import pulls
from gitbot_sandbox.github.entities import Repository
from gitbot_sandbox.github.events import emit
from gitbot_sandbox.github.gitobjects import Commit, Person, timestamp
from gitbot_sandbox.github.gitrepo import EMPTY_TREE, ZERO, GitRepository
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem
from gitbot_sandbox.github.shapes.common import Json, when
from gitbot_sandbox.github.shapes.repositories import html

MAX_COMMITS = 2048


def visible_refs(git: GitRepository) -> dict[str, str]:
    """Branches and tags with their commits."""
    return {**git.refs("refs/heads/"), **git.refs("refs/tags/")}


def refs_moved(hub: Hub, repository: Repository, before: Mapping[str, str], pusher: str) -> None:
    """Send push events for refs that differ from ``before``, and update the pull requests."""
    after = visible_refs(hub.git(repository))
    for ref in sorted({*before, *after}):
        old, new = before.get(ref, ZERO), after.get(ref, ZERO)
        if old != new:
            ref_moved(hub, repository, ref, old, new, pusher)


def ref_moved(hub: Hub, repository: Repository, ref: str, old: str, new: str, pusher: str) -> None:
    """Report that a ref moved. ``old`` ZERO means that it was created, ``new`` ZERO deleted."""
    repository.pushed_at = hub.now()
    emit(hub, repository, "push", _payload(hub, repository, ref, old, new, pusher), pusher)
    if ref.startswith("refs/heads/"):
        pulls.branch_moved(hub, repository, ref.removeprefix("refs/heads/"), new, pusher)


def _payload(hub: Hub, repository: Repository, ref: str, old: str, new: str, pusher: str) -> Json:
    git = hub.git(repository)
    created, deleted = old == ZERO, new == ZERO
    commits: list[Commit] = []
    if not deleted and ref.startswith("refs/heads/"):
        others = [n for n in git.refs("refs/heads/") if n != ref] if created else []
        hidden = ["--not", *others] if others else []
        span = new if created else f"{old}..{new}"
        commits = git.log("--reverse", f"--max-count={MAX_COMMITS}", span, *hidden)
    head = None if deleted else git.commit(git.resolve(new) or new)
    kept = not created and not deleted
    return {
        "ref": ref,
        "before": old,
        "after": new,
        "created": created,
        "deleted": deleted,
        "forced": kept and not git.is_ancestor(old, new),
        "base_ref": None,
        "compare": f"{html(hub, repository)}/compare/{old[:12]}...{new[:12]}",
        "commits": [_commit(hub, repository, git, c) for c in commits],
        "head_commit": _commit(hub, repository, git, head) if head else None,
        "pusher": {"name": pusher, "email": hub.user(pusher).email},
    }


def _commit(hub: Hub, repository: Repository, git: GitRepository, found: Commit) -> Json:
    files = git.diff(found.parents[0] if found.parents else EMPTY_TREE, found.sha)
    return {
        "id": found.sha,
        "tree_id": found.tree,
        "distinct": True,
        "message": found.message,
        "timestamp": when(timestamp(found.committer.date or "").astimezone(UTC)),
        "url": f"{html(hub, repository)}/commit/{found.sha}",
        "author": _who(hub, found.author),
        "committer": _who(hub, found.committer),
        "added": [f.filename for f in files if f.status in ("added", "renamed")],
        "removed": [f.filename for f in files if f.status == "removed"]
        + [f.previous for f in files if f.previous],
        "modified": [f.filename for f in files if f.status in ("modified", "changed")],
    }


def _who(hub: Hub, person: Person) -> Json:
    shape: Json = {"name": person.name, "email": person.email}
    found = hub.user_of_email(person.email)
    if found:
        shape["username"] = found.login
    return shape


def commit_files(
    hub: Hub,
    repository: Repository,
    branch: str,
    changes: Mapping[str, bytes | None],
    *,
    login: str,
    message: str,
    start: str | None = None,
) -> str:
    """Commit files to a branch as a user; returns the hash. A file of None is removed.

    A branch that does not exist begins at ``start``, or else at the default branch.
    """
    if any(leaves_the_tree(path) for path in changes):
        raise Problem(422, "path contains a malformed path component")
    git = hub.git(repository)
    old = git.branch(branch)
    parent = old or (git.resolve(start) if start else git.branch(repository.default_branch))
    if start and parent is None:
        raise Problem(404, f"Branch {start} not found")
    tree = git.write_files(parent or EMPTY_TREE, changes)
    author = hub.person(login)
    sha = git.write_commit(
        tree=tree, parents=[parent] if parent else [], message=message, author=author
    )
    git.update_ref(f"refs/heads/{branch}", sha, old or ZERO)
    ref_moved(hub, repository, f"refs/heads/{branch}", old or ZERO, sha, login)
    return sha


def leaves_the_tree(path: str) -> bool:
    """Whether a part of the path is one that git allows in no tree."""
    return any(part.lower() in ("", ".", "..", ".git") for part in path.split("/"))
