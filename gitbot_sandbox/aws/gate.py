"""Stand in front of moto, log every call and make the faults happen. Shell."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from gitbot_sandbox.aws.calls import CALL, CLOUD_CONTROL_SERVICE, FAULT, Call, identify, type_named
from gitbot_sandbox.aws.conflicts import CONFLICT, Conflicts
from gitbot_sandbox.aws.denials import denial, is_of_a_role
from gitbot_sandbox.aws.faults import Fault, FaultKind, failure_reply

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONSOLE = "gitbot-sandbox-console"
"""Marks, in the User-Agent, calls behind gitbot's back: they are not logged and meet no fault."""

_LOSSES = (FaultKind.LOST_REPLY, FaultKind.LOST_REQUEST)


@dataclass(slots=True)
class _Armed:
    """A fault that is switched on, and how many calls are left to pass and to fail."""

    fault: Fault
    skip: int
    left: int | None


class Gate:
    """Passes calls on to moto one at a time, because moto's stores are dicts without locks."""

    def __init__(self, application: WSGIApplication, *, account: str) -> None:
        self._application = application
        self._account = account
        self._one_at_a_time = threading.RLock()
        self._lock = threading.Lock()
        self._disarmed = threading.Condition(self._lock)
        self._times_disarmed = 0
        self._armed: list[_Armed] = []
        self._calls: list[Call] = []
        self._conflicts = Conflicts()

    def arm(self, fault: Fault) -> None:
        """Switch a fault on. When several match a call, the one switched on first acts."""
        with self._lock:
            self._armed.append(_Armed(fault, fault.skip, fault.count))

    def faults(self) -> tuple[Fault, ...]:
        """The faults that still have calls to meet."""
        with self._lock:
            return tuple(armed.fault for armed in self._armed if armed.left != 0)

    def disarm(self) -> None:
        """Switch all faults off; calls that they delay go on."""
        with self._lock:
            self._armed.clear()
            self._times_disarmed += 1
            self._disarmed.notify_all()

    def calls(self) -> tuple[Call, ...]:
        """All calls since the log was cleared, in order of completion."""
        with self._lock:
            return tuple(self._calls)

    def forget_calls(self) -> None:
        """Clear the log."""
        with self._lock:
            self._calls.clear()

    def exclusive(self) -> threading.RLock:
        """The lock that is held while moto works. Take it to read or reset moto's stores."""
        return self._one_at_a_time

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one call."""
        started = time.monotonic()
        service, operation = environ[CALL] = identify(
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", "/"),
            environ.get("QUERY_STRING", ""),
            _headers(environ),
            _form_body(environ),
        )
        if CONSOLE in environ.get("HTTP_USER_AGENT", ""):
            with self._one_at_a_time:
                return [b"".join(self._application(environ, start_response))]
        named = _type_name(environ, service)
        fault = self._next_fault(service, operation, named, _form_body(environ))
        fault = fault or self._denied(environ, service, operation)

        bucket = environ.get("PATH_INFO", "/").split("/")[1] if service == "s3" else ""
        sent = int(environ.get("CONTENT_LENGTH") or 0)

        def log(status: int, answered: int = 0) -> None:
            kind = fault.kind.value if fault else None
            call = Call(
                service=service,
                operation=operation,
                status=status,
                duration_s=time.monotonic() - started,
                fault=kind,
                began_s=started,
                bucket=bucket,
                bytes_sent=sent,
                bytes_received=answered,
            )
            with self._lock:
                self._calls.append(call)

        with self._conflicts.written(service, environ) as refused:
            if refused and fault is None:
                fault = CONFLICT
            return self._serve(environ, start_response, service, fault, log)

    def _serve(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        service: str,
        fault: Fault | None,
        log: Callable[..., None],
    ) -> Iterable[bytes]:
        if fault and fault.kind is FaultKind.DELAY:
            self._delay(fault.seconds)
        if fault and fault.kind is FaultKind.LOST_REQUEST:
            log(0)
            _hang_up(environ)
        if fault and fault.kind in (FaultKind.THROTTLE, FaultKind.ERROR):
            # Read the rest: on a kept connection, unread bytes would be taken for the next request.
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            status, kind, body = failure_reply(service, fault)
            log(status, len(body))
            start_response(f"{status} Injected", [("Content-Type", kind)])
            return [body]
        if fault and fault.kind is FaultKind.UNFILTERED:
            _drop_filters(environ)
        if fault and fault.kind is FaultKind.PROGRESS:
            environ[FAULT] = fault
        replies: list[str] = []

        def started(status: str, headers: list[tuple[str, str]], info: object = None) -> object:
            replies.append(status)
            lost = fault is not None and fault.kind in _LOSSES
            return _discard if lost else start_response(status, headers)

        with self._one_at_a_time:
            body = b"".join(self._application(environ, started))  # type: ignore[arg-type]
        if fault and fault.kind is FaultKind.LOST_REPLY:
            log(0)
            _hang_up(environ)
        log(int(replies[0].split()[0]), len(body))
        return [body]

    def _denied(self, environ: WSGIEnvironment, service: str, operation: str) -> Fault | None:
        if not is_of_a_role(environ):
            return None
        body = _body(environ)
        with self._one_at_a_time:
            return denial(environ, service, operation, body, self._account)

    def _delay(self, seconds: float) -> None:
        with self._lock:
            so_far = self._times_disarmed
            self._disarmed.wait_for(lambda: self._times_disarmed != so_far, seconds)

    def _next_fault(
        self, service: str, operation: str, type_name: str, body: bytes
    ) -> Fault | None:
        with self._lock:
            for armed in self._armed:
                if armed.left == 0 or not armed.fault.meets(service, operation, type_name, body):
                    continue
                if armed.skip > 0:
                    armed.skip -= 1
                    continue
                if armed.left is not None:
                    armed.left -= 1
                return armed.fault
        return None


def _discard(_: bytes) -> None:
    """The ``write`` of a reply that nobody will see."""


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return headers


def _form_body(environ: WSGIEnvironment) -> bytes:
    """The body of a form-encoded request, which the next reader can still read."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return b""
    return _body(environ)


def _body(environ: WSGIEnvironment) -> bytes:
    """The body of a request, which the next reader can still read."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _type_name(environ: WSGIEnvironment, service: str) -> str:
    """The resource type that a call of the Cloud Control API names; else empty."""
    return type_named(_body(environ)) if service == CLOUD_CONTROL_SERVICE else ""


def _drop_filters(environ: WSGIEnvironment) -> None:
    """Take the filters out of a form-encoded request."""
    fields = parse_qsl(_form_body(environ).decode(), keep_blank_values=True)
    body = urlencode([pair for pair in fields if not pair[0].startswith("Filter.")]).encode()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def _hang_up(environ: WSGIEnvironment) -> None:
    """Close the connection without a reply; werkzeug drops the request on ConnectionError."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the sandbox loses this reply")
