"""Make calls about one repository, also after it was renamed or moved. Shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import github.Repository

from gitbot.adapters.github.calls import AnsweredError
from gitbot.adapters.github.session import SignIn
from gitbot.model.forge import Right

T = TypeVar("T")

_MOVED = frozenset({301, 307, 308, 404})


class Place:
    """Calls about one repository, made with the identity that may make them.

    A repository that was renamed is found again by its id.
    """

    def __init__(self, sign_in: SignIn, full_name: str, id_: int) -> None:
        self.sign_in = sign_in
        self.full_name = full_name
        self.id = id_
        self._session, self._calls = sign_in.session(full_name)

    @property
    def owner(self) -> str:
        """The user or organization that owns it."""
        return self.full_name.partition("/")[0]

    def token(self) -> str:
        """A token that can read the repository now.

        Raises:
            TransientError: GitHub does not answer.
            UserError: GitHub gives none.
        """
        return self._calls(f"read {self.full_name}", self._session.token)

    def missing_rights(self) -> frozenset[Right]:
        """The rights to write that GitHub says gitbot lacks; empty where it does not say."""
        granted = self._session.permissions()
        if granted is None:
            return frozenset()
        return frozenset(right for right in Right if granted.get(right) != "write")

    def token_is_new(self) -> bool:
        """Whether GitHub may not know our token everywhere yet."""
        return self._session.token_is_new()

    def call(
        self,
        what: str,
        ask: Callable[[github.Repository.Repository], T],
        *,
        already: Callable[[github.Repository.Repository], T | None] | None = None,
        announced: bool = False,
    ) -> T:
        """The result of ``ask``, which gets the repository. Repeats and raises as ``Calls`` does.

        Read PyGithub's objects inside ``ask`` only: reading an attribute may make a call.
        """

        def run() -> T:
            return ask(self._lazy())

        def look() -> T | None:
            return already(self._lazy()) if already else None

        try:
            return self._calls(what, run, already=look if already else None, announced=announced)
        except AnsweredError as error:
            if error.status not in _MOVED or not self._follow():
                raise
            return self._calls(what, run, already=look if already else None)

    def get(self, what: str, path: str) -> Any:
        """The JSON at a path below the API's root, where PyGithub has no cheap call."""
        return self._calls(
            what, lambda: self._session.client().requester.requestJsonAndCheck("GET", path)[1]
        )

    def _lazy(self) -> github.Repository.Repository:
        return self._session.client().get_repo(self.full_name)

    def _follow(self) -> bool:
        """Switch to the repository's new name or the App's new installation; False when neither is
        new."""
        try:
            found = self._name_by_id()
        except AnsweredError as error:
            if error.status != 404:
                raise
            self._session, self._calls = self.sign_in.session(self.full_name)
            self.full_name = self._name_by_id()
            return True
        moved, self.full_name = found != self.full_name, found
        return moved

    def _name_by_id(self) -> str:
        return self._calls(
            f"find {self.full_name} by its id",
            lambda: self._session.client().get_repo(self.id).full_name,
        )
