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
from dataclasses import dataclass, field
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
from gitbot.ports.telemetry import Metric, about, count
from gitbot.webhooks.api import is_api, of_http
from gitbot.webhooks.parse import HEARD, parse
from gitbot.webhooks.payloads import MalformedDeliveryError

__all__ = ["MAX_BODY_BYTES", "create_app"]

MAX_BODY_BYTES = 25 * 1024 * 1024  # GitHub's own cap for payloads

_OUTCOMES = {401: "refused", 500: "failed", 503: "put_off"}
"""What the metrics call a delivery that was not taken, by the status of its answer."""

_log = logging.getLogger(__name__)
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}")
_EVENT = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the server takes work, and each check with what is wrong: empty where all is well.

    ``clock_ahead_s`` is how far this machine's clock is ahead of GitHub's; None: not known.
    """

    ready: bool = True
    checks: Mapping[str, str] = field(default_factory=dict)
    clock_ahead_s: float | None = None


def create_app(
    *,
    secrets: Sequence[str],
    hear: Callable[[Delivery], None],
    health: Callable[[], Health] = lambda: Health(),
    max_body_bytes: int = MAX_BODY_BYTES,
) -> Flask:
    """The WSGI application with ``POST /webhook``, ``GET /healthz`` and ``GET /readyz``.

    ``secrets`` are the secrets that are accepted: the newest first, and old ones while the secret
    is being changed. ``hear`` is called with every verified delivery that gitbot acts on, inside
    the request, so it must only record it. Its TransientError is answered with status 503,
    and GitHub shows the delivery as failed. ``health`` must answer at once.

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
        with about(delivery=delivery.id):
            hear(delivery)
        return jsonify(status="heard", delivery=delivery.id), 202

    _count_requests(app)
    _answer_health(app, health)
    _answer_errors(app)
    return app


def _count_requests(app: Flask) -> None:
    @app.after_request
    def counted(response: Response) -> Response:
        if request.path == "/webhook" and request.method == "POST":
            name = request.headers.get("X-GitHub-Event", "")
            outcome = _OUTCOMES.get(response.status_code, "malformed")
            if response.status_code in (200, 202):
                outcome = str(response.get_json()["status"])
            count(
                Metric.DELIVERIES,
                event=name if name in {*HEARD, "ping"} else "other",
                outcome=outcome,
            )
        elif is_api(request.path):
            route = (request.endpoint or "none").removeprefix("api.")
            count(Metric.API_REQUESTS, route=route, status=str(response.status_code))
        return response


def _keys(secrets: Sequence[str]) -> tuple[bytes, ...]:
    """The keys that deliveries may be signed with. Raises UserError when one is missing or empty."""
    if isinstance(secrets, str) or not secrets or not all(key.strip() for key in secrets):
        raise UserError(
            "the webhook has no secret: set one in the GitHub App's settings and give the same to "
            "gitbot; without it anybody could send deliveries"
        )
    return tuple(key.encode() for key in secrets)


def _answer_health(app: Flask, health: Callable[[], Health]) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        found = health()
        ahead = found.clock_ahead_s
        skew = {} if ahead is None else {"clock_ahead_of_github_s": round(ahead, 1)}
        checks = {name: why or "ok" for name, why in found.checks.items()}
        status = "ready" if found.ready else "not ready"
        return jsonify(status=status, checks=checks, **skew), 200 if found.ready else 503


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
