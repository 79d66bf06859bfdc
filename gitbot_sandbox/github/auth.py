"""Find out who makes a call, from its Authorization header. Shell."""

from __future__ import annotations

import base64
import binascii
import re

import jwt

from gitbot_sandbox.github.access import NOBODY, Actor
from gitbot_sandbox.github.entities import App
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, forbidden

MAX_JWT_S = 600


def identify(hub: Hub, header: str | None) -> Actor:
    """The caller that the Authorization header names; nobody if there is no header.

    Raises:
        Problem: 401 for credentials that are wrong or have expired.
    """
    if not header:
        return NOBODY
    scheme, _, value = header.partition(" ")
    match scheme.lower():
        case "basic":
            secret = _password(value)
        case "bearer" | "token":
            secret = value.strip()
        case _:
            raise Problem(401, "Bad credentials")
    if secret.count(".") == 2:
        return _app(hub, secret)
    token = hub.store.tokens.get(secret)
    if token is None or (token.expires_at is not None and token.expires_at <= hub.now()):
        raise Problem(401, "Bad credentials")
    return Actor(user=hub.user(token.login), app=hub.store.apps.get(token.app_id or 0))


_TAKES = (
    (re.compile(r"/repos/[^/]+/[^/]+/git/(refs|commits|trees|blobs)\b.*"), "contents"),
    (re.compile(r"/repos/[^/]+/[^/]+/pulls(/[0-9]+)?"), "pull_requests"),
    (re.compile(r"/repos/[^/]+/[^/]+/issues(/[0-9]+)?"), "issues"),
)
"""Which permission of an App a write takes:
https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps"""


def check_permission(app: App | None, method: str, path: str) -> None:
    """Return when the App may make this call. Raises Problem 403 when it lacks the permission."""
    if app is None or method == "GET":
        return
    for pattern, permission in _TAKES:
        if pattern.fullmatch(path) and app.permissions.get(permission) != "write":
            raise forbidden()


def _password(value: str) -> str:
    """The token in Basic credentials: the password, or the user name if that is empty."""
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Problem(401, "Bad credentials") from error
    return name if password in ("", "x-oauth-basic") else password


def _app(hub: Hub, token: str) -> Actor:
    """The App whose key signed the token.

    https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
    """
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        app = hub.store.apps.get(int(str(issuer)))
        if app is None:
            raise Problem(404, "Integration not found")
        claims = jwt.decode(
            token,
            app.public_key_pem,
            algorithms=["RS256"],
            options={"require": ["iat", "exp"]},
        )
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Problem(401, "A JSON web token could not be decoded") from error
    if claims["exp"] - hub.now().timestamp() > MAX_JWT_S:
        raise Problem(401, "'Expiration time' claim ('exp') is too far in the future")
    return Actor(user=hub.store.user(app.bot), app=app, jwt=True)
