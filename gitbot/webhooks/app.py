"""The HTTP application that receives GitHub's webhooks. Shell.

Contract with GitHub:
https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qs

from flask import Flask, Request, Response, jsonify, request
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    Unauthorized,
    UnsupportedMediaType,
)

from gitbot.errors import TransientError, UserError
from gitbot.model.events import Delivery, Ignored, Ping
from gitbot.webhooks.api import is_api, of_http
from gitbot.webhooks.parse import parse
from gitbot.webhooks.payloads import MalformedDeliveryError

__all__ = ["MAX_BODY_BYTES", "create_app"]

MAX_BODY_BYTES = 25 * 1024 * 1024  # GitHub's own cap for payloads

_log = logging.getLogger(__name__)
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")
_EVENT = re.compile(r"[a-z0-9_]{1,64}")


def create_app(
    *,
    secrets: Sequence[str],
    hear: Callable[[Delivery], None],
    ready: Callable[[], str | None] = lambda: None,
    clock_ahead_s: Callable[[], float | None] = lambda: None,
    missing_rights: Callable[[], Mapping[str, Sequence[str]]] = dict,
    max_body_bytes: int = MAX_BODY_BYTES,
) -> Flask:
    """The WSGI application with ``POST /webhook``, ``GET /healthz`` and ``GET /readyz``.

    ``secrets`` are the secrets that are accepted: the newest first, and old ones while the secret
    is being changed. ``hear`` is called with every verified delivery that gitbot acts on, inside
    the request, so it must only record it. Its TransientError is answered with status 503,
    and GitHub shows the delivery as failed. ``ready`` returns why the server is not ready, or None.
    ``clock_ahead_s`` is how far this machine's clock is ahead of GitHub's; None: not known.
    ``missing_rights`` names the rights that gitbot lacks, by repository: it is ready without them.

    Raises:
        UserError: there is no secret, or an empty one.
    """
    keys = _keys(secrets)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes

    @app.post("/webhook")
    def webhook() -> tuple[Response, int]:
        body = request.get_data()
        _verify(keys, body, request.headers.get("X-Hub-Signature-256"))
        delivery = _delivery(request, body)
        if isinstance(delivery.event, Ping):
            return jsonify(status="pong"), 200
        if isinstance(delivery.event, Ignored):
            return jsonify(status="ignored", why=delivery.event.why), 202
        hear(delivery)
        return jsonify(status="heard", delivery=delivery.id), 202

    _answer_health(app, ready, clock_ahead_s, missing_rights)
    _answer_errors(app)
    return app


def _keys(secrets: Sequence[str]) -> tuple[bytes, ...]:
    """The keys that deliveries may be signed with. Raises UserError when one is missing or empty."""
    if isinstance(secrets, str) or not secrets or not all(key.strip() for key in secrets):
        raise UserError(
            "the webhook has no secret: set one in the GitHub App's settings and give the same to "
            "gitbot; without it anybody could send deliveries"
        )
    return tuple(key.encode() for key in secrets)


def _answer_health(
    app: Flask,
    ready: Callable[[], str | None],
    clock_ahead_s: Callable[[], float | None],
    missing_rights: Callable[[], Mapping[str, Sequence[str]]],
) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        why, ahead, missing = ready(), clock_ahead_s(), missing_rights()
        if why is not None:
            return _error(why), 503
        skew = {} if ahead is None else {"clock_ahead_of_github_s": round(ahead, 1)}
        lacks = {"missing_rights": dict(missing)} if missing else {}
        return jsonify(status="ready", **skew, **lacks), 200


def _verify(keys: Sequence[bytes], body: bytes, signature: str | None) -> None:
    if signature is None:
        raise Unauthorized("the header X-Hub-Signature-256 is missing: set a secret on the webhook")
    given = signature.encode("utf-8", "replace")
    # Compare every key, in constant time, so that the duration reveals nothing about them.
    matches = [
        hmac.compare_digest(
            b"sha256=" + hmac.digest(key, body, hashlib.sha256).hex().encode(), given
        )
        for key in keys
    ]
    if not any(matches):
        raise Unauthorized(
            "the signature does not fit the body: the webhook's secret and gitbot's differ"
        )


def _delivery(incoming: Request, body: bytes) -> Delivery:
    name = incoming.headers.get("X-GitHub-Event", "")
    id_ = incoming.headers.get("X-GitHub-Delivery", "")
    if not _EVENT.fullmatch(name) or not _DELIVERY.fullmatch(id_):
        raise BadRequest("the headers X-GitHub-Event and X-GitHub-Delivery are needed")
    return Delivery(id=id_, event_name=name, event=parse(name, _payload(incoming, body)))


def _payload(incoming: Request, body: bytes) -> object:
    """The JSON of the body. GitHub sends it plain, or in the form field ``payload``."""
    try:
        if incoming.mimetype == "application/json":
            return json.loads(body)
        if incoming.mimetype == "application/x-www-form-urlencoded":
            fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=4)
            return json.loads(fields["payload"][0])
    except (ValueError, KeyError, RecursionError) as error:
        raise BadRequest("the body is not JSON") from error
    raise UnsupportedMediaType(
        "send application/json or application/x-www-form-urlencoded with the field payload"
    )


def _error(message: str) -> Response:
    return jsonify(error=message)


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | tuple[Response, int]:
        if is_api(request.path):
            return of_http(error)
        return _error(error.description or error.name), error.code or 500

    @app.errorhandler(MalformedDeliveryError)
    def malformed(error: MalformedDeliveryError) -> tuple[Response, int]:
        return _error(str(error)), 400

    @app.errorhandler(TransientError)
    def later(error: TransientError) -> tuple[Response, int, dict[str, str]]:
        _log.warning("delivery %s put off: %s", request.headers.get("X-GitHub-Delivery"), error)
        wait = {"Retry-After": str(max(1, round(error.retry_after_s)))}
        return _error("gitbot cannot take deliveries now: deliver again later"), 503, wait

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[Response, int]:
        _log.error("delivery %s failed", request.headers.get("X-GitHub-Delivery"), exc_info=error)
        return _error("gitbot failed on this delivery; see its log"), 500
