"""Ask GitHub again only for what has changed: conditional requests with ETags. Shell.

An answer "not modified" does not count against the rate limit:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate

What is kept may be handed to any identity of this process: GitHub answers "not modified" only to a
caller who may read it, and its ETag changes with what that caller sees.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import requests
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)

from gitbot.adapters.github.answers import told
from gitbot.adapters.github.skew import GITHUB_TIME

MAX_KEPT_BYTES = 32_000_000
MAX_BODY_BYTES = 1_000_000
_NOT_MODIFIED = 304

_sessions = threading.local()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an answer said, with the names of its headers in lower case."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def etag(self) -> str:
        return self.headers["etag"]

    def again(self, answer: requests.Response) -> RequestsResponse:
        """This answer for a call that GitHub answered with "not modified"."""
        answer.status_code = self.status
        answer.headers.update({k: v for k, v in self.headers.items() if k not in answer.headers})
        answer._content = self.text.encode()  # requests has no public way to set it
        answer.encoding = "utf-8"
        return RequestsResponse(answer)


class _Kept:
    """The last answers by address, the newest ones up to a limit of bytes. Safe between threads."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, address: str) -> _Answer | None:
        with self._lock:
            found = self._answers.get(address)
            if found is not None:
                self._answers.move_to_end(address)
            return found

    def put(self, address: str, answer: _Answer) -> None:
        with self._lock:
            self._drop(address)
            self._answers[address] = answer
            self._bytes += len(answer.text)
            while self._bytes > MAX_KEPT_BYTES:
                self._drop(next(iter(self._answers)))

    def _drop(self, address: str) -> None:
        old = self._answers.pop(address, None)
        self._bytes -= len(old.text) if old else 0


_kept = _Kept()


class _Conditional:
    """Sends the ETag of the answer that is kept, and takes that when it still holds."""

    host: str
    port: int
    protocol: str
    timeout: int | None
    verb: str
    url: str
    input: Any  # PyGithub types it in two ways
    headers: dict[str, str]
    stream: bool
    verify: bool | str
    session: requests.Session

    def getresponse(self) -> RequestsResponse:
        """The answer of the call."""
        address = f"{self.protocol}://{self.host}:{self.port}{self.url}"
        plain = self.verb == "GET" and not self.stream
        known = _kept.get(address) if plain else None
        sent = {**self.headers, **({"If-None-Match": known.etag} if known else {})}
        asked_s = time.time()
        with told(self.verb) as tell:
            answer = _session().request(
                self.verb,
                address,
                headers=sent,
                data=self.input,
                timeout=self.timeout,
                verify=self.verify,
                allow_redirects=False,
            )
            tell(answer.status_code, answer.headers)
        GITHUB_TIME.note(answer.headers.get("Date"), asked_s, time.time())
        if known is not None and answer.status_code == _NOT_MODIFIED:
            return known.again(answer)
        if plain and answer.status_code == 200 and "etag" in answer.headers:
            _keep(address, answer)
        return RequestsResponse(answer)

    def close(self) -> None:
        """Keep the connection open: the next call of this thread uses it."""


def _keep(address: str, answer: requests.Response) -> None:
    if len(answer.content) <= MAX_BODY_BYTES:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        _kept.put(address, _Answer(answer.status_code, headers, answer.text))


def _session() -> requests.Session:
    """This thread's connections to GitHub."""
    found: requests.Session | None = getattr(_sessions, "one", None)
    if found is None:
        found = _sessions.one = requests.Session()
        # Something other than None, so that requests does not read ~/.netrc.
        found.auth = Requester.noopAuth
    return found


class _Http(_Conditional, HTTPRequestsConnectionClass):
    """Conditional calls without TLS."""


class _Https(_Conditional, HTTPSRequestsConnectionClass):
    """Conditional calls with TLS."""


def use_conditional_requests() -> None:
    """Let every PyGithub client of this process ask conditionally. May be called again."""
    Requester.injectConnectionClasses(_Http, _Https)
