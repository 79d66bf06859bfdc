"""Sends requests to the API of a server and reads its answers. Shell.

The token goes to the address that the person named and nowhere else: no redirect is followed.
Problems of the server (https://www.rfc-editor.org/rfc/rfc9457) become errors of gitbot.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from gitbot.adapters.remote.address import is_loopback
from gitbot.errors import GitbotError, RefusedError, TransientError, UserError

ROOT = "/api/v1"
TIMEOUT_S = 30.0
"""For each step of one request: to connect, and to wait for the next bytes."""
PATIENCE_S = 60.0
"""How long a read is tried again while the server does not answer, as while it is restarted."""
MAX_BYTES = 256 * 1024 * 1024
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0)
_LATER = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status below 400, and the data of the body; None for an empty one."""

    status: int
    body: Any


class _Object(dict[str, Any]):
    """An object in an answer. What it lacks is told: then it is no server of gitbot, or too old or new."""

    def __init__(self, found: Mapping[str, Any], address: str) -> None:
        super().__init__(found)
        self._address = address

    def __missing__(self, name: str) -> Any:
        raise UserError(
            f"the answer of {self._address} has no `{name}`: it is no server of gitbot, or one of another version. "
            "Check the address with whoever runs it"
        )


class SignedOutError(UserError):
    """The server does not know the token, or not any more."""


class NotThereError(UserError):
    """The server has nothing there, or nothing that the person may read."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Gives a redirect back as an answer, so that no token follows it."""

    def redirect_request(self, *_: Any) -> None:
        """None: do not follow."""


class Client:
    """A server at ``address``, asked with ``token``.

    ``patience_s`` is how long a read is tried again. ``say`` is told once that the server does not
    answer.
    """

    def __init__(
        self,
        address: str,
        token: str = "",
        *,
        patience_s: float = PATIENCE_S,
        say: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.address = address
        self._token = token
        self._patience_s = patience_s
        self._say = say
        handlers: list[urllib.request.BaseHandler] = [
            _NoRedirect(),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        ]
        if is_loopback(address):
            # What is not encrypted must not go to a proxy.
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def read(self, path: str, **query: Any) -> Any:
        """The data at the path below the API's root. Tried again while the server does not answer.

        Raises:
            UserError, TransientError: see ``write``.
        """
        where = f"{path}?{urlencode(query)}" if query else path
        deadline, pauses, told = time.monotonic() + self._patience_s, iter(_PAUSES_S), False
        while True:
            try:
                return self._send("GET", where, None).body
            except TransientError as error:
                pause = max(next(pauses, _PAUSES_S[-1]), error.retry_after_s)
                if time.monotonic() + pause > deadline:
                    raise
                if not told:
                    self._say(f"{error}; trying again")
                    told = True
                time.sleep(pause)

    def items(self, path: str, **query: Any) -> Iterator[Any]:
        """The items of a list at the path, page by page. Raises as ``read``."""
        after: dict[str, Any] = {}
        while True:
            page = self.read(path, **query, **after)
            yield from page["items"]
            if page["next"] is None:
                return
            if page["next"] == after.get("after"):  # it would never end
                raise self._no_server()
            after = {"after": page["next"]}

    def write(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Send a request once: whether a lost one was carried out, only the server knows.

        Raises:
            SignedOutError: the token does not count (any more).
            NotThereError: there is nothing at the path, or nothing that the person may read.
            RefusedError: the person may not do it.
            UserError: the server refuses; the message is its own.
            TransientError: it cannot be reached, or not now.
        """
        return self._send(method, path, body)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        headers = {"Accept": "application/json, application/problem+json", "User-Agent": "gitbot"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address}{ROOT}{path}", data=data, headers=headers, method=method
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as reply:
                return Answer(status=reply.status, body=self._data(reply))
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from error

    def _data(self, reply: http.client.HTTPResponse) -> Any:
        """The JSON of the body.

        Raises:
            UserError: it is no object of JSON.
            IncompleteRead: the connection broke before its end.
        """
        raw = reply.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise UserError(f"the answer of {self.address} is larger than {MAX_BYTES >> 20} MB")
        if reply.length:  # ``read`` with a size raises nothing
            raise http.client.IncompleteRead(raw, reply.length)
        if reply.status == http.client.NO_CONTENT:
            return None
        try:
            found = json.loads(raw, object_hook=lambda one: _Object(one, self.address))
        except (ValueError, RecursionError) as error:
            raise self._no_server() from error
        if not isinstance(found, dict):
            raise self._no_server()
        return found

    def _no_server(self) -> UserError:
        return UserError(
            f"{self.address} does not answer like a server of gitbot: check the address with whoever "
            "runs it"
        )

    def _unreachable(self, error: Exception) -> GitbotError:
        why = getattr(error, "reason", None) or error
        if isinstance(why, ssl.SSLCertVerificationError):
            return UserError(
                f"the certificate of {self.address} is not valid ({why.verify_message}): nothing was "
                "sent. Ask whoever runs the server"
            )
        words = str(why) or type(why).__name__
        if isinstance(why, http.client.IncompleteRead):
            words = "the connection broke before the end of the answer"
        return TransientError(f"{self.address} cannot be reached: {words}", retry_after_s=0.0)

    def _refusal(self, error: urllib.error.HTTPError) -> GitbotError:
        """The error of a status from 300 on."""
        words = self._words(error)
        if error.code in _LATER:
            wait = error.headers.get("Retry-After", "")
            after_s = float(wait) if wait.isascii() and wait.isdigit() else 0.0
            told = words or f"it answers with status {error.code}"
            return TransientError(f"{self.address}: {told}", retry_after_s=after_s)
        if not words:
            return self._no_server()
        match error.code:
            case 401:
                return SignedOutError(
                    f"you are not signed in to {self.address} (any more: {words}). Sign in with: gitbot "
                    f"login {self.address}"
                )
            case 403:
                return RefusedError(words)
            case 404:
                return NotThereError(words)
            case _:
                return UserError(words)

    def _words(self, error: urllib.error.HTTPError) -> str:
        """What the problem says; empty where the answer is no problem of a server of gitbot."""
        if error.headers.get_content_type() != "application/problem+json":
            return ""
        try:
            found = json.loads(error.read(MAX_BYTES))
            return str(found.get("detail") or found.get("title") or "")
        except (ValueError, AttributeError, OSError, http.client.HTTPException):
            return ""
