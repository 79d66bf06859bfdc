"""Show GitHub Apps and their installations as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot_sandbox.github.shapes.common import Json, node_id, user, when

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import App
    from gitbot_sandbox.github.hub import Hub

EVENTS = (
    "check_run",
    "deployment",
    "deployment_status",
    "issue_comment",
    "issues",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "push",
)

EVENT_PERMISSIONS = {
    "check_run": "checks",
    "check_suite": "checks",
    "deployment": "deployments",
    "deployment_status": "deployments",
    "issue_comment": "issues",
    "issues": "issues",
    "merge_group": "merge_queues",
    "pull_request": "pull_requests",
    "pull_request_review": "pull_requests",
    "push": "contents",
    "repository": "metadata",
}
"""Which permission an App must have to be told of an event, by event."""


def app(hub: Hub, found: App) -> Json:
    """The App as the API shows it."""
    return {
        "id": found.id,
        "slug": found.slug,
        "node_id": node_id("App", found.id),
        "client_id": found.client_id,
        "owner": user(hub, found.account),
        "name": found.name,
        "description": None,
        "external_url": hub.base_url,
        "html_url": f"{hub.base_url}/apps/{found.slug}",
        "created_at": when(found.created_at),
        "updated_at": when(found.created_at),
        "permissions": dict(found.permissions),
        "events": list(EVENTS),
    }


def installation(hub: Hub, found: App) -> Json:
    """The App's installation on all repositories of its account."""
    account = user(hub, found.account)
    return {
        "id": found.installation_id,
        "account": account,
        "repository_selection": "all",
        "access_tokens_url": (
            f"{hub.api_url}/app/installations/{found.installation_id}/access_tokens"
        ),
        "repositories_url": f"{hub.api_url}/installation/repositories",
        "html_url": f"{hub.base_url}/settings/installations/{found.installation_id}",
        "app_id": found.id,
        "app_slug": found.slug,
        "target_id": account["id"],
        "target_type": account["type"],
        "permissions": dict(found.permissions),
        "events": list(EVENTS),
        "created_at": when(found.created_at),
        "updated_at": when(found.created_at),
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }
