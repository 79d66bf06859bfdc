"""Let people sign in to an App by the device flow. Shell.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from gitbot_sandbox.github.entities import App, DeviceLogin, Token
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem

EXPIRES_S = 900
SLOWER_S = 5
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_TOKEN_LIFE = timedelta(hours=8)


class OAuthError(Exception):
    """What the device flow answers instead of a token: GitHub's code and words for it."""

    def __init__(self, code: str, words: str, interval_s: int | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.interval_s = interval_s


def app_of(hub: Hub, client_id: str) -> App | None:
    """The App of this client id."""
    return next((app for app in hub.store.apps.values() if app.client_id == client_id), None)


def begin(hub: Hub, client_id: str) -> tuple[str, DeviceLogin]:
    """A new login and its device code.

    Raises:
        Problem: 404, there is no such App.
        OAuthError: the App has the flow switched off.
    """
    app = app_of(hub, client_id)
    if app is None:
        raise Problem(404, "Not Found")
    if not app.device_flow:
        raise OAuthError(
            "device_flow_disabled", "Device Flow must be explicitly enabled for this App"
        )
    letters = [secrets.choice(_LETTERS) for _ in range(8)]
    made = DeviceLogin(
        client_id=client_id,
        user_code="".join(letters[:4]) + "-" + "".join(letters[4:]),
        expires_at=hub.now() + timedelta(seconds=EXPIRES_S),
        interval_s=hub.device_interval_s,
    )
    code = secrets.token_hex(20)
    hub.store.device_logins[code] = made
    return code, made


def decide(hub: Hub, user_code: str, login: str, *, agree: bool) -> None:
    """Agree to a login, or cancel it, as a user. Raises Problem 404 for a code that does not hold."""
    wanted = user_code.strip().upper()
    for one in hub.store.device_logins.values():
        open_ = one.login is None and not one.denied and one.expires_at > hub.now()
        if one.user_code == wanted and open_:
            one.login, one.denied = (login, False) if agree else (None, True)
            return
    raise Problem(404, "The code is not valid, or has expired")


def redeem(hub: Hub, client_id: str, device_code: str, grant: str) -> str:
    """The token of a login that was agreed to. A device code is taken once.

    Raises:
        OAuthError: there is none, for one of the reasons that GitHub documents.
    """
    if grant != GRANT:
        raise OAuthError("unsupported_grant_type", "The grant type is not supported")
    if app_of(hub, client_id) is None:
        raise OAuthError("incorrect_client_credentials", "The client_id is not valid")
    found = hub.store.device_logins.get(device_code)
    if found is None or found.client_id != client_id:
        raise OAuthError("incorrect_device_code", "The device_code provided is not valid")
    if found.expires_at <= hub.now():
        raise OAuthError("expired_token", "This 'device_code' has expired")
    _check_pace(hub, found)
    if found.denied:
        raise OAuthError("access_denied", "The authorization request was denied")
    if found.login is None:
        raise OAuthError("authorization_pending", "The authorization request is still pending")
    del hub.store.device_logins[device_code]
    value = f"ghu_{secrets.token_hex(18)}"
    hub.store.tokens[value] = Token(
        login=found.login,
        client_id=client_id,
        made_at=hub.now(),
        expires_at=hub.now() + _TOKEN_LIFE,
    )
    return value


def _check_pace(hub: Hub, found: DeviceLogin) -> None:
    """Refuse a question that comes too early; each such one makes the interval longer."""
    now = hub.now()
    asked, found.asked_at = found.asked_at, now
    if asked is not None and now - asked < timedelta(seconds=found.interval_s):
        found.interval_s += SLOWER_S
        raise OAuthError("slow_down", "Too many requests have been made", found.interval_s)
