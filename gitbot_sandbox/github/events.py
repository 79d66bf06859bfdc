"""Send events to webhooks: find the hooks and add the common parts. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gitbot_sandbox.github.shapes.common import Json, node_id, user, when
from gitbot_sandbox.github.shapes.repositories import api, webhook

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import Hook, Repository
    from gitbot_sandbox.github.hub import Hub


def _hooks(hub: Hub, repository: Repository) -> Iterator[tuple[Hook, Json]]:
    """The hooks that get the repository's events, each with what it adds to their payloads."""
    for hook in hub.store.hooks.values():
        if hook.repository == repository.id:
            yield hook, {}
        app = hub.store.apps.get(hook.app_id or 0)
        if app is not None and app.account.lower() == repository.owner.lower():
            id_ = app.installation_id
            yield (
                hook,
                {"installation": {"id": id_, "node_id": node_id("Installation", id_)}},
            )


def emit(
    hub: Hub,
    repository: Repository,
    event: str,
    payload: Json,
    sender: str,
    only_app: int | None = None,
) -> None:
    """Queue an event for every hook that wants it; with ``only_app``, only for that App's."""
    common = {"repository": webhook(hub, repository), "sender": user(hub, sender)}
    for hook, added in _hooks(hub, repository):
        if only_app is None or hook.app_id == only_app:
            hub.courier.send(hook, event, {**payload, **common, **added})


def ping(hub: Hub, hook: Hook) -> None:
    """Send the first delivery of a new webhook."""
    repository = hub.store.repositories.get(hook.repository or 0)
    root = api(hub, repository) if repository else f"{hub.api_url}/app"
    url = f"{root}/hooks/{hook.id}"
    payload: Json = {
        "zen": "Keep it logically awesome.",
        "hook_id": hook.id,
        "hook": {
            "type": "Repository" if repository else "App",
            "id": hook.id,
            "name": "web",
            "active": hook.active,
            "events": list(hook.events),
            "config": {"content_type": "json", "insecure_ssl": "0", "url": hook.url},
            "updated_at": when(hook.created_at),
            "created_at": when(hook.created_at),
            "url": url,
            "ping_url": f"{url}/pings",
            "deliveries_url": f"{url}/deliveries",
        },
    }
    if hook.app_id:
        payload["hook"]["app_id"] = hook.app_id
    if repository:
        payload["repository"] = webhook(hub, repository)
        payload["sender"] = user(hub, repository.owner)
    hub.courier.send(hook, "ping", payload)
