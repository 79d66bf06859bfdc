"""Serve HTTP: the caller, faults, errors and headers around every route. Shell."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Request, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from gitbot_sandbox.github import auth, context, control, git_http
from gitbot_sandbox.github.access import NOBODY
from gitbot_sandbox.github.api import (
    checks,
    comments,
    commits,
    contents,
    devices,
    git_data,
    graphql,
    issues,
    people,
    pulls,
    repositories,
)
from gitbot_sandbox.github.api.people import RATE_LIMIT
from gitbot_sandbox.github.faults import Call, Fault
from gitbot_sandbox.github.gitrepo import GitError, RefMovedError
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.pages import apps, device, forms, frame, views
from gitbot_sandbox.github.problems import DOCS, Problem
from gitbot_sandbox.hosts import REFUSAL, is_local

API = "/api/v3"
_FAULTLESS = ("/_sandbox",)


API_MODULES = (
    repositories,
    commits,
    contents,
    git_data,
    pulls,
    issues,
    comments,
    checks,
    people,
    devices,
)


class _Application(Flask):
    """Holds the store's lock while a route works. git routes take the lock themselves."""

    hub: Hub

    def dispatch_request(self) -> Any:
        if request.blueprint == "git_http":
            return super().dispatch_request()
        with self.hub.store.lock:
            return super().dispatch_request()


def application(hub: Hub, actions: Mapping[str, Callable[..., object]]) -> Flask:
    """The WSGI application of a local GitHub; ``actions`` are those that ``control`` offers."""
    app = _Application(__name__, static_folder=None)
    app.hub = hub
    app.extensions["hub"] = hub
    app.extensions["actions"] = actions
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    for module in API_MODULES:
        app.register_blueprint(module.bp, url_prefix=API)
    app.register_blueprint(graphql.bp)
    app.register_blueprint(devices.oauth)
    app.register_blueprint(git_http.bp)
    app.register_blueprint(control.bp)
    app.register_blueprint(frame.bp)
    app.register_blueprint(views.bp)
    app.register_blueprint(forms.bp)
    app.register_blueprint(apps.bp)
    app.register_blueprint(device.bp)
    app.before_request(_before)
    app.after_request(_after)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(RefMovedError, _ref_moved)
    app.register_error_handler(GitError, _git_refused)
    app.register_error_handler(HTTPException, _http_error)
    return app


def _path(sent: Request) -> str:
    return sent.path.removeprefix(API) if sent.path.startswith(API) else sent.path


def _before() -> Response | None:
    hub = context.hub()
    g.started, g.actor, g.fault = time.monotonic(), NOBODY, None
    if not is_local(request.headers.get("Host")):
        raise Problem(403, REFUSAL)
    own = (hub.base_url, hub.base_url.replace("127.0.0.1", "localhost"))
    # A manifest is sent from a page of whoever wants the App; that form makes nothing yet.
    if request.headers.get("Origin", hub.base_url) not in own and not apps.is_manifest(request):
        raise Problem(403, "Only the pages of this server may send forms to it")
    if request.path.startswith(_FAULTLESS):
        return None
    g.fault = hub.faults.take(request.method, _path(request))
    if g.fault is not None:
        answer = _suffer(hub, g.fault)
        if answer is not None:
            return answer
    if request.path.startswith(API) or ".git/" in request.path or request.path == graphql.PATH:
        if _path(request).startswith(devices.OWN_RIGHTS):
            return None
        with hub.store.lock:
            g.actor = auth.identify(hub, request.headers.get("Authorization"))
        auth.check_permission(g.actor.app, request.method, _path(request))
    return None


def _suffer(hub: Hub, fault: Fault) -> Response | None:
    """The answer of a fault that answers at once; None if the call goes on."""
    match fault.kind:
        case "rate_limit" | "secondary_rate_limit":
            return _limited(hub, fault)
        case "server_error":
            return _error(fault.status or 502, "Server Error")
        case "delay":
            time.sleep(fault.delay_s)
        case "lost_request":
            _cut()
            return Response(status=500)
        case "late":
            request.get_data()
            _cut()
            time.sleep(fault.delay_s)
        case "lost_reply":
            pass
    return None


def _limited(hub: Hub, fault: Fault) -> Response:
    """A refusal for too many calls.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    primary = fault.kind == "rate_limit"
    wait = 1 if fault.retry_after_s is None else fault.retry_after_s
    words = (
        "API rate limit exceeded for user ID 1."
        if primary
        else "You have exceeded a secondary rate limit. Please wait a few minutes before you "
        "try again."
    )
    if primary and request.path == graphql.PATH:
        answer = graphql.refused("RATE_LIMITED", words)
    else:
        answer = _error(fault.status or 403, words)
    answer.headers["Retry-After"] = str(wait)
    if primary:
        answer.headers["X-RateLimit-Remaining"] = "0"
        answer.headers["X-RateLimit-Reset"] = str(int(hub.now().timestamp()) + wait)
    return answer


def _cut() -> None:
    """Break the connection, so that no answer arrives."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


def _after(answer: Response) -> Response:
    hub = context.hub()
    fault: Fault | None = g.get("fault")
    if fault is not None and fault.kind == "lost_reply":
        _cut()
    answer.headers["X-GitHub-Request-Id"] = uuid.uuid4().hex.upper()
    if request.path.startswith(API):
        _api_headers(hub, answer)
    if not request.path.startswith(_FAULTLESS):
        hub.faults.log(
            Call(
                at=hub.now(),
                method=request.method,
                path=_path(request),
                status=answer.status_code,
                login=g.actor.login if "actor" in g else None,
                fault=fault.kind if fault else None,
                duration_s=time.monotonic() - g.get("started", time.monotonic()),
            )
        )
    return answer


def _api_headers(hub: Hub, answer: Response) -> None:
    used = 1 + hub.faults.count() % (RATE_LIMIT - 1)
    answer.headers.setdefault("X-RateLimit-Limit", str(RATE_LIMIT))
    answer.headers.setdefault("X-RateLimit-Remaining", str(RATE_LIMIT - used))
    answer.headers.setdefault("X-RateLimit-Used", str(used))
    answer.headers.setdefault("X-RateLimit-Reset", str(int(hub.now().timestamp()) + 3600))
    answer.headers.setdefault("X-RateLimit-Resource", "core")
    answer.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    if request.method == "GET" and answer.status_code == 200:
        answer.add_etag(weak=True)
        answer.make_conditional(request)
    answer.headers["Cache-Control"] = "private, max-age=0"


def _error(status: int, message: str, errors: tuple[Any, ...] = ()) -> Response:
    shape: dict[str, Any] = {"message": message}
    if errors:
        shape["errors"] = list(errors)
    answer = jsonify({**shape, "documentation_url": DOCS, "status": str(status)})
    answer.status_code = status
    return answer


def _problem(problem: Problem) -> Response:
    if request.path.startswith(API) or request.blueprint in ("control", "graphql"):
        return _error(problem.status, problem.message, problem.errors)
    if request.blueprint == "git_http":
        answer = Response(f"{problem.message}\n", problem.status, content_type="text/plain")
        if problem.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="GitHub"'
        return answer
    return frame.problem(problem)


def _ref_moved(error: RefMovedError) -> Response:
    return _problem(Problem(409, "Base branch was modified. Review and try the merge again."))


def _git_refused(error: GitError) -> Response:
    """The answer when git refuses a path, ref or object."""
    return _problem(Problem(422, f"Invalid request.\n\n{error}"))


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    return _problem(Problem(status, "Not Found" if status == 404 else error.name))


class _QuietHandler(WSGIRequestHandler):
    """Logs nothing: the sandbox keeps its own log of calls."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing."""


class HttpServer:
    """A server on a loopback port; answers in threads until it is stopped."""

    def __init__(self, app: Flask, hub: Hub, port: int) -> None:
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, app, threaded=True, request_handler=_QuietHandler
        )
        self.port: int = self._server.port
        hub.base_url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="local-github", daemon=True
        )

    def start(self) -> None:
        """Start to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
