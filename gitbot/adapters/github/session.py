"""Sign in to GitHub, as an App's installation or with a token. Shell.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from github import Auth, Github, GithubIntegration

from gitbot.adapters.github.calls import LAG_S, AnsweredError, Calls
from gitbot.adapters.github.conditional import use_conditional_requests
from gitbot.adapters.github.skew import GITHUB_TIME
from gitbot.errors import UserError

_TIMEOUT_S = 20
_RENEW_BEFORE_S = 300.0

# At DEBUG PyGithub logs whole answers, and one of them holds an installation's token.
logging.getLogger("github.Requester").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """How to sign in: an App (``app_id`` and ``app_key``, PEM), or else a ``token``."""

    url: str
    token: str = ""
    app_id: str = ""
    app_key: str = ""

    def __repr__(self) -> str:
        return f"Credentials(url={self.url!r}, app_id={self.app_id!r})"


class _Bearer(Auth.Auth):
    """Gives PyGithub the token at each call, because it may have changed."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._ask = token

    @property
    def token_type(self) -> str:
        return "token"

    @property
    def token(self) -> str:
        return self._ask()


class _AppAuth(Auth.AppAuth):
    """Signs with GitHub's time, because GitHub refuses a signature from the future or the past."""

    def create_jwt(self, expiration: int | None = None) -> str:
        """The signed token of the App: https://docs.github.com/en/apps/creating-github-apps
        /authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app"""
        now = int(GITHUB_TIME.now_s())
        ends = now + (expiration or self._jwt_expiry)
        assert self._sign_func is not None
        signed = self._sign_func(
            {"iat": now + self._jwt_issued_at, "exp": ends, "iss": self._app_id}
        )
        return signed if isinstance(signed, str) else signed.decode()


class Session:
    """One identity on GitHub for the repositories of one installation.

    ``permissions`` says what its newest token may do; None where GitHub has not said it.

    Each thread gets a client of its own: PyGithub keeps the state of a request in its connection,
    so threads cannot share one.
    """

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        token_is_new: Callable[[], bool] = lambda: False,
        permissions: Callable[[], Mapping[str, str] | None] = lambda: None,
    ) -> None:
        self._url = url
        self.token = token
        self.token_is_new = token_is_new
        self.permissions = permissions
        self._local = threading.local()

    def client(self) -> Github:
        """This thread's client. Its objects make no call until one of their attributes is read."""
        client: Github | None = getattr(self._local, "client", None)
        if client is None:
            client = Github(auth=_Bearer(self.token), lazy=True, **_options(self._url))
            self._local.client = client
        return client


@dataclass(slots=True, kw_only=True)
class _Granted:
    """A token of an installation. ``worked``: GitHub has answered a call with it."""

    token: str
    ends: float
    at: float
    permissions: Mapping[str, str]
    worked: bool = False


class SignIn:
    """Opens sessions and knows the name that gitbot writes under.

    Raises:
        UserError: neither a token nor a complete App was given, or its key cannot be read.
    """

    def __init__(self, credentials: Credentials, *, patience_s: float) -> None:
        use_conditional_requests()
        self.url = api_url(credentials.url)
        self.app_id = int(credentials.app_id) if credentials.app_id.isdigit() else None
        # A wrong clock dates the App's signature so that GitHub refuses it: its answer says by how much.
        self._call = Calls(
            patience_s=patience_s, sign_in_again=lambda: self.is_app and GITHUB_TIME.is_corrected
        )
        self._patience_s = patience_s
        self._lock = threading.RLock()
        self._login: str | None = None
        self._tokens: dict[int, _Granted] = {}
        self._sessions: dict[int, Session] = {}
        self._integration: GithubIntegration | None = None
        self._session: Session | None = None
        if credentials.app_id and credentials.app_key:
            self._integration = self._app(credentials)
        elif credentials.token:
            token = credentials.token
            self._session = Session(self.url, lambda: token)
        else:
            raise UserError(
                "gitbot cannot sign in to GitHub: set GITBOT_GITHUB_APP_ID and "
                "GITBOT_GITHUB_APP_KEY, or GITBOT_GITHUB_TOKEN"
            )

    @property
    def is_app(self) -> bool:
        """Whether gitbot is a GitHub App, which may make check runs."""
        return self._integration is not None

    @property
    def login(self) -> str:
        """The name that gitbot writes under; for an App it is ``slug[bot]``. GitHub is asked
        once."""
        with self._lock:
            if self._login is None:
                self._login = self._call("see who gitbot is", self._ask_login)
            return self._login

    def session(self, full_name: str) -> tuple[Session, Calls]:
        """The session for a repository, and ``Calls`` that renew its token when GitHub refuses it.

        Raises AnsweredError 404 where the App is not installed.
        """
        if self._session is not None:
            return self._session, self._call
        with self._lock:
            installation = self._installation(full_name)
            session = self._sessions.get(installation)
            if session is None:
                session = Session(
                    self.url,
                    lambda: self._installation_token(installation),
                    lambda: self._granted_lately(installation),
                    lambda: self._permissions(installation),
                )
                self._sessions[installation] = session
        return session, Calls(
            patience_s=self._patience_s,
            sign_in_again=lambda: self._forget(installation),
            is_new=lambda: self._is_unproven(installation),
            worked=lambda: self._worked(installation),
        )

    def _app(self, credentials: Credentials) -> GithubIntegration:
        if self.app_id is None:
            raise UserError(
                "GITBOT_GITHUB_APP_ID is not a number: the App's settings page shows it"
            )
        # Line breaks in environment variables often arrive as a backslash and an n.
        key = credentials.app_key.replace("\\n", "\n").strip() + "\n"
        try:
            load_pem_private_key(key.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise UserError(
                "GITBOT_GITHUB_APP_KEY is not a private key in PEM form: download one on the "
                "App's settings page"
            ) from error
        return GithubIntegration(auth=_AppAuth(self.app_id, key), **_options(self.url))

    def _ask_login(self) -> str:
        if self._integration is not None:
            return f"{self._integration.get_app().slug}[bot]"
        assert self._session is not None
        return self._session.client().get_user().login

    def _installation(self, full_name: str) -> int:
        owner, _, name = full_name.partition("/")
        integration = self._integration
        assert integration is not None
        try:
            found = self._call(
                f"use {full_name}", lambda: integration.get_repo_installation(owner, name)
            )
        except AnsweredError as error:
            if error.status != 404:
                raise
            raise AnsweredError(
                f"gitbot's GitHub App is not installed on {full_name}: install it there, on the "
                "App's page under Install App",
                status=404,
            ) from error
        return found.id

    def _installation_token(self, installation: int) -> str:
        """A token that is valid for some more minutes. One thread renews it while the others wait.

        Raises what PyGithub raises: it runs inside ``Calls``, which turns that into our errors.
        """
        integration = self._integration
        assert integration is not None
        with self._lock:
            found = self._tokens.get(installation)
            if found is None or found.ends - GITHUB_TIME.now_s() < _RENEW_BEFORE_S:
                granted = integration.get_access_token(installation)
                found = self._tokens[installation] = _Granted(
                    token=granted.token,
                    ends=granted.expires_at.timestamp(),
                    at=time.monotonic(),
                    permissions=dict(granted.permissions),
                )
            return found.token

    def _permissions(self, installation: int) -> Mapping[str, str] | None:
        """What the newest token of the installation may do; None before there is one."""
        with self._lock:
            granted = self._tokens.get(installation)
        return None if granted is None else granted.permissions

    def _granted_lately(self, installation: int) -> bool:
        """Whether some part of GitHub may not know the token yet.

        https://github.com/octokit/auth-app.js/issues/65
        """
        found = self._tokens.get(installation)
        return found is not None and time.monotonic() - found.at < LAG_S

    def _is_unproven(self, installation: int) -> bool:
        """Whether the API may not know the token yet: it is new, and no call has worked with it."""
        found = self._tokens.get(installation)
        return found is not None and not found.worked and self._granted_lately(installation)

    def _worked(self, installation: int) -> None:
        found = self._tokens.get(installation)
        if found is not None:
            found.worked = True

    def _forget(self, installation: int) -> bool:
        with self._lock:
            return self._tokens.pop(installation, None) is not None


def api_url(url: str) -> str:
    """The root of the REST API: an Enterprise server's address gets its ``/api/v3``."""
    parts = urlsplit(url.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"GITBOT_GITHUB_URL is {url!r}: it must start with https://")
    if parts.path or parts.hostname.startswith("api."):
        return url.rstrip("/")
    if parts.hostname == "github.com":
        return "https://api.github.com"
    return f"{url.rstrip('/')}/api/v3"


def _options(url: str) -> dict[str, Any]:
    # ``Calls`` waits and retries. PyGithub's default pauses would add a second to every write.
    return {
        "base_url": url,
        "timeout": _TIMEOUT_S,
        "retry": None,
        "per_page": 100,
        "user_agent": "gitbot",
        "seconds_between_requests": None,
        "seconds_between_writes": None,
    }
