"""Show repositories, labels and permissions as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot_sandbox.github.access import Actor, at_least, coarse, role
from gitbot_sandbox.github.shapes.common import Json, node_id, user, when

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import Label, Repository
    from gitbot_sandbox.github.hub import Hub

_LINKS = {
    "forks": "/forks",
    "keys": "/keys{/key_id}",
    "collaborators": "/collaborators{/collaborator}",
    "teams": "/teams",
    "hooks": "/hooks",
    "issue_events": "/issues/events{/number}",
    "events": "/events",
    "assignees": "/assignees{/user}",
    "branches": "/branches{/branch}",
    "tags": "/tags",
    "blobs": "/git/blobs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "git_refs": "/git/refs{/sha}",
    "trees": "/git/trees{/sha}",
    "statuses": "/statuses/{sha}",
    "languages": "/languages",
    "stargazers": "/stargazers",
    "contributors": "/contributors",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "commits": "/commits{/sha}",
    "git_commits": "/git/commits{/sha}",
    "comments": "/comments{/number}",
    "issue_comment": "/issues/comments{/number}",
    "contents": "/contents/{+path}",
    "compare": "/compare/{base}...{head}",
    "merges": "/merges",
    "archive": "/{archive_format}{/ref}",
    "downloads": "/downloads",
    "issues": "/issues{/number}",
    "pulls": "/pulls{/number}",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "labels": "/labels{/name}",
    "releases": "/releases{/id}",
    "deployments": "/deployments",
}

# What no repository of a local GitHub has.
_NOTHING_YET: Json = {
    "homepage": None,
    "size": 0,
    "stargazers_count": 0,
    "watchers_count": 0,
    "language": None,
    "has_projects": False,
    "has_downloads": False,
    "has_wiki": False,
    "has_pages": False,
    "has_discussions": False,
    "mirror_url": None,
    "archived": False,
    "disabled": False,
    "license": None,
    "is_template": False,
    "web_commit_signoff_required": False,
    "topics": [],
}


def api(hub: Hub, repository: Repository) -> str:
    """The repository's address in the API."""
    return f"{hub.api_url}/repos/{repository.full_name}"


def html(hub: Hub, repository: Repository) -> str:
    """The address of the repository's page."""
    return f"{hub.base_url}/{repository.full_name}"


def clone(hub: Hub, repository: Repository) -> str:
    """The address that git clones the repository from."""
    return f"{html(hub, repository)}.git"


def minimal(hub: Hub, repository: Repository) -> Json:
    """The repository's names and links."""
    url = api(hub, repository)
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": user(hub, repository.owner),
        "html_url": html(hub, repository),
        "description": repository.description,
        "fork": repository.parent is not None,
        "url": url,
        **{f"{name}_url": url + suffix for name, suffix in _LINKS.items()},
    }


def simple(hub: Hub, repository: Repository) -> Json:
    """The repository as lists, pull requests and deliveries show it."""
    address = html(hub, repository)
    forks = sum(1 for r in hub.store.repositories.values() if r.parent == repository.id)
    issues = sum(1 for i in repository.issues.values() if i.state == "open")
    host_and_path = address.partition("//")[2]
    return {
        **minimal(hub, repository),
        "created_at": when(repository.created_at),
        "updated_at": when(repository.pushed_at),
        "pushed_at": when(repository.pushed_at),
        "git_url": f"git://{host_and_path}.git",
        "ssh_url": f"ssh://git@{host_and_path}.git",
        "clone_url": clone(hub, repository),
        "svn_url": address,
        **_NOTHING_YET,
        "has_issues": repository.has_issues,
        "forks_count": forks,
        "open_issues_count": issues,
        "allow_forking": True,
        "visibility": "private" if repository.private else "public",
        "forks": forks,
        "open_issues": issues,
        "watchers": 0,
        "default_branch": repository.default_branch,
    }


def webhook(hub: Hub, repository: Repository) -> Json:
    """The repository as deliveries show it."""
    return {**simple(hub, repository), "custom_properties": {}}


def full(hub: Hub, repository: Repository, actor: Actor) -> Json:
    """The repository, with what the caller may do in it."""
    mine = role(hub.store, repository, actor)
    shape = {
        **simple(hub, repository),
        "permissions": {
            "admin": at_least(mine, "admin"),
            "maintain": at_least(mine, "maintain"),
            "push": at_least(mine, "write"),
            "triage": at_least(mine, "triage"),
            "pull": at_least(mine, "read"),
        },
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
        "network_count": 0,
        "subscribers_count": 0,
    }
    parent = hub.store.repositories.get(repository.parent or 0)
    if parent is not None:
        shape["parent"] = shape["source"] = simple(hub, parent)
    return shape


def label(hub: Hub, repository: Repository, found: Label) -> Json:
    """A label as the API shows it."""
    return {
        "id": found.id,
        "node_id": node_id("Label", found.id),
        "url": f"{api(hub, repository)}/labels/{found.name}",
        "name": found.name,
        "color": found.color,
        "default": False,
        "description": found.description,
    }


def collaborator(hub: Hub, login: str, role_name: str) -> Json:
    """A user with their right in a repository."""
    return {
        **user(hub, login),
        "permissions": {
            "admin": at_least(role_name, "admin"),
            "maintain": at_least(role_name, "maintain"),
            "push": at_least(role_name, "write"),
            "triage": at_least(role_name, "triage"),
            "pull": at_least(role_name, "read"),
        },
        "role_name": role_name,
    }


def permission(hub: Hub, login: str, role_name: str) -> Json:
    """The answer to a question about one user's permission."""
    return {
        "permission": coarse(role_name),
        "role_name": role_name,
        "user": collaborator(hub, login, role_name),
    }
