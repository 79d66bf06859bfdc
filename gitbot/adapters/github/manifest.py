"""Says what gitbot's GitHub App may do and what it hears, as GitHub's manifest. Pure.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

from typing import Any, Final

PERMISSIONS: Final = {
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "members": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "write",
}
"""What the App may do. ``members`` is read for the teams that an environment names, ``contents`` is
written for gitbot's own pull requests: promotions, adopted drift, the files of expired stacks."""

EVENTS: Final = (
    "check_run",
    "check_suite",
    "issue_comment",
    "issues",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "push",
)
"""What GitHub tells the App."""


def manifest(*, name: str, server_url: str, redirect_url: str) -> dict[str, Any]:
    """The manifest of an App called ``name`` for the server at ``server_url``.

    GitHub sends the browser to ``redirect_url`` once the App is there.
    """
    return {
        "name": name,
        "url": server_url,
        "description": "Plans and applies the specs of this repository.",
        "hook_attributes": {"url": f"{server_url.rstrip('/')}/webhook", "active": True},
        "redirect_url": redirect_url,
        "public": False,
        "default_permissions": dict(PERMISSIONS),
        "default_events": list(EVENTS),
    }
