"""Serve the device flow, and what an App may ask about the tokens that people gave it. Shell.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow ·
https://docs.github.com/en/rest/apps/oauth-applications
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from gitbot_sandbox.github.actions import devices
from gitbot_sandbox.github.actions.devices import OAuthError
from gitbot_sandbox.github.context import body, hub, needed
from gitbot_sandbox.github.entities import Token
from gitbot_sandbox.github.problems import DOCS, Problem, not_found
from gitbot_sandbox.github.shapes.common import Json, maybe, user

bp = Blueprint("devices", __name__)
oauth = Blueprint("oauth", __name__)

OWN_RIGHTS = "/applications/"
"""Below this, an App signs in with its client id and secret, and not with a token."""


@oauth.post("/login/device/code")
def device_code() -> Response:
    """A code for the device, and one for the person to enter."""
    code, made = devices.begin(hub(), _sent("client_id"))
    return _told(
        {
            "device_code": code,
            "user_code": made.user_code,
            "verification_uri": f"{hub().base_url}/login/device",
            "expires_in": devices.EXPIRES_S,
            "interval": made.interval_s,
        }
    )


@oauth.post("/login/oauth/access_token")
def access_token() -> Response:
    """The person's token, once they have agreed. Refusals have status 200, too."""
    token = devices.redeem(hub(), _sent("client_id"), _sent("device_code"), _sent("grant_type"))
    return _told({"access_token": token, "token_type": "bearer", "scope": "", "expires_in": 28800})


@oauth.errorhandler(OAuthError)
def refused(error: OAuthError) -> Response:
    """GitHub's own code and words."""
    more = {} if error.interval_s is None else {"interval": error.interval_s}
    return _told(
        {
            "error": error.code,
            "error_description": error.words,
            "error_uri": f"{DOCS}/apps/{error.code}",
            **more,
        }
    )


@oauth.errorhandler(Problem)
def unknown(problem: Problem) -> tuple[Response, int]:
    """There is no such App: the only refusal with a status of its own."""
    return jsonify({"error": problem.message}), problem.status


def _sent(name: str) -> str:
    sent: Any = request.get_json(silent=True) if request.is_json else request.form
    return str((sent or {}).get(name, ""))


def _told(answer: Json) -> Response:
    """As JSON for who accepts that, else as a form."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(answer)
    return Response(urlencode(answer), content_type="application/x-www-form-urlencoded")


@bp.post("/applications/<client_id>/token")
def check_token(client_id: str) -> Response:
    """Whose the token is, if somebody gave it to this App."""
    value, token = _given(client_id)
    app = devices.app_of(hub(), client_id)
    assert app is not None
    made = maybe(token.made_at)
    return jsonify(
        {
            "id": 1,
            "url": f"{hub().api_url}/authorizations/1",
            "app": {
                "client_id": client_id,
                "name": app.name,
                "url": f"{hub().base_url}/apps/{app.slug}",
            },
            "token": value,
            "hashed_token": hashlib.sha256(value.encode()).hexdigest(),
            "token_last_eight": value[-8:],
            "note": None,
            "note_url": None,
            "created_at": made,
            "updated_at": made,
            "scopes": [],
            "fingerprint": None,
            "expires_at": maybe(token.expires_at),
            "user": user(hub(), token.login),
        }
    )


@bp.delete("/applications/<client_id>/token")
def delete_token(client_id: str) -> tuple[str, int]:
    """Void the token."""
    value, _ = _given(client_id)
    del hub().store.tokens[value]
    return "", 204


def _given(client_id: str) -> tuple[str, Token]:
    """The token that the body names. Raises Problem 401, 404 or 422."""
    app, basic = devices.app_of(hub(), client_id), request.authorization
    if basic is None or basic.type != "basic" or basic.username != client_id or app is None:
        raise not_found()
    if not hmac.compare_digest((basic.password or "").encode(), app.client_secret.encode()):
        raise Problem(401, "Bad credentials")
    sent = body()
    needed(sent, "OauthAccess", "access_token")
    value = str(sent["access_token"])
    token = hub().store.tokens.get(value)
    stale = token is None or (token.expires_at is not None and token.expires_at <= hub().now())
    if token is None or stale or token.client_id != client_id:
        raise not_found()
    return value, token
