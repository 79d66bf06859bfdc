"""One repository on GitHub, as jobs see it. Shell."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

import github.Repository

from gitbot.adapters.github import checks, deployments, shapes
from gitbot.adapters.github.calls import AnsweredError
from gitbot.adapters.github.checks import on_commit
from gitbot.adapters.github.place import Place
from gitbot.model.desired import Permission
from gitbot.model.forge import (
    Check,
    Comment,
    DeploymentState,
    OtherCheck,
    PullRequest,
    Repository,
    Review,
)
from gitbot.model.names import Sha

_MARKER = re.compile(r"<!--.*-->")


class GitHubForge:
    """Fits ``ports.Forge``. May be used from any thread.

    ``branch`` is the tracked branch, None: the repository's default one.
    """

    def __init__(self, place: Place, branch: str | None) -> None:
        self._place = place
        self._branch = branch

    @property
    def login(self) -> str:
        """The name that gitbot writes under; of an App ``slug[bot]``."""
        return self._place.sign_in.login

    def repository(self) -> Repository:
        """The repository, asked anew, with the tracked branch."""
        found = self._place.call(f"read {self._place.full_name}", shapes.repository)
        return replace(found, tracked_branch=self._branch or found.tracked_branch)

    def pull_request(self, number: int) -> PullRequest:
        """The pull request as it is now. Raises UserError when there is none."""
        return self._place.call(
            f"read the pull request #{number}",
            lambda repository: shapes.pull_request(repository.get_pull(number)),
        )

    def open_pull_requests(self) -> tuple[PullRequest, ...]:
        """All open ones, oldest first; ``mergeable`` is not known here."""
        return self._place.call(
            "list the open pull requests",
            lambda repository: tuple(
                shapes.pull_request(found, listed=True)
                for found in repository.get_pulls(state="open", sort="created", direction="asc")
            ),
        )

    def merged_pull_requests(self, since: datetime) -> tuple[PullRequest, ...]:
        """Those merged into the tracked branch since then, oldest merge first."""
        branch = self._branch or self.repository().tracked_branch

        def ask(repository: github.Repository.Repository) -> tuple[PullRequest, ...]:
            merged = []
            closed = repository.get_pulls(
                state="closed", sort="updated", direction="desc", base=branch
            )
            for found in closed:
                if found.updated_at is not None and found.updated_at < since:
                    break
                if found.merged_at is not None and found.merged_at >= since:
                    merged.append((found.merged_at, found.number))
            # The list does not tell who merged; the few that were merged are asked one by one.
            return tuple(
                shapes.pull_request(repository.get_pull(number)) for _, number in sorted(merged)
            )

        return self._place.call("list the merged pull requests", ask)

    def pull_requests_of(self, commit: Sha) -> tuple[int, ...]:
        """Numbers of the pull requests whose merge or head is this commit, ascending."""

        def ask(repository: github.Repository.Repository) -> tuple[int, ...]:
            found = [
                shapes.pull_request(found, listed=True)
                for found in repository.get_commit(commit).get_pulls()
            ]
            return tuple(
                sorted(each.number for each in found if commit in (each.head, each.merge_commit))
            )

        try:
            return self._place.call(f"find the pull requests of {commit[:8]}", ask)
        except AnsweredError as error:
            if error.status in (404, 422):
                return ()
            raise

    def reviews(self, number: int) -> tuple[Review, ...]:
        """All submitted reviews, oldest first."""

        def ask(repository: github.Repository.Repository) -> tuple[Review, ...]:
            found = [shapes.review(each) for each in repository.get_pull(number).get_reviews()]
            return tuple(sorted((r for r in found if r), key=lambda review: review.submitted_at))

        return self._place.call(f"read the reviews of #{number}", ask)

    def comments(self, number: int, since: datetime | None = None) -> tuple[Comment, ...]:
        """Comments written or edited since then, oldest first."""

        def ask(repository: github.Repository.Repository) -> tuple[Comment, ...]:
            issue = repository.get_issue(number)
            found = issue.get_comments(since=since) if since else issue.get_comments()
            return tuple(shapes.comment(each) for each in found)

        return self._place.call(f"read the comments of #{number}", ask)

    def permission(self, user: str) -> Permission:
        """The user's right, asked anew; none for somebody that GitHub does not know."""
        try:
            name = self._place.call(
                f"read the permission of {user}",
                lambda repository: repository.get_collaborator_permission(user),
            )
        except AnsweredError as error:
            if error.status == 404:
                return Permission.NONE
            raise
        return shapes.permission(name)

    def in_team(self, team: str, user: str) -> bool:
        """Whether the user is an active member of ``org/team``; False for a team of another
        organization than the repository's, or one that is not there."""
        org, _, slug = team.partition("/")
        if org.lower() != self._place.owner.lower() or not slug:
            return False
        path = f"/orgs/{quote(org, safe='')}/teams/{quote(slug, safe='')}"
        try:
            found = self._place.get(
                f"see whether {user} is in {team}",
                f"{path}/memberships/{quote(user, safe='')}",
            )
        except AnsweredError as error:
            if error.status == 404:
                return False
            raise
        return bool(found.get("state") == "active")

    def commit_author(self, commit: Sha) -> frozenset[str]:
        """Logins of the commit's author and committer, where GitHub knows them."""

        def ask(repository: github.Repository.Repository) -> frozenset[str]:
            found = repository.get_commit(commit)
            return frozenset(each.login for each in (found.author, found.committer) if each)

        return on_commit(commit, lambda: self._place.call(f"read the author of {commit[:8]}", ask))

    def other_checks(self, commit: Sha) -> tuple[OtherCheck, ...]:
        """The checks and statuses of others on a commit, newest per name."""
        return checks.others(self._place, commit)

    def create_comment(self, number: int, body: str) -> int:
        """Write a comment; its id. When the answer was lost, a comment of ours with the hidden
        marker of the body's first line is taken for the one that was written."""
        marker = _MARKER.match(body)

        def look(repository: github.Repository.Repository) -> int | None:
            return self._find(repository, number, marker.group()) if marker else None

        return self._place.call(
            f"comment on #{number}",
            lambda repository: repository.get_issue(number).create_comment(body).id,
            already=look,
        )

    def edit_comment(self, comment: int, body: str) -> bool:
        """Replace our comment's body; False when it is gone."""

        def edit(repository: github.Repository.Repository) -> bool:
            repository.get_issue(0).get_comment(comment).edit(body)
            return True

        try:
            return self._place.call("edit a comment", edit)
        except AnsweredError as error:
            if error.status == 404:
                return False
            raise

    def find_own_comment(self, number: int, marker: str) -> int | None:
        """The id of the first comment that *we* wrote and that contains the marker."""
        return self._place.call(
            f"read the comments of #{number}",
            lambda repository: self._find(repository, number, marker),
        )

    def react(self, comment: int, reaction: str) -> None:
        """Put a reaction on a comment; nothing happens where it is there, or the comment gone."""

        def add(repository: github.Repository.Repository) -> bool:
            repository.get_issue(0).get_comment(comment).create_reaction(reaction)
            return True

        try:
            self._place.call("react to a comment", add)
        except AnsweredError as error:
            if error.status != 404:
                raise

    def set_check(self, commit: Sha, check: Check) -> None:
        """Make the check (App) or status (token) of this name on the commit show this.

        Raises:
            StaleError: GitHub does not have the commit (any more).
        """
        if self._place.sign_in.is_app:
            checks.set_check_run(self._place, commit, check)
        else:
            checks.set_status(self._place, commit, check)

    def deployment(self, commit: Sha, environment: str, description: str, key: str) -> int:
        """A Deployment of the commit; the same ``key`` gives the same one. Its id."""
        return deployments.ensure(self._place, commit, environment, description, key)

    def set_deployment(
        self, deployment: int, state: DeploymentState, description: str, url: str | None
    ) -> None:
        """Add a status to a Deployment, unless its newest says the same."""
        deployments.set_state(self._place, deployment, state, description, url)

    def _find(
        self, repository: github.Repository.Repository, number: int, marker: str
    ) -> int | None:
        own = self.login.lower()
        for found in repository.get_issue(number).get_comments():
            if marker in (found.body or "") and shapes.login(found.user).lower() == own:
                return found.id
        return None
