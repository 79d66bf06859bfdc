"""Share the repository and the reading of refusals among the parts of the forge. Shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from github.GithubObject import NotSet, Opt

from gitbot.adapters.github.calls import GRAPHQL, AnsweredError
from gitbot.adapters.github.place import Place
from gitbot.errors import ConversationClosedError, MissingRightError
from gitbot.model.forge import Right

T = TypeVar("T")

_GONE = 410
_MAX_TITLE = 256


class Part:
    """A part of ``GitHubForge``.

    ``branch`` is the tracked branch, None: the repository's default one.
    """

    def __init__(self, place: Place, branch: str | None) -> None:
        self._place = place
        self._branch = branch

    def _is_own(self, login: str) -> bool:
        """Whether gitbot writes under this name."""
        return login.lower() == self._place.sign_in.login.lower()


def or_else(call: Callable[[], T], otherwise: T, *statuses: int) -> T:
    """The call's result, or ``otherwise`` when GitHub refuses with one of these statuses."""
    try:
        return call()
    except AnsweredError as error:
        if error.status in statuses:
            return otherwise
        raise


def with_right(right: Right, call: Callable[[], T]) -> T:
    """The call's result, for a call that takes this right to write.

    Raises:
        MissingRightError: gitbot lacks the right.
    """
    try:
        return call()
    except AnsweredError as error:
        if _lacks_right(error):
            raise MissingRightError(f"{error} (`{right}: write`)") from error
        raise


def _lacks_right(error: AnsweredError) -> bool:
    """https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api"""
    return error.status in (GRAPHQL, 403) and "not accessible by" in str(error)


def in_conversation(call: Callable[[], T]) -> T:
    """The call's result, for a call that writes to an issue or pull request.

    Raises:
        ConversationClosedError: it is locked or deleted, issues are switched off, or gitbot may not
            write them.
    """
    try:
        return call()
    except AnsweredError as error:
        locked = error.status == 403 and "locked" in str(error)
        if error.status == _GONE or locked or _lacks_right(error):
            raise ConversationClosedError(str(error)) from error
        raise


def cut(text: str, limit: int) -> str:
    """The text within ``limit`` characters; a longer text ends with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def title_of(text: str) -> str:
    """The title of an issue or pull request, no longer than GitHub takes."""
    return cut(text, _MAX_TITLE)


def edits(
    title: str | None, body: str | None, shown_title: str, shown_body: str | None
) -> tuple[Opt[str], Opt[str]] | None:
    """The title and body to send; None when GitHub shows both already.

    A ``title`` or ``body`` of None is not changed.
    """
    new_title = NotSet if title in (None, shown_title) else title
    new_body = NotSet if body in (None, shown_body or "") else body
    if new_title is NotSet and new_body is NotSet:
        return None
    return new_title, new_body
