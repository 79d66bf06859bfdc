"""Make Apps from manifests, as the pages of GitHub do. Shell."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from gitbot_sandbox.github.actions import accounts
from gitbot_sandbox.github.entities import Registration
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem
from gitbot_sandbox.github.shapes.apps import EVENT_PERMISSIONS


def check(manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest as GitHub does. Raises Problem 422."""
    for name in ("name", "url", "redirect_url"):
        if not isinstance(manifest.get(name), str) or not manifest[name]:
            raise Problem(422, f"Invalid GitHub App configuration: {name} is missing")
    hook = manifest.get("hook_attributes")
    if not isinstance(hook, dict) or not hook.get("url"):
        raise Problem(422, "Invalid GitHub App configuration: hook_attributes needs a url")
    permissions = manifest.get("default_permissions") or {}
    events = manifest.get("default_events") or []
    unsupported = [
        event
        for event in events
        if event not in EVENT_PERMISSIONS or EVENT_PERMISSIONS[event] not in permissions
    ]
    if unsupported:
        names = ", ".join(unsupported)
        raise Problem(
            422,
            f"Invalid GitHub App configuration: Default events unsupported: {names}",
        )


def create(hub: Hub, manifest: Mapping[str, Any], owner: str) -> str:
    """Make the App, installed on the owner's repositories; the code that buys its secrets."""
    check(manifest)
    app, key = accounts.create_app(hub, manifest["name"], owner)
    secret = secrets.token_hex(20)
    accounts.add_hook(
        hub,
        manifest["hook_attributes"]["url"],
        secret,
        app=app,
        wanted=manifest["default_events"],
    )
    code = secrets.token_hex(20)
    hub.store.registrations[code] = Registration(app=app, private_key_pem=key, secret=secret)
    return code


def convert(hub: Hub, code: str) -> Registration:
    """The App and its secrets; a code is taken once. Raises Problem 404."""
    found = hub.store.registrations.pop(code, None)
    if found is None:
        raise Problem(404, "Not Found")
    return found
