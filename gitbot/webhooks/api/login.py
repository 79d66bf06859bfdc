"""The routes by which people sign in with their account on GitHub, and sign out. Shell."""

from __future__ import annotations

import logging
from datetime import timedelta

from gitbot.errors import UserError
from gitbot.model.logins import (
    TOKEN_LIFE,
    Account,
    ApiToken,
    Ended,
    PendingLogin,
    Waiting,
    digest_of,
    new_handle,
    new_token,
)
from gitbot.ports.logins import DeviceLogins
from gitbot.webhooks.api.problems import FORBIDDEN, GONE, NOT_FOUND, TOO_MANY, UNAVAILABLE, ApiError
from gitbot.webhooks.api.read_schemas import TEXT, TIME, shape
from gitbot.webhooks.api.routes import Answer, Api, Call, Route

MOST_OPEN = 500
"""How many logins may wait for GitHub at once."""

_log = logging.getLogger(__name__)
_NUMBER = {"type": "integer"}


def _begin(api: Api, call: Call) -> Answer:
    github, logins, now = _github(api), api.ports.records.logins, api.ports.clock.now()
    if logins.open_until(now) >= MOST_OPEN:
        raise ApiError(TOO_MANY, "too many people are signing in at once", {"Retry-After": "60"})
    try:
        begun = github.begin()
    except UserError as error:
        raise _wrong_settings(error) from error
    handle = new_handle()
    pending = PendingLogin(
        device_code=begun.device_code,
        interval_s=begun.interval_s,
        expires_at=now + timedelta(seconds=begun.expires_in_s),
    )
    logins.begin(handle, pending, now)
    return Answer(
        status=201,
        body={
            "handle": handle,
            "user_code": begun.user_code,
            "verification_uri": begun.verification_uri,
            "expires_in": begun.expires_in_s,
            "interval": begun.interval_s,
        },
    )


def _finish(api: Api, call: Call) -> Answer:
    github, logins, now = _github(api), api.ports.records.logins, api.ports.clock.now()
    handle = call.path["handle"]
    pending = logins.find(handle)
    if pending is None:
        raise ApiError(NOT_FOUND, "there is no such login, or it has ended")
    if pending.expires_at <= now:
        raise ApiError(GONE, "nobody entered the code in time")
    if not logins.take_turn(handle, now):
        return Answer(status=202, body={"interval": pending.interval_s})
    try:
        progress = github.ask(pending.device_code)
    except UserError as error:
        logins.end(handle)
        raise _wrong_settings(error) from error
    if isinstance(progress, Waiting):
        interval_s = max(pending.interval_s, progress.interval_s or 0)
        logins.slow_down(handle, interval_s)
        return Answer(status=202, body={"interval": interval_s})
    logins.end(handle)
    if isinstance(progress, Account):
        return _welcome(api, progress)
    if progress is Ended.DENIED:
        raise ApiError(FORBIDDEN, "the login was cancelled on GitHub")
    raise ApiError(GONE, "GitHub knows the login no more")


def _welcome(api: Api, account: Account) -> Answer:
    """A new token of gitbot's own for the person."""
    records, now = api.ports.records, api.ports.clock.now()
    token, expires_at = new_token(), now + TOKEN_LIFE
    records.tokens.forget_expired(now)
    records.tokens.put(
        ApiToken(
            digest=digest_of(token),
            account=account.id,
            login=account.login,
            made_at=now,
            expires_at=expires_at,
        )
    )
    records.journal.audit(
        at=now,
        actor=account.login,
        action="login",
        subject="api",
        detail={"account": account.id, "expires_at": expires_at.isoformat()},
    )
    return Answer(
        body={"token": token, "login": account.login, "expires_at": expires_at.isoformat()}
    )


def _end(api: Api, call: Call) -> Answer:
    token, records = call.token, api.ports.records
    records.tokens.void(token.digest)
    records.journal.audit(
        at=api.ports.clock.now(),
        actor=token.login,
        action="logout",
        subject="api",
        detail={"account": token.account},
    )
    return Answer(status=204)


def _github(api: Api) -> DeviceLogins:
    """GitHub's device flow. Raises ApiError when the server has no client id."""
    if api.device_logins is None:
        raise ApiError(
            NOT_FOUND,
            "login is not set up on this server: its operator sets GITBOT_CLIENT_ID and "
            "GITBOT_CLIENT_SECRET",
        )
    return api.device_logins


def _wrong_settings(error: UserError) -> ApiError:
    _log.error("nobody can sign in: %s", error)
    detail = "GitHub does not let this server sign people in; its log says why"
    return ApiError(UNAVAILABLE, detail, {"Retry-After": "60"})


ROUTES = (
    Route(
        method="POST",
        path="/login",
        name="begin_login",
        summary="Begin to sign in: a code to enter on GitHub",
        handle=_begin,
        public=True,
        rare=True,
        problems=frozenset({404}),
        answers={
            201: shape(
                handle=TEXT,
                user_code=TEXT,
                verification_uri={"type": "string", "format": "uri"},
                expires_in=_NUMBER,
                interval=_NUMBER,
            )
        },
    ),
    Route(
        method="POST",
        path="/login/{handle}",
        name="finish_login",
        summary="Ask for the token, no more often than every `interval` seconds",
        handle=_finish,
        public=True,
        problems=frozenset({403, 410}),
        answers={
            200: shape(token=TEXT, login=TEXT, expires_at=TIME),
            202: shape(interval=_NUMBER),
        },
    ),
    Route(
        method="DELETE",
        path="/login",
        name="end_login",
        summary="Sign out: the token is void",
        handle=_end,
        answers={204: None},
    ),
)
