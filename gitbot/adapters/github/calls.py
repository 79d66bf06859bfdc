"""Calls GitHub: retries when that is safe, and turns failures into gitbot's errors. Shell.

Limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from github import GithubException

from gitbot.adapters.github.skew import GITHUB_TIME
from gitbot.errors import TransientError, UserError

T = TypeVar("T")

_FIRST_WAIT_S = 0.25
LAG_S = 5.0
"""How long something new may be unknown to a part of GitHub: a token, or a pull request that a
delivery has just announced."""

_UNKNOWN = frozenset({401, 403, 404})  # what GitHub answers to a token that it does not know yet
_SECONDARY_WAIT_S = 60.0  # what GitHub advises when a secondary limit names no time


GRAPHQL = 400
"""The status that PyGithub gives a refusal of GraphQL, which GitHub answers with 200."""


class AnsweredError(UserError):
    """GitHub refused a call, and repeating it would not help; ``status`` is the HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Runs calls, and repeats one that failed temporarily for up to ``patience_s`` in all.

    PyGithub's own retries are off: they repeat a POST whose answer was lost, and so would write a
    comment twice. ``sign_in_again`` drops a token that GitHub refused; True means try once more.
    ``is_new`` says whether GitHub may not know our token everywhere yet, and ``worked`` is told of
    each answer.
    """

    patience_s: float
    sign_in_again: Callable[[], bool] = lambda: False
    is_new: Callable[[], bool] = lambda: False
    worked: Callable[[], None] = lambda: None

    def __call__(
        self,
        what: str,
        call: Callable[[], T],
        *,
        already: Callable[[], T | None] | None = None,
        announced: bool = False,
    ) -> T:
        """The call's result.

        ``announced`` says that GitHub has told us of what we ask for, so that "not found" may only
        be its lag. ``already`` makes it safe to repeat a call that creates something: before each
        repetition it looks for what the failed call may have created, and what it finds is the
        result.

        Raises:
            TransientError: waiting did not help, or would take longer than ``patience_s``.
            AnsweredError: GitHub refuses.
        """
        waited, wait, renewed = 0.0, _FIRST_WAIT_S, False
        while True:
            try:
                result = call()
                self.worked()
                return result
            except GithubException as error:
                lags = self._lags(error, waited + wait, announced=announced)
                if error.status == 401 and not lags and not renewed and self.sign_in_again():
                    renewed = True
                    continue
                asked, cause = 0.0 if lags else _passing(what, error), _message(error)
            except (requests.RequestException, RuntimeError) as error:
                asked, cause = _unanswered(error), _no_answer(error)
            pause = max(wait, asked)
            if waited + pause > self.patience_s:
                raise TransientError(f"gitbot could not {what}: {cause}", retry_after_s=pause)
            time.sleep(pause)
            waited, wait = waited + pause, wait * 2
            found = self(what, already) if already is not None else None
            if found is not None:
                return found

    def _lags(self, error: GithubException, until_s: float, *, announced: bool) -> bool:
        """Whether the refusal may only mean that a part of GitHub does not know of it yet.

        ``until_s`` is how long we will have waited when we ask again.
        """
        if until_s > min(LAG_S, self.patience_s) or _asked_wait_s(error) is not None:
            return False
        return (error.status in _UNKNOWN and self.is_new()) or (error.status == 404 and announced)


def _passing(what: str, error: GithubException) -> float:
    """Seconds to wait before the next try.

    Raises:
        AnsweredError: trying again cannot help.
    """
    asked = _asked_wait_s(error)
    if asked is None:
        raise _answered(what, error) from error
    return asked


def _unanswered(error: requests.RequestException | RuntimeError) -> float:
    """Seconds to wait before the next try of a call that got no answer.

    PyGithub raises RuntimeError when it is redirected to another host.
    """
    if isinstance(error, requests.RequestException):
        return 0.0
    if "redirected" not in str(error):
        raise error
    raise AnsweredError(
        "GitHub's API is at another address: check GITBOT_GITHUB_URL", status=301
    ) from error


def _no_answer(error: requests.RequestException | RuntimeError) -> str:
    """Who did not answer, for people."""
    sent = getattr(error, "request", None)
    host = urlsplit(sent.url).netloc if sent is not None and sent.url else "GitHub"
    return (
        f"{host} does not answer ({type(error).__name__}): check the network and GITBOT_GITHUB_URL"
    )


def _asked_wait_s(error: GithubException) -> float | None:
    """Seconds that GitHub asks us to wait; 0 when it names none, None when waiting cannot help."""
    if error.status >= 500:
        return 0.0
    headers = error.headers or {}
    message = _message(error).lower()
    limited = "rate limit" in message or headers.get("x-ratelimit-remaining") == "0"
    if error.status != 429 and not (
        error.status in (GRAPHQL, 403)
        and (limited or "retry-after" in headers or "abuse" in message)
    ):
        return None
    if headers.get("retry-after", "").isdigit():
        return float(headers["retry-after"])
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(0.0, float(reset) - GITHUB_TIME.now_s()) + 1.0
    return _SECONDARY_WAIT_S


_ADVICE = {
    401: "check GITBOT_GITHUB_TOKEN, or the App's id and private key",
    403: "check that gitbot's App or token has the permission, and that its installation is not "
    "suspended",
    404: "check that it exists and that gitbot's App is installed there, or its token may see it",
}


def _answered(what: str, error: GithubException) -> AnsweredError:
    advice = _ADVICE.get(error.status)
    tail = f"; {advice}" if advice else ""
    return AnsweredError(
        f"GitHub refused to {what}: {error.status} {_message(error)}{tail}", status=error.status
    )


def _message(error: GithubException) -> str:
    """GitHub's message and the fields that it rejects. Headers may hold secrets, so they are left
    out."""
    data = error.data if isinstance(error.data, dict) else {}
    message = str(data.get("message") or f"HTTP {error.status}")
    details = [_detail(item) for item in data.get("errors") or () if item]
    return f"{message} ({'; '.join(details)})"[:600] if details else message[:600]


def _detail(item: object) -> str:
    if isinstance(item, dict):
        return str(item.get("message") or f"{item.get('field')}: {item.get('code')}")
    return str(item)
