"""Show issues, comments and reactions as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot_sandbox.github.shapes import apps
from gitbot_sandbox.github.shapes.common import Json, association, maybe, node_id, user, when
from gitbot_sandbox.github.shapes.repositories import api, html, label

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import Comment, Issue, Reaction, Repository
    from gitbot_sandbox.github.hub import Hub

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def page(hub: Hub, repository: Repository, number: int) -> str:
    """The address of the page of an issue or pull request."""
    kind = "pull" if number in repository.pulls else "issues"
    return f"{html(hub, repository)}/{kind}/{number}"


def _rollup(url: str, reactions: list[Reaction]) -> Json:
    return {
        "url": f"{url}/reactions",
        "total_count": len(reactions),
        **{name: sum(1 for r in reactions if r.content == name) for name in REACTIONS},
    }


def _app(hub: Hub, app_id: int | None) -> Json | None:
    app = hub.store.apps.get(app_id or 0)
    return apps.app(hub, app) if app else None


def issue(hub: Hub, repository: Repository, found: Issue) -> Json:
    """An issue as the API shows it; a pull request's issue has ``pull_request`` in it."""
    root = api(hub, repository)
    url = f"{root}/issues/{found.number}"
    return {
        "id": found.id,
        "node_id": node_id("Issue", found.id),
        "url": url,
        "repository_url": root,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": page(hub, repository, found.number),
        "number": found.number,
        "state": found.state,
        "state_reason": found.state_reason,
        **described(hub, repository, found),
        "comments": sum(1 for c in repository.comments.values() if c.number == found.number),
        "closed_by": user(hub, found.closed_by) if found.closed_by else None,
        "performed_via_github_app": _app(hub, found.app_id),
        "reactions": _rollup(url, []),
        **_of_pull(hub, repository, found.number),
    }


def described(hub: Hub, repository: Repository, found: Issue) -> Json:
    """The fields that an issue and a pull request have in common."""
    people = [user(hub, login) for login in found.assignees]
    return {
        "title": found.title,
        "body": found.body,
        "user": user(hub, found.author),
        "author_association": association(hub, repository, found.author),
        "labels": [
            label(hub, repository, repository.labels[name])
            for name in found.labels
            if name in repository.labels
        ],
        "assignee": people[0] if people else None,
        "assignees": people,
        "milestone": None,
        "locked": found.locked,
        "active_lock_reason": found.lock_reason,
        "created_at": when(found.created_at),
        "updated_at": when(found.updated_at),
        "closed_at": maybe(found.closed_at),
    }


def _of_pull(hub: Hub, repository: Repository, number: int) -> Json:
    """The ``pull_request`` field, which an issue has if it is a pull request."""
    pull = repository.pulls.get(number)
    if pull is None:
        return {}
    address = page(hub, repository, number)
    return {
        "draft": pull.draft,
        "pull_request": {
            "url": f"{api(hub, repository)}/pulls/{number}",
            "html_url": address,
            "diff_url": f"{address}.diff",
            "patch_url": f"{address}.patch",
            "merged_at": maybe(pull.merged_at),
        },
    }


def webhook_issue(hub: Hub, repository: Repository, found: Issue) -> Json:
    """An issue as deliveries show it, without ``closed_by``."""
    shape = issue(hub, repository, found)
    del shape["closed_by"]
    return shape


def comment(hub: Hub, repository: Repository, found: Comment) -> Json:
    """A comment as the API shows it."""
    root = api(hub, repository)
    url = f"{root}/issues/comments/{found.id}"
    return {
        "id": found.id,
        "node_id": node_id("IssueComment", found.id),
        "url": url,
        "html_url": f"{page(hub, repository, found.number)}#issuecomment-{found.id}",
        "issue_url": f"{root}/issues/{found.number}",
        "body": found.body,
        "user": user(hub, found.author),
        "created_at": when(found.created_at),
        "updated_at": when(found.updated_at),
        "author_association": association(hub, repository, found.author),
        "performed_via_github_app": _app(hub, found.app_id),
        "reactions": _rollup(url, found.reactions),
    }


def reaction(hub: Hub, found: Reaction) -> Json:
    """A reaction as the API shows it."""
    return {
        "id": found.id,
        "node_id": node_id("Reaction", found.id),
        "user": user(hub, found.login),
        "content": found.content,
        "created_at": when(found.created_at),
    }
