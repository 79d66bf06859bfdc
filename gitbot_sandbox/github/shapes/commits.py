"""Show commits, files, refs and statuses as JSON. Pure apart from git reads."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from gitbot_sandbox.github.gitobjects import Commit, Entry, FileDiff, Person, timestamp
from gitbot_sandbox.github.shapes.common import Json, node_id, user, when
from gitbot_sandbox.github.shapes.repositories import api, html, minimal

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import Repository, Status
    from gitbot_sandbox.github.hub import Hub

UNVERIFIED: Json = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def _person(person: Person) -> Json:
    date = when(timestamp(person.date or "").astimezone(UTC))
    return {"name": person.name, "email": person.email, "date": date}


def _who(hub: Hub, person: Person) -> Json | None:
    found = hub.user_of_email(person.email)
    return user(hub, found.login) if found else None


def git_commit(hub: Hub, repository: Repository, commit: Commit) -> Json:
    """The commit object as the Git database API shows it."""
    url, page = api(hub, repository), html(hub, repository)
    return {
        "sha": commit.sha,
        "node_id": base64.b64encode(f"Commit:{commit.sha}".encode()).decode(),
        "url": f"{url}/git/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "author": _person(commit.author),
        "committer": _person(commit.committer),
        "tree": {"url": f"{url}/git/trees/{commit.tree}", "sha": commit.tree},
        "message": commit.message,
        "parents": [
            {
                "sha": parent,
                "url": f"{url}/git/commits/{parent}",
                "html_url": f"{page}/commit/{parent}",
            }
            for parent in commit.parents
        ],
        "verification": UNVERIFIED,
    }


def commit(hub: Hub, repository: Repository, found: Commit) -> Json:
    """The commit as the repository API shows it, without its files."""
    url, page = api(hub, repository), html(hub, repository)
    git = git_commit(hub, repository, found)
    return {
        "sha": found.sha,
        "node_id": git["node_id"],
        "commit": {
            "author": git["author"],
            "committer": git["committer"],
            "message": found.message,
            "tree": git["tree"],
            "url": git["url"],
            "comment_count": 0,
            "verification": UNVERIFIED,
        },
        "url": f"{url}/commits/{found.sha}",
        "html_url": f"{page}/commit/{found.sha}",
        "comments_url": f"{url}/commits/{found.sha}/comments",
        "author": _who(hub, found.author),
        "committer": _who(hub, found.committer),
        "parents": [
            {
                "sha": parent,
                "url": f"{url}/commits/{parent}",
                "html_url": f"{page}/commit/{parent}",
            }
            for parent in found.parents
        ],
    }


def commit_with_files(
    hub: Hub, repository: Repository, found: Commit, files: Sequence[FileDiff]
) -> Json:
    """The commit with its files and their counts."""
    added, deleted = sum(f.additions for f in files), sum(f.deletions for f in files)
    return {
        **commit(hub, repository, found),
        "stats": {"additions": added, "deletions": deleted, "total": added + deleted},
        "files": [file_diff(hub, repository, found.sha, f) for f in files],
    }


def file_diff(hub: Hub, repository: Repository, sha: str, found: FileDiff) -> Json:
    """One changed file."""
    page, path = html(hub, repository), urllib.parse.quote(found.filename)
    shape: Json = {
        "sha": found.blob,
        "filename": found.filename,
        "status": found.status,
        "additions": found.additions,
        "deletions": found.deletions,
        "changes": found.additions + found.deletions,
        "blob_url": f"{page}/blob/{sha}/{path}",
        "raw_url": f"{page}/raw/{sha}/{path}",
        "contents_url": f"{api(hub, repository)}/contents/{path}?ref={sha}",
    }
    if found.patch is not None:
        shape["patch"] = found.patch
    if found.previous is not None:
        shape["previous_filename"] = found.previous
    return shape


def branch(hub: Hub, repository: Repository, name: str, found: Commit) -> Json:
    """One branch with its newest commit."""
    url = f"{api(hub, repository)}/branches/{name}"
    return {
        "name": name,
        "commit": commit(hub, repository, found),
        "_links": {"self": url, "html": f"{html(hub, repository)}/tree/{name}"},
        "protected": False,
        "protection": {
            "enabled": False,
            "required_status_checks": {
                "enforcement_level": "off",
                "contexts": [],
                "checks": [],
            },
        },
        "protection_url": f"{url}/protection",
    }


def short_branch(hub: Hub, repository: Repository, name: str, sha: str) -> Json:
    """One branch as lists show it."""
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{api(hub, repository)}/commits/{sha}"},
        "protected": False,
    }


def ref(hub: Hub, repository: Repository, name: str, sha: str, kind: str) -> Json:
    """A git ref by its full name."""
    url = api(hub, repository)
    folder = "tags" if kind == "tag" else "commits"
    return {
        "ref": name,
        "node_id": base64.b64encode(f"Ref:{name}".encode()).decode(),
        "url": f"{url}/git/{name}",
        "object": {"type": kind, "sha": sha, "url": f"{url}/git/{folder}/{sha}"},
    }


def tree(hub: Hub, repository: Repository, sha: str, entries: Sequence[Entry]) -> Json:
    """A tree and its entries, as the Git database API shows them."""
    url = f"{api(hub, repository)}/git"
    return {
        "sha": sha,
        "url": f"{url}/trees/{sha}",
        "truncated": False,
        "tree": [
            {
                "path": entry.path,
                "mode": entry.mode,
                "type": entry.kind,
                "sha": entry.sha,
                "url": f"{url}/{entry.kind}s/{entry.sha}",
                **({} if entry.size is None else {"size": entry.size}),
            }
            for entry in entries
        ],
    }


def content(
    hub: Hub, repository: Repository, at: str, entry: Entry, data: bytes | None = None
) -> Json:
    """A file or folder at a ref; with ``data``, a file with its content."""
    path = urllib.parse.quote(entry.path)
    url = f"{api(hub, repository)}/contents/{path}?ref={at}"
    kind = {"tree": "dir", "blob": "file", "commit": "submodule"}[entry.kind]
    kind = "symlink" if entry.mode == "120000" else kind
    page = f"{html(hub, repository)}/{'tree' if kind == 'dir' else 'blob'}/{at}/{path}"
    git_url = f"{api(hub, repository)}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.sha}"
    raw = f"{html(hub, repository)}/raw/{at}/{path}" if kind == "file" else None
    shape: Json = {
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": url,
        "html_url": page,
        "git_url": git_url,
        "download_url": raw,
        "type": kind,
        "_links": {"self": url, "git": git_url, "html": page},
    }
    if data is not None:
        shape["content"] = base64.encodebytes(data).decode()
        shape["encoding"] = "base64"
    return shape


def status(hub: Hub, repository: Repository, found: Status) -> Json:
    """One commit status."""
    shape = simple_status(hub, repository, found)
    return {**shape, "creator": user(hub, found.creator)}


def simple_status(hub: Hub, repository: Repository, found: Status) -> Json:
    """One commit status without its creator."""
    return {
        "url": f"{api(hub, repository)}/statuses/{found.sha}",
        "avatar_url": user(hub, found.creator)["avatar_url"],
        "id": found.id,
        "node_id": node_id("Status", found.id),
        "state": found.state,
        "description": found.description,
        "target_url": found.target_url,
        "context": found.context,
        "created_at": when(found.created_at),
        "updated_at": when(found.created_at),
    }


def combined_status(hub: Hub, repository: Repository, sha: str, newest: Sequence[Status]) -> Json:
    """The newest status of each context on a commit, and their combined state."""
    url = f"{api(hub, repository)}/commits/{sha}"
    return {
        "state": combined_state(newest),
        "sha": sha,
        "total_count": len(newest),
        "statuses": [simple_status(hub, repository, s) for s in newest],
        "repository": minimal(hub, repository),
        "commit_url": url,
        "url": f"{url}/status",
    }


def combined_state(newest: Sequence[Status]) -> str:
    """``failure`` if any failed, ``success`` if all passed, else ``pending``."""
    states = {s.state for s in newest}
    if states & {"failure", "error"}:
        return "failure"
    return "success" if states == {"success"} else "pending"
