"""Serves the table of routes with Flask: every request is checked before a route sees it. Shell."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Request, Response, jsonify, request
from werkzeug.exceptions import BadRequest, HTTPException

from gitbot.errors import (
    BrokenStoreError,
    GitbotError,
    InvariantError,
    RefusedError,
    StaleError,
    TransientError,
)
from gitbot.webhooks.api import problems
from gitbot.webhooks.api.access import readable, token_of
from gitbot.webhooks.api.checking import faults
from gitbot.webhooks.api.limits import Limit
from gitbot.webhooks.api.problems import ApiError, Kind
from gitbot.webhooks.api.routes import NAMES, ROOT, Answer, Api, Call, Route

MAX_BODY_BYTES = 64 * 1024
MOST_AT_ONCE = 8
"""Fewer than the threads of the door."""
_COST_OF_A_WRONG_TOKEN = 20.0

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}

_log = logging.getLogger(__name__)


def _of_addresses() -> Limit:
    return Limit(size=600, per_s=20)


def _of_accounts() -> Limit:
    return Limit(size=300, per_s=5)


def _of_rare() -> Limit:
    return Limit(size=10, per_s=1 / 20)


def _of_all() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(MOST_AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often an address, and the tokens of one account, may ask; and an address for what is rare.

    ``at_once`` are the places for requests that are being answered.
    """

    addresses: Limit = field(default_factory=_of_addresses)
    accounts: Limit = field(default_factory=_of_accounts)
    rare: Limit = field(default_factory=_of_rare)
    at_once: threading.BoundedSemaphore = field(default_factory=_of_all)


def blueprint(api: Api, routes: Sequence[Route], limits: Limits | None = None) -> Blueprint:
    """The routes of the API below ``ROOT``."""
    made = Blueprint("api", __name__, url_prefix=ROOT)
    counted = limits or Limits()
    for route in routes:
        made.add_url_rule(
            route.rule,
            route.name,
            _view(api, route, counted),
            methods=[route.method],
            provide_automatic_options=False,
        )
    made.register_error_handler(ApiError, lambda error: _told(api, error))
    made.register_error_handler(HTTPException, of_http)
    made.register_error_handler(GitbotError, lambda error: _told(api, _of_ours(error)))
    made.register_error_handler(Exception, _failed)
    return made


def is_api(path: str) -> bool:
    """Whether an address belongs to the API, also one that no route has."""
    return path == "/api" or path.startswith("/api/")


def _view(api: Api, route: Route, limits: Limits) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        request.max_content_length = MAX_BODY_BYTES
        # Requests wait for GitHub. They must not take all threads: GitHub's deliveries need some.
        if not limits.at_once.acquire(blocking=False):
            detail = "the server answers as many requests as it can"
            raise ApiError(problems.UNAVAILABLE, detail, {"Retry-After": "1"})
        try:
            return _response(route.handle(api, _call(api, route, limits, path)))
        finally:
            limits.at_once.release()

    return view


def _call(api: Api, route: Route, limits: Limits, path: dict[str, str]) -> Call:
    """The request as the route gets it. Raises ApiError where it may not or is not valid.

    The order counts: nothing is told to whom has no right to it, and what is cheap comes first.
    """
    address = request.remote_addr or ""
    _pass(limits.addresses, address)
    if route.rare:
        _pass(limits.rare, address)
    token, repository = None, None
    if not route.public:
        try:
            token = token_of(api, request.headers.get("Authorization"))
        except ApiError:
            limits.addresses.charge(address, _COST_OF_A_WRONG_TOKEN)
            raise
        _pass(limits.accounts, str(token.account))
    if any(faults(NAMES[name], part, name) for name, part in path.items()):
        raise ApiError(problems.NOT_FOUND, "there is nothing here")
    if token is not None and route.of_repository:
        repository = readable(api, token, f"{path['owner']}/{path['name']}")
        if repository is None:
            raise ApiError(problems.NOT_FOUND, "there is nothing here")
    return Call(
        path=path,
        query=_query(route, request),
        body=_body(route, request),
        address=request.path,
        caller=address,
        given_token=token,
        given_repository=repository,
    )


def _pass(limit: Limit, key: str) -> None:
    wait_s = limit.take(key)
    if wait_s:
        seconds = str(int(wait_s) + 1)
        raise ApiError(problems.TOO_MANY, "you have asked too often", {"Retry-After": seconds})


def _query(route: Route, sent: Request) -> dict[str, Any]:
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for name, values in sent.args.lists():
        schema = route.query.get(name)
        if schema is None:
            wrong.append(f"there is no parameter {name[:60]!r} here")
        elif len(values) > 1:
            wrong.append(f"{name} is given more than once")
        else:
            found[name] = _number(values[0]) if schema["type"] == "integer" else values[0]
            wrong += faults(schema, found[name], name)
    if wrong:
        raise ApiError(problems.INVALID, "; ".join(wrong))
    return found


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def _body(route: Route, sent: Request) -> Any:
    if route.body is None:
        return None
    if sent.mimetype != "application/json":
        raise ApiError(problems.NOT_JSON, "the Content-Type is not application/json")
    try:
        found = sent.get_json()
    except RecursionError as error:
        raise ApiError(problems.INVALID, "the body is nested too deeply") from error
    except BadRequest as error:
        raise ApiError(problems.INVALID, "the body is not JSON in UTF-8") from error
    wrong = faults(route.body, found, "the body")
    if wrong:
        raise ApiError(problems.INVALID, "; ".join(wrong))
    return found


def _response(answer: Answer) -> Response:
    made = Response() if answer.body is None else jsonify(answer.body)
    made.status_code = answer.status
    if answer.body is None:
        del made.headers["Content-Type"]
    made.headers.update(answer.headers)
    return _headed(made)


def _headed(made: Response) -> Response:
    made.headers.update(_HEADERS)
    return made


def _problem(kind: Kind, detail: str, headers: dict[str, str]) -> Response:
    made = jsonify(problems.body_of(kind, detail))
    made.status_code = kind.status
    made.mimetype = problems.MEDIA_TYPE
    made.headers.update(headers)
    return _headed(made)


def _told(api: Api, error: ApiError) -> Response:
    """The problem, without what specs call sensitive."""
    return _problem(error.kind, api.ports.engine.hide(error.detail), error.headers)


def of_http(error: HTTPException) -> Response:
    """A refusal of Flask's as a problem: no such address, method, or a body that is too large."""
    kind = problems.KINDS.get(error.code or 500, problems.INVALID)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return _problem(kind, f"{kind.title}.", kept)


def _of_ours(error: GitbotError) -> ApiError:
    match error:
        case TransientError():
            _log.warning("a request to the API is put off: %s", error)
            wait = {"Retry-After": str(max(1, round(error.retry_after_s)))}
            return ApiError(problems.UNAVAILABLE, "the database or GitHub does not answer", wait)
        case RefusedError():
            return ApiError(problems.FORBIDDEN, str(error))
        case StaleError():
            return ApiError(problems.CONFLICT, str(error))
        case InvariantError() | BrokenStoreError():
            _log.error("a request to the API failed", exc_info=error)
            return ApiError(problems.FAILED, "gitbot failed on this request")
        case _:
            return ApiError(problems.CONFLICT, str(error))


def _failed(error: Exception) -> Response:
    _log.error("the API failed on %s %s", request.method, request.path, exc_info=error)
    return _problem(problems.FAILED, "gitbot failed on this request", {})
