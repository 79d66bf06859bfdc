"""Sign people in to the server by GitHub's device flow. Shell.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow ·
https://docs.github.com/en/rest/apps/oauth-applications

The server keeps no token of a person: it asks GitHub whose a new token is, and voids it.
"""

from __future__ import annotations

import hmac
import logging
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth

from gitbot.adapters.github.session import api_url
from gitbot.errors import TransientError, UserError
from gitbot.model.logins import Account, Begun, Ended, Progress, Waiting

_TIMEOUT_S = 20
_PAUSES_S = (0.2, 0.5)
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_WAIT = frozenset({"authorization_pending", "slow_down"})
_OVER = frozenset({"expired_token", "incorrect_device_code", "bad_verification_code"})

_log = logging.getLogger(__name__)


class GitHubDeviceLogins:
    """Fits ``ports.DeviceLogins``. ``url`` is that of GitHub's API, as in GITBOT_GITHUB_URL."""

    def __init__(self, *, url: str, client_id: str, client_secret: str) -> None:
        self._api = api_url(url)
        self._pages = pages_url(self._api)
        self._client_id = client_id
        self._secret = client_secret

    def begin(self) -> Begun:
        """Begin a login.

        Raises:
            TransientError: GitHub does not answer.
            UserError: GitHub refuses the server's client id.
        """
        told = self._pose("/login/device/code", client_id=self._client_id)
        if "device_code" not in told:
            raise _refused(told, "GITBOT_CLIENT_ID")
        return Begun(
            device_code=str(told["device_code"]),
            user_code=str(told["user_code"]),
            verification_uri=str(told["verification_uri"]),
            expires_in_s=int(told["expires_in"]),
            interval_s=int(told["interval"]),
        )

    def ask(self, device_code: str) -> Progress:
        """How far the login is; the person's token is void by the time that this returns.

        Raises:
            TransientError: GitHub does not answer.
            UserError: GitHub refuses the server's client id or its secret.
        """
        told = self._pose(
            "/login/oauth/access_token",
            client_id=self._client_id,
            device_code=device_code,
            grant_type=_GRANT,
        )
        token = str(told.get("access_token") or "")
        if token:
            return self._owner(token)
        error = told.get("error")
        if error in _WAIT:
            interval = told.get("interval")
            return Waiting(interval_s=int(interval) if interval is not None else None)
        if error == "access_denied":
            return Ended.DENIED
        if error in _OVER:
            return Ended.OVER
        raise _refused(told, "GITBOT_CLIENT_ID")

    def _owner(self, token: str) -> Account:
        """Whose the token is, if it was given to this server's own client id; the token is voided."""
        try:
            answer = self._about("POST", token)
            if answer.status_code != 200:
                raise UserError(
                    f"GitHub answered {answer.status_code} to the question whose a token is: check "
                    "GITBOT_CLIENT_SECRET"
                )
            told = _json(answer)
            of = str((told.get("app") or {}).get("client_id", ""))
            if not hmac.compare_digest(of.encode(), self._client_id.encode()):
                raise UserError("GitHub gave a token of another App than that of GITBOT_CLIENT_ID")
            user = told.get("user") or {}
            return Account(id=int(user["id"]), login=str(user["login"]))
        finally:
            self._void(token)

    def _void(self, token: str) -> None:
        """Delete the token at GitHub. When that fails, nobody has it: it is not kept."""
        try:
            answer = self._about("DELETE", token)
        except TransientError as error:
            _log.warning("a token of a person who signed in was not deleted at GitHub: %s", error)
            return
        if answer.status_code not in (204, 404):
            _log.warning(
                "a token of a person who signed in was not deleted at GitHub: it answered %s",
                answer.status_code,
            )

    def _about(self, method: str, token: str) -> requests.Response:
        """What GitHub says about the token. It is given once, so an error is not the end at once."""
        for pause_s in _PAUSES_S:
            try:
                return self._once(method, token)
            except TransientError:
                time.sleep(pause_s)
        return self._once(method, token)

    def _once(self, method: str, token: str) -> requests.Response:
        return _send(
            method,
            f"{self._api}/applications/{self._client_id}/token",
            json={"access_token": token},
            auth=HTTPBasicAuth(self._client_id, self._secret),
            headers={"Accept": "application/vnd.github+json"},
        )

    def _pose(self, path: str, **sent: str) -> dict[str, Any]:
        answer = _send(
            "POST", self._pages + path, data=sent, headers={"Accept": "application/json"}
        )
        return _json(answer)


def pages_url(api: str) -> str:
    """The root of GitHub's pages, from that of its API."""
    parts = urlsplit(api)
    host = parts.netloc.removeprefix("api.")
    return f"{parts.scheme}://{host}"


def _send(method: str, url: str, **more: Any) -> requests.Response:
    """The answer, asked for once. Neither the address nor the body of an error is told."""
    try:
        answer = requests.request(method, url, timeout=_TIMEOUT_S, allow_redirects=False, **more)
    except requests.RequestException as error:
        # The request itself holds secrets, so the chain of errors ends here.
        raise TransientError(f"GitHub does not answer ({type(error).__name__})") from None
    if answer.status_code >= 500 or answer.status_code == 429:
        raise TransientError(f"GitHub answered {answer.status_code}")
    return answer


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        raise TransientError(f"GitHub answered {answer.status_code} without JSON") from None
    return told if isinstance(told, dict) else {}


def _refused(told: dict[str, Any], setting: str) -> UserError:
    said = told.get("error") or "neither a code nor an error"
    return UserError(
        f"GitHub refused a login: {said}. Check {setting}, and that the device flow is switched on in "
        "the settings of the App"
    )
