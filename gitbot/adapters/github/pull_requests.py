"""Pull requests and their reviews. Shell.

https://docs.github.com/en/rest/pulls/pulls · https://docs.github.com/en/rest/pulls/reviews
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import github.Repository

from gitbot.adapters.github import shapes
from gitbot.adapters.github.calls import AnsweredError
from gitbot.adapters.github.checks import on_commit
from gitbot.adapters.github.conversation import Conversation
from gitbot.adapters.github.issues import MAX_ASSIGNEES
from gitbot.adapters.github.part import edits, or_else, title_of, with_right
from gitbot.model.forge import CommitOrigin, NewPullRequest, PullRequest, Review, Right
from gitbot.model.names import Sha

# Private repositories of some plans have no drafts.
_NO_DRAFTS = re.compile(r"draft pull requests are not supported", re.IGNORECASE)


class PullRequests(Conversation):
    """Fits ``ports.PullRequests``."""

    def pull_request(self, number: int) -> PullRequest:
        """The pull request as it is now. Raises UserError when there is none."""
        return self._place.call(
            f"read the pull request #{number}",
            lambda repository: shapes.pull_request(repository.get_pull(number)),
            announced=True,
        )

    def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open pull requests, oldest first; ``mergeable`` is not known here."""
        return self._place.call(
            "list the open pull requests",
            lambda repository: tuple(
                shapes.pull_request(found, listed=True)
                for found in repository.get_pulls(state="open", sort="created", direction="asc")
            ),
        )

    def merged_pull_requests(self, since: datetime) -> tuple[PullRequest, ...]:
        """The pull requests merged into the tracked branch since then, oldest merge first.

        One call a hundred; ``mergeable`` is not known here.
        """
        branch = self._branch or self._place.call(
            "read the default branch", lambda repository: repository.default_branch
        )

        def ask(repository: github.Repository.Repository) -> tuple[PullRequest, ...]:
            merged: list[tuple[datetime, PullRequest]] = []
            closed = repository.get_pulls(
                state="closed", sort="updated", direction="desc", base=branch
            )
            for found in closed:
                if found.updated_at is not None and found.updated_at < since:
                    break
                if found.merged_at is not None and found.merged_at >= since:
                    merged.append((found.merged_at, shapes.pull_request(found, listed=True)))
            merged.sort(key=lambda one: (one[0], one[1].number))
            return tuple(one for _, one in merged)

        return self._place.call("list the merged pull requests", ask)

    def reviews(self, number: int) -> tuple[Review, ...]:
        """All submitted reviews, oldest first."""

        def ask(repository: github.Repository.Repository) -> tuple[Review, ...]:
            found = [shapes.review(each) for each in repository.get_pull(number).get_reviews()]
            return tuple(sorted((r for r in found if r), key=lambda review: review.submitted_at))

        return self._place.call(f"read the reviews of #{number}", ask)

    def committers(self, number: int) -> Mapping[Sha, frozenset[str]]:
        """Author and committer of each commit of the pull request, where GitHub knows them."""

        def ask(repository: github.Repository.Repository) -> Mapping[Sha, frozenset[str]]:
            return {
                Sha(found.sha): frozenset(p.login for p in (found.author, found.committer) if p)
                for found in repository.get_pull(number).get_commits()
            }

        return self._place.call(f"read the commits of #{number}", ask)

    def origin(self, commit: Sha) -> CommitOrigin:
        """How the commit came to the tracked branch.

        https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
        """

        def ask(repository: github.Repository.Repository) -> CommitOrigin:
            found, branch = repository.get_commit(commit), self._branch or repository.default_branch
            pulls = [shapes.pull_request(each, listed=True) for each in found.get_pulls()]
            return CommitOrigin(
                merged=tuple(one for one in pulls if one.merged and one.base_ref == branch),
                joins=len(found.parents) > 1,
            )

        what = f"read how the commit {commit[:8]} came to be"
        return on_commit(commit, lambda: self._place.call(what, ask))

    def find_open_pull_request(self, head: str, base: str) -> PullRequest | None:
        """The open pull request from our own branch ``head`` into ``base``."""
        return self._place.call(
            f"find the pull request from {head}",
            lambda repository: _find_open(repository, self._place.owner, head, base),
        )

    def open_pull_request(self, new: NewPullRequest) -> PullRequest:
        """Open a pull request and return it; if one from that branch is open already, return
        that."""

        def create(repository: github.Repository.Repository) -> PullRequest:
            return shapes.pull_request(
                repository.create_pull(
                    base=new.base,
                    head=new.head,
                    title=title_of(new.title),
                    body=new.body,
                    draft=new.draft,
                )
            )

        def find(repository: github.Repository.Repository) -> PullRequest | None:
            return _find_open(repository, self._place.owner, new.head, new.base)

        try:
            made = with_right(
                Right.PULL_REQUESTS,
                lambda: self._place.call(
                    f"open a pull request from {new.head}", create, already=find
                ),
            )
        except AnsweredError as error:
            if new.draft and error.status == 422 and _NO_DRAFTS.search(str(error)):
                return self.open_pull_request(replace(new, draft=False))
            found = self.find_open_pull_request(new.head, new.base) if error.status == 422 else None
            if found is None:
                raise
            made = found
        missing = frozenset(new.labels) - made.labels
        self.label(made.number, add=missing)
        return made

    def edit_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> None:
        """Change the given parts; writes nothing when the pull request has them already."""

        def edit(repository: github.Repository.Repository) -> None:
            found = repository.get_pull(number)
            changed = edits(title and title_of(title), body, found.title, found.body)
            if changed:
                found.edit(title=changed[0], body=changed[1])

        self._place.call(f"edit the pull request #{number}", edit)

    def set_draft(self, number: int, *, draft: bool) -> bool:
        """Make the pull request a draft, or ready for review. Only GraphQL can.

        Returns False where it stays as it is because the repository has no drafts.

        https://docs.github.com/en/graphql/reference/mutations#convertpullrequesttodraft
        """

        def switch(repository: github.Repository.Repository) -> None:
            found = repository.get_pull(number)
            if draft and not found.draft:
                found.convert_to_draft()
            elif found.draft and not draft:
                found.mark_ready_for_review()

        what = "a draft" if draft else "ready for review"
        try:
            with_right(
                Right.PULL_REQUESTS,
                lambda: self._place.call(f"make the pull request #{number} {what}", switch),
            )
        except AnsweredError as error:
            if draft and _NO_DRAFTS.search(str(error)):
                return False
            raise
        return True

    def ask_people(
        self, number: int, *, reviewers: Collection[str] = (), assignees: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Ask for reviews, and assign. One whom GitHub does not take keeps no other from being asked.

        GitHub refuses a whole call for one person who cannot review (422), and leaves out of the
        assignees those who cannot be assigned. Returns the reviewers who were not taken.

        https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request
        """
        refused = tuple(
            name
            for name in reviewers
            if not or_else(partial(self._ask_review, number, name), False, 403, 404, 422)
        )
        if assignees:
            logins = list(assignees)[:MAX_ASSIGNEES]
            assign = partial(_assign, number, logins)
            or_else(partial(self._place.call, f"assign #{number}", assign), None, 403, 404, 422)
        return refused

    def _ask_review(self, number: int, name: str) -> bool:
        organization, slash, team = name.partition("/")
        if slash and organization.lower() != self._place.owner.lower():
            return False

        def ask(repository: github.Repository.Repository) -> None:
            pull = repository.get_pull(number)
            if slash:
                pull.create_review_request(team_reviewers=[team])
            else:
                pull.create_review_request(reviewers=[name])

        self._place.call(f"ask {name} to review #{number}", ask)
        return True

    def closer(self, number: int) -> str:
        """Who closed the pull request: only its form as an issue says so.

        https://docs.github.com/en/rest/issues/issues#get-an-issue
        """

        def ask(repository: github.Repository.Repository) -> str:
            closer = repository.get_issue(number).closed_by
            return shapes.login(closer) if closer is not None else ""

        return self._place.call(f"read who closed #{number}", ask)

    def close_pull_request(self, number: int) -> None:
        """Close the pull request unmerged; does nothing when it is closed or merged."""

        def close(repository: github.Repository.Repository) -> None:
            found = repository.get_pull(number)
            if found.state == "open":
                found.edit(state="closed")

        self._place.call(f"close the pull request #{number}", close)


def _assign(number: int, logins: list[str], repository: github.Repository.Repository) -> None:
    repository.get_issue(number).add_to_assignees(*logins)


def _find_open(
    repository: github.Repository.Repository, owner: str, head: str, base: str
) -> PullRequest | None:
    # GitHub ignores a ``head`` without an owner and lists everything.
    for listed in repository.get_pulls(state="open", head=f"{owner}:{head}", base=base):
        found = shapes.pull_request(listed, listed=True)
        if found.head_ref == head and not found.from_fork:
            return found
    return None
