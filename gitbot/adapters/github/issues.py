"""Issues. Shell.

https://docs.github.com/en/rest/issues/issues
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import github.Issue
import github.Repository

from gitbot.adapters.github import shapes
from gitbot.adapters.github.calls import AnsweredError
from gitbot.adapters.github.conversation import MARKER
from gitbot.adapters.github.part import Part, edits, in_conversation, or_else, title_of
from gitbot.model.forge import CloseReason, Issue, NewIssue

MAX_ASSIGNEES = 10
_INVALID = 422


class Issues(Part):
    """Fits ``ports.Issues``."""

    def issue(self, number: int) -> Issue | None:
        """The issue as it is now.

        None when there is none: it was deleted or transferred, or is a pull request.
        """

        def ask(repository: github.Repository.Repository) -> Issue | None:
            found = repository.get_issue(number)
            # GitHub redirects to the new place of an issue that was transferred.
            here = found.html_url.lower().startswith(f"{repository.html_url}/".lower())
            return self._shape(found) if here and not found.pull_request else None

        return or_else(lambda: self._place.call(f"read the issue #{number}", ask), None, 404, 410)

    def find_own_issues(self, marker: str) -> tuple[Issue, ...]:
        """All issues, open and closed, that *we* wrote with this marker, newest first.

        This reads all of gitbot's issues, 100 with each call: keep the issue's number where you
        can.
        """
        return self._place.call(
            "find gitbot's issues", lambda repository: self._find_issues(repository, marker)
        )

    def create_issue(self, new: NewIssue) -> Issue:
        """Open an issue.

        When the answer is lost, an issue of ours with the same hidden marker that did not exist
        before counts as this one. Assignees are added in a call of their own: it skips people who
        cannot be assigned, while opening an issue with one of them is refused.

        Raises:
            ConversationClosedError: issues are switched off in this repository.
        """
        marker = MARKER.match(new.body)
        # Numbers only grow: an issue with a number above the newest one before the call is new.
        before: list[int] = []

        def create(repository: github.Repository.Repository) -> Issue:
            if not before:
                before.append(_newest_number(repository))
            made = repository.create_issue(
                title_of(new.title), body=new.body, labels=list(new.labels)
            )
            return self._shape(made)

        def look(repository: github.Repository.Repository) -> Issue | None:
            found = self._find_issues(repository, marker.group()) if marker and before else ()
            return next((each for each in found if each.number > before[0]), None)

        made = in_conversation(lambda: self._place.call("open an issue", create, already=look))
        if new.assignees:
            return self._assign_those_who_can(made, new.assignees[:MAX_ASSIGNEES])
        return made

    def edit_issue(self, number: int, *, title: str | None = None, body: str | None = None) -> None:
        """Change the given parts; writes nothing when the issue has them already."""

        def edit(repository: github.Repository.Repository) -> None:
            found = repository.get_issue(number)
            changed = edits(title and title_of(title), body, found.title, found.body)
            if changed:
                found.edit(title=changed[0], body=changed[1])

        self._write(f"edit the issue #{number}", edit)

    def close_issue(self, number: int, reason: CloseReason) -> None:
        """Close the issue for this reason; does nothing when it is already closed for it."""

        def close(repository: github.Repository.Repository) -> None:
            found = repository.get_issue(number)
            if found.state != "closed" or found.state_reason != reason.value:
                found.edit(state="closed", state_reason=reason.value)

        self._write(f"close the issue #{number}", close)

    def reopen_issue(self, number: int) -> None:
        """Reopen the issue; does nothing when it is open."""

        def reopen(repository: github.Repository.Repository) -> None:
            found = repository.get_issue(number)
            if found.state != "open":
                found.edit(state="open", state_reason="reopened")

        self._write(f"reopen the issue #{number}", reopen)

    def _shape(self, found: github.Issue.Issue) -> Issue:
        return shapes.issue(found, self._place.sign_in.login)

    def _write(self, what: str, write: Callable[[github.Repository.Repository], None]) -> None:
        in_conversation(lambda: self._place.call(what, write))

    def _assign_those_who_can(self, made: Issue, logins: Sequence[str]) -> Issue:
        """Assign these people; where GitHub refuses them together, each alone, if they can be."""
        try:
            return self._assign(made.number, logins)
        except AnsweredError as error:
            if error.status != _INVALID:
                raise
        for login in logins:
            made = or_else(partial(self._assign, made.number, [login]), made, _INVALID)
        return made

    def _assign(self, number: int, logins: Sequence[str]) -> Issue:
        def assign(repository: github.Repository.Repository) -> Issue:
            found = repository.get_issue(number)
            found.add_to_assignees(*logins)
            return self._shape(found)

        return in_conversation(lambda: self._place.call(f"assign the issue #{number}", assign))

    def _find_issues(
        self, repository: github.Repository.Repository, marker: str
    ) -> tuple[Issue, ...]:
        listed = repository.get_issues(
            state="all",
            creator=self._place.sign_in.login,  # type: ignore[arg-type]  # a login will do
            sort="created",
            direction="desc",
        )
        return tuple(
            self._shape(found)
            for found in listed
            if not found.pull_request
            and marker in (found.body or "")
            and self._is_own(shapes.login(found.user))
        )


def _newest_number(repository: github.Repository.Repository) -> int:
    """The highest number that an issue or pull request has; 0 where there is none."""
    listed = repository.get_issues(state="all", sort="created", direction="desc")
    return next((found.number for found in listed), 0)
