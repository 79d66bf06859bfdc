"""Show users, dates and node ids as GitHub does. Pure."""

from __future__ import annotations

import base64
import urllib.parse
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import Repository, User
    from gitbot_sandbox.github.hub import Hub

Json: TypeAlias = dict[str, Any]

GHOST_ID = 10137


def when(instant: datetime) -> str:
    """The instant as text, to the second as on GitHub."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe(instant: datetime | None) -> str | None:
    """The instant as text, or null."""
    return None if instant is None else when(instant)


def node_id(kind: str, id_: int) -> str:
    """The node id of an entity, which callers must not take apart."""
    return base64.b64encode(f"{kind}:{id_}".encode()).decode()


def user(hub: Hub, login: str) -> Json:
    """The user as most answers show it; a deleted account is ``ghost``."""
    found = hub.store.user(login)
    name = found.login if found else "ghost"
    id_ = found.id if found else GHOST_ID
    url = f"{hub.api_url}/users/{urllib.parse.quote(name)}"
    page = f"apps/{name.removesuffix('[bot]')}" if name.endswith("[bot]") else name
    return {
        "login": name,
        "id": id_,
        "node_id": node_id("User", id_),
        "avatar_url": f"{hub.base_url}/_sandbox/avatars/{id_}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{hub.base_url}/{page}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": found.kind if found else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def full_user(hub: Hub, found: User) -> Json:
    """The user with the public profile."""
    repositories = [r for r in hub.store.repositories.values() if r.owner == found.login]
    return {
        **user(hub, found.login),
        "name": found.name or None,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": sum(1 for r in repositories if not r.private),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": when(found.created_at),
        "updated_at": when(found.created_at),
    }


def private_user(hub: Hub, found: User) -> Json:
    """The user as the API shows it to that user."""
    return {
        **full_user(hub, found),
        "email": found.email,
        "private_gists": 0,
        "total_private_repos": 0,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
    }


def association(hub: Hub, repository: Repository, login: str) -> str:
    """How the login is associated with the repository: owner, member and so on."""
    if login.lower() == repository.owner.lower():
        return "OWNER"
    owner = hub.store.user(repository.owner)
    if owner and login.lower() in {m.lower() for m in owner.members}:
        return "MEMBER"
    if login.lower() in {k.lower() for k in repository.permissions}:
        return "COLLABORATOR"
    merged = (p for p in repository.pulls.values() if p.merged_at)
    if any(repository.issues[p.number].author.lower() == login.lower() for p in merged):
        return "CONTRIBUTOR"
    return "NONE"
