"""Serve the two steps in which a person makes an App from a manifest. Shell.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Request, redirect, request
from werkzeug.wrappers import Response

from gitbot_sandbox.github.actions import manifests
from gitbot_sandbox.github.context import hub
from gitbot_sandbox.github.pages.frame import POLICY, people, show
from gitbot_sandbox.github.problems import Problem

bp = Blueprint("apps", __name__)


@bp.post("/settings/apps/new")
@bp.post("/organizations/<organization>/settings/apps/new")
def ask(organization: str = "") -> Response:
    """The page that asks whether to make the App. Nothing is made yet."""
    manifest = _manifest()
    manifests.check(manifest)
    answer = show(
        "new_app.html",
        title="Create GitHub App",
        manifest=json.dumps(manifest),
        name=manifest["name"],
        hook=manifest["hook_attributes"]["url"],
        permissions=manifest["default_permissions"],
        events=manifest["default_events"],
        owner=organization,
        owners=people(),
        state=request.args.get("state", ""),
    )
    # A browser asks the policy of this page about the redirect after the form, too.
    back = urlsplit(manifest["redirect_url"])
    answer.headers["Content-Security-Policy"] = POLICY.replace(
        "form-action 'self'", f"form-action 'self' {back.scheme}://{back.netloc}"
    )
    return answer


@bp.post("/settings/apps")
def create() -> Response:
    """Make the App and send the browser back with the code that buys its secrets."""
    manifest = _manifest()
    owner = hub().store.user(request.form.get("owner", ""))
    if owner is None:
        raise Problem(422, "There is no such account")
    code = manifests.create(hub(), manifest, owner.login)
    sent = {"code": code, "state": request.form.get("state", "")}
    return redirect(f"{manifest['redirect_url']}?{urlencode(sent)}", 303)


def is_manifest(sent: Request) -> bool:
    """Whether this is the form that hands a manifest over."""
    return sent.method == "POST" and sent.path.endswith("/settings/apps/new")


def _manifest() -> dict[str, Any]:
    try:
        sent = json.loads(request.form.get("manifest", ""))
    except ValueError as error:
        raise Problem(422, "The manifest is not JSON") from error
    if not isinstance(sent, dict):
        raise Problem(422, "The manifest is not a JSON object")
    return sent
