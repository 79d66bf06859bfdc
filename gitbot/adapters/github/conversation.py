"""Comments, reactions and labels on issues and pull requests. Shell.

https://docs.github.com/en/rest/issues/comments · https://docs.github.com/en/rest/issues/labels
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime

import github.IssueComment
import github.Repository

from gitbot.adapters.github import shapes
from gitbot.adapters.github.part import Part, in_conversation, or_else
from gitbot.model.forge import Comment, Written

MARKER = re.compile(r"<!--.*-->")


class Conversation(Part):
    """Fits ``ports.Conversation``."""

    def recent_comments(self, since: datetime) -> Mapping[int, tuple[Comment, ...]]:
        """The comments that were written or edited since then, by the number of their issue or
        pull request, each oldest first.

        Asked of the whole repository, so that what nobody talks on costs no call.
        """

        def ask(repository: github.Repository.Repository) -> Mapping[int, tuple[Comment, ...]]:
            by_number: dict[int, tuple[Comment, ...]] = {}
            for each in repository.get_issues_comments(since=since):
                number = int(each.issue_url.rpartition("/")[2])
                by_number[number] = (*by_number.get(number, ()), shapes.comment(each))
            return by_number

        return self._place.call("read the newest comments", ask)

    def create_comment(self, number: int, body: str) -> Written:
        """Write a comment; returns its id, and GitHub's time of it.

        When the answer is lost, a comment of ours with the same hidden marker in its first line
        counts as this one.

        Raises:
            ConversationClosedError: the conversation is locked, or the issue was deleted.
        """
        marker = MARKER.match(body)

        def look(repository: github.Repository.Repository) -> Written | None:
            return self._find_comment(repository, number, marker.group()) if marker else None

        return in_conversation(
            lambda: self._place.call(
                f"comment on #{number}",
                lambda repository: _written(repository.get_issue(number).create_comment(body)),
                already=look,
            )
        )

    def edit_comment(self, comment: int, body: str) -> Written | None:
        """Replace our comment's body; None when it is gone."""

        def edit(repository: github.Repository.Repository) -> Written | None:
            found = repository.get_issue(0).get_comment(comment)
            found.edit(body)  # PyGithub puts the answer into the same object
            return _written(found)

        return or_else(lambda: self._place.call("edit a comment", edit), None, 404)

    def delete_comment(self, comment: int) -> None:
        """Delete our comment; one that is gone counts as deleted."""

        def delete(repository: github.Repository.Repository) -> None:
            repository.get_issue(0).get_comment(comment).delete()

        or_else(lambda: self._place.call("delete a comment", delete), None, 404)

    def comment(self, comment: int) -> Comment | None:
        """The comment as it stands now; None when it is gone."""

        def read(repository: github.Repository.Repository) -> Comment | None:
            return shapes.comment(repository.get_issue(0).get_comment(comment))

        return or_else(lambda: self._place.call("read a comment", read), None, 404)

    def find_own_comment(self, number: int, marker: str) -> int | None:
        """The id of the first comment that *we* wrote and that contains the marker."""
        found = self._place.call(
            f"read the comments of #{number}",
            lambda repository: self._find_comment(repository, number, marker),
        )
        return found.id if found else None

    def react(self, comment: int, reaction: str) -> None:
        """Put a reaction on a comment, once; nothing happens when the comment is gone."""

        def add(repository: github.Repository.Repository) -> bool:
            repository.get_issue(0).get_comment(comment).create_reaction(reaction)
            return True

        or_else(lambda: self._place.call("react to a comment", add), False, 404)

    def label(
        self, number: int, *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> None:
        """Add and remove labels; other labels stay, and missing ones are made."""
        if add:
            self._place.call(
                f"label #{number}",
                lambda repository: repository.get_issue(number).add_to_labels(*sorted(add)),
            )
        for name in sorted(remove):
            self._unlabel(number, name)

    def _unlabel(self, number: int, name: str) -> None:
        """Take a label off; one that is not there counts as taken off."""

        def take_off() -> None:
            self._place.call(
                f"take the label {name} off #{number}",
                lambda repository: repository.get_issue(number).remove_from_labels(name),
            )

        or_else(take_off, None, 404)

    def _find_comment(
        self, repository: github.Repository.Repository, number: int, marker: str
    ) -> Written | None:
        for found in repository.get_issue(number).get_comments():
            if marker in (found.body or "") and self._is_own(shapes.login(found.user)):
                return _written(found)
        return None


def _written(found: github.IssueComment.IssueComment) -> Written:
    return Written(id=found.id, at=found.updated_at or found.created_at)
