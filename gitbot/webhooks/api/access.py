"""Says who calls, and which repositories they may read on GitHub now. Shell."""

from __future__ import annotations

from datetime import timedelta

from gitbot.errors import UserError
from gitbot.model.desired import Permission
from gitbot.model.logins import ApiToken, digest_of
from gitbot.webhooks.api.problems import UNAUTHORIZED, ApiError
from gitbot.webhooks.api.routes import Api, Readable

_EXACT_TO = timedelta(hours=1)
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="gitbot"'}


def token_of(api: Api, header: str | None) -> ApiToken:
    """The token that the header ``Authorization`` gives.

    Raises:
        ApiError: it gives none, or one that is not valid (any more).
    """
    scheme, _, secret = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise ApiError(UNAUTHORIZED, "the request has no token", CHALLENGE)
    tokens, now = api.ports.records.tokens, api.ports.clock.now()
    found = tokens.find(digest_of(secret.strip()))
    if found is None or found.expires_at <= now:
        raise ApiError(UNAUTHORIZED, "the token is not known, or has expired", CHALLENGE)
    if found.used_at is None or now - found.used_at >= _EXACT_TO:
        tokens.note_use(found.digest, now)
    return found


def readable(api: Api, token: ApiToken, full_name: str) -> Readable | None:
    """The repository, if it is served and the person may read it on GitHub now; else None.

    A login that has become another account's gives no right.

    Raises:
        TransientError: GitHub does not answer.
    """
    name = next((one for one in api.repositories if one.lower() == full_name.lower()), None)
    if name is None:
        return None
    id_ = api.ports.records.journal.repository_id(name)
    try:
        forge = api.ports.forges.open(name)
        permission = forge.permission(token.login, token.account)
    except UserError:
        return None
    if id_ is None or permission is Permission.NONE:
        return None
    return Readable(id=id_, full_name=name, permission=permission, forge=forge)
